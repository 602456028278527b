import { expect } from 'chai'
import fc from 'fast-check'
import { locateInsertion, rawNeeded, rawPrefixes } from '../../src/bytes/crc-splice.ts'
import { syndromeOf } from '../../src/bytes/crc-locate.ts'
import { CRCS } from './crc-brute-force.ts'

const without = (bytes: Uint8Array, at: number, size: number): Uint8Array =>
  Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + size)])

for (const { name, crc } of CRCS) {
  describe(`splices under ${name}`, () => {
    it('finds every place where taking bytes out makes the CRC right', () => {
      fc.assert(
        fc.property(
          // Few different values, so that several places give the same bytes.
          fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 }),
          fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 20 }),
          fc.nat(),
          fc.nat(10),
          (original, inserted, seed, start) => {
            const at = seed % (original.length + 1)
            const head = Array.from({ length: start }, () => 7)
            const bytes = Uint8Array.from([
              ...head,
              ...original.slice(0, at),
              ...inserted,
              ...original.slice(at),
            ])
            const storedCrc = crc.update(0, Uint8Array.from(original))
            const surplus = inserted.length
            const expected: number[] = []
            for (let place = start; place + surplus <= bytes.length; place++)
              if (crc.update(0, without(bytes, place, surplus), start) === storedCrc)
                expected.push(place)
            const found = locateInsertion(crc, { bytes, start, storedCrc }, surplus)
            expect(found).to.deep.equal(expected)
            expect(found).to.include(start + at)
          },
        ),
      )
    })

    it('finds nothing to take out of too few bytes', () => {
      const covered = { bytes: new Uint8Array(10), start: 4, storedCrc: 1 }
      expect(locateInsertion(crc, covered, 7)).to.deep.equal([])
      expect(locateInsertion(crc, covered, 0)).to.deep.equal([])
    })

    it('gives the raw register of any stretch from prefixes', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 100 }),
          fc.nat(100),
          fc.nat(100),
          fc.integer({ min: 1, max: 20 }),
          fc.nat(),
          (bytes, a, b, blockSize, seed) => {
            const [at, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)]
            const prefixes = rawPrefixes(crc, bytes, blockSize, seed % blockSize)
            const zeros = new Uint8Array(end - at)
            const expected = crc.update(0, bytes, at, end) ^ crc.update(0, zeros)
            expect(prefixes.raw(at, end - at)).to.equal(expected)
          },
        ),
      )
    })

    it('says what a replaced stretch must be like for the CRC to hold', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 100 }),
          fc.uint8Array({ minLength: 1, maxLength: 100 }),
          fc.nat(),
          (original, noise, seed) => {
            const at = seed % original.length
            const size = Math.min(noise.length, original.length - at)
            const damaged = original.slice()
            damaged.set(noise.subarray(0, size), at)
            const syndrome = syndromeOf(crc.update(0, original), crc.update(0, damaged))
            const old = rawPrefixes(crc, damaged, 16, 5).raw(at, size)
            const needed = rawNeeded(crc, syndrome, old, original.length - at - size)
            expect(needed).to.equal(rawPrefixes(crc, original, 16, 0).raw(at, size))
          },
        ),
      )
    })
  })
}
