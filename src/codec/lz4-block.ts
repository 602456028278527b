/**
 * The LZ4 block: sequences of literals and a match, the last one without a match. Strict: a match must
 * start inside its window, lengths must not pass the block's size, and the block must end right after
 * literals. Our own because lz4js hangs on damaged lengths and reads before the start of its output.
 */
import type { CodecFailure } from './codec.ts'
import {
  WIDE_BYTES,
  copyLiterals,
  copyLiteralsWide,
  copyMatch,
  copyMatchWide,
  viewOf,
} from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'

const MATCH_MIN = 4
/** A length of 15 in the token goes on in further bytes, until one is not 255. */
const LENGTH_MORE = 15

/** An offset, one more byte of a length, and what is read beyond literals. */
const FAST_INPUT_BYTES = 3 + WIDE_BYTES

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first */

/** What stays the same while a block is decoded. */
interface Block {
  readonly input: Uint8Array
  readonly end: number
  /** The first place in the output that matches reach. */
  readonly windowStart: number
  readonly outputStart: number
  readonly outputEnd: number
  readonly endReason: CodecFailure
}

/**
 * Decodes the block in `input[start, end)`, appending to `output`: at most `maxBytes`, and with matches
 * that reach back to `windowStart` in the output (an offset has 16 bits, so 64 KiB at most).
 * `endReason` is what to report when the block ends in the middle of something.
 */
export function decodeLz4Block(
  input: Uint8Array,
  start: number,
  end: number,
  output: OutputBuffer,
  windowStart: number,
  maxBytes: number,
  endReason: CodecFailure,
): void {
  const view = viewOf(input)
  const outputStart = output.length
  const outputEnd = outputStart + maxBytes
  const block: Block = { input, end, windowStart, outputStart, outputEnd, endReason }
  for (let position = start; position >= 0;) {
    position = decodeFast(block, view, position, output)
    // An empty block, or one that ends after a match: literals must come last.
    if (position >= end) throw endsEarly(block, output)
    position = decodeSequence(block, position, output)
  }
}

/**
 * The hot loop, for input and output that are not near their ends. It returns the position of a token that it leaves
 * to `decodeSequence`, right or wrong: lengths of several bytes, and literals that someone is to be told of, too.
 */
function decodeFast(block: Block, view: DataView, start: number, output: OutputBuffer): number {
  const { end, windowStart, outputEnd } = block
  const { bytes, view: target, onOpaque } = output
  const isTold = onOpaque !== undefined
  const inputEnd = end - FAST_INPUT_BYTES
  const fastEnd = Math.min(outputEnd, bytes.length - WIDE_BYTES)
  let at = output.length
  let position = start
  while (position < inputEnd) {
    const token = view.getUint8(position)
    let literal = position + 1
    let literalLength = token >>> 4
    if (literalLength === LENGTH_MORE) {
      const more = view.getUint8(literal++)
      if (isTold || more === 255) break
      literalLength += more
    }
    let next = literal + literalLength
    if (next > inputEnd) break
    const offset = view.getUint16(next, true)
    next += 2
    let matchLength = (token & LENGTH_MORE) + MATCH_MIN
    if (matchLength === LENGTH_MORE + MATCH_MIN) {
      const more = view.getUint8(next++)
      if (more === 255) break
      matchLength += more
    }
    const matchStart = at + literalLength
    if (offset === 0 || offset > matchStart - windowStart || matchLength > fastEnd - matchStart)
      break
    copyLiteralsWide(target, at, view, literal, literalLength)
    copyMatchWide(bytes, target, matchStart, offset, matchLength)
    at = matchStart + matchLength
    position = next
  }
  output.length = at
  return position
}

/** One sequence with every check. Returns where the next one is, or -1 after the last one. */
function decodeSequence(block: Block, start: number, output: OutputBuffer): number {
  const { input, end, windowStart, outputEnd, endReason } = block
  let position = start
  const token = input[position++]!
  let length = token >>> 4
  if (length === LENGTH_MORE) {
    let more = 255
    for (; more === 255 && position < end; length += more) more = input[position++]!
    if (more === 255) throw endsEarly(block, output)
    output.onOpaque?.(position, Math.min(position + length, end))
  }
  const at = output.length
  if (length > end - position || length > outputEnd - at) {
    const available = Math.min(length, end - position, outputEnd - at)
    // What is there of them is real, even if the length is not.
    output.append(input, position, position + available)
    const reason = length > end - position ? endReason : 'block-invalid'
    throw output.failure(reason, start, `${length} literals pass the end of the block`)
  }
  copyLiterals(output.grow(at, length, start), at, input, position, length)
  position += length
  output.length = at + length
  if (position === end) {
    if ((token & LENGTH_MORE) === 0) return -1
    throw output.failure(endReason, start, 'the last sequence announces a match')
  }

  if (end - position < 2) throw endsEarly(block, output)
  const offset = input[position]! | (input[position + 1]! << 8)
  position += 2
  if (offset === 0 || offset > output.length - windowStart) {
    throw output.failure('block-invalid', position - 2, `match from ${offset} bytes back`)
  }
  length = token & LENGTH_MORE
  if (length === LENGTH_MORE) {
    let more = 255
    for (; more === 255 && position < end; length += more) more = input[position++]!
    if (more === 255) throw endsEarly(block, output)
  }
  length += MATCH_MIN
  if (length > outputEnd - output.length) {
    const message = `more than ${outputEnd - block.outputStart} bytes in a block`
    throw output.failure('block-invalid', start, message)
  }
  const bytes = output.grow(output.length, length, start)
  copyMatch(bytes, output.length, offset, length)
  output.length += length
  return position
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

function endsEarly({ end, endReason }: Block, output: OutputBuffer): Error {
  return output.failure(endReason, end, 'the block ends inside a sequence')
}
