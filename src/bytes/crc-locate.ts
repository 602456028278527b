/**
 * Where an error lies, from the difference of the stored and the computed CRC (the syndrome). One walk from the
 * end of the bytes to their start, taking one zero byte back at a time; no bit is ever tried, no CRC recomputed.
 * A hit is a candidate and no more: n candidates match a random syndrome with a chance of n/2^32.
 */
import type { Crc } from './crc.ts'
import { crcAlgebra } from './crc-algebra.ts'

/** One byte that differs: `at` counts from the start of the bytes under the CRC, `mask` is XORed into it. */
export interface ByteFlip {
  readonly at: number
  readonly mask: number
}

/** Changes that together explain a syndrome, by ascending `at`, each byte once, no mask zero. */
export type Flips = readonly ByteFlip[]

export interface Located {
  readonly hits: readonly Flips[]
  /** False when there were more hits than asked for: then nothing is known about the rest. */
  readonly complete: boolean
}

/** Set bits of a 32-bit integer. */
export function countBits(value: number): number {
  let count = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) count++
  return count
}

/** The difference of two CRCs over equally many bytes; zero when they are the same. */
export const syndromeOf = (storedCrc: number, computedCrc: number): number =>
  (storedCrc ^ computedCrc) | 0

/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are the top byte of a register; a check per byte would halve the speed */

/**
 * Every change of one byte among `size` bytes that explains the syndrome, last place first. A flipped bit is
 * one with a single bit in its mask. At most one mask fits a place. None when the syndrome is zero.
 */
export function locateByte(crc: Crc, syndrome: number, size: number): ByteFlip[] {
  const { table, byteOfTop, unstep } = crcAlgebra(crc)
  const hits: ByteFlip[] = []
  let c = syndrome | 0
  if (c === 0) return hits
  for (let at = size - 1; at >= 0; at--) {
    const top = c >>> 24
    const mask = byteOfTop[top]!
    if (table[mask] === c) hits.push({ at, mask })
    c = (c << 8) ^ unstep[top]!
  }
  return hits
}

/** From here on a burst can reach into a fifth byte. */
const FOUR_BYTE_BURST_BITS = 25
/** What a 32-bit syndrome can describe. */
export const MAX_BURST_BITS = 32

/**
 * Every change whose first and last flipped bit are less than `maxBits` bits apart (1 to 32), at any alignment,
 * each counted once. Bits are in the order in which these CRCs take them: the lowest bit of a byte first.
 * Stops at `limit` hits: for 32 bits there are about four for each byte.
 */
export function locateBursts(
  crc: Crc,
  syndrome: number,
  size: number,
  maxBits: number,
  limit: number,
): Located {
  const { polynomial, unstep } = crcAlgebra(crc)
  const hits: Flips[] = []
  const push = (at: number, pattern: number, shift: number): boolean =>
    hits.length < limit && hits.push(flipsOf(at, pattern, shift)) > 0
  let c = syndrome | 0
  if (c === 0) return { hits, complete: true }
  for (let at = size - 1; at >= 0; at--) {
    // The register this many bytes before the end is the error itself, as the bytes at, at + 1, ….
    c = (c << 8) ^ unstep[c >>> 24]!
    if ((c & 255) === 0) continue
    const room = (size - at) * 8
    if (maxBits <= FOUR_BYTE_BURST_BITS) {
      const first = 31 - Math.clz32(c & -c)
      const last = 31 - Math.clz32(c)
      const fits = last < room && last - first < maxBits
      if (fits && !push(at, c, 0)) return { hits, complete: false }
      continue
    }
    // The window of 32 bits is moved on bit by bit, so that it begins with the first flipped bit.
    for (let shift = 0, window = c; shift < 8; shift++) {
      const last = 31 - Math.clz32(window)
      const fits = (window & 1) !== 0 && last < maxBits && shift + last < room
      if (fits && !push(at, window, shift)) return { hits, complete: false }
      window = (window >>> 1) ^ (-(window & 1) & polynomial)
    }
  }
  return { hits, complete: true }
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

/** The 32 bits of `pattern`, `shift` bits after the start of the byte `at`, as bytes. */
function flipsOf(at: number, pattern: number, shift: number): Flips {
  const flips: ByteFlip[] = []
  for (let byte = 0; byte < 5; byte++) {
    const from = 8 * byte - shift
    const mask = (from < 0 ? pattern << -from : from > 31 ? 0 : pattern >>> from) & 255
    if (mask !== 0) flips.push({ at: at + byte, mask })
  }
  return flips
}
