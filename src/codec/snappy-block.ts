/**
 * The raw Snappy block: the decoded size as a varint, then literals and copies. Strict: the size must be
 * what is decoded, every copy must start inside the output, and the input must be used up. Our own
 * because snappyjs allocates what the size claims and loops on a negative literal length.
 */
import type { CodecFailure } from './codec.ts'
import { littleEndian } from './little-endian.ts'
import {
  WIDE_BYTES,
  copyLiterals,
  copyLiteralsWide,
  copyMatch,
  copyMatchWide,
  viewOf,
} from './output-buffer.ts'
import type { OutputBuffer } from './output-buffer.ts'

const SIZE_BYTES_MAX = 5

const LITERAL = 0
const COPY_1_BYTE = 1
const COPY_2_BYTES = 2

/** Literal lengths up to this one are in the tag; the next four say how many bytes the length takes. */
const LITERAL_IN_TAG_MAX = 60

/** A tag, the longest literal whose length is in it, and what is read beyond that. */
const FAST_INPUT_BYTES = 1 + LITERAL_IN_TAG_MAX + WIDE_BYTES

/* eslint-disable @typescript-eslint/no-non-null-assertion -- positions are compared with the ends first */

/** What stays the same while a block is decoded. */
interface Block {
  readonly input: Uint8Array
  readonly end: number
  /** Where the block begins in the output, and where it must end. */
  readonly origin: number
  readonly outputEnd: number
  readonly endReason: CodecFailure
}

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
  const view = viewOf(input)
  const origin = output.length
  const block: Block = { input, end, origin, outputEnd: origin + size, endReason }
  for (let position = bodyStart; position < end;) {
    position = decodeFast(block, view, position, output)
    if (position < end) position = decodeElement(block, position, output)
  }
  if (output.length !== origin + size) {
    const reason = endReason === 'truncated' ? endReason : 'size-mismatch'
    const message = `${size} bytes announced, ${output.length - origin} found`
    throw output.failure(reason, end, message)
  }
}

/**
 * The hot loop, for input and output that are not near their ends. It returns the position of a tag that it leaves to
 * `decodeElement`, right or wrong: long literals and offsets of 4 bytes, too.
 */
function decodeFast(
  { end, origin, outputEnd }: Block,
  view: DataView,
  start: number,
  output: OutputBuffer,
): number {
  const { bytes, view: target } = output
  const inputEnd = end - FAST_INPUT_BYTES
  const fastEnd = Math.min(outputEnd, bytes.length - WIDE_BYTES)
  let at = output.length
  let position = start
  while (position < inputEnd) {
    const tag = view.getUint8(position)
    const kind = tag & 3
    let length = (tag >>> 2) + 1
    if (kind === LITERAL) {
      if (length > LITERAL_IN_TAG_MAX || length > fastEnd - at) break
      copyLiteralsWide(target, at, view, position + 1, length)
      position += 1 + length
    } else {
      let offset = view.getUint16(position + 1, true)
      if (kind === COPY_1_BYTE) {
        length = ((tag >>> 2) & 7) + 4
        offset = ((tag >>> 5) << 8) | (offset & 0xff)
      }
      if (kind > COPY_2_BYTES || offset === 0 || offset > at - origin || length > fastEnd - at)
        break
      copyMatchWide(bytes, target, at, offset, length)
      position += 1 + kind
    }
    at += length
  }
  output.length = at
  return position
}

/** One literal or copy with every check. Returns where the next one is. */
function decodeElement(
  { input, end, origin, outputEnd, endReason }: Block,
  start: number,
  output: OutputBuffer,
): number {
  const at = output.length
  const tag = input[start]!
  let position = start + 1
  let length = (tag >>> 2) + 1
  // How many bytes of length or offset follow the tag.
  const kind = tag & 3
  const extraBytes =
    kind === LITERAL ? Math.max(0, length - LITERAL_IN_TAG_MAX) : kind > COPY_2_BYTES ? 4 : kind
  if (end - position < extraBytes) {
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
      throw output.failure('block-invalid', start, `copy from ${offset} bytes back`)
    }
  }
  if (length > outputEnd - at) {
    const message = `more than the ${outputEnd - origin} bytes announced`
    throw output.failure('size-mismatch', start, message)
  }
  const bytes = output.grow(at, length, start)
  output.length = at + length
  if (kind !== LITERAL) {
    copyMatch(bytes, at, offset, length)
    return position
  }
  copyLiterals(bytes, at, input, position, length)
  return position + length
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
