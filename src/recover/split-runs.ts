/**
 * Cuts runs where they contradict each other. Two runs may claim some offsets both and others alone; judged whole, the
 * loser would take with it batches that contradict nobody.
 */
import type { Window } from '../bytes/window.ts'
import { walkHeaders } from '../segment/walk.ts'
import type { Run } from './runs.ts'
import { firstOffset, lastOffset } from './runs.ts'

/** Cutting reads the headers of both sides again; a file of contradictions would be read over and over. */
const MAX_CUTS = 10_000

/**
 * For each run its parts, in order: where it overlaps another in offsets, the overlapping and the free batches are runs
 * of their own; everywhere else it is its only part.
 */
export function splitAtConflicts(
  window: Window,
  runs: readonly Run[],
): ReadonlyMap<Run, readonly Run[]> {
  const cuts = findCuts(runs)
  return new Map(
    runs.map((run) => {
      const at = cuts.get(run)
      return [run, at === undefined || run.batches === 1 ? [run] : cut(window, run, at)]
    }),
  )
}

/** Offsets at which an overlap with another run begins, and those that come right after one. */
interface Cuts {
  readonly begins: bigint[]
  readonly ends: bigint[]
}

function findCuts(runs: readonly Run[]): ReadonlyMap<Run, Cuts> {
  const cuts = new Map<Run, Cuts>()
  const note = (run: Run, other: Run): void => {
    const own = cuts.get(run) ?? { begins: [], ends: [] }
    cuts.set(run, own)
    own.begins.push(firstOffset(other))
    own.ends.push(lastOffset(other) + 1n)
  }
  let count = 0
  let open: Run[] = []
  for (const run of runs.toSorted((a, b) => compare(firstOffset(a), firstOffset(b)))) {
    open = open.filter((other) => lastOffset(other) >= firstOffset(run))
    for (const other of open) {
      if (++count > MAX_CUTS) return cuts
      note(run, other)
      note(other, run)
    }
    open.push(run)
  }
  return cuts
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const countUpTo = (sorted: readonly bigint[], offset: bigint): number => {
  const index = sorted.findIndex((value) => value > offset)
  return index < 0 ? sorted.length : index
}

/** Cuts only between batches: one that an overlap reaches into belongs to the overlap as a whole. */
function cut(window: Window, run: Run, cuts: Cuts): Run[] {
  const [begins, ends] = [cuts.begins.toSorted(compare), cuts.ends.toSorted(compare)]
  const parts: Run[] = []
  let lastKey = -1
  for (const header of walkHeaders(window, run.position, run.end)) {
    // What a wrapper of magic 0 or 1 begins with is not in its header, so a part could not tell where it begins.
    if (!header.baseOffsetKnown) return [run]
    const key = countUpTo(begins, header.lastOffset) + countUpTo(ends, header.baseOffset)
    const end = header.position + header.sizeInBytes
    const part = parts.at(-1)
    if (part === undefined || key !== lastKey) {
      parts.push({
        ...run,
        position: header.position,
        end,
        batches: 1,
        records: header.recordsCount,
        first: header,
        last: header,
      })
    } else {
      part.end = end
      part.batches++
      part.records = addCounts(part.records, header.recordsCount)
      part.last = header
    }
    lastKey = key
  }
  return parts
}

const addCounts = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b
