import { expect } from 'chai'
import fc from 'fast-check'
import { crc32, crc32c } from '../../src/bytes/crc.ts'
import type { Crc } from '../../src/bytes/crc.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** One table, one byte a step: slow, and too short to be wrong. */
function reference(polynomial: number): (crc: number, bytes: Uint8Array) => number {
  const table = Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
  return (crc, bytes) =>
    ~bytes.reduce((sum, byte) => (table[(sum ^ byte) & 255] ?? 0) ^ (sum >>> 8), ~crc) >>> 0
}

const crcs: { name: string; crc: Crc; polynomial: number; checkValue: number }[] = [
  { name: 'crc32c', crc: crc32c, polynomial: 0x82f63b78, checkValue: 0xe3069283 },
  { name: 'crc32', crc: crc32, polynomial: 0xedb88320, checkValue: 0xcbf43926 },
]

for (const { name, crc, polynomial, checkValue } of crcs) {
  const expected = reference(polynomial)

  describe(name, () => {
    it('has the published check value', () => {
      expect(crc.update(0, ascii('123456789'))).to.equal(checkValue)
    })

    it('names its polynomial in reflected order', () => {
      expect(crc.polynomial >>> 0).to.equal(polynomial)
    })

    it('is zero for no bytes and keeps a CRC as it is', () => {
      expect(crc.update(0, new Uint8Array())).to.equal(0)
      expect(crc.update(checkValue, new Uint8Array(8), 3, 3)).to.equal(checkValue)
    })

    it('agrees with one table for any bytes at any alignment', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(19), (bytes, shift) => {
          const shifted = new Uint8Array(bytes.length + shift)
          shifted.set(bytes, shift)
          expect(crc.update(0, shifted.subarray(shift))).to.equal(expected(0, bytes))
        }),
      )
    })

    it('covers exactly the range asked for', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(120), fc.nat(120), (bytes, a, b) => {
          const [start, end] = [
            Math.min(a, b, bytes.length),
            Math.min(Math.max(a, b), bytes.length),
          ]
          expect(crc.update(0, bytes, start, end)).to.equal(expected(0, bytes.slice(start, end)))
        }),
      )
    })

    it('continues over any splits', () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 }), (parts) => {
          const whole = Uint8Array.from(parts.flatMap((part) => [...part]))
          const inParts = parts.reduce((sum, part) => crc.update(sum, part), 0)
          expect(inParts).to.equal(expected(0, whole))
        }),
      )
    })

    it('joins two CRCs, and takes the first one off again', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 200 }),
          fc.uint8Array({ maxLength: 200 }),
          (a, b) => {
            const both = crc.update(crc.update(0, a), b)
            expect(crc.combine(crc.update(0, a), crc.update(0, b), b.length)).to.equal(both)
            expect(crc.suffix(crc.update(0, a), both, b.length)).to.equal(crc.update(0, b))
          },
        ),
      )
    })

    it('joins behind more zeros than fit a 32-bit integer', () => {
      const size = 2 ** 33 + 5
      const once = crc.combine(checkValue, 0x12345678, size)
      const stepwise = crc.combine(crc.combine(checkValue, 0, 2 ** 33), 0x12345678, 5)
      expect(once).to.equal(stepwise)
    })
  })
}
