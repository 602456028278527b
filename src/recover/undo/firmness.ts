/**
 * How certain the place of an accepted run is. A single batch with a wrong offset may still fit between its neighbours;
 * what is counted from there would be wrong as well.
 */
import type { Evidence } from '../evidence.ts'
import { indexedOffset } from '../indexed-offset.ts'
import type { Run } from '../runs.ts'
import { firstOffset, joins, lastOffset } from '../runs.ts'

/**
 * `firm`: something besides its own offset says where it belongs. `loose`: nothing does, and nothing contradicts it.
 * `doubtful`: it touches the log and does not join it.
 */
export type Firmness = 'firm' | 'loose' | 'doubtful'

/** For logs without gaps; `accepted` in file order. Runs that are not in the answer are firm. */
export function uncertainRuns(
  accepted: readonly Run[],
  fileSize: number,
  evidence: Evidence,
): ReadonlyMap<Run, Exclude<Firmness, 'firm'>> {
  const uncertain = new Map<Run, Exclude<Firmness, 'firm'>>()
  accepted.forEach((run, index) => {
    if (run.batches > 1 || run.repair !== null || !run.first.baseOffsetKnown) return
    if (indexedOffset(evidence, run.position) === lastOffset(run)) return
    const sides = [
      before(run, accepted[index - 1], evidence),
      behind(run, accepted[index + 1], fileSize, evidence),
    ]
    if (sides.includes('joins')) return
    uncertain.set(run, sides.includes('breaks') ? 'doubtful' : 'loose')
  })
  return uncertain
}

type Side = 'joins' | 'breaks' | 'open'

/** A log may begin above its segment's base. */
function before(run: Run, left: Run | undefined, { segmentBaseOffset }: Evidence): Side {
  if (left === undefined)
    return run.position === 0 && firstOffset(run) === segmentBaseOffset ? 'joins' : 'open'
  if (left.end !== run.position) return 'open'
  return joins(left, run) ? 'joins' : 'breaks'
}

/** A snapshot only says how far the log went at least. */
function behind(
  run: Run,
  right: Run | undefined,
  fileSize: number,
  { nextSegmentBaseOffset: next, snapshotOffset }: Evidence,
): Side {
  if (right !== undefined) {
    if (run.end !== right.position) return 'open'
    return joins(run, right) ? 'joins' : 'breaks'
  }
  const end = lastOffset(run) + 1n
  if (run.end !== fileSize) return 'open'
  if (end === next || end === snapshotOffset) return 'joins'
  return next === null ? 'open' : 'breaks'
}
