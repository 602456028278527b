import { expect } from 'chai'
import fc from 'fast-check'
import { countBits, locateBursts, locateByte, syndromeOf } from '../../src/bytes/crc-locate.ts'
import type { Flips } from '../../src/bytes/crc-locate.ts'
import { locateTwoBits, twoBitsWork } from '../../src/bytes/crc-locate-two-bits.ts'
import {
  CRCS,
  everyBurst,
  everyByte,
  everyPair,
  explaining,
  flipped,
  lines,
} from './crc-brute-force.ts'

const NO_LIMIT = Infinity

describe('countBits', () => {
  it('counts the bits of negative and positive integers', () => {
    expect([0, 1, 0x80, 0x7fffffff, -1, -2147483648].map(countBits)).to.deep.equal([
      0, 1, 1, 31, 32, 1,
    ])
  })
})

for (const { name, crc } of CRCS) {
  const syndrome = (bytes: Uint8Array, flips: Flips): number =>
    syndromeOf(crc.update(0, bytes), crc.update(0, flipped(bytes, flips)))

  describe(`locating errors of ${name}`, () => {
    it('finds no change where there is no difference', () => {
      expect(locateByte(crc, 0, 100)).to.deep.equal([])
      expect(locateBursts(crc, 0, 100, 32, NO_LIMIT).hits).to.deep.equal([])
      expect(locateTwoBits(crc, 0, 100, NO_LIMIT).hits).to.deep.equal([])
    })

    it('finds every one-byte change that trying all of them finds', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 12 }),
          fc.uint8Array({ minLength: 1, maxLength: 3 }),
          fc.nat(),
          (bytes, noise, place) => {
            // One to three bytes changed: a hit there must be one, and none where nothing explains it.
            const at = place % bytes.length
            const damaged = bytes.slice()
            damaged.set(noise.subarray(0, bytes.length - at), at)
            const storedCrc = crc.update(0, bytes)
            const found = locateByte(
              crc,
              syndromeOf(storedCrc, crc.update(0, damaged)),
              bytes.length,
            )
            const expected = explaining(crc, damaged, storedCrc, everyByte(bytes.length))
            expect(lines(found.map((flip) => [flip]))).to.deep.equal(lines(expected))
          },
        ),
        { numRuns: 60 },
      )
    })

    it('finds a byte anywhere in a megabyte', () => {
      const size = 1_000_000
      const bytes = new Uint8Array(size)
      for (const at of [0, 1, 499_999, size - 2, size - 1]) {
        const found = locateByte(crc, syndrome(bytes, [{ at, mask: 0x91 }]), size)
        expect(found).to.deep.include({ at, mask: 0x91 })
      }
    })

    it('gives chance hits at the rate that n/2^32 predicts', () => {
      // 255 changes a byte of 2^20 bytes: 0.0623 hits for a random difference, 9 expected in 150.
      let hits = 0
      let random = 1
      for (let run = 0; run < 150; run++) {
        random = (Math.imul(random, 1664525) + 1013904223) | 0
        hits += locateByte(crc, random, 2 ** 20).length
      }
      expect(hits).to.be.within(2, 22)
    })

    for (const maxBits of [1, 5, 8, 12]) {
      it(`finds every burst of at most ${maxBits} bits that trying all of them finds, each once`, () => {
        fc.assert(
          fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(), (bytes, seed) => {
            const size = bytes.length
            const bursts = [...everyBurst(size, maxBits)]
            const change = bursts[seed % bursts.length] ?? []
            const damaged = flipped(bytes, change)
            const storedCrc = crc.update(0, bytes)
            const difference = syndromeOf(storedCrc, crc.update(0, damaged))
            const { hits, complete } = locateBursts(crc, difference, size, maxBits, NO_LIMIT)
            expect(complete).to.equal(true)
            const expected = explaining(crc, damaged, storedCrc, bursts)
            expect(lines(hits)).to.deep.equal(lines(expected))
            expect(lines(hits)).to.include(lines([change])[0])
          }),
          { numRuns: maxBits > 8 ? 2 : 10 },
        )
      })
    }

    it('finds a burst of any width up to 32 bits at any alignment, once', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 32 }),
          fc.nat(),
          fc.nat(),
          fc.integer(),
          (width, sizeSeed, placeSeed, fill) => {
            const size = 5 + (sizeSeed % 300)
            const first = placeSeed % (size * 8 - width + 1)
            const bytes = new Uint8Array(size)
            const change = new Uint8Array(size)
            for (let bit = 0; bit < width; bit++)
              if (bit === 0 || bit === width - 1 || (fill >>> bit) & 1)
                change[(first + bit) >> 3]! |= 1 << ((first + bit) & 7)
            const flips = [...change].flatMap((mask, at) => (mask === 0 ? [] : [{ at, mask }]))
            const { hits } = locateBursts(crc, syndrome(bytes, flips), size, width, NO_LIMIT)
            const wanted = lines([flips])[0]
            expect(lines(hits).filter((line) => line === wanted)).to.have.length(1)
            expect(new Set(lines(hits)).size).to.equal(hits.length)
            for (const hit of hits)
              expect(crc.update(0, flipped(bytes, hit))).to.equal(
                crc.update(0, flipped(bytes, flips)),
              )
            if (width > 1) {
              const narrower = locateBursts(crc, syndrome(bytes, flips), size, width - 1, NO_LIMIT)
              expect(lines(narrower.hits)).not.to.include(wanted)
            }
          },
        ),
      )
    })

    it('gives about 64 bursts of 16 bits in a mebibyte, and stops at a limit', () => {
      const { hits } = locateBursts(crc, 0x12345678, 2 ** 20, 16, NO_LIMIT)
      expect(hits.length).to.be.within(30, 110)
      const limited = locateBursts(crc, 0x12345678, 2 ** 20, 16, 10)
      expect(limited.complete).to.equal(false)
      expect(limited.hits).to.deep.equal(hits.slice(0, 10))
      expect(locateBursts(crc, 0x12345678, 2 ** 16, 32, 5).complete).to.equal(false)
    })

    it('finds every pair of bits that trying all of them finds, at any table size', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 12 }),
          fc.nat(),
          fc.integer({ min: 1, max: 130 }),
          (bytes, seed, tableBits) => {
            const size = bytes.length
            const pairs = [...everyPair(size)]
            const change = pairs[seed % pairs.length] ?? []
            const damaged = flipped(bytes, change)
            const storedCrc = crc.update(0, bytes)
            const { hits, complete } = locateTwoBits(
              crc,
              syndromeOf(storedCrc, crc.update(0, damaged)),
              size,
              NO_LIMIT,
              tableBits,
            )
            expect(complete).to.equal(true)
            expect(lines(hits)).to.deep.equal(lines(explaining(crc, damaged, storedCrc, pairs)))
            expect(lines(hits)).to.include(lines([change])[0])
          },
        ),
        { numRuns: 50 },
      )
    })

    it('gives the same pairs with a small table as with a large one', () => {
      const size = 30_000
      const pair = [
        { at: 12, mask: 0x40 },
        { at: 29_000, mask: 0x02 },
      ]
      const difference = syndrome(new Uint8Array(size), pair)
      const whole = locateTwoBits(crc, difference, size, NO_LIMIT)
      expect(lines(whole.hits)).to.include(lines([pair])[0])
      // Beside it (8·30000)²/2/2^32 = 6.7 by chance; with CRC-32C 13.4, for parity already rules half of all out.
      expect(whole.hits.length).to.be.within(4, 24)
      const inParts = locateTwoBits(crc, difference, size, NO_LIMIT, 50_000)
      expect(lines(inParts.hits)).to.deep.equal(lines(whole.hits))
      expect(locateTwoBits(crc, difference, size, 0)).to.deep.equal({ hits: [], complete: false })
      expect(twoBitsWork(size, 50_000)).to.be.greaterThan(twoBitsWork(size))
    })
  })
}
