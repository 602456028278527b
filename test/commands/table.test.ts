import { expect } from 'chai'
import { table } from '../../src/commands/table.ts'

describe('table', () => {
  it('keeps control characters of what clients have written away from the terminal', () => {
    expect(table([['A'], ['\u001b[31mred\u0000\u009b']])).to.equal(
      '  A\n  \\u001B[31mred\\u0000\\u009B\n',
    )
  })
})
