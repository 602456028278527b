/**
 * Which of two batches says a wrong offset, where gaps are normal and one begins at or before the other's end. Both stand
 * side by side in the file, so both are of this log, and one of their offsets is damaged: not the one of fewer records, but
 * the one that a single flipped bit brings back to where both fit.
 */
import type { Window } from '../bytes/window.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Evidence } from './evidence.ts'
import { indexedOffset } from './indexed-offset.ts'
import type { OffsetDoubt } from './offset-doubt.ts'
import type { Run } from './runs.ts'
import { addToParts, firstOffset, headersOf, isInBounds, lastOffset } from './runs.ts'
import type { OffsetRoom } from './stored-offset.ts'
import { oneBitAway } from './stored-offset.ts'
import { compareSequences } from './undo/sequences.ts'
import { saysZeros } from './zeroed-offsets.ts'

/**
 * The batches of which no offset can be taken from the log as it stands; `runs` in file order, all of them in the range of
 * the segment. Each pair of neighbours that contradict each other is asked once.
 */
export function contradictingOffsets(
  runs: readonly Run[],
  evidence: Evidence,
): ReadonlyMap<Run, OffsetDoubt> {
  const doubts = new Map<Run, OffsetDoubt>()
  const standing: Run[] = []
  runs.forEach((run, index) => {
    const before = standing.at(-1)
    if (before === undefined || before !== runs[index - 1] || !isContradiction(before, run)) {
      standing.push(run)
      return
    }
    const outer = { before: standing.at(-2), after: runs[index + 1] }
    const suspects = suspectsOf(before, run, outer, evidence)
    const either = suspects.length > 1
    for (const suspect of suspects)
      doubts.set(suspect, doubt(suspect, suspect === run ? before : run, either))
    if (suspects.includes(before)) standing.pop()
    if (!suspects.includes(run)) standing.push(run)
  })
  return doubts
}

/** `either`: nothing tells which of the two is wrong. */
const doubt = (run: Run, other: Run, either: boolean): OffsetDoubt => ({
  kind: 'contradicted',
  words: `a whole batch whose offsets, ${firstOffset(run)} to ${lastOffset(run)}, contradict those of the batch at position ${other.position}, ${firstOffset(other)} to ${lastOffset(other)}; ${either ? 'one flipped bit in either of them can be the reason, so neither is believed' : 'one flipped bit in this one is the reason'}`,
})

/** They touch: a page that was written to the wrong place would have torn batches at its ends. */
const isContradiction = (before: Run, run: Run): boolean =>
  before.end === run.position &&
  before.last.baseOffsetKnown &&
  run.first.baseOffsetKnown &&
  lastOffset(before) >= firstOffset(run)

interface Outer {
  readonly before: Run | undefined
  readonly after: Run | undefined
}

/**
 * The runs as they are, but for the batch at an end that contradicts the next run, or says an offset of zeros, where a gap
 * lies between it and the rest: it is a run of its own. In logs of very many gaps runs reach across them.
 */
export const withEdgesApart = (window: Window, runs: readonly Run[]): readonly Run[] =>
  runs.flatMap((run, index) => {
    const [before, after] = [runs[index - 1], runs[index + 1]]
    const head = saysZeros(run) || (before !== undefined && isContradiction(before, run))
    const tail = after !== undefined && isContradiction(run, after)
    return run.batches > 1 && (head || tail) ? cutEdges(window, run, { head, tail }) : [run]
  })

function cutEdges(
  window: Window,
  run: Run,
  { head, tail }: { readonly head: boolean; readonly tail: boolean },
): readonly Run[] {
  const parts: Run[] = []
  let before: BatchHeader | null = null
  for (const header of headersOf(window, run)) {
    const isBehindGap = before !== null && header.baseOffset > before.lastOffset + 1n
    const isEdge =
      (head && before?.position === run.position) || (tail && header.position === run.last.position)
    addToParts(parts, run, header, header.baseOffsetKnown && isBehindGap && isEdge)
    before = header
  }
  return parts.length > 1 ? parts : [run]
}

/** Those of the two that one flipped bit explains; only those that something beside their fit speaks for, where it does. */
function suspectsOf(before: Run, after: Run, outer: Outer, evidence: Evidence): readonly Run[] {
  const found = [
    { run: before, proof: explain(before, { before: outer.before, after }, evidence) },
    { run: after, proof: explain(after, { before, after: outer.after }, evidence) },
  ]
  const proven = found.filter(({ proof }) => proof === 'proven')
  const suspects = proven.length === 1 ? proven : found.filter(({ proof }) => proof !== 'none')
  return suspects.map(({ run }) => run)
}

/** `proven`: something beside the room between the neighbours says where it was. */
type Explanation = 'none' | 'fits' | 'proven'

/** Whether an offset one bit from its own brings the batch between these two. */
function explain(run: Run, between: Outer, evidence: Evidence): Explanation {
  if (run.batches > 1 || run.repair !== null) return 'none'
  const { first: header, position } = run
  const indexed = indexedOffset(evidence, position)
  if (indexed === header.lastOffset || followsOn(header, between)) return 'none'
  const places = oneBitAway(header, roomIn(between, evidence)).filter(
    (place) =>
      isInBounds(place, {
        first: evidence.segmentBaseOffset,
        next: evidence.nextSegmentBaseOffset,
      }) && !sequencesAround(place, between).includes('contradicts'),
  )
  if (places.length === 0) return 'none'
  const isProven = places.some((place) => place.lastOffset === indexed || followsOn(place, between))
  return isProven ? 'proven' : 'fits'
}

const sequencesAround = (header: BatchHeader, { before, after }: Outer): readonly string[] => [
  ...(before === undefined ? [] : [compareSequences(before.last, header)]),
  ...(after === undefined ? [] : [compareSequences(header, after.first)]),
]

/** Its producer's numbers go on from a neighbour exactly as the offsets do. */
const followsOn = (header: BatchHeader, between: Outer): boolean =>
  sequencesAround(header, between).includes('continues')

const roomIn = (
  { before, after }: Outer,
  { segmentBaseOffset, nextSegmentBaseOffset }: Evidence,
): OffsetRoom => ({
  low: before === undefined ? (segmentBaseOffset ?? 0n) : lastOffset(before) + 1n,
  high: after === undefined ? nextSegmentBaseOffset : firstOffset(after),
})
