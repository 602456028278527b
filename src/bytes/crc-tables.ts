/** Reflected 32-bit CRCs in plain JavaScript: slicing by 16, and the tables that WebAssembly uses for the same. */

const SLICES = 16

const built = new Map<number, Int32Array>()

/** Table k at [256k, 256k + 256): what a byte contributes that has k bytes behind it. Built once; not to be changed. */
export function crcTables(polynomial: number): Int32Array {
  const tables = built.get(polynomial) ?? buildCrcTables(polynomial)
  built.set(polynomial, tables)
  return tables
}

function buildCrcTables(polynomial: number): Int32Array {
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

/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are masked to the table's size; a check per byte would halve the speed */
/** Continues a CRC over bytes [start, end); `t` are the polynomial's tables. */
export function updateSliced(
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
