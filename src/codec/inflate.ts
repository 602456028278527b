/**
 * DEFLATE (RFC 1951), strict as zlib is: block types, stored lengths, code sets, symbols and distances are
 * all checked. Our own because fflate neither tells where the stream ended nor refuses invalid codes.
 */
import { BitReader } from './bit-reader.ts'
import {
  DISTANCE_PRIMARY_BITS,
  LENGTHS_PRIMARY_BITS,
  LITERAL_PRIMARY_BITS,
  MAX_DISTANCE_SYMBOLS,
  MAX_LITERAL_SYMBOLS,
  REPEAT_PREVIOUS,
  REPEAT_ZERO_LONG,
  buildTable,
  distanceEntries,
  lengthsEntries,
  literalEntries,
  newDistanceTable,
  newLengthsTable,
  newLiteralTable,
} from './inflate-tables.ts'
import { decodeSymbols } from './inflate-symbols.ts'
import type { BlockTables } from './inflate-symbols.ts'
import type { OutputBuffer } from './output-buffer.ts'

/** The order in which the lengths of the code-length code are sent. */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

const LENGTHS_MASK = 2 ** LENGTHS_PRIMARY_BITS - 1

// Decoding is synchronous, so one set of tables serves every call.
const dynamic: BlockTables = { literals: newLiteralTable(), distances: newDistanceTable() }
const lengthsTable = newLengthsTable()
const codeLengths = new Uint8Array(MAX_LITERAL_SYMBOLS + MAX_DISTANCE_SYMBOLS)
const lengthsLengths = new Uint8Array(19)

function buildFixedTables(): BlockTables {
  const lengths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280)
  const literals = newLiteralTable()
  const distances = newDistanceTable()
  buildTable(lengths, literalEntries, LITERAL_PRIMARY_BITS, literals)
  buildTable(new Uint8Array(32).fill(5), distanceEntries, DISTANCE_PRIMARY_BITS, distances)
  return { literals, distances }
}
const fixed = buildFixedTables()

/** Decodes one DEFLATE stream at `start` into `output` and returns the position after its last byte. */
export function inflate(input: Uint8Array, start: number, output: OutputBuffer): number {
  const reader = new BitReader(input, start, output)
  const origin = output.length
  for (let isLast = false; !isLast;) {
    isLast = reader.take(1) === 1
    switch (reader.take(2)) {
      case 0:
        copyStored(reader)
        break
      case 1:
        decodeSymbols(reader, fixed, origin)
        break
      case 2:
        readDynamicTables(reader)
        decodeSymbols(reader, dynamic, origin)
        break
      default:
        throw reader.failure('invalid block type 3')
    }
  }
  return reader.alignToByte()
}

function copyStored(reader: BitReader): void {
  const { input, output } = reader
  const start = reader.alignToByte()
  const size = reader.take(16)
  if ((size ^ reader.take(16)) !== 0xffff) {
    throw output.failure('block-invalid', start, 'stored block: length and complement differ')
  }
  const from = reader.alignToByte()
  const end = Math.min(from + size, input.length)
  output.append(input, from, end)
  output.onOpaque?.(from, end)
  reader.position = end
  if (end < from + size) {
    throw output.failure('truncated', end, `stored block of ${size} bytes ends early`)
  }
}

function readDynamicTables(reader: BitReader): void {
  const literals = reader.take(5) + 257
  const distances = reader.take(5) + 1
  const lengths = reader.take(4) + 4
  if (literals > MAX_LITERAL_SYMBOLS || distances > MAX_DISTANCE_SYMBOLS) {
    throw reader.failure(`${literals} literal and ${distances} distance codes are too many`)
  }
  lengthsLengths.fill(0)
  for (const symbol of LENGTHS_ORDER.slice(0, lengths)) lengthsLengths[symbol] = reader.take(3)
  if (
    lengthsLengths.every((length) => length === 0) ||
    // zlib takes a single code here for incomplete, unlike in the other two sets.
    lengthsLengths.reduce((sum, length) => sum + (length === 0 ? 0 : 128 >>> length), 0) !== 128 ||
    !buildTable(lengthsLengths, lengthsEntries, LENGTHS_PRIMARY_BITS, lengthsTable)
  ) {
    throw reader.failure('invalid code for the code lengths')
  }
  readCodeLengths(reader, literals + distances)
  const ofLiterals = codeLengths.subarray(0, literals)
  if (ofLiterals[256] === 0) throw reader.failure('no code for end of block')
  if (!buildTable(ofLiterals, literalEntries, LITERAL_PRIMARY_BITS, dynamic.literals)) {
    throw reader.failure('invalid literal code lengths')
  }
  const ofDistances = codeLengths.subarray(literals, literals + distances)
  if (!buildTable(ofDistances, distanceEntries, DISTANCE_PRIMARY_BITS, dynamic.distances)) {
    throw reader.failure('invalid distance code lengths')
  }
}

/** The run-length coded lengths of both alphabets, which a run may span. */
function readCodeLengths(reader: BitReader, total: number): void {
  for (let count = 0; count < total;) {
    count = readLengthsFast(reader, total, count)
    if (count < total) count = readLength(reader, total, count)
  }
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- the table index is masked to the table's size, and no run goes beyond the lengths */

/**
 * The hot loop, far from the end of the input: reads lengths from the one at `first` on, and returns the index of one
 * that it leaves, right or wrong, to `readLength`. Bits are refilled as in decodeFast.
 */
function readLengthsFast(reader: BitReader, total: number, first: number): number {
  const { view } = reader
  const inputEnd = view.byteLength - 4
  let { position, held, heldBits } = reader
  let count = first
  while (count < total && position <= inputEnd) {
    held |= view.getInt32(position, true) << heldBits
    position += (31 - heldBits) >> 3
    heldBits |= 24
    const entry = lengthsTable[held & LENGTHS_MASK]!
    const symbol = entry >>> 12
    if (symbol < REPEAT_PREVIOUS) {
      codeLengths[count++] = symbol
      held >>>= entry & 15
      heldBits -= entry & 15
      continue
    }
    const extraBits = (entry >>> 4) & 15
    const after = held >>> (entry & 15)
    const repeat = (symbol === REPEAT_ZERO_LONG ? 11 : 3) + (after & ((1 << extraBits) - 1))
    if (count === 0 || repeat > total - count) break
    const value = symbol === REPEAT_PREVIOUS ? codeLengths[count - 1]! : 0
    for (const end = count + repeat; count < end;) codeLengths[count++] = value
    held = after >>> extraBits
    heldBits -= (entry & 15) + extraBits
  }
  reader.stopAt(position, held, heldBits)
  return count
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

/** One length or one run of them, with every check. Returns the index of the next. */
function readLength(reader: BitReader, total: number, count: number): number {
  reader.refill()
  const entry = lengthsTable[reader.held & LENGTHS_MASK] ?? 0
  reader.drop(entry & 15)
  const symbol = entry >>> 12
  if (symbol < REPEAT_PREVIOUS) {
    codeLengths[count] = symbol
    return count + 1
  }
  const isPrevious = symbol === REPEAT_PREVIOUS
  if (isPrevious && count === 0) throw reader.failure('repeat before the first code length')
  const value = isPrevious ? (codeLengths[count - 1] ?? 0) : 0
  const repeat = (symbol === REPEAT_ZERO_LONG ? 11 : 3) + reader.take((entry >>> 4) & 15)
  if (count + repeat > total) throw reader.failure('code lengths run past their end')
  codeLengths.fill(value, count, count + repeat)
  return count + repeat
}
