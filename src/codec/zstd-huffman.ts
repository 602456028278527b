/**
 * The Huffman code of zstd literals (RFC 8878, section 4.2): the weights, sent directly or FSE compressed, the
 * decoding table, and the streams. A code must be complete and a stream used up to its last bit.
 */
import {
  FSE_BITS_MASK,
  FSE_BITS_SHIFT,
  FSE_NEXT_SHIFT,
  backwardBits,
  newFseTable,
  peekBackward,
  readFseTable,
  wordBackward,
} from './zstd-fse.ts'

const LOG_MAX = 11
const WEIGHTS_MAX = 255
const WEIGHT_LOG_MAX = 6
/** Header bytes from here on announce directly sent weights. */
const DIRECT_WEIGHTS = 128

/** An entry: bits 0-3 how many bits the code has, from bit 4 the symbol. */
export interface HuffmanTable {
  /** Bits of the longest code: there are 2^log entries. */
  log: number
  readonly entries: Uint16Array
}

export const newHuffmanTable = (): HuffmanTable => ({
  log: 0,
  entries: new Uint16Array(2 ** LOG_MAX),
})

// Decoding is synchronous, so the scratch space serves every call.
const weights = new Uint8Array(WEIGHTS_MAX + 1)
const weightTable = newFseTable(WEIGHT_LOG_MAX)
const rankStarts = new Uint32Array(LOG_MAX + 2)
/** Weights take no bits of their own. */
const noExtraBits = new Uint8Array(LOG_MAX + 2)

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first, table indices are below 2^log */

/**
 * Reads the description of a code and builds its table. Returns the position after it, -1 when it is none. `view` is
 * of the input.
 */
export function readHuffmanTable(
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  table: HuffmanTable,
): number {
  if (start >= end) return -1
  const header = input[start]!
  const from = start + 1
  let count: number
  let position: number
  if (header >= DIRECT_WEIGHTS) {
    count = header - DIRECT_WEIGHTS + 1
    position = from + ((count + 1) >> 1)
    if (position > end) return -1
    for (let index = 0; index < count; index++) {
      const pair = input[from + (index >> 1)]!
      weights[index] = (index & 1) === 0 ? pair >> 4 : pair & 15
    }
  } else {
    position = from + header
    if (position > end) return -1
    count = readCompressedWeights(input, view, from, position)
  }
  return count > 0 && buildHuffmanTable(table, count) ? position : -1
}

/** Two states take turns; the symbols of both are the last ones when the stream cannot feed the next. */
function readCompressedWeights(
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): number {
  const maxWeight = LOG_MAX + 1
  const from = readFseTable(input, start, end, WEIGHT_LOG_MAX, maxWeight, weightTable, noExtraBits)
  if (from < 0) return -1
  const { log, entries } = weightTable
  let left = backwardBits(view, from, end)
  if (left < 2 * log) return -1
  let current = entries[peekBackward(view, from, left, log)]!
  left -= log
  let other = entries[peekBackward(view, from, left, log)]!
  left -= log
  for (let count = 0; count < WEIGHTS_MAX - 1;) {
    weights[count++] = current & 0xff
    const bits = (current >> FSE_BITS_SHIFT) & FSE_BITS_MASK
    if (bits > left) {
      weights[count++] = other & 0xff
      return count
    }
    const next = entries[(current >> FSE_NEXT_SHIFT) + peekBackward(view, from, left, bits)]!
    left -= bits
    current = other
    other = next
  }
  return -1
}

/** From here on a call of `fill` is faster than a loop. */
const FILL_WEIGHT_MIN = 6

/** `weights` holds all but the last symbol's, which is what completes the code. */
function buildHuffmanTable(table: HuffmanTable, count: number): boolean {
  rankStarts.fill(0)
  let total = 0
  for (let symbol = 0; symbol < count; symbol++) {
    const weight = weights[symbol]!
    if (weight > LOG_MAX) return false
    if (weight === 0) continue
    rankStarts[weight]!++
    total += 1 << (weight - 1)
  }
  if (total === 0) return false
  const log = 32 - Math.clz32(total)
  const rest = (1 << log) - total
  if (log > LOG_MAX || (rest & (rest - 1)) !== 0) return false
  const lastWeight = 32 - Math.clz32(rest)
  weights[count] = lastWeight
  rankStarts[lastWeight]!++
  // The longest codes of a complete code come in pairs.
  if (rankStarts[1]! < 2 || rankStarts[1]! % 2 !== 0) return false
  let start = 0
  for (let weight = 1; weight <= log; weight++) {
    const symbols = rankStarts[weight]!
    rankStarts[weight] = start
    start += symbols << (weight - 1)
  }
  const { entries } = table
  table.log = log
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight = weights[symbol]!
    if (weight === 0) continue
    const from = rankStarts[weight]!
    const to = from + (1 << (weight - 1))
    const entry = (symbol << 4) | (log + 1 - weight)
    if (weight > FILL_WEIGHT_MIN) entries.fill(entry, from, to)
    else for (let index = from; index < to; index++) entries[index] = entry
    rankStarts[weight] = to
  }
  return true
}

