/** The literals section of a zstd block (RFC 8878, section 3.1.1.3.1): the bytes that sequences copy from. */
import type { OutputBuffer } from './output-buffer.ts'
import { WIDE_BYTES } from './output-buffer.ts'
import { littleEndian } from './little-endian.ts'
import {
  decodeFourHuffmanStreams,
  decodeHuffmanStream,
  newHuffmanTable,
  readHuffmanTable,
} from './zstd-huffman.ts'
import type { HuffmanTable } from './zstd-huffman.ts'

const RAW = 0
const REPEATED_BYTE = 1
const TREELESS = 3

/** RFC 8878: with fewer literals than this, four streams are not allowed. */
const FOUR_STREAMS_LITERALS_MIN = 6
/** The sizes of the first three of four streams. */
const JUMP_TABLE_BYTES = 6

/** The largest block that any frame may have. */
export const BLOCK_BYTES_MAX: number = 128 * 1024

/** The literals of the current block, and the code that a later block of the frame may use again. */
export interface Literals {
  /** The first `size` of them; behind these there is room to read `WIDE_BYTES` at once. */
  readonly bytes: Uint8Array
  /** Of `bytes`. */
  readonly view: DataView
  size: number
  /** How many of them sequences have copied. */
  used: number
  readonly huffman: HuffmanTable
  hasHuffman: boolean
}

export function newLiterals(): Literals {
  const bytes = new Uint8Array(BLOCK_BYTES_MAX + WIDE_BYTES)
  return {
    bytes,
    view: new DataView(bytes.buffer),
    size: 0,
    used: 0,
    huffman: newHuffmanTable(),
    hasHuffman: false,
  }
}

/**
 * Reads the section at `start` of the block that ends at `end`; returns the position after it. `view` is of the input,
 * `blockBytesMax` is BLOCK_BYTES_MAX at most.
 */
export function readLiterals(
  literals: Literals,
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  blockBytesMax: number,
  output: OutputBuffer,
): number {
  literals.used = 0
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
    const streams =
      type === TREELESS
        ? reuseCode(literals, position, output)
        : readCode(literals, input, view, position, compressedEnd, output)
    if (!decodeStreams(literals, input, view, streams, compressedEnd, sizeFormat > 0)) {
      throw output.failure('block-invalid', streams, 'invalid Huffman coded literals')
    }
    return compressedEnd
  }
  literals.size = Math.floor(fields / (headerBytes === 1 ? 8 : 16))
  const after = position + (type === RAW ? literals.size : 1)
  if (literals.size > blockBytesMax || after > end) {
    throw output.failure('block-invalid', start, 'the literals pass the end of the block')
  }
  if (type === RAW) {
    literals.bytes.set(input.subarray(position, after))
    output.onOpaque?.(position, after)
  } else {
    literals.bytes.fill(input[position] ?? 0, 0, literals.size)
  }
  return after
}

function headerSize(isCompressed: boolean, sizeFormat: number): number {
  if (isCompressed) return sizeFormat < 2 ? 3 : sizeFormat + 2
  return sizeFormat === 1 ? 2 : sizeFormat === 3 ? 3 : 1
}

/** Returns the position after the description of the code. */
function readCode(
  literals: Literals,
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  output: OutputBuffer,
): number {
  const position = readHuffmanTable(input, view, start, end, literals.huffman)
  literals.hasHuffman = position >= 0
  if (position < 0) throw output.failure('block-invalid', start, 'invalid Huffman code')
  return position
}

/** There is no description. */
function reuseCode(literals: Literals, position: number, output: OutputBuffer): number {
  if (!literals.hasHuffman) {
    throw output.failure('block-invalid', position, 'no Huffman code to use again')
  }
  return position
}

/** The starts of four streams, and the end of the last. Decoding is synchronous, so it serves every call. */
const starts = new Int32Array(5)

function decodeStreams(
  literals: Literals,
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  hasFourStreams: boolean,
): boolean {
  const { huffman, size, bytes } = literals
  if (!hasFourStreams) return decodeHuffmanStream(view, start, end, huffman, bytes, 0, size)
  const each = (size + 3) >> 2
  let from = start + JUMP_TABLE_BYTES
  if (size < FOUR_STREAMS_LITERALS_MIN || 3 * each > size || from > end) return false
  for (let stream = 0; stream < 4; stream++) {
    starts[stream] = from
    if (stream < 3) from += littleEndian(input, start + 2 * stream, 2)
  }
  starts[4] = end
  return from <= end && decodeFourHuffmanStreams(view, starts, huffman, bytes, size)
}
