/**
 * Snappy as snappy-java frames it ("xerial"): a 16-byte header, then chunks of i32 big-endian length and
 * raw block; streams may follow each other. Bytes without that header are one raw block, as some
 * producers write it. The format has no checksum: a clean decode proves little.
 */
import { Cursor } from '../bytes/cursor.ts'
import type { Decompress } from './codec.ts'
import { OutputBuffer } from './output-buffer.ts'
import { decodeSnappyBlock } from './snappy-block.ts'

/** 0x82 'SNAPPY' 0x00 */
const XERIAL_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
/** Magic, version i32, lowest compatible version i32. */
const XERIAL_HEADER_BYTES = 16
/** The first half of the magic read as a chunk length; negative, so never a real one. */
const XERIAL_MAGIC_HEAD = 0x82534e41 | 0
/** SnappyCodec.MINIMUM_COMPATIBLE_VERSION; snappy-java looks at the first version only. */
const XERIAL_VERSION_MIN = 1

export const snappy: Decompress = (compressed, options) => {
  const output = new OutputBuffer(
    'snappy',
    options.maxOutputBytes,
    compressed.length,
    options.onOpaque,
  )
  const isXerial = XERIAL_MAGIC.every((byte, index) => (compressed[index] ?? byte) === byte)
  if (compressed.length === 0) throw output.failure('truncated', 0, 'there are no bytes')
  if (!isXerial) {
    decodeSnappyBlock(compressed, 0, compressed.length, output, 'truncated')
    return { bytes: output.decoded(), variants: ['raw-snappy'] }
  }
  const cursor = new Cursor(compressed)
  checkXerialHeader(cursor, output)
  while (cursor.remaining > 0) readChunk(cursor, output)
  return { bytes: output.decoded(), variants: [] }
}

function checkXerialHeader(cursor: Cursor, output: OutputBuffer): void {
  const start = cursor.position
  if (cursor.remaining < XERIAL_HEADER_BYTES) {
    throw output.failure('truncated', cursor.bytes.length, 'the xerial header ends early')
  }
  const magic = cursor.take(XERIAL_MAGIC.length)
  if (!XERIAL_MAGIC.every((byte, index) => magic[index] === byte)) {
    throw output.failure('header-invalid', start, 'neither a chunk length nor a xerial header')
  }
  const version = cursor.int32()
  if (version < XERIAL_VERSION_MIN) {
    throw output.failure('header-invalid', start + XERIAL_MAGIC.length, `version ${version}`)
  }
  cursor.skip(4)
}

function readChunk(cursor: Cursor, output: OutputBuffer): void {
  const start = cursor.position
  if (cursor.remaining < 4) {
    throw output.failure('truncated', cursor.bytes.length, 'the stream ends inside a chunk length')
  }
  const length = cursor.int32()
  if (length === XERIAL_MAGIC_HEAD) {
    const header = new Cursor(cursor.bytes, start)
    checkXerialHeader(header, output)
    cursor.skip(XERIAL_HEADER_BYTES - 4)
    return
  }
  if (length < 0) throw output.failure('block-invalid', start, `chunk length ${length}`)
  const position = cursor.position
  const isCut = length > cursor.remaining
  const end = Math.min(position + length, cursor.bytes.length)
  decodeSnappyBlock(cursor.bytes, position, end, output, isCut ? 'truncated' : 'block-invalid')
  if (isCut) {
    throw output.failure('truncated', end, `the stream ends inside a chunk of ${length} bytes`)
  }
  cursor.skip(length)
}
