/**
 * Cuts runs where they contradict stronger ones. Judged whole, a run that loses would take with it batches that
 * contradict nobody.
 */
import type { Window } from '../bytes/window.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { walkHeaders } from '../segment/walk.ts'
import { firstIndex } from './first-index.ts'
import type { Run } from './runs.ts'
import { addToParts, firstOffset, lastOffset } from './runs.ts'

/**
 * For each run its parts, in order: of those that are not among the strongest, batches that share offsets with one of
 * the strongest and batches that do not are parts of their own; all others are their only part.
 */
export function splitLosers(
  window: Window,
  runs: readonly Run[],
  strongest: readonly Run[],
  withoutGaps: boolean,
): ReadonlyMap<Run, readonly Run[]> {
  const settled = new Set(strongest)
  const taken = strongest.toSorted((a, b) => compare(firstOffset(a), firstOffset(b)))
  return new Map(
    runs.map((run) => {
      if (settled.has(run) || run.batches === 1) return [run, [run]]
      const from = firstBehind(taken, firstOffset(run))
      const overlapping = []
      for (let at = from; at < taken.length; at++) {
        const other = taken[at]
        if (other === undefined || firstOffset(other) > lastOffset(run)) break
        overlapping.push(other)
      }
      return [run, overlapping.length === 0 ? [run] : cut(window, run, overlapping, withoutGaps)]
    }),
  )
}

/**
 * What a wrapper of magic 0 or 1 begins with is not in its header. In a log without gaps it goes on from the one before it;
 * else a part could not tell where it begins: null.
 */
function withBase(
  header: BatchHeader,
  { first }: Run,
  before: BatchHeader | null,
  withoutGaps: boolean,
): BatchHeader | null {
  if (header.baseOffsetKnown) return header
  if (before === null) return first.baseOffsetKnown ? first : null
  return withoutGaps
    ? { ...header, baseOffset: before.lastOffset + 1n, baseOffsetKnown: true }
    : null
}

/** The index of the first of the sorted runs that ends at or behind an offset; they do not overlap each other. */
const firstBehind = (sorted: readonly Run[], offset: bigint): number =>
  firstIndex(sorted, (run) => lastOffset(run) >= offset)

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** Cuts only between batches: one that an overlap reaches into belongs to the overlap as a whole. */
function cut(window: Window, run: Run, overlapping: readonly Run[], withoutGaps: boolean): Run[] {
  const parts: Run[] = []
  let [wasFree, other] = [false, 0]
  let before: BatchHeader | null = null
  for (const stored of walkHeaders(window, run.position, run.end)) {
    const header = withBase(stored, run, before, withoutGaps)
    if (header === null) return [run]
    before = header
    while (lastOffset(overlapping[other] ?? run) < header.baseOffset && other < overlapping.length)
      other++
    const near = overlapping[other]
    const isFree = near === undefined || firstOffset(near) > header.lastOffset
    addToParts(parts, run, header, isFree !== wasFree)
    wasFree = isFree
  }
  return parts
}
