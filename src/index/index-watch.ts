/**
 * Sees, while a segment is walked, whether its `.index` and `.timeindex` are beyond doubt: the rules of
 * offset-index-check.ts and time-index-check.ts in numbers alone. What is in doubt is read again the careful way,
 * which finds the words for it; so this only ever says that nothing would be found.
 */
import { NUMBERS_OF_BATCH } from '../bytes/crc32c-memory.ts'
import { int32At, int64At } from './column.ts'
import { NO_TIMESTAMP } from '../segment/layout.ts'
import type { IndexProblem } from './index-problem.ts'
import type { OffsetIndex } from './offset-index.ts'
import type { TimeIndexFindings } from './time-index-check.ts'
import type { TimeIndex } from './time-index.ts'

export interface IndexWatch {
  readonly baseOffset: bigint
  onBatch(
    position: number,
    sizeInBytes: number,
    relativeLastOffset: number,
    maxTimestamp: number,
  ): void
  /** The same for batches that touch (BatchWatcher in segment/stretch.ts). */
  onBatches(position: number, relativeBase: number, numbers: Float64Array): void
  /** How many batches were seen. */
  readonly batches: number
  /** What the check of the offset index would find, if that is nothing new; else null. Parameter as for the check. */
  offsetIndexProblems(logSizeInBytes: number): readonly IndexProblem[] | null
  /** What the check of the time index would find, if that is nothing new; else null. Parameter as for the check. */
  timeIndexFindings(logSizeInBytes: number): TimeIndexFindings | null
}

interface Seen {
  batches: number
  end: number
  /** The largest last offset, counted from the base. */
  offset: number
  maxTimestamp: number
}

type Entry = (position: number, end: number, lastOffset: number, maxTimestamp: number) => void

/** Calls are in file order, for every batch that is kept. Entries that lie in damaged bytes are not judged. */
export function createIndexWatch(
  baseOffset: bigint,
  offsetIndex: OffsetIndex | null,
  timeIndex: TimeIndex | null,
): IndexWatch {
  const seen: Seen = { batches: 0, end: 0, offset: -1, maxTimestamp: -1 }
  const offsets = offsetIndex === null ? null : watchOffsets(offsetIndex, seen)
  const times = timeIndex === null ? null : watchTimes(timeIndex, seen)
  const onBatch: IndexWatch['onBatch'] = (
    position,
    sizeInBytes,
    relativeLastOffset,
    maxTimestamp,
  ) => {
    const end = position + sizeInBytes
    offsets?.onBatch(position, end, relativeLastOffset, maxTimestamp)
    times?.onBatch(position, end, relativeLastOffset, maxTimestamp)
    seen.batches++
    if (end > seen.end) seen.end = end
    if (relativeLastOffset > seen.offset) seen.offset = relativeLastOffset
    if (maxTimestamp > seen.maxTimestamp) seen.maxTimestamp = maxTimestamp
  }
  return {
    baseOffset,
    get batches() {
      return seen.batches
    },
    onBatch,
    onBatches(position, relativeBase, numbers) {
      let start = position
      for (let at = 0; at < numbers.length; at += NUMBERS_OF_BATCH) {
        const size = numbers[at] ?? 0
        onBatch(start, size, relativeBase + (numbers[at + 1] ?? 0), numbers[at + 2] ?? 0)
        start += size
      }
    },
    offsetIndexProblems: (logSizeInBytes) =>
      offsetIndex !== null && offsets?.holds(logSizeInBytes) === true ? offsetIndex.problems : null,
    timeIndexFindings(logSizeInBytes) {
      if (timeIndex === null || times?.holds(logSizeInBytes) !== true) return null
      const { entryCount, timestamps, problems } = timeIndex
      const last = entryCount === 0 ? NO_TIMESTAMP : int64At(timestamps, entryCount - 1)
      return { problems, lacksFinalEntry: BigInt(seen.maxTimestamp) > last }
    },
  }
}

interface Watcher {
  readonly onBatch: Entry
  readonly holds: (logSizeInBytes: number) => boolean
}

function watchOffsets(
  { positions, relativeOffsets, trustedCount }: OffsetIndex,
  seen: Seen,
): Watcher {
  let [next, doubt] = [0, false]
  const positionAt = (entry: number): number =>
    entry < trustedCount ? int32At(positions, entry) : Infinity
  let nextPosition = positionAt(0)
  /** What an entry names beyond the batch at its position; nothing until there is one. */
  let open = Infinity
  return {
    onBatch(position, end, lastOffset) {
      if (lastOffset >= open || position !== seen.end) {
        if (position === seen.end && lastOffset > open) doubt = true
        open = Infinity
      }
      while (nextPosition < end) {
        const named = int32At(relativeOffsets, next)
        if (nextPosition > position) doubt = true
        else if (nextPosition === position && (named <= seen.offset || named < lastOffset))
          doubt = true
        else if (nextPosition === position && named > lastOffset) open = named
        nextPosition = positionAt(++next)
      }
    },
    holds(logSizeInBytes) {
      // Both columns ascend as far as they are trusted.
      if (next < trustedCount && positionAt(trustedCount - 1) >= logSizeInBytes) doubt = true
      const limit = logSizeInBytes > seen.end ? Infinity : seen.offset
      if (trustedCount > 0 && int32At(relativeOffsets, trustedCount - 1) > limit) doubt = true
      return !doubt
    },
  }
}

function watchTimes({ timestamps, relativeOffsets, trustedCount }: TimeIndex, seen: Seen): Watcher {
  let [next, doubt] = [0, false]
  const offsetAt = (entry: number): number =>
    entry < trustedCount ? int32At(relativeOffsets, entry) : Infinity
  let nextOffset = offsetAt(0)
  return {
    onBatch(_position, _end, lastOffset, maxTimestamp) {
      while (nextOffset <= lastOffset) {
        const timestamp = int64At(timestamps, next)
        if (timestamp !== BigInt(maxTimestamp) || maxTimestamp < seen.maxTimestamp) doubt = true
        nextOffset = offsetAt(++next)
      }
    },
    holds(logSizeInBytes) {
      if (logSizeInBytes <= seen.end && next < trustedCount) doubt = true
      return !doubt
    },
  }
}
