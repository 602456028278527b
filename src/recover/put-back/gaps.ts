/** Gaps between accepted batches in the order of the log, and which of the others fit into them. */
import { NO_PARTITION_LEADER_EPOCH } from '../../segment/layout.ts'
import type { Evidence } from '../evidence.ts'
import type { Run } from '../runs.ts'
import { firstOffset, lastOffset } from '../runs.ts'

/** What may be missing between two accepted runs, or at an end of the segment, and the runs that lie in it by their offsets. */
export interface Gap {
  readonly prev: Run | null
  readonly next: Run | null
  /** Ascending, without overlaps. */
  readonly runs: readonly Run[]
}

export interface Placement {
  readonly run: Run
  /** It is put in behind what comes before it in the log; else right before what comes after. */
  readonly follows: boolean
}

/**
 * The gaps that hold any of the candidates. A candidate that shares offsets with accepted batches has no gap; of
 * candidates that contradict each other none has, and of equal ones the first.
 */
export function gapsOf(accepted: readonly Run[], candidates: readonly Run[]): Gap[] {
  const sorted = candidates.toSorted((a, b) => compare(firstOffset(a), firstOffset(b)))
  const gaps: { prev: Run | null; next: Run | null; runs: Run[] }[] = []
  let index = 0
  for (const run of uncontested(sorted)) {
    while (index < accepted.length && isBehind(run, accepted[index])) index++
    const [prev, next] = [accepted[index - 1] ?? null, accepted[index] ?? null]
    if (next !== null && lastOffset(run) >= firstOffset(next)) continue
    const gap = gaps.at(-1)
    if (gap?.prev === prev && gap.next === next) gap.runs.push(run)
    else gaps.push({ prev, next, runs: [run] })
  }
  return gaps
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const isBehind = (run: Run, other: Run | undefined): boolean =>
  other !== undefined && lastOffset(other) < firstOffset(run)

function uncontested(sorted: readonly Run[]): Run[] {
  const left: Run[] = []
  let reach: bigint | null = null
  for (const run of sorted) {
    const before = left.at(-1)
    if (reach === null || firstOffset(run) > reach) left.push(run)
    else if (before !== undefined && firstOffset(run) <= lastOffset(before) && !isCopy(run, before))
      left.pop()
    if (reach === null || lastOffset(run) > reach) reach = lastOffset(run)
  }
  return left
}

const isCopy = (a: Run, b: Run): boolean =>
  a.first.crc === b.first.crc &&
  a.last.crc === b.last.crc &&
  firstOffset(a) === firstOffset(b) &&
  lastOffset(a) === lastOffset(b) &&
  a.end - a.position === b.end - b.position

/**
 * In a log without gaps: those that join the batch before the gap, one after the other, and those that join the one
 * after it. None where leader epochs would go back. A batch that does not decode is skipped itself: nothing is tied to it.
 */
export function fillGap({ prev, next, runs }: Gap, evidence: Evidence): Placement[] {
  const followers: Run[] = []
  let expected = prev === null ? evidence.segmentBaseOffset : lastOffset(prev) + 1n
  for (const run of isSound(prev) ? runs : []) {
    if (firstOffset(run) !== expected) break
    followers.push(run)
    expected = lastOffset(run) + 1n
  }
  const leaders: Run[] = []
  let wanted = next === null ? evidence.nextSegmentBaseOffset : startOf(next)
  for (const run of isSound(next) ? runs.slice(followers.length).reverse() : []) {
    if (lastOffset(run) + 1n !== wanted) break
    leaders.unshift(run)
    wanted = firstOffset(run)
  }
  if (!epochsRise(prev, [...followers, ...leaders], next)) return []
  return [
    ...followers.map((run) => ({ run, follows: true })),
    ...leaders.map((run) => ({ run, follows: false })),
  ]
}

const isSound = (run: Run | null): boolean => (run?.failure ?? null) === null

const startOf = ({ first }: Run): bigint | null => (first.baseOffsetKnown ? first.baseOffset : null)

/** Magic 0 and 1 have no leader epoch. */
function epochsRise(prev: Run | null, runs: readonly Run[], next: Run | null): boolean {
  const epochs = [prev?.last, ...runs.flatMap(({ first, last }) => [first, last]), next?.first]
    .map((header) => header?.partitionLeaderEpoch ?? NO_PARTITION_LEADER_EPOCH)
    .filter((epoch) => epoch !== NO_PARTITION_LEADER_EPOCH)
  return epochs.every((epoch, index) => epoch >= (epochs[index - 1] ?? 0))
}

/** Of what joins from both sides, what is proven without a break. */
export function provenIn(
  placements: readonly Placement[],
  isProven: (run: Run) => boolean,
): Placement[] {
  const followers = placements.filter(({ follows }) => follows)
  const leaders = placements.filter(({ follows }) => !follows)
  const unprovenAt = followers.findIndex(({ run }) => !isProven(run))
  return [
    ...(unprovenAt === -1 ? followers : followers.slice(0, unprovenAt)),
    ...leaders.slice(leaders.findLastIndex(({ run }) => !isProven(run)) + 1),
  ]
}

/** Two lists of runs as one, ascending by offset; they share none. */
export const inOrder = (accepted: readonly Run[], others: readonly Run[]): Run[] =>
  [...accepted, ...others].sort((a, b) => compare(firstOffset(a), firstOffset(b)))

/** Whether the runs, whatever their order, are all of the file, and decode. */
export function isWhole(runs: readonly Run[], fileSize: number): boolean {
  let position = 0
  for (const run of runs.toSorted((a, b) => a.position - b.position)) {
    if (run.position !== position || run.failure !== null) return false
    position = run.end
  }
  return position === fileSize
}
