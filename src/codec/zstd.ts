/**
 * zstd frames (RFC 8878): header, blocks, optional content checksum; frames and skippable frames may follow
 * each other, anything else after a frame is an error, as it is for the Java client's library. The window a
 * frame asks for costs nothing here: the output is the window.
 * Our own because fzstd verifies no checksum, allocates what a frame claims and accepts damaged streams.
 */
import { xxhash64Low } from '../bytes/xxhash64.ts'
import type { Decompress } from './codec.ts'
import { littleEndian, uint32LittleEndian } from './little-endian.ts'
import { OutputBuffer } from './output-buffer.ts'
import { decodeZstdBlock, newFrameState } from './zstd-block.ts'
import { BLOCK_BYTES_MAX } from './zstd-literals.ts'

const MAGIC = 0xfd2fb528
/** 16 values: the last four bits are free. */
const SKIPPABLE_MAGIC = 0x184d2a50
const MAGIC_BYTES = 4
const BLOCK_HEADER_BYTES = 3

const BLOCK_RAW = 0
const BLOCK_REPEATED_BYTE = 1
const BLOCK_COMPRESSED = 2

interface FrameHeader {
  readonly windowBytes: number
  readonly contentSize: number | undefined
  readonly hasChecksum: boolean
  /** Where the first block begins. */
  readonly end: number
}

export const zstd: Decompress = (compressed, options) => {
  const output = new OutputBuffer(
    'zstd',
    options.maxOutputBytes,
    compressed.length,
    options.onOpaque,
    options.reuse,
  )
  let position = 0
  do {
    const magic = uint32LittleEndian(compressed, position)
    if (compressed.length - position < MAGIC_BYTES) {
      const reason = position === 0 ? 'truncated' : 'trailing-bytes'
      throw output.failure(reason, position, 'too few bytes for a frame')
    }
    if (magic === MAGIC) {
      position = decodeFrame(compressed, position, output)
    } else if (magic - (magic % 16) === SKIPPABLE_MAGIC) {
      position += 2 * MAGIC_BYTES + uint32LittleEndian(compressed, position + MAGIC_BYTES)
      if (position > compressed.length) {
        throw output.failure('truncated', compressed.length, 'a skippable frame ends early')
      }
    } else {
      const reason = position === 0 ? 'header-invalid' : 'trailing-bytes'
      throw output.failure(reason, position, 'no zstd frame magic')
    }
  } while (position < compressed.length)
  return { bytes: output.decoded(), variants: [] }
}

/** Decodes the frame at `start` and returns the position after it. */
function decodeFrame(input: Uint8Array, start: number, output: OutputBuffer): number {
  const header = readHeader(input, start, output)
  const frameStart = output.length
  const blockBytesMax = Math.min(header.windowBytes, BLOCK_BYTES_MAX)
  const state = newFrameState(input, header.windowBytes, blockBytesMax, frameStart)
  let position = header.end
  for (let isLast = false; !isLast;) {
    const blockHeader = littleEndian(input, position, BLOCK_HEADER_BYTES)
    const blockStart = position + BLOCK_HEADER_BYTES
    if (blockStart > input.length) {
      throw output.failure('truncated', input.length, 'the frame ends without its last block')
    }
    isLast = (blockHeader & 1) === 1
    const type = (blockHeader >> 1) & 3
    const size = blockHeader >> 3
    if (type > BLOCK_COMPRESSED || size > blockBytesMax) {
      throw output.failure('block-invalid', position, `block type ${type}, size ${size}`)
    }
    const end = blockStart + (type === BLOCK_REPEATED_BYTE ? 1 : size)
    if (type === BLOCK_RAW) {
      output.append(input, blockStart, Math.min(end, input.length))
      output.onOpaque?.(blockStart, Math.min(end, input.length))
    }
    if (end > input.length) {
      throw output.failure(
        'truncated',
        input.length,
        `the frame ends inside a block of ${size} bytes`,
      )
    }
    if (type === BLOCK_REPEATED_BYTE) {
      const at = output.length
      output.grow(at, size, blockStart).fill(input[blockStart] ?? 0, at, at + size)
      output.length += size
    } else if (type === BLOCK_COMPRESSED) {
      decodeZstdBlock(state, blockStart, end, output)
    }
    position = end
  }
  return checkContent(input, position, header, frameStart, output)
}

function readHeader(input: Uint8Array, start: number, output: OutputBuffer): FrameHeader {
  const descriptorAt = start + MAGIC_BYTES
  const descriptor = input[descriptorAt] ?? 0
  if ((descriptor & 0x08) !== 0) {
    throw output.failure('header-invalid', descriptorAt, 'reserved bit is set')
  }
  const isSingleSegment = (descriptor & 0x20) !== 0
  const windowAt = descriptorAt + 1
  const dictionaryAt = windowAt + (isSingleSegment ? 0 : 1)
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const contentSizeAt = dictionaryAt + dictionaryBytes
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const end = contentSizeAt + contentSizeBytes
  if (end > input.length || descriptorAt >= input.length) {
    throw output.failure('truncated', input.length, 'the frame header ends early')
  }
  if (littleEndian(input, dictionaryAt, dictionaryBytes) !== 0) {
    throw output.failure('dictionary-needed', dictionaryAt, 'the frame needs a dictionary')
  }
  // Two bytes would waste the values that one byte can have.
  const contentSize =
    littleEndian(input, contentSizeAt, contentSizeBytes) + (contentSizeBytes === 2 ? 256 : 0)
  const window = input[windowAt] ?? 0
  const windowBase = 2 ** (10 + (window >> 3))
  return {
    windowBytes: isSingleSegment ? contentSize : windowBase + (windowBase / 8) * (window & 7),
    contentSize: contentSizeBytes === 0 ? undefined : contentSize,
    hasChecksum: (descriptor & 0x04) !== 0,
    end,
  }
}

/** Checks what comes after the last block and returns the position after the frame. */
function checkContent(
  input: Uint8Array,
  position: number,
  header: FrameHeader,
  frameStart: number,
  output: OutputBuffer,
): number {
  const size = output.length - frameStart
  if (header.contentSize !== undefined && header.contentSize !== size) {
    throw output.failure(
      'size-mismatch',
      position,
      `${header.contentSize} bytes announced, ${size} found`,
    )
  }
  if (!header.hasChecksum) return position
  if (input.length - position < 4) {
    throw output.failure('truncated', input.length, 'the content checksum ends early')
  }
  if (
    uint32LittleEndian(input, position) !== xxhash64Low(output.bytes, frameStart, output.length)
  ) {
    throw output.failure('checksum-mismatch', position, 'the content does not match its checksum')
  }
  return position + 4
}
