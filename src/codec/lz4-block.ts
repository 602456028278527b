/**
 * The LZ4 block: sequences of literals and a match, the last one without a match. Strict: a match must
 * start inside its window, lengths must not pass the block's size, and the block must end right after
 * literals. Our own because lz4js hangs on damaged lengths and reads before the start of its output.
 */
import type { CodecFailure } from './codec.ts'
import { copyLiterals, copyMatch } from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'

const MATCH_MIN = 4
/** A length of 15 in the token goes on in further bytes, until one is not 255. */
const LENGTH_MORE = 15

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first */

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
  const outputEnd = output.length + maxBytes
  let bytes = output.bytes
  let at = output.length
  let position = start
  while (position < end) {
    const sequence = position
    const token = input[position++]!
    let length = token >>> 4
    if (length === LENGTH_MORE) {
      let more = 255
      for (; more === 255 && position < end; length += more) more = input[position++]!
      if (more === 255) throw endsEarly(output, at, end, endReason)
      output.onOpaque?.(position, Math.min(position + length, end))
    }
    if (length > end - position || length > outputEnd - at) {
      const available = Math.min(length, end - position, outputEnd - at)
      output.length = at
      // What is there of them is real, even if the length is not.
      output.append(input, position, position + available)
      const reason = length > end - position ? endReason : 'block-invalid'
      throw output.failure(reason, sequence, `${length} literals pass the end of the block`)
    }
    if (at + length > bytes.length) bytes = output.grow(at, length, sequence)
    copyLiterals(bytes, at, input, position, length)
    position += length
    at += length
    if (position === end) {
      output.length = at
      if ((token & LENGTH_MORE) === 0) return
      throw output.failure(endReason, sequence, 'the last sequence announces a match')
    }

    if (end - position < 2) throw endsEarly(output, at, end, endReason)
    const offset = input[position]! | (input[position + 1]! << 8)
    position += 2
    if (offset === 0 || offset > at - windowStart) {
      output.length = at
      throw output.failure('block-invalid', position - 2, `match from ${offset} bytes back`)
    }
    length = token & LENGTH_MORE
    if (length === LENGTH_MORE) {
      let more = 255
      for (; more === 255 && position < end; length += more) more = input[position++]!
      if (more === 255) throw endsEarly(output, at, end, endReason)
    }
    length += MATCH_MIN
    if (length > outputEnd - at) {
      output.length = at
      throw output.failure('block-invalid', sequence, `more than ${maxBytes} bytes in a block`)
    }
    if (at + length > bytes.length) bytes = output.grow(at, length, sequence)
    copyMatch(bytes, at, offset, length)
    at += length
  }
  // An empty block, or one that ends after a match: literals must come last.
  throw endsEarly(output, at, end, endReason)
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

function endsEarly(output: OutputBuffer, at: number, end: number, reason: CodecFailure): Error {
  output.length = at
  return output.failure(reason, end, 'the block ends inside a sequence')
}
