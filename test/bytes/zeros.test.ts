import { expect } from 'chai'
import { areZero } from '../../src/bytes/zeros.ts'

describe('areZero', () => {
  it('sees one byte that is not, wherever it is', () => {
    for (const size of [1, 1000, 65_536, 65_537, 200_000]) {
      const bytes = new Uint8Array(size)
      expect(areZero(bytes), `${size} zeros`).to.equal(true)
      for (const at of new Set([0, size >> 1, Math.min(65_535, size - 1), size - 1])) {
        bytes[at] = 1
        expect(areZero(bytes), `${size} bytes, one at ${at}`).to.equal(false)
        bytes[at] = 0
      }
    }
  })

  it('says so of no bytes at all', () => {
    expect(areZero(new Uint8Array())).to.equal(true)
  })
})
