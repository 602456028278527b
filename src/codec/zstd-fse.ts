/**
 * Finite state entropy tables of zstd (RFC 8878, section 4.1) and its bit streams, which are read backwards
 * from their last byte. An entry of a table is what one state means: bits 0-7 the symbol, bits 8-12 how many bits
 * of its own the symbol takes from the stream, bits 13-16 how many the next state takes, from bit 17 what to add
 * to them.
 */

export interface FseTable {
  /** The accuracy: there are 2^log states. */
  log: number
  readonly entries: Int32Array
}

export const newFseTable = (maxLog: number): FseTable => ({
  log: 0,
  entries: new Int32Array(2 ** maxLog),
})

const SYMBOLS_MAX = 256
const LOG_MIN = 5
/** A probability of "less than one state", which still takes a whole one. */
const LESS_THAN_ONE = -1

// Decoding is synchronous, so the scratch space serves every call.
const probabilities = new Int16Array(SYMBOLS_MAX)
const nextStates = new Uint16Array(SYMBOLS_MAX)

/** Where an entry holds the bits of the symbol's own, of the next state, and what to add to them. */
export const FSE_EXTRA_SHIFT = 8
export const FSE_EXTRA_MASK = 31
export const FSE_BITS_SHIFT = 13
export const FSE_BITS_MASK = 15
export const FSE_NEXT_SHIFT = 17

/** A table with one state, which takes no bits for the next. */
export function setFseRepeat(table: FseTable, symbol: number, extraBits: number): void {
  table.log = 0
  table.entries[0] = symbol | (extraBits << FSE_EXTRA_SHIFT)
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- states are below 2^log by construction, byte positions are compared with the ends first */

/**
 * Builds a table for the probabilities of the first `symbols` symbols, which add up to 2^log, -1 counting as one.
 * `extraBits` has how many bits of its own each symbol takes.
 */
export function buildFseTable(
  table: FseTable,
  log: number,
  distribution: Int16Array,
  symbols: number,
  extraBits: Uint8Array,
): void {
  const { entries } = table
  const size = 1 << log
  table.log = log
  let high = size - 1
  for (let symbol = 0; symbol < symbols; symbol++) {
    const probability = distribution[symbol]!
    nextStates[symbol] = Math.abs(probability)
    if (probability === LESS_THAN_ONE) entries[high--] = symbol
  }
  const step = (size >> 1) + (size >> 3) + 3
  let at = 0
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (let count = distribution[symbol]!; count > 0; count--) {
      entries[at] = symbol
      do at = (at + step) & (size - 1)
      while (at > high)
    }
  }
  for (let state = 0; state < size; state++) {
    const symbol = entries[state]!
    const next = nextStates[symbol]!++
    const bits = log - (31 - Math.clz32(next))
    entries[state] =
      symbol |
      (extraBits[symbol]! << FSE_EXTRA_SHIFT) |
      (bits << FSE_BITS_SHIFT) |
      (((next << bits) - size) << FSE_NEXT_SHIFT)
  }
}

/**
 * Reads the description of a table in `input[start, end)` and builds it. Returns the position after it,
 * or -1 when it is none.
 */
export function readFseTable(
  input: Uint8Array,
  start: number,
  end: number,
  maxLog: number,
  maxSymbol: number,
  table: FseTable,
  extraBits: Uint8Array,
): number {
  if (start >= end) return -1
  const log = (input[start]! & 15) + LOG_MIN
  if (log > maxLog) return -1
  let bit = 4
  let symbols = 0
  for (let remaining = 1 << log; remaining > 0;) {
    if (symbols > maxSymbol) return -1
    // Values up to remaining + 1 are possible; the small ones take one bit less.
    const width = 32 - Math.clz32(remaining + 1)
    const lowMask = (1 << (width - 1)) - 1
    const threshold = (1 << width) - 2 - remaining
    let value = forwardBits(input, start, end, bit, width)
    bit += width
    if ((value & lowMask) < threshold) {
      value &= lowMask
      bit--
    } else if (value > lowMask) {
      value -= threshold
    }
    const probability = value - 1
    probabilities[symbols++] = probability
    remaining -= Math.abs(probability)
    if (probability !== 0) continue
    for (let zeros = 3; zeros === 3;) {
      zeros = forwardBits(input, start, end, bit, 2)
      bit += 2
      if (symbols + zeros > maxSymbol + 1) return -1
      for (let index = 0; index < zeros; index++) probabilities[symbols++] = 0
    }
  }
  const position = start + ((bit + 7) >> 3)
  if (position > end) return -1
  buildFseTable(table, log, probabilities, symbols, extraBits)
  return position
}

/** Up to 16 bits; zeros after the end. */
function forwardBits(
  input: Uint8Array,
  start: number,
  end: number,
  bit: number,
  count: number,
): number {
  const at = start + (bit >> 3)
  let word = 0
  if (at + 3 <= end) word = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16)
  else for (let index = 0; at + index < end; index++) word |= input[at + index]! << (8 * index)
  return (word >> (bit & 7)) & ((1 << count) - 1)
}

/**
 * How many bits the backward stream in [start, end) has: those below the highest set bit of its last
 * byte. -1 when that byte is 0 or missing.
 */
export function backwardBits(view: DataView, start: number, end: number): number {
  const last = end > start ? view.getUint8(end - 1) : 0
  return last === 0 ? -1 : (end - start - 1) * 8 + 31 - Math.clz32(last)
}

/** How many bits `wordBackward` delivers at least. */
export const WORD_BITS = 24

/**
 * The next bits of the backward stream at `start` of which `left` bits are left, from the highest bit down. When
 * there are fewer, what precedes the stream is delivered: the caller finds that `left` has become negative. Before
 * `start` there are more bytes than the stream is ever overdrawn by, and 3.
 */
export const wordBackward = (view: DataView, start: number, left: number): number =>
  view.getInt32(start + (left >> 3) - 3, true) << (8 - (left & 7))

/** The `count` highest bits of a word. In two steps, as a shift by 32 would do nothing. */
export const highestBits = (word: number, count: number): number => (word >>> 1) >>> (31 - count)

/** The next `count` (up to 24) bits. */
export const peekBackward = (view: DataView, start: number, left: number, count: number): number =>
  highestBits(wordBackward(view, start, left), count)
/* eslint-enable @typescript-eslint/no-non-null-assertion */
