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
import type { DecodeOptions } from '../segment/decode-batch.ts'
import type { BatchWatcher, Stretch, StretchBase } from '../segment/stretch.ts'
import { takeStretch } from '../segment/stretch.ts'
import type { Window } from '../bytes/window.ts'
import type { VariantCounts } from '../codec/codec.ts'
import { countVariant } from '../codec/codec.ts'
import type { AheadOfWalk } from './ahead-of-walk.ts'
import type { AheadStretch } from './ahead-piece.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import type { RunBuilder } from './runs.ts'

export interface SegmentWatch {
  /** A walk begins, perhaps again. */
  restart(): void
  onHeader(header: BatchHeader): void
  /** What `indexes` was not told of it. */
  onStretch(stretch: Stretch): void
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
    onStretch({ withoutTransactions, withoutControlBatches }) {
      if (!withoutTransactions || !withoutControlBatches) transactions = true
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
 * For walkProvenBatches: takes whole stretches, those that other threads have found and others, and tells run builder
 * and watch of them. With `decode` all of their batches decode, and `variants` has those that only a variant decodes.
 */
export const skimmer =
  (
    builder: RunBuilder,
    ahead: AheadOfWalk,
    watch: SegmentWatch | undefined,
    decode: DecodeOptions | null,
    variants: VariantCounts,
  ) =>
  (window: Window): number | null => {
    const behind = builder.stretchable()
    if (behind === null) return null
    const { before, highestOffset } = behind
    const { lastOffset, partitionLeaderEpoch } = before
    const base = { end: before.position + before.sizeInBytes, lastOffset, partitionLeaderEpoch }
    const watcher = watch?.indexes() ?? null
    const limits = { highestOffset, startsBefore: ahead.reachOf(base.end) }
    const stretch =
      takeFound(ahead.stretchAt(base.end), base, highestOffset, watcher) ??
      takeStretch(window, base, limits, watcher, decode)
    if (stretch === null) return null
    builder.extend(stretch)
    for (const [variant, batches] of stretch.variants) countVariant(variants, variant, batches)
    watch?.onStretch(stretch)
    return stretch.end
  }

/** What takeStretch would say at the same place without an end to its window. */
function takeFound(
  found: AheadStretch | undefined,
  { lastOffset, partitionLeaderEpoch }: StretchBase,
  highestOffset: bigint,
  watcher: BatchWatcher | null,
): Stretch | null {
  if (found === undefined) return null
  const { stretch, baseOffset, numbers } = found
  const { last } = stretch
  if (baseOffset !== lastOffset + 1n || last.lastOffset > highestOffset) return null
  if (last.partitionLeaderEpoch !== partitionLeaderEpoch) return null
  if (watcher !== null)
    watcher.onBatches(found.start, Number(baseOffset - watcher.baseOffset), numbers)
  return stretch
}
