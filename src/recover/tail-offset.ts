/**
 * An offset that rises at the end of a log leaves a gap that could as well be a loss; nothing follows to contradict it.
 * Only the index, the producer's own numbers and the names of files can tell.
 */
import type { Window } from '../bytes/window.ts'
import { NO_PRODUCER_ID, NO_SEQUENCE, SEQUENCE_MODULUS } from '../segment/layout.ts'
import { lastSequence } from '../segment/record-batch.ts'
import type { Evidence } from './evidence.ts'
import { indexedOffset } from './indexed-offset.ts'
import type { Run } from './runs.ts'
import { firstOffset, lastOffset } from './runs.ts'

interface Circumstances {
  readonly window: Window
  readonly withoutGaps: boolean
  readonly evidence: Evidence
}

/** The last run when it is a single batch behind a gap that something says is none; else null. */
export function contradictedTail(
  runs: readonly Run[],
  { withoutGaps, evidence }: Circumstances,
): Run | null {
  const [before, last] = [runs.at(-2), runs.at(-1)]
  if (!withoutGaps || before === undefined || last?.batches !== 1 || last.repair !== null)
    return null
  const expected = lastOffset(before) + 1n
  if (before.end !== last.position || !last.first.baseOffsetKnown || firstOffset(last) <= expected)
    return null
  const end = expected + lastOffset(last) - firstOffset(last)
  const isContradicted =
    indexedOffset(evidence, last.position) === end ||
    sequenceGoesOn(before, last) ||
    end + 1n === evidence.nextSegmentBaseOffset ||
    end + 1n === evidence.snapshotOffset
  return isContradicted ? last : null
}

/** Of one producer, with nothing between the two batches in the file: then nothing was between them in the log. */
function sequenceGoesOn(before: Run, after: Run): boolean {
  const [left, right] = [before.last, after.first]
  return (
    left.producerId !== NO_PRODUCER_ID &&
    left.producerId === right.producerId &&
    left.producerEpoch === right.producerEpoch &&
    left.baseSequence !== NO_SEQUENCE &&
    right.baseSequence === (lastSequence(left) + 1) % SEQUENCE_MODULUS
  )
}
