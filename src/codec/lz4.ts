/**
 * The LZ4 frame format: magic, descriptor with its checksum, blocks, end mark, optional checksums of blocks
 * and content. Kafka uses one frame and ignores what follows it (Lz4BlockInputStream); that is a variant.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
import { xxhash32 } from '../bytes/xxhash32.ts'
import type { CodecVariant, Decompress, DecompressOptions } from './codec.ts'
import { littleEndian, uint32LittleEndian } from './little-endian.ts'
import { decodeLz4Block } from './lz4-block.ts'
import { OutputBuffer } from './output-buffer.ts'

const MAGIC = 0x184d2204
const MAGIC_BYTES = 4

const FLAG_VERSION_MASK = 0xc0
const FLAG_VERSION = 0x40
const FLAG_INDEPENDENT = 0x20
const FLAG_BLOCK_CHECKSUM = 0x10
const FLAG_CONTENT_SIZE = 0x08
const FLAG_CONTENT_CHECKSUM = 0x04
const FLAG_RESERVED = 0x02
const FLAG_DICTIONARY = 0x01

/** The block descriptor: bits 4-6 are the size code, the others are reserved. */
const BLOCK_SIZE_CODE_MIN = 4
const BLOCK_DESCRIPTOR_RESERVED = 0x8f

const BLOCK_STORED = 0x80000000

interface FrameHeader {
  readonly flags: number
  readonly blockBytesMax: number
  readonly contentSize: number | undefined
  /** Where the first block begins. */
  readonly end: number
  readonly variants: CodecVariant[]
}

export const lz4: Decompress = (compressed, options) => {
  const output = new OutputBuffer(
    'lz4',
    options.maxOutputBytes,
    compressed.length,
    options.onOpaque,
  )
  const header = readHeader(compressed, output, options)
  let position = header.end
  for (;;) {
    const next = readBlock(compressed, position, header, output)
    if (next === undefined) break
    position = next
  }
  position = checkContent(compressed, position + 4, header, output)
  const variants = header.variants
  if (position < compressed.length) variants.push('trailing-bytes')
  return { bytes: output.decoded(), variants }
}

function readHeader(
  input: Uint8Array,
  output: OutputBuffer,
  options: DecompressOptions,
): FrameHeader {
  // Checked byte by byte, so that a cut-off header is told from a wrong one.
  for (let index = 0; index < MAGIC_BYTES; index++) {
    const byte = input[index]
    if (byte === undefined) throw output.failure('truncated', index, 'the header ends early')
    if (byte !== ((MAGIC >>> (8 * index)) & 0xff)) {
      throw output.failure('header-invalid', 0, 'no LZ4 frame magic')
    }
  }
  const [flags, blockDescriptor] = input.subarray(MAGIC_BYTES)
  if (flags === undefined || blockDescriptor === undefined) {
    throw output.failure('truncated', input.length, 'the header ends early')
  }
  if ((flags & FLAG_VERSION_MASK) !== FLAG_VERSION) {
    throw output.failure('header-invalid', MAGIC_BYTES, `frame version ${flags >>> 6}`)
  }
  const sizeCode = blockDescriptor >>> 4
  if (
    (flags & FLAG_RESERVED) !== 0 ||
    (blockDescriptor & BLOCK_DESCRIPTOR_RESERVED) !== 0 ||
    sizeCode < BLOCK_SIZE_CODE_MIN
  ) {
    throw output.failure('header-invalid', MAGIC_BYTES, 'reserved bits or values in the descriptor')
  }
  const sizeStart = MAGIC_BYTES + 2
  const dictionaryStart = sizeStart + ((flags & FLAG_CONTENT_SIZE) !== 0 ? 8 : 0)
  const checksumAt = dictionaryStart + ((flags & FLAG_DICTIONARY) !== 0 ? 4 : 0)
  const variants = checkHeaderChecksum(input, checksumAt, output, options)
  if ((flags & FLAG_DICTIONARY) !== 0) {
    throw output.failure('dictionary-needed', dictionaryStart, 'the frame needs a dictionary')
  }
  const contentSize = dictionaryStart > sizeStart ? littleEndian(input, sizeStart, 8) : undefined
  // 64 KiB, 256 KiB, 1 MiB, 4 MiB
  return {
    flags,
    blockBytesMax: 2 ** (8 + 2 * sizeCode),
    contentSize,
    end: checksumAt + 1,
    variants,
  }
}

