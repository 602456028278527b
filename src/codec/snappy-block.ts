/**
 * The raw Snappy block: the decoded size as a varint, then literals and copies. Strict: the size must be
 * what is decoded, every copy must start inside the output, and the input must be used up. Our own
 * because snappyjs allocates what the size claims and loops on a negative literal length.
 */
import type { CodecFailure } from './codec.ts'
import { littleEndian } from './little-endian.ts'
import { copyLiterals, copyMatch } from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'

const SIZE_BYTES_MAX = 5

const LITERAL = 0
const COPY_1_BYTE = 1
const COPY_2_BYTES = 2

/** Literal lengths up to this one are in the tag; the next four say how many bytes the length takes. */
const LITERAL_IN_TAG_MAX = 60

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first */

/**
 * Decodes the block in `input[start, end)`, appending to `output`.
 * `endReason` is what to report when the block ends too early.
 */
export function decodeSnappyBlock(
  input: Uint8Array,
  start: number,
  end: number,
  output: OutputBuffer,
  endReason: CodecFailure,
): void {
  const { size, position: bodyStart } = readSize(input, start, end, output, endReason)
  const origin = output.length
  const outputEnd = origin + size
  let bytes = output.bytes
  let at = origin
  let position = bodyStart
  while (position < end) {
    const tagPosition = position
    const tag = input[position++]!
    let length = (tag >>> 2) + 1
    // How many bytes of length or offset follow the tag.
    const kind = tag & 3
    const extraBytes =
      kind === LITERAL ? Math.max(0, length - LITERAL_IN_TAG_MAX) : kind > COPY_2_BYTES ? 4 : kind
    if (end - position < extraBytes) {
      output.length = at
      throw output.failure(endReason, end, 'the block ends inside a tag')
    }
    let offset = 0
    if (kind === LITERAL) {
      if (extraBytes > 0) {
        length = littleEndian(input, position, extraBytes) + 1
        position += extraBytes
        output.onOpaque?.(position, Math.min(position + length, end))
      }
      if (length > end - position) {
        // What is there is real, even if the length is not.
        output.length = at
        output.append(input, position, position + Math.min(end - position, outputEnd - at))
        throw output.failure(endReason, end, `the block ends inside a literal of ${length} bytes`)
      }
    } else {
      if (kind === COPY_1_BYTE) {
        length = ((tag >>> 2) & 7) + 4
        offset = ((tag >>> 5) << 8) | input[position]!
      } else {
        offset = littleEndian(input, position, extraBytes)
      }
      position += extraBytes
      if (offset === 0 || offset > at - origin) {
        output.length = at
        throw output.failure('block-invalid', tagPosition, `copy from ${offset} bytes back`)
      }
    }
    if (length > outputEnd - at) {
      output.length = at
      throw output.failure('size-mismatch', tagPosition, `more than the ${size} bytes announced`)
    }
    if (at + length > bytes.length) bytes = output.grow(at, length, tagPosition)
    if (kind !== LITERAL) {
      copyMatch(bytes, at, offset, length)
    } else {
      copyLiterals(bytes, at, input, position, length)
      position += length
    }
    at += length
  }
  output.length = at
  if (at !== outputEnd) {
    const reason = endReason === 'truncated' ? endReason : 'size-mismatch'
    throw output.failure(reason, end, `${size} bytes announced, ${at - origin} found`)
  }
}

function readSize(
  input: Uint8Array,
  start: number,
  end: number,
  output: OutputBuffer,
  endReason: CodecFailure,
): { readonly size: number; readonly position: number } {
  let size = 0
  for (let index = 0; index < SIZE_BYTES_MAX; index++) {
    const position = start + index
    if (position >= end) throw output.failure(endReason, end, 'the block ends inside its size')
    const byte = input[position]!
    size += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) {
      if (size >= 2 ** 32) break
      return { size, position: position + 1 }
    }
  }
  throw output.failure('block-invalid', start, 'the size does not fit 32 bits')
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
