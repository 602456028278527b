/**
 * The Huffman code of zstd literals (RFC 8878, section 4.2): the weights, sent directly or FSE compressed, the
 * decoding table, and the streams. A code must be complete and a stream used up to its last bit.
 */
import { backwardBits, newFseTable, peekBackward, readFseTable } from './zstd-fse.ts'

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

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first, table indices are below 2^log */

/** Reads the description of a code and builds its table. Returns the position after it, -1 when it is none. */
export function readHuffmanTable(
  input: Uint8Array,
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
    count = readCompressedWeights(input, from, position)
  }
  return count > 0 && buildHuffmanTable(table, count) ? position : -1
}

/** Two states take turns; the symbols of both are the last ones when the stream cannot feed the next. */
function readCompressedWeights(input: Uint8Array, start: number, end: number): number {
  const from = readFseTable(input, start, end, WEIGHT_LOG_MAX, LOG_MAX + 1, weightTable)
  if (from < 0) return -1
  const { log, entries } = weightTable
  let left = backwardBits(input, from, end)
  if (left < 2 * log) return -1
  let current = entries[peekBackward(input, from, left, log)]!
  left -= log
  let other = entries[peekBackward(input, from, left, log)]!
  left -= log
  for (let count = 0; count < WEIGHTS_MAX - 1;) {
    weights[count++] = current & 0xff
    const bits = (current >> 8) & 0xff
    if (bits > left) {
      weights[count++] = other & 0xff
      return count
    }
    const next = entries[(current >> 16) + peekBackward(input, from, left, bits)]!
    left -= bits
    current = other
    other = next
  }
  return -1
}

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
    entries.fill((symbol << 4) | (log + 1 - weight), from, to)
    rankStarts[weight] = to
  }
  return true
}

/** Decodes one stream into `target[from, to)`. Returns whether it was used up exactly. */
export function decodeHuffmanStream(
  input: Uint8Array,
  start: number,
  end: number,
  table: HuffmanTable,
  target: Uint8Array,
  from: number,
  to: number,
): boolean {
  const { log, entries } = table
  const down = 32 - log
  let left = backwardBits(input, start, end)
  let at = from
  const pairsEnd = to - 1
  while (at < pairsEnd && left > 0) {
    // 32 bits, of which 24 or more are unread: enough for two codes.
    const byte = start + (left >> 3)
    const word =
      ((input[byte]! << 24) |
        (input[byte - 1]! << 16) |
        (input[byte - 2]! << 8) |
        input[byte - 3]!) <<
      (8 - (left & 7))
    const first = entries[word >>> down]!
    const second = entries[(word << (first & 15)) >>> down]!
    target[at] = first >> 4
    target[at + 1] = second >> 4
    at += 2
    left -= (first & 15) + (second & 15)
  }
  if (at < to && left > 0) {
    const entry = entries[peekBackward(input, start, left, log)]!
    target[at++] = entry >> 4
    left -= entry & 15
  }
  return left === 0 && at === to
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
