/**
 * What the files around a segment say about it: plain values, read once, before anything is judged.
 */
import type { OffsetIndex } from '../index/offset-index.ts'

export interface Evidence {
  /** From the file name; null when the name tells none, then the first good batch gives it. */
  readonly segmentBaseOffset: bigint | null
  /** The base of the segment that follows in the same folder: the log goes on exactly there. */
  readonly nextSegmentBaseOffset: bigint | null
  /**
   * Only for the last segment: the highest producer snapshot above the base. A broker writes one at the log end
   * when it stops cleanly, so the log reached at least there.
   */
  readonly snapshotOffset: bigint | null
  readonly offsetIndex: OffsetIndex | null
  /** From a leader-epoch-checkpoint without fault: in which epoch an offset was written; null when nothing tells. */
  readonly epochAt: (offset: bigint) => number | null
}

export const NO_EVIDENCE: Evidence = {
  segmentBaseOffset: null,
  nextSegmentBaseOffset: null,
  snapshotOffset: null,
  offsetIndex: null,
  epochAt: () => null,
}
