/**
 * Two flipped bits from a syndrome, by meeting in the middle: a hash table of what each single bit does to the
 * CRC, asked for the partner of every other bit. The table has a fixed largest size, so large inputs are done a
 * part at a time: memory stays bounded, and time becomes quadratic beyond that size.
 */
import type { Crc } from './crc.ts'
import { crcAlgebra } from './crc-algebra.ts'
import type { Flips, Located } from './crc-locate.ts'

/** 2^20 bits at a time: a table of 2^21 places, 16 MiB. */
export const TWO_BIT_TABLE_BITS: number = 2 ** 20

const HASH_FACTOR = 0x9e3779b1

/** Table look-ups and insertions that `locateTwoBits` needs for `size` bytes. */
export function twoBitsWork(size: number, tableBits: number = TWO_BIT_TABLE_BITS): number {
  const bits = size * 8
  const parts = Math.ceil(bits / tableBits)
  return bits + (parts * (parts + 1) * Math.min(bits, tableBits)) / 2
}

/**
 * Every pair of different bits among `size` bytes that explains the syndrome, each pair once. Stops at `limit`
 * hits. A pair of bits may lie in one byte: then it is one flip.
 */
export function locateTwoBits(
  crc: Crc,
  syndrome: number,
  size: number,
  limit: number,
  tableBits: number = TWO_BIT_TABLE_BITS,
): Located {
  const bits = size * 8
  const hits: Flips[] = []
  if (syndrome === 0) return { hits, complete: true }
  const { polynomial } = crcAlgebra(crc)
  let partStart = polynomial
  for (let start = 0; start < bits; start += tableBits) {
    const part = buildPart(partStart, start, Math.min(tableBits, bits - start), polynomial)
    for (const [low, high] of part.pairs(syndrome | 0)) {
      if (hits.length >= limit) return { hits, complete: false }
      hits.push(flipsOfPair(low, high, size))
    }
    partStart = part.after
  }
  return { hits, complete: true }
}

interface Part {
  /** Pairs of bit places counted from the end, the higher one in this part. */
  pairs(syndrome: number): Generator<[low: number, high: number]>
  /** What the first bit after this part does to the CRC. */
  readonly after: number
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are masked to the table's size */
/** Bit places count from the last bit that the CRC takes, `start` first; `first` is what that bit does to the CRC. */
function buildPart(first: number, start: number, count: number, polynomial: number): Part {
  const slotBits = Math.ceil(Math.log2(count)) + 1
  const mask = 2 ** slotBits - 1
  const keys = new Int32Array(mask + 1)
  /** Zero is empty, else the place within the part plus one. */
  const places = new Int32Array(mask + 1)
  let effect = first
  for (let place = 1; place <= count; place++) {
    let slot = Math.imul(effect, HASH_FACTOR) >>> (32 - slotBits)
    while (places[slot] !== 0) slot = (slot + 1) & mask
    keys[slot] = effect
    places[slot] = place
    effect = (effect >>> 1) ^ (-(effect & 1) & polynomial)
  }
  return {
    after: effect,
    *pairs(syndrome) {
      let other = polynomial
      for (let low = 0; low < start + count; low++) {
        const wanted = syndrome ^ other
        let slot = Math.imul(wanted, HASH_FACTOR) >>> (32 - slotBits)
        for (; places[slot] !== 0; slot = (slot + 1) & mask) {
          if (keys[slot] !== wanted) continue
          const high = start + places[slot]! - 1
          // No two bits do the same to the CRC within 2^31 - 1 bits, so there is no second one.
          if (high > low) yield [low, high]
          break
        }
        other = (other >>> 1) ^ (-(other & 1) & polynomial)
      }
    },
  }
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

/** Of the bits of a byte the CRC takes the lowest first, so that bit 7 of the last byte is place 0. */
function flipsOfPair(low: number, high: number, size: number): Flips {
  const flipAt = (place: number): { at: number; mask: number } => ({
    at: size - 1 - Math.floor(place / 8),
    mask: 0x80 >>> (place % 8),
  })
  const [first, second] = [flipAt(high), flipAt(low)]
  return first.at === second.at
    ? [{ at: first.at, mask: first.mask | second.mask }]
    : [first, second]
}
