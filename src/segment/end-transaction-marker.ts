/**
 * The control batch that ends a transaction (Kafka's EndTransactionMarker, MemoryRecords.withEndTransactionMarker): one
 * record, never compressed, of which all but a few fields are always the same.
 */
import { crc32c } from '../bytes/crc.ts'
import { pushVarint } from '../bytes/varint.ts'
import * as layout from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import { codecBits, isControl, isTransactional } from './record-batch.ts'

export type MarkerType = 'ABORT' | 'COMMIT'

/** ControlRecordType of the two. */
const TYPES: readonly MarkerType[] = ['ABORT', 'COMMIT']

/** As brokers write it. Once the cleaner has set a delete horizon the timestamp delta takes more bytes. */
export const MARKER_BYTES = 78
/** With the longest timestamp delta. */
export const MAX_MARKER_BYTES = 87
export const MARKER_ATTRIBUTES: number = layout.TRANSACTIONAL_BIT | layout.CONTROL_BIT

export interface MarkerFields {
  readonly baseOffset: bigint
  readonly partitionLeaderEpoch: number
  readonly attributes: number
  /** The delete horizon where `attributes` say so; else the record's timestamp. */
  readonly baseTimestamp: bigint
  /** The record's timestamp, in milliseconds since the epoch. */
  readonly maxTimestamp: bigint
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly type: MarkerType
  readonly coordinatorEpoch: number
}

/** Sizes of what follows the timestamp delta: offset delta, key with its length, value with its length, no headers. */
const BODY_AFTER_DELTA = 14

/** The whole batch with its CRC. */
export function encodeMarker(fields: MarkerFields): Uint8Array {
  const delta: number[] = []
  pushVarint(delta, fields.maxTimestamp - fields.baseTimestamp)
  const length = 1 + delta.length + BODY_AFTER_DELTA
  const bytes = new Uint8Array(layout.V2_HEADER_BYTES + 1 + length)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, fields.baseOffset)
  view.setInt32(layout.LENGTH_POSITION, bytes.length - layout.LOG_OVERHEAD)
  view.setInt32(12, fields.partitionLeaderEpoch)
  view.setInt8(layout.MAGIC_POSITION, 2)
  view.setUint16(21, fields.attributes)
  view.setBigInt64(27, fields.baseTimestamp)
  view.setBigInt64(35, fields.maxTimestamp)
  view.setBigInt64(43, fields.producerId)
  view.setInt16(51, fields.producerEpoch)
  view.setInt32(53, layout.NO_SEQUENCE)
  view.setInt32(layout.V2_RECORDS_COUNT_POSITION, 1)
  // Zig-zag varints: each length below is one byte, twice its value.
  bytes.set([2 * length, 0, ...delta, 0], layout.V2_HEADER_BYTES)
  const key = bytes.length - BODY_AFTER_DELTA + 1
  bytes.set([8, 0, 0, 0, TYPES.indexOf(fields.type), 12, 0, 0], key)
  view.setInt32(key + 8, fields.coordinatorEpoch)
  view.setUint32(layout.V2_CRC_POSITION, crc32c.update(0, bytes, layout.V2_CRC_START))
  return bytes
}

/** Where type and coordinatorEpoch stand, counted from the end of the batch. */
export const TYPE_FROM_END = 9
export const COORDINATOR_EPOCH_FROM_END = 5

/**
 * What a batch says as a marker; null when it is none, or none as brokers write them today (longer keys and values are
 * tolerated by Kafka and left alone here). `bytes` is the whole batch, `header` its header; the CRC is not looked at.
 */
export function decodeMarker(bytes: Uint8Array, header: BatchHeader): MarkerFields | null {
  if (!isTransactional(header) || !isControl(header) || codecBits(header) !== 0) return null
  if (bytes.length < MARKER_BYTES || bytes.length > MAX_MARKER_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = TYPES[bytes[bytes.length - TYPE_FROM_END] ?? 0xff]
  if (type === undefined) return null
  const { baseOffset, partitionLeaderEpoch, attributes, baseTimestamp, maxTimestamp } = header
  const { producerId, producerEpoch } = header
  const coordinatorEpoch = view.getInt32(bytes.length - COORDINATOR_EPOCH_FROM_END)
  const fields: MarkerFields = {
    baseOffset,
    partitionLeaderEpoch,
    attributes,
    baseTimestamp,
    maxTimestamp,
    producerId,
    producerEpoch,
    type,
    coordinatorEpoch,
  }
  return isEncodingOf(bytes, fields) ? fields : null
}

/** Nothing in it differs from what these fields become, but for the CRC. */
function isEncodingOf(bytes: Uint8Array, fields: MarkerFields): boolean {
  const encoded = encodeMarker(fields)
  const isCrc = (index: number): boolean =>
    index >= layout.V2_CRC_POSITION && index < layout.V2_CRC_START
  return (
    encoded.length === bytes.length &&
    encoded.every((byte, index) => byte === bytes[index] || isCrc(index))
  )
}
