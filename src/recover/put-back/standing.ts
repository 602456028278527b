/**
 * Runs that stand where they belong in the file, and runs that are put in between them from elsewhere: which are which,
 * and what lies between the standing ones.
 */
import { MAX_MARKER_BYTES } from '../../segment/end-transaction-marker.ts'
import type { Evidence } from '../evidence.ts'
import { heaviestChain } from '../heaviest-chain.ts'
import type { Run } from '../runs.ts'
import { firstOffset, lastOffset, placeOf } from '../runs.ts'

/**
 * Of runs without overlaps those that keep their place: all of `settled`, which are in order, and as many others as are
 * in order with them.
 */
export function standingAmong(settled: readonly Run[], others: readonly Run[]): ReadonlySet<Run> {
  const isSettled = new Set(settled)
  const inFile = [...settled, ...others].sort((a, b) => a.position - b.position)
  const chain = heaviestChain(
    inFile.map((run) => ({
      from: firstOffset(run),
      to: lastOffset(run),
      weight: isSettled.has(run) ? others.length + 1 : 1,
      rank: 0,
    })),
  )
  return new Set(chain.flatMap((index) => inFile[index] ?? []))
}

/** A stretch between two standing runs, or between one and an end of the file. */
export interface StandingGap {
  /** Both ends in the file. */
  readonly position: number
  readonly end: number
  /** What comes before and after its bytes in the log: where offsets are missing there, the runs around these. */
  readonly prev: Run | null
  readonly next: Run | null
  /** The standing run behind it in the file. */
  readonly behind: Run | null
  /** Runs in it that belong elsewhere, in file order. */
  readonly movedOut: readonly Run[]
  /** Bytes in it that belong to no run of the log. */
  readonly looseBytes: number
}

/**
 * The stretch before each standing run, and the one at the end; empty ones too. `kept` is in the order of the log,
 * `others`, whole batches that stay out of it, in file order.
 */
export function standingGaps(
  kept: readonly Run[],
  others: readonly Run[],
  fileSize: number,
  { segmentBaseOffset }: Pick<Evidence, 'segmentBaseOffset'>,
): readonly StandingGap[] {
  const moved = kept
    .filter(({ movedTo }) => movedTo !== undefined)
    .sort((a, b) => a.position - b.position)
  const gaps: StandingGap[] = []
  let [taken, position] = [0, 0]
  let before: Run | null = null
  let pair: Pick<StandingGap, 'prev' | 'next'> | null = null
  for (const behind of [...kept, null]) {
    // The neighbours between which offsets are missing; without any, the last two.
    if (pair === null || !isOpen(pair, segmentBaseOffset)) pair = { prev: before, next: behind }
    before = behind
    if (behind?.movedTo !== undefined) continue
    const end = behind?.position ?? fileSize
    const start = taken
    while ((moved[taken]?.position ?? end) < end) taken++
    const movedOut = moved.slice(start, taken)
    const looseBytes = movedOut.reduce((size, run) => size - sizeOf(run), end - position)
    gaps.push({ position, end, ...pair, behind, movedOut, looseBytes })
    position = behind?.end ?? end
    pair = null
  }
  return moved.length === 0 ? gaps : withStrayBytes(gaps, others)
}

function isOpen(
  { prev, next }: Pick<StandingGap, 'prev' | 'next'>,
  segmentBaseOffset: bigint | null,
): boolean {
  const expected = prev === null ? segmentBaseOffset : lastOffset(prev) + 1n
  return next !== null && expected !== null && expected < firstOffset(next)
}

/**
 * Batches that changed places with a damaged one between them leave its bytes where no offset is missing, and its offsets
 * missing where there are no bytes. Where there is one of each, they belong together. Whole batches are not damaged, and
 * bytes that may have been a transaction marker stay out of it: what is open around one depends on where it stood.
 */
function withStrayBytes(
  gaps: readonly StandingGap[],
  others: readonly Run[],
): readonly StandingGap[] {
  const inside = gaps.slice(1, -1)
  const isMissing = (gap: StandingGap): boolean => isOpen(gap, null)
  const [empty, ...otherEmpty] = inside.filter((gap) => gap.looseBytes === 0 && isMissing(gap))
  const [stray, ...otherStray] = inside.filter((gap) => gap.looseBytes > 0 && !isMissing(gap))
  if (empty === undefined || stray === undefined) return gaps
  const isOther = ({ position }: Run): boolean => stray.position <= position && position < stray.end
  if (otherEmpty.length + otherStray.length > 0 || others.some(isOther)) return gaps
  if (stray.looseBytes <= MAX_MARKER_BYTES) return gaps
  const swapped = new Map([
    [empty, { ...empty, prev: stray.prev, next: stray.next }],
    [stray, { ...stray, prev: empty.prev, next: empty.next }],
  ])
  return gaps.map((gap) => swapped.get(gap) ?? gap)
}

/** By how many bytes each run's place in the log lies behind its place in the file, once all runs stand in order. */
export function shiftsOf(kept: readonly Run[]): (run: Run) => number {
  const moved = kept.filter(({ movedTo }) => movedTo !== undefined)
  const inFile = moved.toSorted((a, b) => a.position - b.position)
  const shifts = new Map<Run, number>()
  let [movedIn, movedOut, taken] = [0, 0, 0]
  for (const run of kept) {
    const place = placeOf(run)
    for (let next = inFile[taken]; next !== undefined && next.position < place;) {
      movedOut += sizeOf(next)
      next = inFile[++taken]
    }
    shifts.set(run, place + movedIn - movedOut - run.position)
    if (run.movedTo !== undefined) movedIn += sizeOf(run)
  }
  return (run) => shifts.get(run) ?? 0
}

const sizeOf = ({ position, end }: Run): number => end - position