/** The header's checksum is the second byte of the descriptor's hash. */
function checkHeaderChecksum(
  input: Uint8Array,
  at: number,
  output: OutputBuffer,
  options: DecompressOptions,
): CodecVariant[] {
  const stored = input[at]
  if (stored === undefined) {
    throw output.failure('truncated', input.length, 'the header ends early')
  }
  const checksum = (start: number): number => (xxhash32(input, start, at) >>> 8) & 0xff
  if (stored === checksum(MAGIC_BYTES)) return []
  // KAFKA-3160: clients up to 0.9 hashed the magic too.
  if (options.allowOldLz4HeaderChecksum && stored === checksum(0)) {
    return ['old-lz4-header-checksum']
  }
  throw output.failure('checksum-mismatch', at, 'the descriptor does not match its checksum')
}

/** Decodes the block at `position` and returns where the next one is; undefined for the end mark. */
function readBlock(
  input: Uint8Array,
  position: number,
  header: FrameHeader,
  output: OutputBuffer,
): number | undefined {
  if (input.length - position < 4) {
    throw output.failure('truncated', input.length, 'the frame ends without its end mark')
  }
  const sizeField = uint32LittleEndian(input, position)
  if (sizeField === 0) return undefined
  const isStored = sizeField >= BLOCK_STORED
  const size = isStored ? sizeField - BLOCK_STORED : sizeField
  if (size > header.blockBytesMax) {
    throw output.failure('block-invalid', position, `block of ${size} bytes is above the maximum`)
  }
  const start = position + 4
  const end = start + size
  const hasChecksum = (header.flags & FLAG_BLOCK_CHECKSUM) !== 0
  const available = Math.min(end, input.length)
  const windowStart = (header.flags & FLAG_INDEPENDENT) !== 0 ? output.length : 0
  // A damaged block is decoded as far as it goes, and only then found to differ from its checksum.
  const isIntact =
    !hasChecksum ||
    (end + 4 <= input.length && xxhash32(input, start, end) === uint32LittleEndian(input, end))
  if (isStored) {
    output.append(input, start, available)
    output.onOpaque?.(start, available)
  } else {
    const endReason = end > input.length ? 'truncated' : 'block-invalid'
    decodeLz4Block(input, start, available, output, windowStart, header.blockBytesMax, endReason)
  }
  if (end + (hasChecksum ? 4 : 0) > input.length) {
    throw output.failure(
      'truncated',
      input.length,
      `the frame ends inside a block of ${size} bytes`,
    )
  }
  if (!isIntact) {
    throw output.failure('checksum-mismatch', end, 'a block does not match its checksum')
  }
  return end + (hasChecksum ? 4 : 0)
}

/** Checks what comes after the end mark and returns the position after the frame. */
function checkContent(
  input: Uint8Array,
  position: number,
  header: FrameHeader,
  output: OutputBuffer,
): number {
  const { contentSize } = header
  if (contentSize !== undefined && contentSize !== output.length) {
    throw output.failure(
      'size-mismatch',
      MAGIC_BYTES + 2,
      `${contentSize} bytes announced, ${output.length} found`,
    )
  }
  if ((header.flags & FLAG_CONTENT_CHECKSUM) === 0) return position
  if (input.length - position < 4) {
    throw output.failure('truncated', input.length, 'the content checksum ends early')
  }
  if (uint32LittleEndian(input, position) !== xxhash32(output.bytes, 0, output.length)) {
    throw output.failure('checksum-mismatch', position, 'the content does not match its checksum')
  }
  return position + 4
}
