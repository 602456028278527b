/** What goes into a salvage and what comes out. */
import type { ByteRange } from '../../codec/salvage.ts'
import type { CompressionType } from '../../codec/codec.ts'
import { COMPRESSION_TYPES } from '../../codec/codec.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { codecBits, isLegacy, isLogAppendTime } from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'
import type { TimeSources } from './record-times.ts'

/** Where the times of a batch's records come from. */
export type RecordTimes =
  | {
      readonly type: 'CreateTime'
      /** Of magic 2; magic 0 and 1 keep the time in each message. */
      readonly baseTimestamp: bigint
      /** Null when not believed. */
      readonly maxTimestamp: bigint | null
    }
  | { readonly type: 'LogAppendTime'; readonly timestamp: bigint }

/**
 * A batch that stays broken. Every field that its bytes also hold is what the caller believes, from the header where
 * that is believed, else from neighbours; null is what nobody knows.
 */
export interface SalvageEntry {
  /** From the first byte of the entry to its end, or to where the next good batch begins. */
  readonly bytes: Uint8Array
  /** Of the first byte in its file. */
  readonly position: number
  readonly magic: 0 | 1 | 2
  /** Null: recognised by its first bytes. Those also overrule a codec that they contradict. */
  readonly codec: CompressionType | null
  /**
   * Of the batch, and exact: what a compressed wrapper of magic 1 counts from, where it is not its last message that
   * tells. Without it no record of magic 2 has an offset, so none is salvaged.
   */
  readonly baseOffset: bigint | null
  readonly lastOffset: bigint | null
  readonly recordsCount: number | null
  /** Null: records are salvaged without a timestamp. */
  readonly times: RecordTimes | null
  /** Who else may know the times, where the header's turn out wrong. */
  readonly around?: TimeSources
  /** Bytes that are known to be wrong, such as those the device did not give; ranges of `bytes`. */
  readonly damaged?: readonly ByteRange[]
  /** Most bytes one batch may decompress to. */
  readonly maxDecompressedBytes: number
}

/** Byte strings are views of decompressed or given bytes. */
export interface SalvagedRecord extends Omit<Record, 'timestamp'> {
  /** Null where the batch header that the time depends on is lost. */
  readonly timestamp: bigint | null
  /**
   * Where in the file it was read: the record's first byte where nothing is compressed, else the first byte of the
   * compressed block it begins in.
   */
  readonly position: number
}

export interface Salvaged {
  /** Ascending in offset. Suspect all the same: no checksum says that they are right. */
  readonly records: readonly SalvagedRecord[]
  readonly codec: CompressionType
  /**
   * Whether it was seen where the batch is damaged. If not, everything decodes and the damage is inside some key,
   * value or other bytes that could be anything: the records that may hold a whole damaged sector are left out, but a
   * smaller change can be in any of the others.
   */
  readonly isLocated: boolean
  /** Whether the header's times and flags are believed, not only its offsets. Always in magic 0 and 1. */
  readonly headerStands: boolean
}

/** An entry whose header is believed as it stands. In a compressed wrapper `baseOffset` is not known. */
export function entryOf(
  bytes: Uint8Array,
  header: BatchHeader,
  maxDecompressedBytes: number,
): SalvageEntry {
  return {
    bytes,
    position: header.position,
    magic: isLegacy(header) ? (header.magic === 1 ? 1 : 0) : 2,
    codec: COMPRESSION_TYPES[codecBits(header)] ?? null,
    baseOffset: header.baseOffsetKnown ? header.baseOffset : null,
    lastOffset: header.lastOffset,
    recordsCount: header.recordsCount,
    times: timesIn(header),
    maxDecompressedBytes,
  }
}

/** What a header says of the times of its records. */
export const timesIn = (header: BatchHeader): RecordTimes =>
  isLogAppendTime(header) && header.magic > 0
    ? { type: 'LogAppendTime', timestamp: header.maxTimestamp }
    : {
        type: 'CreateTime',
        baseTimestamp: header.baseTimestamp,
        maxTimestamp: header.maxTimestamp,
      }
