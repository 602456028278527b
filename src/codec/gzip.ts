/**
 * gzip (RFC 1952): one or more members, each with a header, a DEFLATE stream, CRC-32 and size. It is the
 * only one of the codecs that proves its own content. What follows the last member and is no member
 * itself is ignored as Java's GZIPInputStream does, and reported as a variant.
 */
import { crc32 } from '../bytes/crc.ts'
import type { CodecFailure, CodecVariant, Decompress } from './codec.ts'
import { inflate } from './inflate.ts'
import { uint32LittleEndian } from './little-endian.ts'
import { OutputBuffer } from './output-buffer.ts'

/** Magic, method, flags, modification time, extra flags, operating system. */
const FIXED_HEADER_BYTES = 10
const TRAILER_BYTES = 8
const METHOD_DEFLATE = 8
const FLAG_HEADER_CRC = 0x02
const FLAG_EXTRA = 0x04
const FLAG_NAME = 0x08
const FLAG_COMMENT = 0x10
const FLAGS_RESERVED = 0xe0

export const gzip: Decompress = (compressed, options) => {
  const output = new OutputBuffer(
    'gzip',
    options.maxOutputBytes,
    compressed.length,
    options.onOpaque,
  )
  const variants: CodecVariant[] = []
  let position = 0
  do {
    const header = readHeader(compressed, position)
    if (typeof header !== 'number') {
      // GZIPInputStream.readTrailer takes any exception in a further header for the end of the data.
      if (position > 0) {
        variants.push('trailing-bytes')
        break
      }
      throw output.failure(header.reason, header.position, header.message)
    }
    position = readMember(compressed, header, output)
  } while (position < compressed.length)
  return { bytes: output.decoded(), variants }
}

interface HeaderProblem {
  readonly reason: CodecFailure
  readonly position: number
  readonly message: string
}

const headerInvalid = (position: number, message: string): HeaderProblem => ({
  reason: 'header-invalid',
  position,
  message,
})

/** The position after the header that begins at `start`, or what is wrong with it. */
function readHeader(input: Uint8Array, start: number): number | HeaderProblem {
  const [id1, id2, method, flags = 0] = input.subarray(start, start + FIXED_HEADER_BYTES)
  if (id1 !== undefined && (id1 !== 0x1f || (id2 !== undefined && id2 !== 0x8b))) {
    return headerInvalid(start, 'no gzip magic')
  }
  if (method !== undefined && method !== METHOD_DEFLATE) {
    return headerInvalid(start + 2, `method ${method} is not deflate`)
  }
  if ((flags & FLAGS_RESERVED) !== 0) return headerInvalid(start + 3, 'reserved flags are set')
  let position = start + FIXED_HEADER_BYTES
  if ((flags & FLAG_EXTRA) !== 0) {
    position += 2 + (input[position] ?? 0) + (input[position + 1] ?? 0) * 256
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags & flag) === 0) continue
    const terminator = input.indexOf(0, position)
    position = terminator < 0 ? input.length + 1 : terminator + 1
  }
  const size = position + ((flags & FLAG_HEADER_CRC) !== 0 ? 2 : 0)
  if (size > input.length) {
    return { reason: 'truncated', position: input.length, message: 'the header ends early' }
  }
  if ((flags & FLAG_HEADER_CRC) !== 0) {
    const stored = (input[position] ?? 0) | ((input[position + 1] ?? 0) << 8)
    if (stored !== (crc32.update(0, input, start, position) & 0xffff)) {
      return {
        reason: 'checksum-mismatch',
        position,
        message: 'the header does not match its CRC-16',
      }
    }
  }
  return size
}

/** Decodes what follows a header, checks the trailer and returns the position after it. */
function readMember(input: Uint8Array, start: number, output: OutputBuffer): number {
  const memberStart = output.length
  const position = inflate(input, start, output)
  if (input.length - position < TRAILER_BYTES) {
    throw output.failure('truncated', input.length, 'the trailer ends early')
  }
  const storedCrc = uint32LittleEndian(input, position)
  if (storedCrc !== crc32.update(0, output.bytes, memberStart, output.length)) {
    throw output.failure('checksum-mismatch', position, 'the content does not match its CRC-32')
  }
  const storedSize = uint32LittleEndian(input, position + 4)
  const size = output.length - memberStart
  if (storedSize !== size % 2 ** 32) {
    throw output.failure(
      'size-mismatch',
      position + 4,
      `${storedSize} bytes announced, ${size} found`,
    )
  }
  return position + TRAILER_BYTES
}
