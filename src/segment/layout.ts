/**
 * The fields of a batch, as they lie in a `.log` (Kafka's DefaultRecordBatch, LegacyRecord).
 * A `.log` is a plain concatenation of entries: no file header, footer, padding or alignment.
 * The first 17 bytes mean the same in every magic, so they identify any entry.
 *
 * Magic 2: the CRC-32C covers everything from `attributes` to the end. The four fields before it
 * (baseOffset, batchLength, partitionLeaderEpoch, magic) are guarded by nothing but their neighbours.
 * Magic 0 and 1: the CRC-32 covers everything from `magic` on; offset and size stand outside.
 */

export type FieldType = 'int8' | 'int16' | 'int32' | 'uint32' | 'int64'

export const FIELD_BYTES: Readonly<Record<FieldType, number>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
}

export interface Field {
  readonly name: string
  readonly offset: number
  readonly type: FieldType
}

function fields(names: readonly (readonly [string, FieldType])[]): readonly Field[] {
  let offset = 0
  return names.map(([name, type]) => {
    const field = { name, offset, type }
    offset += FIELD_BYTES[type]
    return field
  })
}

/** Magic 2, 61 bytes; the records follow. */
export const V2_FIELDS: readonly Field[] = fields([
  ['baseOffset', 'int64'],
  ['batchLength', 'int32'],
  ['partitionLeaderEpoch', 'int32'],
  ['magic', 'int8'],
  ['crc', 'uint32'],
  ['attributes', 'int16'],
  ['lastOffsetDelta', 'int32'],
  ['baseTimestamp', 'int64'],
  ['maxTimestamp', 'int64'],
  ['producerId', 'int64'],
  ['producerEpoch', 'int16'],
  ['baseSequence', 'int32'],
  ['recordsCount', 'int32'],
])

/** Magic 1; magic 0 has no timestamp. keyLength, key, valueLength and value follow. */
export const V1_FIELDS: readonly Field[] = fields([
  ['offset', 'int64'],
  ['size', 'int32'],
  ['crc', 'uint32'],
  ['magic', 'int8'],
  ['attributes', 'int8'],
  ['timestamp', 'int64'],
])

/** The fields of a magic-0 or -1 message that no CRC covers. In a wrapper the offset is that of its last message. */
export const LEGACY_FIELDS_OUTSIDE_CRC: readonly Field[] = V1_FIELDS.slice(0, 2)

/** offset and size: what the length field itself does not count. */
export const LOG_OVERHEAD = 12
/** Where batchLength (size in magic 0 and 1) stands in every format. */
export const LENGTH_POSITION = 8
/** Where the magic byte stands in every format. */
export const MAGIC_POSITION = 16
/** Enough to identify an entry of any magic; a broker ignores fewer bytes than this at the end. */
export const IDENTIFYING_BYTES = 17
export const V2_HEADER_BYTES = 61
export const V2_CRC_POSITION = 17
export const V2_CRC_START = 21
/** baseTimestamp and maxTimestamp end here. */
export const V2_MAX_TIMESTAMP_END = 43
export const V2_RECORDS_COUNT_POSITION = 57
export const LEGACY_CRC_POSITION = 12
export const LEGACY_CRC_START = 16
/** Header plus the two lengths, key and value both empty or null (LegacyRecord). */
export const V0_MIN_BYTES: number = LOG_OVERHEAD + 14
export const V1_MIN_BYTES: number = LOG_OVERHEAD + 22
/** Offsets are stored relative to the segment base in 32 bits (OffsetIndex), and positions are too. */
export const MAX_RELATIVE_OFFSET = 0x7fffffff
export const MAX_SEGMENT_BYTES = 0x7fffffff
/** Sequence numbers wrap from 2147483647 to 0 (DefaultRecordBatch.incrementSequence). */
export const SEQUENCE_MODULUS = 0x80000000

export const NO_PRODUCER_ID = -1n
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1
export const NO_TIMESTAMP = -1n
export const NO_PARTITION_LEADER_EPOCH = -1

/** Bits of `attributes`. */
export const CODEC_MASK = 0x07
export const TIMESTAMP_TYPE_BIT = 0x08
export const TRANSACTIONAL_BIT = 0x10
export const CONTROL_BIT = 0x20
export const DELETE_HORIZON_BIT = 0x40
export const UNUSED_ATTRIBUTES: number = 0xffff & ~0x7f
