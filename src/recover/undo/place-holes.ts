/** What the entries of all holes become: their offsets, hole by hole or several at once, and then their epochs. */
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isControl, isTransactional } from '../../segment/record-batch.ts'
import type { ArbitrationInput } from '../arbitrate.ts'
import type { Evidence } from '../evidence.ts'
import { firstIndex } from '../first-index.ts'
import type { Run } from '../runs.ts'
import { firstOffset, lastOffset } from '../runs.ts'
import { followsZeros } from '../zeros-before.ts'
import type { PlacingContext } from './choose-offset.ts'
import type { HoleEntry } from './entry.ts'
import { uncertainRuns } from './firmness.ts'
import type { Firmness } from './firmness.ts'
import type { EntryChecks, KnownLog } from './known-log.ts'
import type { LadderTrace } from './ladder.ts'
import type { HoleToken, OpenHole } from './open-hole.ts'
import { offsetAfter } from './open-hole.ts'
import type { Anchors } from './place-entries.ts'
import { placeEntries } from './place-entries.ts'
import { withEpochs } from './place-epochs.ts'
import { combine, repairedRun } from './repaired-runs.ts'
import { createSequenceCheck } from './sequences.ts'
import type { ReadHole, Span } from './spans.ts'
import { spansOf } from './spans.ts'

/** Runs whose place says nothing of what they touch; where gaps are normal nothing does. */
export const uncertainIn = (
  { accepted }: KnownLog,
  { window, evidence, withoutGaps }: ArbitrationInput,
): ReturnType<typeof uncertainRuns> =>
  withoutGaps && !hasMoved(accepted)
    ? uncertainRuns(accepted, window.source.size, evidence)
    : new Map()

/** Once a batch was put in its place from elsewhere, what touches what in the file is not the log. */
const hasMoved = (accepted: readonly Run[]): boolean =>
  accepted.some(({ movedTo }) => movedTo !== undefined)

const alone = (read: ReadHole): Span => ({ holes: [read], runs: [], whole: read })

function inLogOrder(accepted: readonly Run[], read: readonly ReadHole[]): ReadHole[] {
  const places = new Map(accepted.map((run, index) => [run, index + 1]))
  const placeOf = ({ hole: { prev } }: ReadHole): number =>
    prev === null ? 0 : (places.get(prev) ?? 0)
  return read.toSorted((a, b) => placeOf(a) - placeOf(b))
}

const byOffset = (a: Run, b: Run): number => (firstOffset(a) < firstOffset(b) ? -1 : 1)

interface KnownPlaces {
  readonly log: KnownLog
  readonly uncertain: ReadonlyMap<Run, Firmness>
  /** Offsets are counted from loose runs too: nothing firmer has led on. */
  readonly countsFromLoose: boolean
}

interface PlacedInLog {
  readonly entries: readonly HoleEntry[]
  /** Positions of accepted batches that the log around them contradicts. */
  readonly misplaced: readonly number[]
}

/** `read`: the holes in file order. What comes back is in the order of the log. */
export function placeHoles(
  read: readonly ReadHole[],
  known: KnownPlaces,
  input: ArbitrationInput,
  checks: EntryChecks,
): PlacedInLog {
  const { log, uncertain } = known
  const { evidence, window } = input
  const isMoved = hasMoved(log.accepted)
  const spans = isMoved
    ? inLogOrder(log.accepted, read).map(alone)
    : spansOf(
        log.accepted,
        read,
        (run) => uncertain.has(run),
        (run) => offsetAfter(run, evidence.segmentBaseOffset),
      )
  const placed = spans.map((span) => placeSpan(span, known, input, checks))
  const found = placed.flatMap(({ entries }) => entries)
  const repaired = found.map((entry) => repairedRun(entry, evidence))
  const runs = isMoved
    ? [...log.accepted, ...repaired].sort(byOffset)
    : combine(window, log.accepted, repaired)
  return {
    entries: withEpochs(found, runs, evidence).filter(({ changes }) => changes.length > 0),
    misplaced: placed.flatMap(({ misplaced }) => misplaced),
  }
}

