/**
 * xxHash, 64 bits, seed 0, of which the zstd frame format keeps the low 32 bits as content checksum.
 * 64-bit numbers are pairs of 32-bit ones: BigInt would be some fifty times slower.
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */

/** The primes as low and high half. */
const P1L = 0x85ebca87 | 0
const P1H = 0x9e3779b1 | 0
const P2L = 0x27d4eb4f
const P2H = 0xc2b2ae3d | 0
const P3L = 0x9e3779f9 | 0
const P3H = 0x165667b1
const P4L = 0xc2b2ae63 | 0
const P4H = 0x85ebca77 | 0
const P5L = 0x165667c5
const P5H = 0x27d4eb2f

const STRIPE_BYTES = 32

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the end first, and there are four lanes */
const word = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

/** The high half of the product of two unsigned 32-bit numbers; Math.imul is the low half. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  // Each sum stays below 2^32, and each product and sum an integer of 32 bits, which is what V8 is fast with.
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const middle2 = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middle2 >>> 16)) | 0
}

/** A 64-bit number that is worked on in place. */
class Wide {
  low: number
  high: number

  constructor(low: number, high: number) {
    this.low = low
    this.high = high
  }

  add(low: number, high: number): void {
    const sum = (this.low >>> 0) + (low >>> 0)
    this.low = sum | 0
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0
  }

  xor(low: number, high: number): void {
    this.low ^= low
    this.high ^= high
  }

  multiply(low: number, high: number): void {
    this.high =
      (multiplyHigh(this.low, low) + Math.imul(this.low, high) + Math.imul(this.high, low)) | 0
    this.low = Math.imul(this.low, low)
  }

  /** To the left, by 1 to 31 bits. */
  rotate(bits: number): void {
    const { low, high } = this
    this.low = (low << bits) | (high >>> (32 - bits))
    this.high = (high << bits) | (low >>> (32 - bits))
  }

  /** One word into an accumulator. */
  round(low: number, high: number): void {
    const product = scratch
    product.low = low
    product.high = high
    product.multiply(P2L, P2H)
    this.add(product.low, product.high)
    this.rotate(31)
    this.multiply(P1L, P1H)
  }

  /** An accumulator into the hash. */
  merge(accumulator: Wide): void {
    const value = mergeScratch
    value.low = 0
    value.high = 0
    value.round(accumulator.low, accumulator.high)
    this.xor(value.low, value.high)
    this.multiply(P1L, P1H)
    this.add(P4L, P4H)
  }
}

const scratch = new Wide(0, 0)
const mergeScratch = new Wide(0, 0)

/** The low 32 bits, unsigned, of the hash of `bytes[start, end)`. */
export function xxhash64Low(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const hash = new Wide(P5L, P5H)
  let at = start
  if (end - start >= STRIPE_BYTES) at = hashStripes(hash, bytes, start, end)
  const size = end - start
  hash.add(size | 0, Math.floor(size / 2 ** 32))
  for (; at + 8 <= end; at += 8) {
    mergeScratch.low = 0
    mergeScratch.high = 0
    mergeScratch.round(word(bytes, at), word(bytes, at + 4))
    hash.xor(mergeScratch.low, mergeScratch.high)
    hash.rotate(27)
    hash.multiply(P1L, P1H)
    hash.add(P4L, P4H)
  }
  if (at + 4 <= end) {
    scratch.low = word(bytes, at)
    scratch.high = 0
    scratch.multiply(P1L, P1H)
    hash.xor(scratch.low, scratch.high)
    hash.rotate(23)
    hash.multiply(P2L, P2H)
    hash.add(P3L, P3H)
    at += 4
  }
  for (; at < end; at++) {
    scratch.low = bytes[at] ?? 0
    scratch.high = 0
    scratch.multiply(P5L, P5H)
    hash.xor(scratch.low, scratch.high)
    hash.rotate(11)
    hash.multiply(P1L, P1H)
  }
  // The avalanche: shifts by 33, 29 and 32 bits. Only the low half of the last one is wanted.
  hash.xor(hash.high >>> 1, 0)
  hash.multiply(P2L, P2H)
  hash.xor((hash.low >>> 29) | (hash.high << 3), hash.high >>> 29)
  hash.multiply(P3L, P3H)
  return (hash.low ^ hash.high) >>> 0
}

/** One word into the accumulator at `lane`: low and high half stand there one behind the other. */
function roundOf(lanes: Int32Array, lane: number, low: number, high: number): void {
  const addedLow = Math.imul(low, P2L)
  const addedHigh = multiplyHigh(low, P2L) + Math.imul(low, P2H) + Math.imul(high, P2L)
  const sumLow = (lanes[lane]! + addedLow) | 0
  const carry = sumLow >>> 0 < addedLow >>> 0 ? 1 : 0
  const sumHigh = (lanes[lane + 1]! + addedHigh + carry) | 0
  const rotatedLow = (sumLow << 31) | (sumHigh >>> 1)
  const rotatedHigh = (sumHigh << 31) | (sumLow >>> 1)
  lanes[lane] = Math.imul(rotatedLow, P1L)
  lanes[lane + 1] =
    multiplyHigh(rotatedLow, P1L) + Math.imul(rotatedLow, P1H) + Math.imul(rotatedHigh, P1L)
}

/** Four accumulators over whole stripes, merged into `hash`. Returns where the stripes end. */
function hashStripes(hash: Wide, bytes: Uint8Array, start: number, end: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = new Wide(P1L, P1H)
  first.add(P2L, P2H)
  const last = new Wide(~P1L, ~P1H)
  last.add(1, 0)
  const lanes = Int32Array.of(first.low, first.high, P2L, P2H, 0, 0, last.low, last.high)
  let at = start
  for (; at <= end - STRIPE_BYTES; at += STRIPE_BYTES) {
    roundOf(lanes, 0, view.getInt32(at, true), view.getInt32(at + 4, true))
    roundOf(lanes, 2, view.getInt32(at + 8, true), view.getInt32(at + 12, true))
    roundOf(lanes, 4, view.getInt32(at + 16, true), view.getInt32(at + 20, true))
    roundOf(lanes, 6, view.getInt32(at + 24, true), view.getInt32(at + 28, true))
  }
  const accumulators = [0, 2, 4, 6].map((lane) => new Wide(lanes[lane]!, lanes[lane + 1]!))
  hash.low = 0
  hash.high = 0
  for (const [index, { low, high }] of accumulators.entries()) {
    const rotated = new Wide(low, high)
    rotated.rotate(LANE_ROTATIONS[index]!)
    hash.add(rotated.low, rotated.high)
  }
  for (const accumulator of accumulators) hash.merge(accumulator)
  return at
}

const LANE_ROTATIONS = [1, 7, 12, 18]
/* eslint-enable @typescript-eslint/no-non-null-assertion */
