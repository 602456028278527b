/**
 * What still stands of the header of a batch that has lost the beginning of it: fields that agree with the records, or
 * that lie in a sector with them. What a disk loses is no smaller than a sector.
 */
import { crc32c } from '../../bytes/crc.ts'
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { CompressionType } from '../../codec/codec.ts'
import { COMPRESSION_TYPES } from '../../codec/codec.ts'
import * as layout from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { codecBits, decodeBatchHeader, isLogAppendTime } from '../../segment/record-batch.ts'
import type { RecordTimes } from './entry.ts'
import type { TimeSources } from './record-times.ts'
import { isStampedAround } from './record-times.ts'

/** The header's fields as they stand, under a magic that may be lost; null where the bytes end before it does. */
export function headerAt(bytes: Uint8Array, start: number): BatchHeader | null {
  const header = bytes.slice(start, start + layout.V2_HEADER_BYTES)
  header[layout.MAGIC_POSITION] = 2
  return decodeBatchHeader(header, start)
}

/** Whether the CRC holds from the header at `position` of the bytes to their end: all but what is in front of it is right. */
export const crcHolds = (bytes: Uint8Array, header: BatchHeader, codec: CompressionType): boolean =>
  COMPRESSION_TYPES[codecBits(header)] === codec &&
  header.crc === crc32c.update(0, bytes, header.position + layout.V2_CRC_START)

/**
 * Whether two fields far apart agree with the records, so that all that lies between the two is right as well. A delta of
 * 0 is also what zeros look like. The attributes are in front of both fields, and held against what else is known.
 */
export const isOf = (
  header: BatchHeader,
  lastOffsetDelta: number,
  codec: CompressionType,
  around: TimeSources,
): boolean =>
  lastOffsetDelta > 0 &&
  header.lastOffsetDelta === lastOffsetDelta &&
  header.recordsCount === lastOffsetDelta + 1 &&
  (header.attributes & layout.UNUSED_ATTRIBUTES) === 0 &&
  COMPRESSION_TYPES[codecBits(header)] === codec &&
  isLogAppendTime(header) === (isStampedAround(around) ?? false)

/** The records that a header belongs to. */
export interface RecordsBehind {
  /** Milliseconds from baseTimestamp. */
  readonly deltas: readonly bigint[]
  /** Whether the first one stands right behind the header: then they are all there. */
  readonly isFirst: boolean
  /** Of the first byte in the file that the header's own position counts from. */
  readonly position: number
}

/** The times that are left in a header of which the offsets are lost; null where they are not certain. */
export function timesLeft(
  header: BatchHeader | null,
  records: RecordsBehind,
  around: TimeSources,
): RecordTimes | null {
  const isStamped = isStampedAround(around)
  if (header === null || isStamped === null) return null
  const maxTimestamp = standingMax(header, records)
  if (isStamped)
    return maxTimestamp === null ? null : { type: 'LogAppendTime', timestamp: maxTimestamp }
  const largest = records.deltas.reduce((most, delta) => (delta > most ? delta : most))
  if (maxTimestamp !== null)
    return { type: 'CreateTime', baseTimestamp: maxTimestamp - largest, maxTimestamp }
  // With CreateTime maxTimestamp is the time of one of the records: two fields of 64 bits that agree prove each other.
  const { baseTimestamp } = header
  return baseTimestamp > 0n && baseTimestamp + largest === header.maxTimestamp
    ? { type: 'CreateTime', baseTimestamp, maxTimestamp: header.maxTimestamp }
    : null
}

const MAX_TIMESTAMP_POSITION = layout.V2_MAX_TIMESTAMP_END - 8
/** The first bytes of a time, which are 0 until the year 10889. */
const ZERO_BYTES = 2

/** The header's maxTimestamp where it lies in the sector of the first record, but for bytes that are known. */
function standingMax(header: BatchHeader, { isFirst, position }: RecordsBehind): bigint | null {
  // Up to here the header is in another sector than the first record.
  const lostBytes = SECTOR_BYTES - ((position + header.position) % SECTOR_BYTES)
  if (!isFirst || lostBytes > MAX_TIMESTAMP_POSITION + ZERO_BYTES) return null
  return BigInt.asUintN(64 - 8 * ZERO_BYTES, header.maxTimestamp)
}