/** As one, where everything in it fills what is missing there; else each hole by itself. */
function placeSpan(
  { holes, runs, whole }: Span,
  { log, uncertain, countsFromLoose }: KnownPlaces,
  input: ArbitrationInput,
  checks: EntryChecks,
): PlacedInLog {
  const context = (read: ReadHole): PlacingContext => contextOf(read, input, checks, log)
  if (runs.length > 0) {
    const { entries, contradicted, fills } = placeEntries(
      whole.tokens,
      whole.hole,
      context(whole),
      { left: true, right: true },
    )
    const moved = new Set([...entries, ...contradicted].map(({ position }) => position))
    const misplaced = runs.map(({ position }) => position).filter((place) => moved.has(place))
    if (fills) return { entries, misplaced }
  }
  const isAnchor = (run: Run | null): boolean => {
    const firmness = run === null ? undefined : uncertain.get(run)
    return firmness === undefined || (firmness === 'loose' && countsFromLoose)
  }
  const entries = holes.flatMap((read) => {
    const anchors: Anchors = { left: isAnchor(read.hole.prev), right: isAnchor(read.hole.next) }
    return placeEntries(read.tokens, read.hole, context(read), anchors).entries
  })
  return { entries, misplaced: [] }
}

function contextOf(
  { hole, tokens }: ReadHole,
  { window, evidence, withoutGaps }: ArbitrationInput,
  { endsTransaction, trace }: EntryChecks,
  log: KnownLog,
): PlacingContext {
  const sequenceOf = createSequenceCheck(window, hole.prev, hole.next)
  const only = onlyMarkerOf(tokens)
  return {
    evidence,
    withoutGaps,
    isMissingElsewhere: (offset) => isMissingIn(log.holes, hole, offset),
    mayBelongElsewhere: (header) => isFreeIn(log.accepted, header, evidence),
    sequenceOf: (header) =>
      only === null ? sequenceOf(header) : endsTransaction({ ...only, header }, hole, log),
    followsZeros: (position) => followsZeros(window, position),
    showsJoins: log.accepted.some(({ batches }) => batches > 1),
    ...(trace === undefined ? {} : { onOffset: toTrials(trace) }),
  }
}

const toTrials =
  (trace: LadderTrace): NonNullable<PlacingContext['onOffset']> =>
  ({ position, end, header }, { baseOffset, basis, verdict }) => {
    const [before, proposed] = [header.baseOffset.toString(), baseOffset.toString()]
    trace.outer({ field: 'baseOffset', position, before, proposed, basis, verdict }, end)
  }

/** Whether a hole outside of this one lacks an offset. The offsets of holes ascend. */
function isMissingIn(holes: readonly OpenHole[], here: OpenHole, offset: bigint): boolean {
  const at = firstIndex(holes, ({ expectedOffset }) => (expectedOffset ?? 0n) > offset) - 1
  const hole = holes[at]
  if (hole === undefined || (hole.position >= here.position && hole.end <= here.end)) return false
  return hole.next !== null && offset < hole.next.first.baseOffset
}

/** A marker has no sequence that would tell whether it belongs here; its producer's transactions may. */
function onlyMarkerOf([token, ...others]: readonly HoleToken[]): HoleEntry | null {
  if (token === undefined || token.type === 'bytes' || others.length > 0) return null
  const entries = token.type === 'entry' ? [token.entry] : token.entries
  const [entry] = entries
  const isMarker = entry !== undefined && isControl(entry.header) && isTransactional(entry.header)
  return isMarker && entries.length === 1 ? entry : null
}

/** Whether a batch's offsets lie between two neighbouring runs, or between one and a known end of the segment. */
function isFreeIn(
  accepted: readonly Run[],
  { baseOffset, lastOffset: last }: BatchHeader,
  { segmentBaseOffset, nextSegmentBaseOffset }: Evidence,
): boolean {
  const at = firstIndex(accepted, (run) => lastOffset(run) >= baseOffset)
  const after = accepted[at]
  const end = after === undefined ? nextSegmentBaseOffset : firstOffset(after)
  const isInside = at > 0 || (segmentBaseOffset !== null && baseOffset >= segmentBaseOffset)
  return isInside && end !== null && last < end
}
