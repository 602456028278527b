/**
 * A compressed zstd block (RFC 8878, section 3.1.1.3): literals, then sequences of "copy this many literals,
 * then repeat that many bytes from so far back". Strict: bit streams are used up exactly, matches start
 * inside the window and the frame, and a block regenerates no more than its maximum.
 */
import {
  WIDE_BYTES,
  copyLiterals,
  copyLiteralsWide,
  copyMatch,
  copyMatchWide,
  viewOf,
} from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'
import { backwardBits } from './zstd-fse.ts'
import { newLiterals, readLiterals } from './zstd-literals.ts'
import type { Literals } from './zstd-literals.ts'
import { forgetTables, newSequenceTables, readCodeTable } from './zstd-sequence-tables.ts'
import type { SequenceTables } from './zstd-sequence-tables.ts'
import {
  SEQUENCES_AHEAD,
  newSequenceStream,
  readSequences,
  startSequences,
} from './zstd-sequences.ts'
import type { SequenceStream } from './zstd-sequences.ts'

/** What blocks of one frame hand on to each other. */
export interface FrameState {
  readonly input: Uint8Array
  /** Of the input. */
  readonly view: DataView
  readonly windowBytes: number
  readonly blockBytesMax: number
  /** Where the frame begins in the output. */
  readonly origin: number
  readonly literals: Literals
  readonly tables: SequenceTables
  readonly stream: SequenceStream
  /** The last three offsets, latest first. */
  readonly offsets: Int32Array
}

// Decoding is synchronous, so one set of tables serves every frame.
const literals = newLiterals()
const tables = newSequenceTables()
const stream = newSequenceStream()

/** The state before the first block of a frame; it ends that of the frame before. */
export function newFrameState(
  input: Uint8Array,
  windowBytes: number,
  blockBytesMax: number,
  origin: number,
): FrameState {
  literals.hasHuffman = false
  forgetTables(tables)
  return {
    input,
    view: viewOf(input),
    windowBytes,
    blockBytesMax,
    origin,
    literals,
    tables,
    stream,
    offsets: Int32Array.of(1, 4, 8),
  }
}

/** Decodes the block in [start, end) of the input, appending to `output`. */
export function decodeZstdBlock(
  state: FrameState,
  start: number,
  end: number,
  output: OutputBuffer,
): void {
  const { input, view, literals, tables } = state
  let position = readLiterals(literals, input, view, start, end, state.blockBytesMax, output)
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
    output.append(literals.bytes, 0, literals.size, start)
    return
  }
  const modes = input[position++] ?? 0
  if (position > end || (modes & 3) !== 0) {
    throw output.failure('block-invalid', countStart, 'invalid sequences header')
  }
  position = readCodeTable(tables.literalLengths, modes >> 6, input, position, end, output)
  position = readCodeTable(tables.offsets, (modes >> 4) & 3, input, position, end, output)
  position = readCodeTable(tables.matchLengths, (modes >> 2) & 3, input, position, end, output)
  if (backwardBits(view, position, end) < 0) {
    throw output.failure('block-invalid', position, 'no sequences bit stream')
  }
  decodeSequences(state, position, end, count, output)
}

/** Reads and executes all sequences, some at a time, and appends the literals that none of them copies. */
function decodeSequences(
  state: FrameState,
  start: number,
  end: number,
  count: number,
  output: OutputBuffer,
): void {
  const { view, literals, tables, stream } = state
  const outputEnd = output.length + state.blockBytesMax
  startSequences(stream, tables, view, start, end)
  for (let done = 0; done < count;) {
    const wanted = Math.min(count - done, SEQUENCES_AHEAD)
    const read = readSequences(stream, tables, view, start, wanted, done + wanted === count)
    for (let index = 0; index < read; index++) {
      index = executeFast(state, index, read, outputEnd, output)
      if (index < read) executeSequence(state, index, outputEnd, start, output)
    }
    // Not before those ahead of it have been looked at.
    if (read < wanted) throw output.failure('block-invalid', start, PASSES_END)
    done += read
  }
  if (stream.left !== 0 || literals.size - literals.used > outputEnd - output.length) {
    const message = 'the sequences bit stream is not used up, or the block is too large'
    throw output.failure('block-invalid', start, message)
  }
  output.append(literals.bytes, literals.used, literals.size, start)
}

