/**
 * Batches whose offset is wrong although it contradicts nobody enough to lose: what lies on both sides in the file leaves
 * room for just their number of offsets, and they say another place. Known before runs are weighed against each other,
 * such a batch cannot push out a smaller one that is right.
 */
import type { Evidence } from './evidence.ts'
import type { Run } from './runs.ts'
import { firstOffset, lastOffset } from './runs.ts'

/** Single batches that exactly fill the offsets between the runs they touch, but not by their own. For logs without gaps. */
export function misplacedBetween(
  runs: readonly Run[],
  fileSize: number,
  { segmentBaseOffset, nextSegmentBaseOffset }: Evidence,
): ReadonlySet<Run> {
  const misplaced = new Set<Run>()
  runs.forEach((run, index) => {
    if (run.batches > 1 || run.repair !== null || !run.first.baseOffsetKnown) return
    const [before, after] = [runs[index - 1], runs[index + 1]]
    const expected = startAfter(run, before, misplaced, segmentBaseOffset)
    const next = endBefore(run, after, fileSize, nextSegmentBaseOffset)
    if (expected === null || next === null || firstOffset(run) === expected) return
    if (expected + (lastOffset(run) - firstOffset(run)) + 1n === next) misplaced.add(run)
  })
  return misplaced
}

/** The offset after the run that this one touches, or the segment's base at its start. */
function startAfter(
  run: Run,
  before: Run | undefined,
  misplaced: ReadonlySet<Run>,
  base: bigint | null,
): bigint | null {
  if (before === undefined) return run.position === 0 ? base : null
  if (before.end !== run.position || !before.inRange || misplaced.has(before)) return null
  return lastOffset(before) + 1n
}

function endBefore(
  run: Run,
  after: Run | undefined,
  fileSize: number,
  next: bigint | null,
): bigint | null {
  if (after === undefined) return run.end === fileSize ? next : null
  return run.end === after.position && after.inRange && after.first.baseOffsetKnown
    ? firstOffset(after)
    : null
}
