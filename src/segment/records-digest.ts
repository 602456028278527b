/**
 * SHA-256 over the decoded records of a batch: equal digests mean equal records, whatever the codec. For each
 * record: offset and timestamp as int64, key, value, header count as int64, each header's key and value; a byte
 * string is its length as int32 (-1 for null) and its bytes; all big-endian.
 */
import { createHash } from 'node:crypto'
import type { Record } from './record.ts'

export interface RecordsDigest {
  update(record: Record): void
  /** In hexadecimal. */
  finish(): string
}

export function createRecordsDigest(): RecordsDigest {
  const hash = createHash('sha256')
  const scratch = new DataView(new ArrayBuffer(16))
  const int64 = (value: bigint): void => {
    scratch.setBigInt64(0, value)
    hash.update(new Uint8Array(scratch.buffer, 0, 8))
  }
  const byteString = (bytes: Uint8Array | null): void => {
    scratch.setInt32(0, bytes === null ? -1 : bytes.length)
    hash.update(new Uint8Array(scratch.buffer, 0, 4))
    if (bytes !== null) hash.update(bytes)
  }
  return {
    update({ offset, timestamp, key, value, headers }) {
      int64(offset)
      int64(timestamp)
      byteString(key)
      byteString(value)
      int64(BigInt(headers.length))
      for (const header of headers) {
        byteString(header.key)
        byteString(header.value)
      }
    },
    finish: () => hash.digest('hex'),
  }
}

export function digestRecords(records: Iterable<Record>): string {
  const digest = createRecordsDigest()
  for (const record of records) digest.update(record)
  return digest.finish()
}
