/**
 * A compressed zstd block (RFC 8878, section 3.1.1.3): literals, then sequences of "copy this many literals,
 * then repeat that many bytes from so far back". Strict: bit streams are used up exactly, matches start
 * inside the window and the frame, and a block regenerates no more than its maximum.
 */
import { copyLiterals, copyMatch } from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'
import { backwardBits, peekBackward } from './zstd-fse.ts'
import { newLiterals, readLiterals } from './zstd-literals.ts'
import type { Literals } from './zstd-literals.ts'
import {
  OFFSET_CODE_MAX,
  literalLengthCodes,
  matchLengthCodes,
  newSequenceTables,
  readCodeTable,
} from './zstd-sequence-tables.ts'
import type { SequenceTables } from './zstd-sequence-tables.ts'

/** What blocks of one frame hand on to each other. */
export interface FrameState {
  readonly windowBytes: number
  readonly blockBytesMax: number
  /** Where the frame begins in the output. */
  readonly origin: number
  readonly literals: Literals
  readonly tables: SequenceTables
  /** The last three offsets, latest first. */
  readonly offsets: Int32Array
}

export function newFrameState(
  windowBytes: number,
  blockBytesMax: number,
  origin: number,
): FrameState {
  return {
    windowBytes,
    blockBytesMax,
    origin,
    literals: newLiterals(),
    tables: newSequenceTables(),
    offsets: Int32Array.of(1, 4, 8),
  }
}

/** Decodes the block in `input[start, end)`, appending to `output`. */
export function decodeZstdBlock(
  state: FrameState,
  input: Uint8Array,
  start: number,
  end: number,
  output: OutputBuffer,
): void {
  const { literals, tables } = state
  let position = readLiterals(literals, input, start, end, state.blockBytesMax, output)
  if (position >= end) throw output.failure('block-invalid', end, 'no sequences section')
  const countStart = position
  let count = input[position++] ?? 0
  if (count > 127) {
    const isLong = count === 255
    const low = input[position] ?? 0
    const high = input[position + 1] ?? 0
    count = isLong ? low + high * 256 + 0x7f00 : (count - 128) * 256 + low
    position += isLong ? 2 : 1
  }
  if (count === 0) {
    if (position !== end) {
      throw output.failure('block-invalid', countStart, 'bytes after a block without sequences')
    }
    output.append(literals.bytes, literals.start, literals.start + literals.size)
    return
  }
  const modes = input[position++] ?? 0
  if (position > end || (modes & 3) !== 0) {
    throw output.failure('block-invalid', countStart, 'invalid sequences header')
  }
  position = readCodeTable(tables.literalLengths, modes >> 6, input, position, end, output)
  position = readCodeTable(tables.offsets, (modes >> 4) & 3, input, position, end, output)
  position = readCodeTable(tables.matchLengths, (modes >> 2) & 3, input, position, end, output)
  if (backwardBits(input, position, end) < 0) {
    throw output.failure('block-invalid', position, 'no sequences bit stream')
  }
  decodeSequences(state, input, position, end, count, output)
}

const { bases: literalBases, extraBits: literalExtraBits } = literalLengthCodes
const { bases: matchBases, extraBits: matchExtraBits } = matchLengthCodes

/** The most bits that one peek delivers. */
const PEEK_MAX = 24

