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
  let shifted = b
  for (let mask = 0x80000000; mask !== 0; mask >>>= 1) {
    if (a & mask) product ^= shifted
    shifted = shifted & 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1
  }
  return product
}

/** x^(8·2^k) for k = 0…: the factors of "append this many zero bytes". 2^53 bytes is the largest size. */
function buildZeroBytePowers(polynomial: number): Int32Array {
  const powers = new Int32Array(53)
  let power = 0x00800000 // x^8
  for (let k = 0; k < powers.length; k++) {
    powers[k] = power
    power = multiply(power, power, polynomial)
  }
  return powers
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
  const powers = buildZeroBytePowers(polynomial)
  /** `crc` after `size` zero bytes, without the CRC's own pre- and post-inversion. */
  const appendZeros = (crc: number, size: number): number => {
    let result = crc
    for (let k = 0, rest = size; rest > 0; k++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = multiply(result, powers[k] ?? 0, polynomial)
    }
    return result
  }
  const combine = (crcOfA: number, crcOfB: number, sizeOfB: number): number =>
    (appendZeros(crcOfA, sizeOfB) ^ crcOfB) >>> 0
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
