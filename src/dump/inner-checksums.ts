/** The CRCs of the messages inside a compressed wrapper of magic 0 or 1, which decoded records do not carry. */
import { Cursor } from '../bytes/cursor.ts'
import { COMPRESSION_TYPES } from '../codec/codec.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { wrapperPayload } from '../segment/message-set.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { codecBits } from '../segment/record-batch.ts'
import { LOG_OVERHEAD } from '../segment/layout.ts'

/** `bytes` is a wrapper that has been decoded before: nothing in it can be wrong. */
export function innerChecksums(
  bytes: Uint8Array,
  header: BatchHeader,
  { codecs, maxDecompressedBytes }: DecodeOptions,
): number[] {
  const codec = COMPRESSION_TYPES[codecBits(header)]
  if (codec === undefined || codec === 'none') return []
  const payload = codecs[codec](wrapperPayload(bytes), {
    maxOutputBytes: maxDecompressedBytes,
    allowOldLz4HeaderChecksum: header.magic === 0,
  })
  const cursor = new Cursor(payload.bytes)
  const checksums: number[] = []
  while (cursor.remaining >= LOG_OVERHEAD) {
    cursor.skip(8)
    const size = cursor.int32()
    // A partial entry at the end is none, as in decoding.
    if (size > cursor.remaining) break
    const message = new Cursor(cursor.take(size))
    checksums.push(message.uint32())
  }
  return checksums
}
