/**
 * The symbols of a compressed DEFLATE block: literals, and matches of a length and a distance.
 * A fast loop does what is plainly right, a careful one the rest.
 */
import type { BitReader } from './bit-reader.ts'
import {
  BASE,
  DISTANCE_PRIMARY_BITS,
  END_OF_BLOCK,
  LINK,
  LITERAL,
  LITERAL_PRIMARY_BITS,
} from './inflate-tables.ts'
import { WIDE_BYTES, copyMatch, copyMatchWide } from './output-buffer.ts'

export interface BlockTables {
  readonly literals: Int32Array
  readonly distances: Int32Array
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first, table indices are masked to the table's size */

const LITERAL_MASK = 2 ** LITERAL_PRIMARY_BITS - 1
const DISTANCE_MASK = 2 ** DISTANCE_PRIMARY_BITS - 1

/**
 * Decodes symbols up to the end of the block. `origin` is where the stream begins in the output: no match
 * reaches before it.
 */
export function decodeSymbols(reader: BitReader, tables: BlockTables, origin: number): void {
  do {
    decodeFast(reader, tables, origin)
  } while (decodeSymbol(reader, tables, origin))
}

/** Most bytes that one length and distance can take from the input, and what is read beyond them. */
const FAST_INPUT_BYTES = 16
/** Most bytes that they give to the output, more than literals in 31 bits, and what is written beyond them. */
const FAST_OUTPUT_BYTES = 258 + WIDE_BYTES

/**
 * The hot loop, for input and output that are not near their ends. It returns before any symbol that is not
 * a plain literal or match, and leaves that one, right or wrong, to `decodeSymbol`.
 *
 * Bits are refilled without a branch: 4 bytes are read wherever they lie, as many of them are counted as have room in
 * 31 bits, and those that have only a part of it are read again. What is held beyond `heldBits` is of the input too.
 */
function decodeFast(reader: BitReader, tables: BlockTables, origin: number): void {
  const { literals, distances } = tables
  const { view, output } = reader
  const { bytes, view: target } = output
  const inputEnd = view.byteLength - FAST_INPUT_BYTES
  const outputEnd = bytes.length - FAST_OUTPUT_BYTES
  let { position, held, heldBits } = reader
  let at = output.length
  while (position <= inputEnd && at <= outputEnd) {
    held |= view.getInt32(position, true) << heldBits
    position += (31 - heldBits) >> 3
    heldBits |= 24
    let entry = literals[held & LITERAL_MASK]!
    if ((entry & LINK) !== 0) entry = follow(literals, entry, held >>> LITERAL_PRIMARY_BITS)
    if ((entry & LITERAL) !== 0) {
      // Literals come in runs: those whose bits are held already need no more.
      do {
        held >>>= entry & 15
        heldBits -= entry & 15
        bytes[at++] = entry >>> 12
        entry = literals[held & LITERAL_MASK]!
      } while ((entry & LITERAL) !== 0 && (entry & 15) <= heldBits)
      continue
    }
    if ((entry & BASE) === 0) break
    // From here on the symbol may turn out to be wrong: the reader keeps its start.
    reader.stopAt(position, held, heldBits)
    // A code of 15 bits and 5 more at most are taken.
    held >>>= entry & 15
    let extraBits = (entry >>> 4) & 15
    const length = (entry >>> 12) + (held & ((1 << extraBits) - 1))
    held >>>= extraBits
    heldBits -= (entry & 15) + extraBits
    held |= view.getInt32(position, true) << heldBits
    position += (31 - heldBits) >> 3
    heldBits |= 24
    entry = distances[held & DISTANCE_MASK]!
    if ((entry & LINK) !== 0) entry = follow(distances, entry, held >>> DISTANCE_PRIMARY_BITS)
    held >>>= entry & 15
    heldBits -= entry & 15
    extraBits = (entry >>> 4) & 15
    if (heldBits < extraBits) {
      held |= view.getInt32(position, true) << heldBits
      position += (31 - heldBits) >> 3
      heldBits |= 24
    }
    const distance = (entry >>> 12) + (held & ((1 << extraBits) - 1))
    if ((entry & BASE) === 0 || distance > at - origin) {
      output.length = at
      return
    }
    held >>>= extraBits
    heldBits -= extraBits
    copyMatchWide(bytes, target, at, distance, length)
    at += length
  }
  reader.stopAt(position, held, heldBits)
  output.length = at
}

/** The entry of a second-level table: `bits` are those after the primary table's. */
const follow = (table: Int32Array, link: number, bits: number): number =>
  table[(link >>> 12) + (bits & ((1 << ((link >>> 4) & 15)) - 1))]!

/** One symbol with every check. Returns false after the end of the block. */
function decodeSymbol(reader: BitReader, tables: BlockTables, origin: number): boolean {
  const { literals, distances } = tables
  const { output } = reader
  const entry = takeEntry(reader, literals, LITERAL_PRIMARY_BITS)
  if ((entry & END_OF_BLOCK) !== 0) return false
  const position = reader.takenTo
  if ((entry & LITERAL) !== 0) {
    output.grow(output.length, 1, position)[output.length++] = entry >>> 12
    return true
  }
  if ((entry & BASE) === 0) throw reader.failure('invalid literal or length code')
  const length = (entry >>> 12) + reader.take((entry >>> 4) & 15)
  const distanceEntry = takeEntry(reader, distances, DISTANCE_PRIMARY_BITS)
  if ((distanceEntry & BASE) === 0) throw reader.failure('invalid distance code')
  const distance = (distanceEntry >>> 12) + reader.take((distanceEntry >>> 4) & 15)
  if (distance > output.length - origin) {
    throw reader.failure(`distance ${distance} reaches before the start of the data`)
  }
  copyMatch(output.grow(output.length, length, position), output.length, distance, length)
  output.length += length
  return true
}

function takeEntry(reader: BitReader, table: Int32Array, primaryBits: number): number {
  reader.refill()
  let entry = table[reader.held & ((1 << primaryBits) - 1)]!
  if ((entry & LINK) !== 0) entry = follow(table, entry, reader.held >>> primaryBits)
  reader.drop(entry & 15)
  return entry
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
