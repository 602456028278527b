/** The literals section of a zstd block (RFC 8878, section 3.1.1.3.1): the bytes that sequences copy from. */
import type { OutputBuffer } from './output-buffer.ts'
import { littleEndian } from './little-endian.ts'
import { decodeHuffmanStream, newHuffmanTable, readHuffmanTable } from './zstd-huffman.ts'
import type { HuffmanTable } from './zstd-huffman.ts'

const RAW = 0
const REPEATED_BYTE = 1
const TREELESS = 3

/** RFC 8878: with fewer literals than this, four streams are not allowed. */
const FOUR_STREAMS_LITERALS_MIN = 6
/** The sizes of the first three of four streams. */
const JUMP_TABLE_BYTES = 6

/** The literals of the current block, and the code that a later block may use again. */
export interface Literals {
  /** The input itself for raw literals, else `decoded`. */
  bytes: Uint8Array
  start: number
  size: number
  decoded: Uint8Array
  readonly huffman: HuffmanTable
  hasHuffman: boolean
}

export const newLiterals = (): Literals => ({
  bytes: new Uint8Array(),
  start: 0,
  size: 0,
  decoded: new Uint8Array(),
  huffman: newHuffmanTable(),
  hasHuffman: false,
})

/** Reads the section at `start` of the block that ends at `end`; returns the position after it. */
export function readLiterals(
  literals: Literals,
  input: Uint8Array,
  start: number,
  end: number,
  blockBytesMax: number,
  output: OutputBuffer,
): number {
  const first = input[start] ?? 0
  const type = first & 3
  const sizeFormat = (first >> 2) & 3
  const isCompressed = type > REPEATED_BYTE
  const headerBytes = headerSize(isCompressed, sizeFormat)
  const position = start + headerBytes
  if (position > end) {
    throw output.failure('block-invalid', start, 'the block ends inside the literals header')
  }
  const fields = littleEndian(input, start, headerBytes)
  if (isCompressed) {
    // Both sizes have the same number of bits, after 4 bits of type and format.
    const sizeBits = (headerBytes * 8 - 4) / 2
    const range = 2 ** sizeBits
    literals.size = Math.floor(fields / 16) % range
    const compressedEnd = position + Math.floor(fields / (16 * range))
    if (literals.size > blockBytesMax || compressedEnd > end) {
      throw output.failure('block-invalid', start, 'the literals pass the end of the block')
    }
    const isTreeless = type === TREELESS
    decodeCompressed(literals, input, position, compressedEnd, sizeFormat > 0, isTreeless, output)
    return compressedEnd
  }
  literals.size = Math.floor(fields / (headerBytes === 1 ? 8 : 16))
  const after = position + (type === RAW ? literals.size : 1)
  if (literals.size > blockBytesMax || after > end) {
    throw output.failure('block-invalid', start, 'the literals pass the end of the block')
  }
  if (type === RAW) {
    literals.bytes = input
    literals.start = position
    output.onOpaque?.(position, after)
  } else {
    room(literals).fill(input[position] ?? 0, 0, literals.size)
  }
  return after
}

function headerSize(isCompressed: boolean, sizeFormat: number): number {
  if (isCompressed) return sizeFormat < 2 ? 3 : sizeFormat + 2
  return sizeFormat === 1 ? 2 : sizeFormat === 3 ? 3 : 1
}

/** Room for the literals of this block, at most 128 KiB. */
function room(literals: Literals): Uint8Array {
  if (literals.decoded.length < literals.size) {
    literals.decoded = new Uint8Array(Math.max(literals.size, 2 * literals.decoded.length))
  }
  literals.bytes = literals.decoded
  literals.start = 0
  return literals.decoded
}

function decodeCompressed(
  literals: Literals,
  input: Uint8Array,
  start: number,
  end: number,
  hasFourStreams: boolean,
  isTreeless: boolean,
  output: OutputBuffer,
): void {
  const { huffman, size } = literals
  let position = start
  if (!isTreeless) {
    position = readHuffmanTable(input, start, end, huffman)
    literals.hasHuffman = position >= 0
    if (position < 0) throw output.failure('block-invalid', start, 'invalid Huffman code')
  } else if (!literals.hasHuffman) {
    throw output.failure('block-invalid', start, 'no Huffman code to use again')
  }
  const target = room(literals)
  const failure = (): Error =>
    output.failure('block-invalid', position, 'invalid Huffman coded literals')
  if (!hasFourStreams) {
    if (!decodeHuffmanStream(input, position, end, huffman, target, 0, size)) throw failure()
    return
  }
  const each = (size + 3) >> 2
  if (size < FOUR_STREAMS_LITERALS_MIN || 3 * each > size || position + JUMP_TABLE_BYTES > end) {
    throw failure()
  }
  let from = position + JUMP_TABLE_BYTES
  for (let stream = 0; stream < 4; stream++) {
    const to = stream < 3 ? from + littleEndian(input, position + 2 * stream, 2) : end
    const targetEnd = stream < 3 ? (stream + 1) * each : size
    if (
      to > end ||
      !decodeHuffmanStream(input, from, to, huffman, target, stream * each, targetEnd)
    ) {
      throw failure()
    }
    from = to
  }
}
