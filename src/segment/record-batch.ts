/**
 * One entry of a `.log`, of any magic: decoding its header, judging it without its CRC, writing an empty one.
 * A header decodes from any bytes; whether to believe it is the caller's business.
 */
import { crc32, crc32c } from '../bytes/crc.ts'
import type { Crc } from '../bytes/crc.ts'
import * as layout from './layout.ts'

/**
 * The header of a magic-2 batch, or of a magic-0/1 message read as a batch of one.
 * In a compressed magic-0/1 wrapper only lastOffset is known: `baseOffset` is then equal to it,
 * `baseOffsetKnown` is false and `recordsCount` null until the wrapper is decompressed.
 */
export interface BatchHeader {
  /** Byte place of the entry in its file. */
  readonly position: number
  /** Of the whole entry, including offset and length. As claimed: it may be wrong in damaged bytes. */
  readonly sizeInBytes: number
  readonly magic: number
  readonly baseOffset: bigint
  readonly baseOffsetKnown: boolean
  readonly lastOffset: bigint
  readonly lastOffsetDelta: number
  readonly recordsCount: number | null
  /** -1 in magic 0 and 1. */
  readonly partitionLeaderEpoch: number
  readonly crc: number
  readonly attributes: number
  readonly baseTimestamp: bigint
  /** The message's own timestamp in magic 1, -1 in magic 0. */
  readonly maxTimestamp: bigint
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
}

export const codecBits = (header: BatchHeader): number => header.attributes & layout.CODEC_MASK
export const isLegacy = (header: BatchHeader): boolean => header.magic < 2
export const isLogAppendTime = (header: BatchHeader): boolean =>
  (header.attributes & layout.TIMESTAMP_TYPE_BIT) !== 0
export const isTransactional = (header: BatchHeader): boolean =>
  !isLegacy(header) && (header.attributes & layout.TRANSACTIONAL_BIT) !== 0
export const isControl = (header: BatchHeader): boolean =>
  !isLegacy(header) && (header.attributes & layout.CONTROL_BIT) !== 0
export const hasDeleteHorizon = (header: BatchHeader): boolean =>
  !isLegacy(header) && (header.attributes & layout.DELETE_HORIZON_BIT) !== 0

/** The sequence `distance` after `sequence`, with Kafka's wrap to 0. -1 stays -1. */
export const addSequence = (sequence: number, distance: number): number =>
  sequence === layout.NO_SEQUENCE
    ? layout.NO_SEQUENCE
    : (sequence + distance) % layout.SEQUENCE_MODULUS

/** Counted by lastOffsetDelta, not by recordsCount (DefaultRecordBatch.lastSequence). */
export const lastSequence = (header: BatchHeader): number =>
  addSequence(header.baseSequence, header.lastOffsetDelta)

export const minimumBytes = (magic: number): number =>
  magic === 0 ? layout.V0_MIN_BYTES : magic === 1 ? layout.V1_MIN_BYTES : layout.V2_HEADER_BYTES

/** Which bytes the CRC covers, relative to the entry, and where it is stored. */
export function crcCoverage(magic: number): {
  readonly crc: Crc
  readonly start: number
  readonly stored: number
} {
  return magic < 2
    ? { crc: crc32, start: layout.LEGACY_CRC_START, stored: layout.LEGACY_CRC_POSITION }
    : { crc: crc32c, start: layout.V2_CRC_START, stored: layout.V2_CRC_POSITION }
}

/**
 * Decodes the header at the start of `bytes`. Null when there are too few bytes for its magic,
 * or when the magic is none that Kafka ever wrote.
 */
