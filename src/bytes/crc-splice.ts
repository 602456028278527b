/**
 * CRC algebra for damage that is no change of a few bits: bytes put in between, and stretches replaced by others.
 * Both are linear: a CRC is run from the front, and run backwards from the value that it has to end with.
 */
import type { Crc } from './crc.ts'
import { crcAlgebra } from './crc-algebra.ts'

/** Bytes under a CRC: `bytes` from `start` to their end, and the CRC that is stored for them. */
export interface Covered {
  readonly bytes: Uint8Array
  readonly start: number
  readonly storedCrc: number
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices lie within the range walked; a check per byte would halve the speed */
/**
 * Every place `at` (from `start` on, ascending) such that the CRC is right once the `surplus` bytes from `at` on
 * are taken out. Three walks over the bytes. Neighbouring places may stand for the same bytes in the end: taking
 * out from `at` or from `at + 1` is the same when the bytes at `at` and `at + surplus` are equal.
 */
export function locateInsertion(crc: Crc, covered: Covered, surplus: number): number[] {
  const { bytes, start, storedCrc } = covered
  const { table, unstep } = crcAlgebra(crc)
  const lastPlace = bytes.length - surplus
  const hits: number[] = []
  if (surplus < 1 || lastPlace < start) return hits
  // The register that, before the bytes from `start + surplus` on, ends with the stored CRC.
  let needed = ~storedCrc
  for (let at = bytes.length - 1; at >= start + surplus; at--)
    needed = (needed << 8) ^ unstep[needed >>> 24]! ^ bytes[at]!
  let front = -1
  for (let at = start; ; at++) {
    if (front === needed) hits.push(at)
    if (at >= lastPlace) return hits
    front = table[(front ^ bytes[at]!) & 255]! ^ (front >>> 8)
    needed = table[(needed ^ bytes[at + surplus]!) & 255]! ^ (needed >>> 8)
  }
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

/** Raw registers (from zero, no inversions) at every `blockSize` bytes: the CRC of any run of blocks in constant time. */
export interface RawPrefixes {
  /** The raw register over `size` bytes from `at` on: what a replacement is compared by. */
  raw(at: number, size: number): number
}

/**
 * One walk over the bytes; then `raw` reads at most two blocks of them, and none where both ends lie at a block's start:
 * `firstBlock`, below `blockSize`, and every `blockSize` bytes from there. The bytes must not change meanwhile.
 */
export function rawPrefixes(
  crc: Crc,
  bytes: Uint8Array,
  blockSize: number,
  firstBlock: number,
): RawPrefixes {
  const algebra = crcAlgebra(crc)
  const starts = Math.floor(Math.max(0, bytes.length - firstBlock) / blockSize) + 1
  const prefixes = new Int32Array(starts)
  let register = algebra.feed(0, bytes, 0, Math.min(firstBlock, bytes.length))
  prefixes[0] = register
  for (let block = 1; block < starts; block++) {
    const start = firstBlock + block * blockSize
    register = algebra.feed(register, bytes, start - blockSize, start)
    prefixes[block] = register
  }
  const upTo = (at: number): number => {
    if (at < firstBlock) return algebra.feed(0, bytes, 0, at)
    const block = Math.floor((at - firstBlock) / blockSize)
    return algebra.feed(prefixes[block] ?? 0, bytes, firstBlock + block * blockSize, at)
  }
  // Joining with nothing but zeros moves a register over them; many are moved over as many, which combine remembers.
  return { raw: (at, size) => upTo(at + size) ^ crc.combine(upTo(at), 0, size) }
}

/**
 * The raw register that a replacement of a stretch must have for the CRC to become right: `rawOfOld` is that of
 * the stretch as it is, `sizeAfter` the number of bytes under the CRC behind it.
 */
export function rawNeeded(crc: Crc, syndrome: number, rawOfOld: number, sizeAfter: number): number {
  return rawOfOld ^ crcAlgebra(crc).retreat(syndrome, sizeAfter)
}
