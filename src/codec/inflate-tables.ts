/**
 * Huffman decoding tables for DEFLATE (RFC 1951): a primary table indexed by the next bits of the stream,
 * with second-level tables for the longer codes. Code sets are held to zlib's rules: over-subscribed
 * sets are refused, incomplete ones too, except for a single code of one bit or no code at all.
 *
 * An entry: bits 0-3 code length, bits 4-7 number of extra bits, bits 8-11 kind, from bit 12 the value.
 * The entry 0 is a code that no symbol has.
 */

export const LITERAL = 0x100
export const END_OF_BLOCK = 0x200
/** The value is where the second-level table starts; the extra bits are the size of its index. */
export const LINK = 0x400
/** The value is the base of a length or distance. */
export const BASE = 0x800

export const LITERAL_PRIMARY_BITS = 10
export const DISTANCE_PRIMARY_BITS = 8
export const LENGTHS_PRIMARY_BITS = 7
const MAX_CODE_BITS = 15

export const MAX_LITERAL_SYMBOLS = 286
export const MAX_DISTANCE_SYMBOLS = 30

/** A link has at least two symbols behind it, and its table at most 2^(15 - primary bits) entries. */
const tableSize = (symbols: number, primaryBits: number): number =>
  2 ** primaryBits + (symbols / 2) * 2 ** Math.max(0, MAX_CODE_BITS - primaryBits)

export const newLiteralTable = (): Int32Array =>
  new Int32Array(tableSize(288, LITERAL_PRIMARY_BITS))
export const newDistanceTable = (): Int32Array =>
  new Int32Array(tableSize(32, DISTANCE_PRIMARY_BITS))
export const newLengthsTable = (): Int32Array => new Int32Array(2 ** LENGTHS_PRIMARY_BITS)

/** Symbols 0-255 literals, 256 end of block, 257-285 lengths; 286 and 287 stay 0, they are never valid. */
function buildLiteralEntries(): Int32Array {
  const entries = new Int32Array(288)
  for (let byte = 0; byte < 256; byte++) entries[byte] = (byte << 12) | LITERAL
  entries[256] = END_OF_BLOCK
  let base = 3
  for (let symbol = 257; symbol < 285; symbol++) {
    const extraBits = symbol < 265 ? 0 : (symbol - 261) >> 2
    entries[symbol] = (base << 12) | BASE | (extraBits << 4)
    base += 1 << extraBits
  }
  // 258 has a code of its own, although 284 with all extra bits set would reach it.
  entries[285] = (258 << 12) | BASE
  return entries
}

/** Symbols 0-29; 30 and 31 stay 0. */
function buildDistanceEntries(): Int32Array {
  const entries = new Int32Array(32)
  let base = 1
  for (let symbol = 0; symbol < 30; symbol++) {
    const extraBits = symbol < 4 ? 0 : (symbol - 2) >> 1
    entries[symbol] = (base << 12) | BASE | (extraBits << 4)
    base += 1 << extraBits
  }
  return entries
}

export const literalEntries: Int32Array = buildLiteralEntries()
export const distanceEntries: Int32Array = buildDistanceEntries()
/** Symbols of the code lengths' alphabet from which on they are runs: of the length before, and of many zeros. */
export const REPEAT_PREVIOUS = 16
export const REPEAT_ZERO_LONG = 18

/** The alphabet of the code lengths themselves: the value is the symbol. Runs have extra bits. */
export const lengthsEntries: Int32Array = Int32Array.from(
  { length: 19 },
  (_, symbol) => (symbol << 12) | BASE | (([2, 3, 7][symbol - REPEAT_PREVIOUS] ?? 0) << 4),
)

const counts = new Int32Array(MAX_CODE_BITS + 1)
const starts = new Int32Array(MAX_CODE_BITS + 2)
const sorted = new Uint16Array(288)

/* eslint-disable @typescript-eslint/no-non-null-assertion -- code lengths are 0-15 and symbols below 288 by construction */

/** The longest code length in use, 0 for no code at all, -1 for a set that zlib would refuse. */
function sortByLength(lengths: Uint8Array): number {
  counts.fill(0)
  for (let symbol = lengths.length; symbol-- > 0;) counts[lengths[symbol]!]!++
  let max = MAX_CODE_BITS
  while (max > 0 && counts[max] === 0) max--
  let unused = 1
  starts[1] = 0
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    unused = unused * 2 - counts[length]!
    if (unused < 0) return -1
    starts[length + 1] = starts[length]! + counts[length]!
  }
  if (unused > 0 && max > 1) return -1
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!
    if (length !== 0) sorted[starts[length]!++] = symbol
  }
  return max
}

/**
 * Fills `table` for the code lengths of the symbols in `entries`. Returns false for a set of lengths that
 * is no valid code; the table is then undefined.
 */
export function buildTable(
  lengths: Uint8Array,
  entries: Int32Array,
  primaryBits: number,
  table: Int32Array,
): boolean {
  const max = sortByLength(lengths)
  if (max < 0) return false
  const primarySize = 1 << primaryBits
  // Only these sets leave codes without a symbol.
  if (max <= 1) table.fill(0, 0, primarySize)
  let code = 0 // bit-reversed, as the stream delivers it
  let next = primarySize
  let link = -1
  let linkStart = 0
  let linkBits = 0
  let index = 0
  for (let length = 1; length <= max; length++) {
    for (; counts[length]! > 0; counts[length]!--) {
      const entry = entries[sorted[index++]!]!
      const filled = entry === 0 ? 0 : entry | length
      if (length <= primaryBits) {
        for (let at = code; at < primarySize; at += 1 << length) table[at] = filled
      } else {
        const prefix = code & (primarySize - 1)
        if (prefix !== link) {
          link = prefix
          linkStart = next
          linkBits = length - primaryBits
          // As wide as the remaining codes fill it (zlib's inflate_table).
          let left = 1 << linkBits
          while (linkBits + primaryBits < max) {
            left -= counts[linkBits + primaryBits]!
            if (left <= 0) break
            linkBits++
            left <<= 1
          }
          next += 1 << linkBits
          table[prefix] = (linkStart << 12) | LINK | (linkBits << 4)
        }
        for (let at = code >>> primaryBits; at < 1 << linkBits; at += 1 << (length - primaryBits)) {
          table[linkStart + at] = filled
        }
      }
      let carry = 1 << (length - 1)
      while ((code & carry) !== 0) carry >>>= 1
      code = carry === 0 ? 0 : (code & (carry - 1)) + carry
    }
  }
  return true
}
