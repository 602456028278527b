import { expect } from 'chai'
import { table } from '../../src/commands/table.ts'

describe('table', () => {
  it('keeps control characters of what clients have written away from the terminal', () => {
    expect(
      table([
        ['A', 'B'],
        ['\u001b[31mred\u0000\u009b', 'x'],
      ]),
    ).to.equal('  A                        B\n  \\u001B[31mred\\u0000\\u009B  x\n')
  })
})
