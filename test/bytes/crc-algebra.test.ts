import { expect } from 'chai'
import fc from 'fast-check'
import { crcAlgebra } from '../../src/bytes/crc-algebra.ts'
import { CRCS } from './crc-brute-force.ts'

for (const { name, crc } of CRCS) {
  describe(`the algebra of ${name}`, () => {
    const algebra = crcAlgebra(crc)

    it('feeds bytes as the CRC does', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          expect(~algebra.feed(-1, bytes, 0, bytes.length) >>> 0).to.equal(crc.update(0, bytes))
        }),
      )
    })

    it('advances over zero bytes as feeding them does', () => {
      fc.assert(
        fc.property(fc.integer(), fc.nat(300), (register, size) => {
          expect(algebra.advance(register, size)).to.equal(
            algebra.feed(register, new Uint8Array(size), 0, size),
          )
        }),
      )
    })

    it('goes back over any size exactly as far as it came', () => {
      fc.assert(
        fc.property(fc.integer(), fc.maxSafeNat(), (register, size) => {
          expect(algebra.retreat(algebra.advance(register, size), size)).to.equal(register)
        }),
      )
    })

    it('takes one zero byte back with its table', () => {
      fc.assert(
        fc.property(fc.integer(), (register) => {
          const back = (register << 8) ^ (algebra.unstep[register >>> 24] ?? 0)
          expect(algebra.feed(back, Uint8Array.of(0), 0, 1)).to.equal(register)
          expect(algebra.retreat(register, 1)).to.equal(back)
        }),
      )
    })

    it('is built once', () => {
      expect(crcAlgebra(crc)).to.equal(algebra)
    })
  })
}
