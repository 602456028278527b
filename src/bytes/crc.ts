/**
 * Reflected 32-bit CRCs, table driven with slicing by 16, and the algebra to join them:
 * CRC-32C (Castagnoli) guards magic 2, CRC-32 (IEEE) guards magic 0 and 1 and gzip.
 * `update` continues a CRC, so a range of any size is checked through a window.
 */

/** One CRC: start with 0, feed bytes, the returned number is the CRC so far (unsigned). */
export interface Crc {
  readonly polynomial: number
  update(crc: number, bytes: Uint8Array, start?: number, end?: number): number
  /** The CRC of A followed by B, from the CRCs of A and B and B's size in bytes. */
  combine(crcOfA: number, crcOfB: number, sizeOfB: number): number
  /** The CRC of B, from the CRCs of A and of A followed by B, and B's size in bytes. */
  suffix(crcOfA: number, crcOfAB: number, sizeOfB: number): number
}

const SLICES = 16

function buildTables(polynomial: number): Int32Array {
  const tables = new Int32Array(256 * SLICES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    tables[byte] = crc
  }
  for (let index = 256; index < tables.length; index++) {
    const previous = tables[index - 256] ?? 0
    tables[index] = (previous >>> 8) ^ (tables[previous & 255] ?? 0)
  }
  return tables
}

/** Product of two polynomials modulo the CRC's, both in reflected bit order. */
function multiply(a: number, b: number, polynomial: number): number {
  let product = 0
  let shifted = b | 0
  // Without a branch on the bits, which nothing could predict.
  for (let rest = a | 0; rest !== 0; rest <<= 1) {
    product ^= shifted & (rest >> 31)
    shifted = (shifted >>> 1) ^ (polynomial & -(shifted & 1))
  }
  return product
}

/** Sizes are taken apart into bytes; 7 of them hold any size that a number holds exactly. */
const SIZE_BYTES = 7

/** x^(8·digit·256^k) at [256k + digit]: the factors of "append this many zero bytes". */
function buildZeroByteFactors(polynomial: number): Int32Array {
  const factors = new Int32Array(256 * SIZE_BYTES)
  let step = 0x00800000 // x^8
  for (let k = 0; k < SIZE_BYTES; k++) {
    let factor = 0x80000000 | 0 // x^0
    for (let digit = 0; digit < 256; digit++) {
      factors[256 * k + digit] = factor
      factor = multiply(factor, step, polynomial)
    }
    step = factor
  }
  return factors
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are masked to the table's size; a check per byte would halve the speed */
function updateSliced(
  t: Int32Array,
  crc: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let c = ~crc
  let p = start
  // One byte at a time up to a word boundary, then 16 bytes a step through an aligned view.
  for (; p < end && ((bytes.byteOffset + p) & 3) !== 0; p++)
    c = t[(c ^ bytes[p]!) & 255]! ^ (c >>> 8)
  const words = new Int32Array(bytes.buffer, (bytes.byteOffset + p) & ~3, (end - p) >>> 2)
  const wordEnd = words.length & ~3
  for (let w = 0; w < wordEnd; w += 4) {
    const a = words[w]! ^ c
    const b = words[w + 1]!
    const d = words[w + 2]!
    const e = words[w + 3]!
    c =
      t[3840 + (a & 255)]! ^
      t[3584 + ((a >>> 8) & 255)]! ^
      t[3328 + ((a >>> 16) & 255)]! ^
      t[3072 + (a >>> 24)]! ^
      t[2816 + (b & 255)]! ^
      t[2560 + ((b >>> 8) & 255)]! ^
      t[2304 + ((b >>> 16) & 255)]! ^
      t[2048 + (b >>> 24)]! ^
      t[1792 + (d & 255)]! ^
      t[1536 + ((d >>> 8) & 255)]! ^
      t[1280 + ((d >>> 16) & 255)]! ^
      t[1024 + (d >>> 24)]! ^
      t[768 + (e & 255)]! ^
      t[512 + ((e >>> 8) & 255)]! ^
      t[256 + ((e >>> 16) & 255)]! ^
      t[e >>> 24]!
  }
  for (p += wordEnd * 4; p < end; p++) c = t[(c ^ bytes[p]!) & 255]! ^ (c >>> 8)
  return ~c >>> 0
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

function createCrc(polynomial: number): Crc {
  const tables = buildTables(polynomial)
  const factors = buildZeroByteFactors(polynomial)
  // Searches ask for one size many times over.
  let lastSize = 0
  let lastFactor = 0x80000000 | 0
  const zerosFactor = (size: number): number => {
    if (size === lastSize) return lastFactor
    let factor = 0x80000000 | 0
    for (let k = 0, rest = size; rest > 0; k++, rest = Math.floor(rest / 256)) {
      const digit = rest % 256
      if (digit !== 0) factor = multiply(factor, factors[256 * k + digit] ?? 0, polynomial)
    }
    lastSize = size
    lastFactor = factor
    return factor
  }
  /** `crcOfA` after `sizeOfB` zero bytes, without the CRC's own inversions, joined with B's. */
  const combine = (crcOfA: number, crcOfB: number, sizeOfB: number): number =>
    (multiply(zerosFactor(sizeOfB), crcOfA, polynomial) ^ crcOfB) >>> 0
  return {
    polynomial,
    update: (crc, bytes, start = 0, end = bytes.length) =>
      updateSliced(tables, crc, bytes, start, end),
    combine,
    // Joining is XOR, which is its own inverse.
    suffix: combine,
  }
}

/** CRC-32C (Castagnoli), over everything from `attributes` on in a magic-2 batch. */
export const crc32c: Crc = createCrc(0x82f63b78 | 0)

/** CRC-32 (IEEE, as in zlib), over everything from `magic` on in a magic-0 or -1 message. */
export const crc32: Crc = createCrc(0xedb88320 | 0)
