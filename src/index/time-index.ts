/**
 * `.timeindex`: 12-byte entries, i64 timestamp and i32 relativeOffset, no checksum (Kafka's
 * TimeIndex). An entry says: up to here the largest batch maxTimestamp is `timestamp`, and the batch
 * that reached it ends at the offset. Timestamps strictly increase, offsets never decrease. The last
 * entry decides when retention deletes the segment, so a wrong one is dangerous.
 * This module decodes and builds; time-index-check.ts holds it against the batches.
 */
import { Cursor } from '../bytes/cursor.ts'
import { NO_TIMESTAMP } from '../segment/layout.ts'
import { ByteWriter } from './byte-writer.ts'
import { int32At, int64At } from './column.ts'
import { checkEntryOrder, type EntryRules } from './entry-order.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'
import { MAX_INDEX_VALUE } from './offset-index.ts'
import { countZeroTailBytes } from './zero-tail.ts'
import { counted } from '../words/words.ts'

export const TIME_INDEX_ENTRY_SIZE = 12

/** A decoded `.timeindex`, in parallel columns. Timestamps are in ms since the epoch. */
export interface TimeIndex {
  /** Whole entries before the zero tail, good or not. */
  readonly entryCount: number
  /** The first entries that no problem touches: only these are evidence of anything. */
  readonly trustedCount: number
  readonly timestamps: BigInt64Array
  readonly relativeOffsets: Int32Array
  /** Preallocated bytes after the last entry. Not damage in an active segment; harmful in a closed one. */
  readonly zeroTailBytes: number
  readonly problems: readonly IndexProblem[]
}

function describeFault(
  entry: number,
  timestamps: BigInt64Array,
  relativeOffsets: Int32Array,
): string {
  const timestamp = int64At(timestamps, entry)
  const relativeOffset = int32At(relativeOffsets, entry)
  const previousTimestamp = int64At(timestamps, entry - 1)
  const previousOffset = int32At(relativeOffsets, entry - 1)
  if (relativeOffset < 0) return `has the negative relative offset ${relativeOffset}`
  if (timestamp < 0n) return `has the negative timestamp ${timestamp}`
  return timestamp <= previousTimestamp
    ? `has the timestamp ${timestamp}, which is not above ${previousTimestamp} in the entry before it`
    : `has the relative offset ${relativeOffset}, which is below ${previousOffset} in the entry before it`
}

function orderRules(timestamps: BigInt64Array, relativeOffsets: Int32Array): EntryRules {
  const timestampOf = (entry: number): bigint => int64At(timestamps, entry)
  const offsetOf = (entry: number): number => int32At(relativeOffsets, entry)
  return {
    entryCount: relativeOffsets.length,
    entrySize: TIME_INDEX_ENTRY_SIZE,
    isEmpty: (entry) => timestampOf(entry) === 0n && offsetOf(entry) === 0,
    isImpossible: (entry) => timestampOf(entry) < 0n || offsetOf(entry) < 0,
    follows: (entry) =>
      timestampOf(entry) > timestampOf(entry - 1) && offsetOf(entry) >= offsetOf(entry - 1),
    describe: (entry) => describeFault(entry, timestamps, relativeOffsets),
  }
}

/** Decodes a whole `.timeindex` file. Never throws; what is wrong is in `problems`. */
export function decodeTimeIndex(bytes: Uint8Array): TimeIndex {
  const problems = createProblemList('timeIndex')
  const fragmentBytes = bytes.length % TIME_INDEX_ENTRY_SIZE
  const end = bytes.length - fragmentBytes
  // A file of one all-zero entry is too small to be preallocated: it is the entry (timestamp 0, base offset).
  const zeroTailBytes =
    end === TIME_INDEX_ENTRY_SIZE ? 0 : countZeroTailBytes(bytes, end, TIME_INDEX_ENTRY_SIZE)
  const entryCount = (end - zeroTailBytes) / TIME_INDEX_ENTRY_SIZE
  const timestamps = new BigInt64Array(entryCount)
  const relativeOffsets = new Int32Array(entryCount)
  const cursor = new Cursor(bytes)
  for (let entry = 0; entry < entryCount; entry++) {
    timestamps[entry] = cursor.int64()
    relativeOffsets[entry] = cursor.int32()
  }
  const trustedCount = checkEntryOrder(orderRules(timestamps, relativeOffsets), problems)
  if (fragmentBytes > 0) {
    problems.add(
      null,
      end,
      () =>
        `the file is ${counted(bytes.length, 'byte')} long, which is no multiple of 12: its end is cut off`,
    )
  }
  return {
    entryCount,
    trustedCount,
    timestamps,
    relativeOffsets,
    zeroTailBytes,
    problems: problems.list(),
  }
}

/** Writes a `.timeindex`, fed with all batches of a segment in order. */
export interface TimeIndexBuilder {
  onBatch(lastOffset: bigint, maxTimestamp: bigint): void
  /** To be called after `onBatch` each time the offset index got an entry for that batch. */
  onOffsetIndexEntry(): void
  /** Adds the final entry, which a closed segment always has, and returns the file. */
  finish(): Uint8Array
}

/** Builds what LogSegment.recover would. */
export function createTimeIndexBuilder(baseOffset: bigint): TimeIndexBuilder {
  const entries = new ByteWriter()
  let maxTimestampSoFar = NO_TIMESTAMP
  let relativeOffsetOfMax = 0
  let lastEntryTimestamp = NO_TIMESTAMP
  const maybeAppend = (): void => {
    if (maxTimestampSoFar <= lastEntryTimestamp) return
    entries.int64(maxTimestampSoFar)
    entries.int32(relativeOffsetOfMax)
    lastEntryTimestamp = maxTimestampSoFar
  }
  return {
    onBatch(lastOffset, maxTimestamp) {
      // Strictly greater: among equals the earliest batch stays, so that a lookup misses none of them.
      if (maxTimestamp <= maxTimestampSoFar) return
      const relativeOffset = Number(lastOffset - baseOffset)
      // Not representable, or out of order: Kafka would give up on the segment, one entry less is legal.
      if (relativeOffset < relativeOffsetOfMax || relativeOffset > MAX_INDEX_VALUE) return
      maxTimestampSoFar = maxTimestamp
      relativeOffsetOfMax = relativeOffset
    },
    onOffsetIndexEntry: maybeAppend,
    finish() {
      maybeAppend()
      return entries.finish()
    },
  }
}
