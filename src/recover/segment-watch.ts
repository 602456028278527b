/**
 * What is wanted to know of every batch beside the diagnosis, learnt in the same walk, so that a healthy segment is
 * read once: whether its indexes are beyond doubt, and whether there are transactions in it.
 */
import type { IndexWatch } from '../index/index-watch.ts'
import { createIndexWatch } from '../index/index-watch.ts'
import type { OffsetIndex } from '../index/offset-index.ts'
import type { TimeIndex } from '../index/time-index.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import { takeStretch } from '../segment/stretch.ts'
import type { Window } from '../bytes/window.ts'
import type { SoundBatches } from './decode-ahead.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import type { RunBuilder } from './runs.ts'

export interface SegmentWatch {
  /** A walk begins, perhaps again. */
  restart(): void
  onHeader(header: BatchHeader): void
  /** Null where the segment's base offset is not known beforehand, or a number would not be exact. */
  readonly indexes: () => IndexWatch | null
  /** Null, too, where what is kept is not what was watched. */
  readonly indexesOf: (diagnosis: SegmentDiagnosis) => IndexWatch | null
  /** Whether transactions, or their markers, may be in a segment: then all of its headers tell. */
  readonly mayHoldTransactions: (diagnosis: SegmentDiagnosis) => boolean
}

export function createSegmentWatch(
  baseOffset: bigint | null,
  offsetIndex: OffsetIndex | null,
  timeIndex: TimeIndex | null,
): SegmentWatch {
  let indexes: IndexWatch | null = null
  let transactions = false
  return {
    indexes: () => indexes,
    indexesOf({ kept, segmentBaseOffset }) {
      // Only proven batches are kept, or repaired ones, so an equal number means the same ones.
      const batches = kept.reduce((sum, run) => sum + run.batches, 0)
      const same = indexes?.batches === batches && kept.every((run) => run.repair === null)
      return same && segmentBaseOffset === baseOffset ? indexes : null
    },
    mayHoldTransactions: ({ kept, damage }) =>
      transactions ||
      kept.some((run) => run.repair !== null) ||
      damage.some(({ claim }) => claim !== null && isControl(claim.header)),
    restart() {
      transactions = false
      indexes = baseOffset === null ? null : createIndexWatch(baseOffset, offsetIndex, timeIndex)
    },
    onHeader(header) {
      if (isTransactional(header) || isControl(header)) transactions = true
      const relative = Number(header.lastOffset - (baseOffset ?? 0n))
      const maxTimestamp = Number(header.maxTimestamp)
      if (!Number.isSafeInteger(relative) || !Number.isSafeInteger(maxTimestamp)) indexes = null
      indexes?.onBatch(header.position, header.sizeInBytes, relative, maxTimestamp)
    },
  }
}

/**
 * For walkProvenBatches: takes whole stretches, and tells run builder and watch of them. `sound`, where given, bounds
 * them to batches that are vouched for.
 */
export const skimmer =
  (builder: RunBuilder, sound: SoundBatches | null, watch: SegmentWatch | undefined) =>
  (window: Window): number | null => {
    const behind = builder.stretchable()
    if (behind === null) return null
    const { before, highestOffset } = behind
    const start = before.position + before.sizeInBytes
    const end = sound === null ? Infinity : sound.soundUntil(start)
    if (end <= start) return null
    const watcher = watch?.indexes() ?? null
    const stretch = takeStretch(window, before, { highestOffset, end }, watcher)
    if (stretch === null) return null
    sound?.taken(stretch.end)
    builder.extend(stretch)
    return stretch.end
  }
