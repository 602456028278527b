/**
 * DEFLATE (RFC 1951), strict as zlib is: block types, stored lengths, code sets, symbols and distances are
 * all checked. Our own because fflate neither tells where the stream ended nor refuses invalid codes.
 */
import {
  BASE,
  DISTANCE_PRIMARY_BITS,
  END_OF_BLOCK,
  LENGTHS_PRIMARY_BITS,
  LINK,
  LITERAL,
  LITERAL_PRIMARY_BITS,
  MAX_DISTANCE_SYMBOLS,
  MAX_LITERAL_SYMBOLS,
  buildTable,
  distanceEntries,
  lengthsEntries,
  literalEntries,
  newDistanceTable,
  newLengthsTable,
  newLiteralTable,
} from './inflate-tables.ts'
import { copyMatch } from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'

/** The order in which the lengths of the code-length code are sent. */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

// Decoding is synchronous, so one set of tables serves every call.
const literalTable = newLiteralTable()
const distanceTable = newDistanceTable()
const lengthsTable = newLengthsTable()
const codeLengths = new Uint8Array(MAX_LITERAL_SYMBOLS + MAX_DISTANCE_SYMBOLS)
const lengthsLengths = new Uint8Array(19)

function buildFixedTables(): { literals: Int32Array; distances: Int32Array } {
  const lengths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280)
  const literals = newLiteralTable()
  const distances = newDistanceTable()
  buildTable(lengths, literalEntries, LITERAL_PRIMARY_BITS, literals)
  buildTable(new Uint8Array(32).fill(5), distanceEntries, DISTANCE_PRIMARY_BITS, distances)
  return { literals, distances }
}
const fixed = buildFixedTables()

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first, table indices are masked to the table's size */

/**
 * Bits in stream order, at most 31 of them held back. Past the end of the input it delivers zero bits,
 * so that a table can be indexed with more bits than its last code has; `exhausted` tells if such bits were used.
 */
class BitReader {
  readonly input: Uint8Array
  readonly output: OutputBuffer
  position: number
  held = 0
  heldBits = 0

  constructor(input: Uint8Array, position: number, output: OutputBuffer) {
    this.input = input
    this.position = position
    this.output = output
  }

  /** At least 16 bits held. */
  refill(): void {
    while (this.heldBits < 16) {
      if (this.position < this.input.length) {
        this.held |= this.input[this.position]! << this.heldBits
      }
      this.position++
      this.heldBits += 8
    }
  }

  /** Up to 16 bits. */
  take(count: number): number {
    this.refill()
    const value = this.held & ((1 << count) - 1)
    this.drop(count)
    return value
  }

  drop(count: number): void {
    this.held >>>= count
    this.heldBits -= count
    if (this.exhausted) throw this.failure('deflate data ends early')
  }

  get exhausted(): boolean {
    return (this.position - this.input.length) * 8 > this.heldBits
  }

  /** Gives whole bytes back and drops the rest of the current one; returns the position. */
  alignToByte(): number {
    this.position -= this.heldBits >>> 3
    this.held = 0
    this.heldBits = 0
    return this.position
  }

  failure(message: string): Error {
    const reason = this.exhausted ? 'truncated' : 'block-invalid'
    const position = Math.min(this.position - (this.heldBits >>> 3), this.input.length)
    return this.output.failure(reason, position, message)
  }
}

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
        decodeBlock(reader, fixed.literals, fixed.distances, origin)
        break
      case 2:
        readDynamicTables(reader)
        decodeBlock(reader, literalTable, distanceTable, origin)
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
  if (!buildTable(ofLiterals, literalEntries, LITERAL_PRIMARY_BITS, literalTable)) {
    throw reader.failure('invalid literal code lengths')
  }
  const ofDistances = codeLengths.subarray(literals, literals + distances)
  if (!buildTable(ofDistances, distanceEntries, DISTANCE_PRIMARY_BITS, distanceTable)) {
    throw reader.failure('invalid distance code lengths')
  }
}

/** The run-length coded lengths of both alphabets, which a run may span. */
function readCodeLengths(reader: BitReader, total: number): void {
  for (let count = 0; count < total;) {
    reader.refill()
    const entry = lengthsTable[reader.held & (2 ** LENGTHS_PRIMARY_BITS - 1)]!
    reader.drop(entry & 15)
    const symbol = entry >>> 12
    if (symbol < 16) {
      codeLengths[count++] = symbol
      continue
    }
    if (symbol === 16 && count === 0) throw reader.failure('repeat before the first code length')
    const value = symbol === 16 ? codeLengths[count - 1]! : 0
    const repeat =
      symbol === 16 ? 3 + reader.take(2) : symbol === 17 ? 3 + reader.take(3) : 11 + reader.take(7)
    if (count + repeat > total) throw reader.failure('code lengths run past their end')
    codeLengths.fill(value, count, count + repeat)
    count += repeat
  }
}