/**
 * Decodes one stream into `target[from, to)`. Returns whether it was used up exactly. `view` is of the input, in which
 * at least 3 bytes stand before `start`.
 */
export function decodeHuffmanStream(
  view: DataView,
  start: number,
  end: number,
  table: HuffmanTable,
  target: Uint8Array,
  from: number,
  to: number,
): boolean {
  return finishStream(view, start, backwardBits(view, start, end), table, target, from, to)
}

/** The same for a stream of which `left` bits are left. */
function finishStream(
  view: DataView,
  start: number,
  bitsLeft: number,
  table: HuffmanTable,
  target: Uint8Array,
  from: number,
  to: number,
): boolean {
  const { log, entries } = table
  const down = 32 - log
  let left = bitsLeft
  let at = from
  while (at < to && left > 0) {
    const entry = entries[wordBackward(view, start, left) >>> down]!
    target[at++] = entry >> 4
    left -= entry & 15
  }
  return left === 0 && at === to
}

/** Two codes of each stream are read of one word: of its 24 bits or more they take 22 at most. */
const CODES_AT_ONCE = 2
/** So few rounds are not worth another turn. */
const ROUNDS_MIN = 2

/** Decodes four streams, each of which begins where the one before it ends. `starts` has their starts and the end. */
export function decodeFourHuffmanStreams(
  view: DataView,
  starts: Int32Array,
  table: HuffmanTable,
  target: Uint8Array,
  size: number,
): boolean {
  const { log, entries } = table
  const down = 32 - log
  const each = (size + 3) >> 2
  const first = starts[0]!
  const [second, third, fourth] = [starts[1]! - first, starts[2]! - first, starts[3]! - first]
  // Bits from the start of the first stream on: a block is small, the input need not be.
  let left1 = backwardBits(view, first, starts[1]!)
  let left2 = backwardBits(view, starts[1]!, starts[2]!) + 8 * second
  let left3 = backwardBits(view, starts[2]!, starts[3]!) + 8 * third
  let left4 = backwardBits(view, starts[3]!, starts[4]!) + 8 * fourth
  let at = 0
  for (;;) {
    // As many rounds as neither the streams nor the literals can be too short for, whatever the codes are.
    const bits = Math.min(left1, left2 - 8 * second, left3 - 8 * third, left4 - 8 * fourth)
    const ofLastStream = size - 3 * each - at
    const rounds = Math.min(
      Math.floor(bits / (CODES_AT_ONCE * log)),
      Math.floor(ofLastStream / CODES_AT_ONCE),
    )
    if (rounds < ROUNDS_MIN) break
    for (const end = at + CODES_AT_ONCE * rounds; at < end; at += CODES_AT_ONCE) {
      let word = wordBackward(view, first, left1)
      let code = entries[word >>> down]!
      let next = entries[(word << (code & 15)) >>> down]!
      target[at] = code >> 4
      target[at + 1] = next >> 4
      left1 -= (code & 15) + (next & 15)
      word = wordBackward(view, first, left2)
      code = entries[word >>> down]!
      next = entries[(word << (code & 15)) >>> down]!
      target[at + each] = code >> 4
      target[at + each + 1] = next >> 4
      left2 -= (code & 15) + (next & 15)
      word = wordBackward(view, first, left3)
      code = entries[word >>> down]!
      next = entries[(word << (code & 15)) >>> down]!
      target[at + 2 * each] = code >> 4
      target[at + 2 * each + 1] = next >> 4
      left3 -= (code & 15) + (next & 15)
      word = wordBackward(view, first, left4)
      code = entries[word >>> down]!
      next = entries[(word << (code & 15)) >>> down]!
      target[at + 3 * each] = code >> 4
      target[at + 3 * each + 1] = next >> 4
      left4 -= (code & 15) + (next & 15)
    }
  }
  left2 -= 8 * second
  left3 -= 8 * third
  left4 -= 8 * fourth
  return (
    finishStream(view, first, left1, table, target, at, each) &&
    finishStream(view, starts[1]!, left2, table, target, at + each, 2 * each) &&
    finishStream(view, starts[2]!, left3, table, target, at + 2 * each, 3 * each) &&
    finishStream(view, starts[3]!, left4, table, target, at + 3 * each, size)
  )
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