const PASSES_END = 'a sequence passes the end of the bit stream, the literals or the block'

/* eslint-disable @typescript-eslint/no-non-null-assertion -- no more sequences are executed than were read */

/**
 * The hot loop: executes sequences from the one at `first` on, for output that is not near its end. It returns before
 * one that is not plainly right, and leaves that, right or wrong, to `executeSequence`.
 */
function executeFast(
  state: FrameState,
  first: number,
  count: number,
  outputEnd: number,
  output: OutputBuffer,
): number {
  const { literals, offsets, origin, windowBytes } = state
  const { literalLengths, matchLengths, offsetValues } = state.stream
  const { view: literalView, size: literalEnd } = literals
  const { bytes, view } = output
  const fastEnd = Math.min(outputEnd, bytes.length - WIDE_BYTES)
  let literal = literals.used
  let at = output.length
  let last = offsets[0]!
  let second = offsets[1]!
  let third = offsets[2]!
  let index = first
  for (; index < count; index++) {
    const literalLength = literalLengths[index]!
    const matchLength = matchLengths[index]!
    if (literalLength > literalEnd - literal || literalLength + matchLength > fastEnd - at) break
    const value = offsetValues[index]!
    let offset = value - NEW_OFFSET
    let back = NEW_OFFSET
    if (value <= NEW_OFFSET) {
      back = literalLength === 0 ? value : value - 1
      offset = back === 0 ? last : back === 1 ? second : back === 2 ? third : last - 1
    }
    const matchStart = at + literalLength
    if (offset <= 0 || offset > matchStart - origin || offset > windowBytes) break
    if (back > 1) third = second
    if (back > 0) second = last
    last = offset
    copyLiteralsWide(view, at, literalView, literal, literalLength)
    copyMatchWide(bytes, view, matchStart, offset, matchLength)
    literal += literalLength
    at = matchStart + matchLength
  }
  literals.used = literal
  output.length = at
  offsets[0] = last
  offsets[1] = second
  offsets[2] = third
  return index
}

/** One sequence with every check. `start` is where in the input a failure is, `outputEnd` where the block must end. */
function executeSequence(
  { stream, literals, offsets, origin, windowBytes }: FrameState,
  index: number,
  outputEnd: number,
  start: number,
  output: OutputBuffer,
): void {
  const literalLength = stream.literalLengths[index]!
  const matchLength = stream.matchLengths[index]!
  const at = output.length
  const size = literalLength + matchLength
  if (literalLength > literals.size - literals.used || size > outputEnd - at) {
    throw output.failure('block-invalid', start, PASSES_END)
  }
  const bytes = output.grow(at, size, start)
  copyLiterals(bytes, at, literals.bytes, literals.used, literalLength)
  const matchStart = at + literalLength
  const offset = useOffset(offsets, stream.offsetValues[index]!, literalLength === 0)
  if (offset <= 0 || offset > matchStart - origin || offset > windowBytes) {
    throw output.failure('block-invalid', start, `match from ${offset} bytes back`)
  }
  copyMatch(bytes, matchStart, offset, matchLength)
  literals.used += literalLength
  output.length = matchStart + matchLength
}

/** Values above this one are offsets of their own, so much too large. */
const NEW_OFFSET = 3

/**
 * The offset that a value stands for; values 1 to 3 are one of the last three, moved on by one without
 * literals before the match. Brings the last offsets up to date. 0 or less is invalid.
 */
function useOffset(offsets: Int32Array, value: number, hasNoLiterals: boolean): number {
  let offset = value - NEW_OFFSET
  let back = NEW_OFFSET
  if (value <= NEW_OFFSET) {
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
