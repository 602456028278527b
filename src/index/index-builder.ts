/**
 * Builds `.index` and `.timeindex` of one segment together, as LogSegment.recover does: the time
 * index gets its chance each time the offset index writes an entry, and once more at the end.
 */
import {
  createOffsetIndexBuilder,
  DEFAULT_INDEX_INTERVAL_BYTES,
  type OffsetIndexBuilder,
} from './offset-index.ts'
import { createTimeIndexBuilder, type TimeIndexBuilder } from './time-index.ts'

/** What the indexes need to know of a batch. */
export interface IndexedBatch {
  readonly position: number
  readonly sizeInBytes: number
  readonly lastOffset: bigint
  /** -1 where the batch has none (magic 0, emptied by compaction). */
  readonly maxTimestamp: bigint
}

export interface IndexFiles {
  readonly offsetIndex: Uint8Array
  readonly timeIndex: Uint8Array
}

export interface IndexBuilder {
  /** Every batch of the segment that is written, in file order. */
  onBatch(batch: IndexedBatch): void
  finish(): IndexFiles
}

/** `intervalBytes` is Kafka's `index.interval.bytes`. */
export function createIndexBuilder(
  baseOffset: bigint,
  intervalBytes: number = DEFAULT_INDEX_INTERVAL_BYTES,
): IndexBuilder {
  const offsets: OffsetIndexBuilder = createOffsetIndexBuilder(baseOffset, intervalBytes)
  const times: TimeIndexBuilder = createTimeIndexBuilder(baseOffset)
  return {
    onBatch({ position, sizeInBytes, lastOffset, maxTimestamp }) {
      times.onBatch(lastOffset, maxTimestamp)
      if (offsets.onBatch(position, sizeInBytes, lastOffset)) times.onOffsetIndexEntry()
    },
    finish: () => ({ offsetIndex: offsets.finish(), timeIndex: times.finish() }),
  }
}
