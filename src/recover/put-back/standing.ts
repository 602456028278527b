/**
 * Runs that stand where they belong in the file, and runs that are put in between them from elsewhere: which are which,
 * and what lies between the standing ones.
 */
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
  /** What comes before and after it in the log where offsets are missing in it; else right before `next`. */
  readonly prev: Run | null
  readonly next: Run | null
  /** The standing run behind it in the file. */
  readonly behind: Run | null
  /** Runs in it that belong elsewhere, in file order. */
  readonly movedOut: readonly Run[]
}

/** `kept`: in the order of the log. Yields the stretch before each standing run, and the one at the end, empty ones too. */
export function* standingGaps(
  kept: readonly Run[],
  fileSize: number,
  segmentBaseOffset: bigint | null,
): Generator<StandingGap> {
  const moved = kept
    .filter(({ movedTo }) => movedTo !== undefined)
    .sort((a, b) => a.position - b.position)
  let [taken, position] = [0, 0]
  let around: (Run | null)[] = [null]
  for (const run of [...kept, null]) {
    around.push(run)
    if (run?.movedTo !== undefined) continue
    const end = run?.position ?? fileSize
    const start = taken
    while (taken < moved.length && (moved[taken]?.position ?? end) < end) taken++
    const [prev, next] = openPair(around, segmentBaseOffset)
    yield { position, end, prev, next, behind: run, movedOut: moved.slice(start, taken) }
    position = run?.end ?? end
    around = [run]
  }
}

/** The neighbours between which offsets are missing; without any, the last two. */
function openPair(
  around: readonly (Run | null)[],
  segmentBaseOffset: bigint | null,
): [Run | null, Run | null] {
  const at = around.findIndex((run, index) => {
    const next = around[index + 1]
    if (next == null) return index === around.length - 2
    const expected = run === null ? segmentBaseOffset : lastOffset(run) + 1n
    return expected !== null && expected < firstOffset(next)
  })
  const from = at === -1 ? around.length - 2 : at
  return [around[from] ?? null, around[from + 1] ?? null]
}

/** By how many bytes each run's place in the log lies behind its place in the file, once all runs stand in order. */
export function shiftsOf(kept: readonly Run[]): ReadonlyMap<Run, number> {
  const moved = kept.filter(({ movedTo }) => movedTo !== undefined)
  const inFile = moved.toSorted((a, b) => a.position - b.position)
  const shifts = new Map<Run, number>()
  let [movedIn, movedOut, taken] = [0, 0, 0]
  for (const run of kept) {
    const place = placeOf(run)
    for (; (inFile[taken]?.position ?? place) < place; taken++) movedOut += sizeOf(inFile[taken])
    shifts.set(run, place + movedIn - movedOut - run.position)
    if (run.movedTo !== undefined) movedIn += sizeOf(run)
  }
  return shifts
}

const sizeOf = (run: Run | undefined): number => (run?.end ?? 0) - (run?.position ?? 0)