const LITERAL_MASK = 2 ** LITERAL_PRIMARY_BITS - 1
const DISTANCE_MASK = 2 ** DISTANCE_PRIMARY_BITS - 1

function decodeBlock(
  reader: BitReader,
  literals: Int32Array,
  distances: Int32Array,
  origin: number,
): void {
  do {
    decodeFast(reader, literals, distances, origin)
  } while (decodeSymbol(reader, literals, distances, origin))
}

/** Most bytes that one length and distance can take from the input, and give to the output. */
const FAST_INPUT_BYTES = 8
const FAST_OUTPUT_BYTES = 258

/**
 * The hot loop, for input and output that are not near their ends. It returns before any symbol that is not
 * a plain literal or match, and leaves that one, right or wrong, to `decodeSymbol`.
 */
function decodeFast(
  reader: BitReader,
  literals: Int32Array,
  distances: Int32Array,
  origin: number,
): void {
  const { input, output } = reader
  const bytes = output.bytes
  const inputEnd = input.length - FAST_INPUT_BYTES
  const outputEnd = bytes.length - FAST_OUTPUT_BYTES
  let { position, held, heldBits } = reader
  let at = output.length
  while (position <= inputEnd && at <= outputEnd) {
    if (heldBits < 16) {
      held |= (input[position]! | (input[position + 1]! << 8)) << heldBits
      position += 2
      heldBits += 16
    }
    let entry = literals[held & LITERAL_MASK]!
    if ((entry & LINK) !== 0) {
      const rest = (held >>> LITERAL_PRIMARY_BITS) & ((1 << ((entry >>> 4) & 15)) - 1)
      entry = literals[(entry >>> 12) + rest]!
    }
    if ((entry & LITERAL) !== 0) {
      held >>>= entry & 15
      heldBits -= entry & 15
      bytes[at++] = entry >>> 12
      continue
    }
    if ((entry & BASE) === 0) break
    // From here on the symbol may turn out to be wrong: what is needed to go back to its start is kept.
    const symbolPosition = position
    const symbolHeld = held
    const symbolHeldBits = heldBits
    held >>>= entry & 15
    heldBits -= entry & 15
    if (heldBits < 16) {
      held |= (input[position]! | (input[position + 1]! << 8)) << heldBits
      position += 2
      heldBits += 16
    }
    let extraBits = (entry >>> 4) & 15
    const length = (entry >>> 12) + (held & ((1 << extraBits) - 1))
    held >>>= extraBits
    heldBits -= extraBits
    if (heldBits < 16) {
      held |= (input[position]! | (input[position + 1]! << 8)) << heldBits
      position += 2
      heldBits += 16
    }
    entry = distances[held & DISTANCE_MASK]!
    if ((entry & LINK) !== 0) {
      const rest = (held >>> DISTANCE_PRIMARY_BITS) & ((1 << ((entry >>> 4) & 15)) - 1)
      entry = distances[(entry >>> 12) + rest]!
    }
    held >>>= entry & 15
    heldBits -= entry & 15
    if (heldBits < 16) {
      held |= (input[position]! | (input[position + 1]! << 8)) << heldBits
      position += 2
      heldBits += 16
    }
    extraBits = (entry >>> 4) & 15
    const distance = (entry >>> 12) + (held & ((1 << extraBits) - 1))
    if ((entry & BASE) === 0 || distance > at - origin) {
      position = symbolPosition
      held = symbolHeld
      heldBits = symbolHeldBits
      break
    }
    held >>>= extraBits
    heldBits -= extraBits
    copyMatch(bytes, at, distance, length)
    at += length
  }
  reader.position = position
  reader.held = held
  reader.heldBits = heldBits
  output.length = at
}

/** One symbol with every check. Returns false after the end of the block. */
function decodeSymbol(
  reader: BitReader,
  literals: Int32Array,
  distances: Int32Array,
  origin: number,
): boolean {
  const { output } = reader
  const entry = takeEntry(reader, literals, LITERAL_PRIMARY_BITS)
  if ((entry & END_OF_BLOCK) !== 0) return false
  const position = reader.position
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
  if ((entry & LINK) !== 0) {
    const rest = (reader.held >>> primaryBits) & ((1 << ((entry >>> 4) & 15)) - 1)
    entry = table[(entry >>> 12) + rest]!
  }
  reader.drop(entry & 15)
  return entry
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