export function decodeBatchHeader(bytes: Uint8Array, position: number): BatchHeader | null {
  if (bytes.length < layout.IDENTIFYING_BYTES) return null
  const magic = bytes[layout.MAGIC_POSITION] ?? 0xff
  if (magic > 2 || bytes.length < minimumBytes(magic)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return magic === 2 ? decodeV2(view, position) : decodeLegacy(view, position, magic)
}

function decodeV2(view: DataView, position: number): BatchHeader {
  const baseOffset = view.getBigInt64(0)
  const lastOffsetDelta = view.getInt32(23)
  return {
    position,
    sizeInBytes: view.getInt32(8) + layout.LOG_OVERHEAD,
    magic: 2,
    baseOffset,
    baseOffsetKnown: true,
    lastOffset: baseOffset + BigInt(lastOffsetDelta),
    lastOffsetDelta,
    recordsCount: view.getInt32(57),
    partitionLeaderEpoch: view.getInt32(12),
    crc: view.getUint32(layout.V2_CRC_POSITION),
    attributes: view.getUint16(21),
    baseTimestamp: view.getBigInt64(27),
    maxTimestamp: view.getBigInt64(35),
    producerId: view.getBigInt64(43),
    producerEpoch: view.getInt16(51),
    baseSequence: view.getInt32(53),
  }
}

function decodeLegacy(view: DataView, position: number, magic: number): BatchHeader {
  const offset = view.getBigInt64(0)
  const attributes = view.getUint8(17)
  const timestamp = magic === 0 ? layout.NO_TIMESTAMP : view.getBigInt64(18)
  const compressed = (attributes & layout.CODEC_MASK) !== 0
  return {
    position,
    sizeInBytes: view.getInt32(8) + layout.LOG_OVERHEAD,
    magic,
    baseOffset: offset,
    baseOffsetKnown: !compressed,
    lastOffset: offset,
    lastOffsetDelta: 0,
    recordsCount: compressed ? null : 1,
    partitionLeaderEpoch: layout.NO_PARTITION_LEADER_EPOCH,
    crc: view.getUint32(layout.LEGACY_CRC_POSITION),
    attributes,
    baseTimestamp: timestamp,
    maxTimestamp: timestamp,
    producerId: layout.NO_PRODUCER_ID,
    producerEpoch: layout.NO_PRODUCER_EPOCH,
    baseSequence: layout.NO_SEQUENCE,
  }
}

/** Whether its length allows it to lie in a file of this size. Says nothing about the rest. */
export const lengthFits = (header: BatchHeader, fileSize: number): boolean =>
  header.sizeInBytes >= minimumBytes(header.magic) &&
  header.position + header.sizeInBytes <= fileSize

/**
 * Whether the fields under the CRC could be a batch's: cheap, and wrong for about one place in 30 million of
 * random bytes. Never looks at baseOffset or partitionLeaderEpoch, which may be damaged in a batch whose CRC holds.
 */
export function isPlausible(header: BatchHeader): boolean {
  if (isLegacy(header)) {
    const allowed = layout.CODEC_MASK | (header.magic === 1 ? layout.TIMESTAMP_TYPE_BIT : 0)
    // zstd (4) came after magic 1.
    return (header.attributes & ~allowed) === 0 && codecBits(header) <= 3
  }
  const count = header.recordsCount ?? 0
  return (
    (header.attributes & layout.UNUSED_ATTRIBUTES) === 0 &&
    header.lastOffsetDelta >= 0 &&
    count >= 0 &&
    count <= header.lastOffsetDelta + 1 &&
    header.producerId >= layout.NO_PRODUCER_ID &&
    header.producerEpoch >= layout.NO_PRODUCER_EPOCH &&
    header.baseSequence >= layout.NO_SEQUENCE
  )
}

/** What a placeholder for lost offsets says of itself. */
export interface EmptyBatch {
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly maxTimestamp: bigint
  readonly partitionLeaderEpoch: number
}

/**
 * A batch without records that occupies [baseOffset, lastOffset], as the log cleaner writes them
 * (DefaultRecordBatch.writeEmptyHeader). It belongs to no producer: a producerId copied from damaged
 * bytes could open a transaction that never ends.
 */
export function encodeEmptyBatch(batch: EmptyBatch): Uint8Array {
  const bytes = new Uint8Array(layout.V2_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, batch.baseOffset)
  view.setInt32(8, layout.V2_HEADER_BYTES - layout.LOG_OVERHEAD)
  view.setInt32(12, batch.partitionLeaderEpoch)
  view.setInt8(layout.MAGIC_POSITION, 2)
  view.setInt32(23, Number(batch.lastOffset - batch.baseOffset))
  view.setBigInt64(27, layout.NO_TIMESTAMP)
  view.setBigInt64(35, batch.maxTimestamp)
  view.setBigInt64(43, layout.NO_PRODUCER_ID)
  view.setInt16(51, layout.NO_PRODUCER_EPOCH)
  view.setInt32(53, layout.NO_SEQUENCE)
  view.setUint32(layout.V2_CRC_POSITION, crc32c.update(0, bytes, layout.V2_CRC_START))
  return bytes
}