/* eslint-disable @typescript-eslint/no-non-null-assertion -- states are below 2^log, codes within their tables, and positions are compared with the ends before they are used */
function decodeSequences(
  state: FrameState,
  input: Uint8Array,
  start: number,
  end: number,
  count: number,
  output: OutputBuffer,
): void {
  const { literals, tables, origin, windowBytes } = state
  const { log: llLog, entries: llEntries } = tables.literalLengths.current!
  const { log: ofLog, entries: ofEntries } = tables.offsets.current!
  const { log: mlLog, entries: mlEntries } = tables.matchLengths.current!
  const literalBytes = literals.bytes
  const literalEnd = literals.start + literals.size
  let literal = literals.start
  let bytes = output.bytes
  let at = output.length
  const outputEnd = at + state.blockBytesMax
  let left = backwardBits(input, start, end)
  const fail = (message: string): Error => output.failure('block-invalid', start, message)
  let llEntry = llEntries[peekBackward(input, start, left, llLog)]!
  left -= llLog
  let ofEntry = ofEntries[peekBackward(input, start, left, ofLog)]!
  left -= ofLog
  let mlEntry = mlEntries[peekBackward(input, start, left, mlLog)]!
  left -= mlLog
  for (let remaining = count; remaining > 0; remaining--) {
    const offsetBits = ofEntry & 0xff
    const offsetValue = readOffsetValue(input, start, left, offsetBits)
    left -= offsetBits
    const mlCode = mlEntry & 0xff
    let bits = matchExtraBits[mlCode]!
    const matchLength = matchBases[mlCode]! + peekBackward(input, start, left, bits)
    left -= bits
    const llCode = llEntry & 0xff
    bits = literalExtraBits[llCode]!
    const literalLength = literalBases[llCode]! + peekBackward(input, start, left, bits)
    left -= bits
    if (remaining > 1) {
      bits = (llEntry >> 8) & 0xff
      llEntry = llEntries[(llEntry >> 16) + peekBackward(input, start, left, bits)]!
      left -= bits
      bits = (mlEntry >> 8) & 0xff
      mlEntry = mlEntries[(mlEntry >> 16) + peekBackward(input, start, left, bits)]!
      left -= bits
      bits = (ofEntry >> 8) & 0xff
      ofEntry = ofEntries[(ofEntry >> 16) + peekBackward(input, start, left, bits)]!
      left -= bits
    }
    const size = literalLength + matchLength
    if (left < 0 || literalLength > literalEnd - literal || size > outputEnd - at) {
      throw fail('a sequence passes the end of the bit stream, the literals or the block')
    }
    if (at + size > bytes.length) bytes = output.grow(at, size, start)
    copyLiterals(bytes, at, literalBytes, literal, literalLength)
    literal += literalLength
    at += literalLength
    const offset = useOffset(state.offsets, offsetValue, literalLength === 0)
    if (offset <= 0 || offset > at - origin || offset > windowBytes) {
      throw fail(`match from ${offset} bytes back`)
    }
    copyMatch(bytes, at, offset, matchLength)
    at += matchLength
    output.length = at
  }
  if (left !== 0 || literalEnd - literal > outputEnd - at) {
    throw fail('the sequences bit stream is not used up, or the block is too large')
  }
  output.append(literalBytes, literal, literalEnd)
}

/** 2^code plus that many bits. The largest code is beyond every window that memory can hold. */
function readOffsetValue(input: Uint8Array, start: number, left: number, code: number): number {
  if (code <= PEEK_MAX) return (1 << code) + peekBackward(input, start, left, code)
  if (code >= OFFSET_CODE_MAX) return 2 ** OFFSET_CODE_MAX - 1
  const high = peekBackward(input, start, left, code - PEEK_MAX)
  const low = peekBackward(input, start, left - code + PEEK_MAX, PEEK_MAX)
  return 2 ** code + high * 2 ** PEEK_MAX + low
}

/**
 * The offset that a value stands for; values 1 to 3 are one of the last three, moved on by one without
 * literals before the match. Brings the last offsets up to date. 0 or less is invalid.
 */
function useOffset(offsets: Int32Array, value: number, hasNoLiterals: boolean): number {
  let offset = value - 3
  let back = 2
  if (value <= 3) {
    back = hasNoLiterals ? value : value - 1
    offset = back === 3 ? offsets[0]! - 1 : offsets[back]!
    if (back === 0) return offset
  }
  if (back > 1) offsets[2] = offsets[1]!
  offsets[1] = offsets[0]!
  offsets[0] = offset
  return offset
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
