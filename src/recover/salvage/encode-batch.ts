/**
 * Writes salvaged records as a batch of their own (`--salvage data`): same offsets, same producer, fresh CRC. The
 * result is read back before it is given out, so that no fault of an encoder gets into anyone's log.
 */
import { crc32c } from '../../bytes/crc.ts'
import { pushVarint } from '../../bytes/varint.ts'
import type { CompressionType } from '../../codec/codec.ts'
import { COMPRESSION_TYPES } from '../../codec/codec.ts'
import { defaultCodecs } from '../../codec/default-codecs.ts'
import { encoders } from '../../codec/encode.ts'
import { decodeBatch } from '../../segment/decode-batch.ts'
import * as layout from '../../segment/layout.ts'
import { decodeBatchHeader } from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'

/** Header fields of the batch that the records come from. Only what is believed belongs here. */
export interface SalvagedBatchContext {
  readonly baseOffset: bigint
  readonly lastOffsetDelta: number
  readonly partitionLeaderEpoch: number
  /** Kept, but for zstd, which becomes gzip, and for `none` where an encoder fails. */
  readonly codec: CompressionType
  readonly isLogAppendTime: boolean
  readonly isTransactional: boolean
  readonly baseTimestamp: bigint
  /** With LogAppendTime the time of every record. */
  readonly maxTimestamp: bigint
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
}

/**
 * A magic-2 batch, never a control batch, that holds exactly these records. Throws RangeError when the records cannot
 * be in such a batch: none at all, offsets that do not ascend within it, or a time that LogAppendTime contradicts.
 */
export function encodeSalvagedBatch(
  records: readonly Record[],
  context: SalvagedBatchContext,
): Uint8Array {
  if (records.length === 0) throw new RangeError('a batch of no records would only fill offsets')
  const payload = encodeRecords(records, context)
  const codec = context.codec === 'zstd' ? 'gzip' : context.codec
  if (codec !== 'none') {
    const batch = assemble(encoders[codec](payload), codec, records.length, context)
    if (holds(batch, records)) return batch
  }
  const batch = assemble(payload, 'none', records.length, context)
  if (!holds(batch, records)) throw new RangeError('the records do not fit the batch they are for')
  return batch
}

function encodeRecords(records: readonly Record[], context: SalvagedBatchContext): Uint8Array {
  const parts = records.map((record) => encodeRecord(record, context))
  const payload = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    payload.set(part, at)
    at += part.length
  }
  return payload
}

function encodeRecord(record: Record, context: SalvagedBatchContext): Uint8Array {
  const body: (number | Uint8Array)[] = [0]
  const varint = (value: bigint | number): void => {
    const bytes: number[] = []
    pushVarint(bytes, value)
    body.push(Uint8Array.from(bytes))
  }
  const byteString = (bytes: Uint8Array | null): void => {
    varint(bytes === null ? -1 : bytes.length)
    if (bytes !== null) body.push(bytes)
  }
  // What the broker stamped is in the header; the deltas are the producer's own times, which are lost.
  varint(context.isLogAppendTime ? 0n : record.timestamp - context.baseTimestamp)
  varint(record.offset - context.baseOffset)
  byteString(record.key)
  byteString(record.value)
  varint(record.headers.length)
  for (const { key, value } of record.headers) {
    byteString(key)
    byteString(value)
  }
  const size = body.reduce<number>(
    (sum, part) => sum + (typeof part === 'number' ? 1 : part.length),
    0,
  )
  const head: number[] = []
  pushVarint(head, size)
  const bytes = new Uint8Array(head.length + size)
  bytes.set(head)
  let at = head.length
  for (const part of body) {
    if (typeof part === 'number') bytes[at++] = part
    else {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes
}

function assemble(
  payload: Uint8Array,
  codec: CompressionType,
  recordsCount: number,
  context: SalvagedBatchContext,
): Uint8Array {
  const bytes = new Uint8Array(layout.V2_HEADER_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  const attributes =
    COMPRESSION_TYPES.indexOf(codec) |
    (context.isLogAppendTime ? layout.TIMESTAMP_TYPE_BIT : 0) |
    (context.isTransactional ? layout.TRANSACTIONAL_BIT : 0)
  view.setBigInt64(0, context.baseOffset)
  view.setInt32(8, bytes.length - layout.LOG_OVERHEAD)
  view.setInt32(12, context.partitionLeaderEpoch)
  view.setInt8(layout.MAGIC_POSITION, 2)
  view.setInt16(21, attributes)
  view.setInt32(23, context.lastOffsetDelta)
  view.setBigInt64(27, context.baseTimestamp)
  view.setBigInt64(35, context.maxTimestamp)
  view.setBigInt64(43, context.producerId)
  view.setInt16(51, context.producerEpoch)
  view.setInt32(53, context.baseSequence)
  view.setInt32(57, recordsCount)
  bytes.set(payload, layout.V2_HEADER_BYTES)
  view.setUint32(layout.V2_CRC_POSITION, crc32c.update(0, bytes, layout.V2_CRC_START))
  return bytes
}

/** Whether a batch decodes to exactly these records. */
function holds(batch: Uint8Array, records: readonly Record[]): boolean {
  const header = decodeBatchHeader(batch, 0)
  if (header === null) return false
  const result = decodeBatch(batch, header, {
    codecs: defaultCodecs,
    maxDecompressedBytes: layout.MAX_SEGMENT_BYTES,
  })
  return (
    result.ok &&
    result.records.length === records.length &&
    result.records.every((record, index) => isSame(record, records[index]))
  )
}

function isSame(a: Record, b: Record | undefined): boolean {
  return (
    a.offset === b?.offset &&
    a.timestamp === b.timestamp &&
    sameBytes(a.key, b.key) &&
    sameBytes(a.value, b.value) &&
    a.headers.length === b.headers.length &&
    a.headers.every(({ key, value }, index) => {
      const other = b.headers[index]
      return other !== undefined && sameBytes(key, other.key) && sameBytes(value, other.value)
    })
  )
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
