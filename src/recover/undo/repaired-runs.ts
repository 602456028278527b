/** Entries that were put right, as runs among the others of the segment. */
import type { Window } from '../../bytes/window.ts'
import type { Evidence } from '../evidence.ts'
import type { Run } from '../runs.ts'
import { addToParts, headersOf, isInBounds } from '../runs.ts'
import type { HoleEntry } from './entry.ts'
import { repairOf } from './entry.ts'

/** The runs as they were found, with repaired batches in the place of those that they were made of. */
export function combine(window: Window, runs: readonly Run[], repaired: readonly Run[]): Run[] {
  const sorted = repaired.toSorted((a, b) => a.position - b.position)
  let index = 0
  const kept = runs.flatMap((run) => {
    while ((sorted[index]?.end ?? Infinity) <= run.position) index++
    const over = sorted.slice(index).filter(({ position }) => position < run.end)
    return over.length === 0 ? [run] : withoutBatches(window, run, over)
  })
  return [...kept, ...sorted].sort((a, b) => a.position - b.position)
}

/** The batches of a run outside of the given ones, as runs of their own. */
function withoutBatches(window: Window, run: Run, over: readonly Run[]): Run[] {
  const parts: Run[] = []
  for (const header of headersOf(window, run)) {
    const end = header.position + header.sizeInBytes
    if (over.some((other) => other.position < end && header.position < other.end)) continue
    addToParts(parts, run, header, parts.at(-1)?.end !== header.position)
  }
  return parts
}

export const repairedRun = (entry: HoleEntry, evidence: Evidence): Run => ({
  position: entry.position,
  end: entry.end,
  batches: 1,
  records: entry.header.recordsCount,
  first: entry.header,
  last: entry.header,
  failure: null,
  repeats: false,
  inRange: isInBounds(entry.header, {
    first: evidence.segmentBaseOffset,
    next: evidence.nextSegmentBaseOffset,
  }),
  repair: repairOf(entry),
})
