/**
 * Arbitration and undo by turns: what is put right in the holes between accepted batches is judged again together with
 * everything else, like any other batch, until nothing more can be put right.
 */
import { MAX_MARKER_BYTES } from '../../segment/end-transaction-marker.ts'
import { isControl, isTransactional } from '../../segment/record-batch.ts'
import type { Arbitration, ArbitrationInput } from '../arbitrate.ts'
import { arbitrate } from '../arbitrate.ts'
import { isZero } from '../classify-bytes.ts'
import type { Run } from '../runs.ts'
import type { HoleEntry } from './entry.ts'
import type { PlacingContext } from './choose-offset.ts'
import { uncertainRuns } from './firmness.ts'
import type { Firmness } from './firmness.ts'
import type { Anchors } from './place-entries.ts'
import { placeEntries } from './place-entries.ts'
import { withEpochs } from './place-epochs.ts'
import { combine, repairedRun } from './repaired-runs.ts'
import type { ReadHole, Span } from './spans.ts'
import { spansOf } from './spans.ts'
import type { BrokenStretch, HoleToken, OpenHole, UndoAttempt, UndoStretch } from './open-hole.ts'
import { offsetAfter } from './open-hole.ts'
import { readHole } from './read-hole.ts'
import type { SequenceVerdict } from './sequences.ts'
import { createSequenceCheck } from './sequences.ts'

/** Each round can make sense of what the one before has put right: first an offset, then an epoch. */
const MAX_ROUNDS = 6

/** The segment as it stands in one round. A new round has a new one. */
export interface KnownLog {
  readonly accepted: readonly Run[]
  /** All damaged places of the segment. */
  readonly holes: readonly OpenHole[]
}

/** What is asked about a single entry. */
export interface EntryChecks {
  /** Puts a stretch right from the inside. `log`: what is known of the whole segment by now. */
  readonly undoStretch: (stretch: BrokenStretch, log: KnownLog) => UndoAttempt
  /** Whether a marker whose CRC holds, and which is all there is in the hole, ends what is open there. */
  readonly endsTransaction: (marker: HoleEntry, hole: OpenHole, log: KnownLog) => SequenceVerdict
  /** The entry with what only its records tell (a wrapper's first offset); null when they do not decode. */
  readonly decoded: (entry: HoleEntry) => HoleEntry | null
}

/**
 * `attempts`: what came of the search inside damaged bytes, by the position where they begin.
 * `onHole` is called after each hole with its end, so that the caller can show progress or stop.
 */
export async function arbitrateAndUndo(
  input: ArbitrationInput,
  checks: EntryChecks,
  onHole: (position: number) => Promise<void> | void,
): Promise<{ arbitration: Arbitration; attempts: ReadonlyMap<number, UndoAttempt> }> {
  let log: KnownLog = { accepted: [], holes: [] }
  const attempts = new Map<number, UndoAttempt>()
  const undoStretch = remembering(
    () => log,
    (stretch) => {
      const attempt = checks.undoStretch(stretch, log)
      const before = attempts.get(stretch.position)
      attempts.set(stretch.position, joined(before, attempt))
      return attempt.entry
    },
  )
  const refused = new Set<number>()
  const misplaced = new Set<number>()
  let repaired: readonly Run[] = []
  let arbitration = arbitrate(input)
  let countsFromLoose = false
  for (let round = 0; round < MAX_ROUNDS; round++) {
    log = { accepted: arbitration.accepted, holes: holesOf(input, arbitration) }
    const read: ReadHole[] = []
    for (const hole of log.holes) {
      const tokens = readHole(input.window, hole, undoStretch)
      read.push({ hole, tokens: tokens.map((token) => decodedToken(token, checks.decoded)) })
      await onHole(hole.end)
    }
    const uncertain = uncertainIn(log, input)
    const known = { log, uncertain, countsFromLoose }
    const placed = placeHoles(read, known, input, checks)
    const found = placed.entries
      .filter(({ position }) => !refused.has(position))
      .map((entry) => repairedRun(entry, input.evidence))
    const news = placed.misplaced.filter((position) => !misplaced.has(position))
    for (const position of news) misplaced.add(position)
    if (found.length + news.length === 0) {
      if (countsFromLoose || uncertain.size === 0) break
      countsFromLoose = true
      continue
    }
    const again = new Set(found.map(({ position }) => position))
    const judged = judge({ ...input, misplaced }, [
      ...repaired.filter(({ position }) => !again.has(position)),
      ...found,
    ])
    arbitration = judged.arbitration
    repaired = judged.repaired
    for (const position of judged.refused) refused.add(position)
  }
  return { arbitration, attempts }
}

/** Two framings of one place were tried. */
const joined = (before: UndoAttempt | undefined, attempt: UndoAttempt): UndoAttempt => ({
  entry: attempt.entry,
  why: [...new Set([before?.why ?? '', attempt.why])].filter((why) => why !== '').join('; '),
  falseMatchTried: (before?.falseMatchTried ?? 0) + attempt.falseMatchTried,
})

/** What was put right and has no place in the log after all is what it was before: damage. */
function judge(
  input: ArbitrationInput,
  repaired: readonly Run[],
): { arbitration: Arbitration; repaired: readonly Run[]; refused: readonly number[] } {
  const refused: number[] = []
  for (let left = repaired; ;) {
    const runs = combine(input.window, input.runs, left)
    const arbitration = arbitrate({ ...input, runs })
    const placeless = new Set(arbitration.rejected.map(({ run }) => run).filter(isRepaired))
    if (placeless.size === 0) return { arbitration, repaired: left, refused }
    refused.push(...[...placeless].map(({ position }) => position))
    left = left.filter((run) => !placeless.has(run))
  }
}

const isRepaired = ({ repair }: Run): boolean => repair !== null

function holesOf(
  { window, evidence }: ArbitrationInput,
  { accepted, rejected }: Arbitration,
): OpenHole[] {
  const holes: OpenHole[] = []
  let taken = 0
  let prev: Run | null = null
  for (const next of [...accepted, null]) {
    const [position, end] = [prev?.end ?? 0, next?.position ?? window.source.size]
    const start = taken
    while (taken < rejected.length && (rejected[taken]?.run.position ?? end) < end) taken++
    if (end > position)
      holes.push({
        position,
        end,
        prev,
        next,
        rejected: rejected.slice(start, taken),
        expectedOffset: offsetAfter(prev, evidence.segmentBaseOffset),
      })
    prev = next
  }
  return holes
}

/** Runs whose place says nothing of what they touch; where gaps are normal nothing does. */
const uncertainIn = (
  { accepted }: KnownLog,
  { window, evidence, withoutGaps }: ArbitrationInput,
): ReturnType<typeof uncertainRuns> =>
  withoutGaps ? uncertainRuns(accepted, window.source.size, evidence) : new Map()

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

function placeHoles(
  read: readonly ReadHole[],
  known: KnownPlaces,
  input: ArbitrationInput,
  checks: EntryChecks,
): PlacedInLog {
  const { log, uncertain } = known
  const { evidence, window } = input
  const spans = spansOf(
    log.accepted,
    read,
    (run) => uncertain.has(run),
    (run) => offsetAfter(run, evidence.segmentBaseOffset),
  )
  const placed = spans.map((span) => placeSpan(span, known, input, checks))
  const found = placed.flatMap(({ entries }) => entries)
  const runs = combine(
    window,
    log.accepted,
    found.map((entry) => repairedRun(entry, evidence)),
  )
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

/** More zeros than a batch may end with. */
const MANY_ZEROS = 16

function contextOf(
  { hole, tokens }: ReadHole,
  { window, evidence, withoutGaps }: ArbitrationInput,
  { endsTransaction }: EntryChecks,
  log: KnownLog,
): PlacingContext {
  const sequenceOf = createSequenceCheck(window, hole.prev, hole.next)
  const only = onlyMarkerOf(tokens)
  return {
    evidence,
    withoutGaps,
    sequenceOf: (header) =>
      only === null ? sequenceOf(header) : endsTransaction({ ...only, header }, hole, log),
    isMissingElsewhere: (offset) => isMissingIn(log.holes, hole, offset),
    followsZeros: (position) =>
      position >= MANY_ZEROS && isZero(window, position - MANY_ZEROS, position),
  }
}

/** Whether a hole outside of this one lacks an offset. The offsets of holes ascend. */
function isMissingIn(holes: readonly OpenHole[], here: OpenHole, offset: bigint): boolean {
  let [low, high] = [0, holes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((holes[middle]?.expectedOffset ?? 0n) <= offset) low = middle + 1
    else high = middle
  }
  const hole = holes[low - 1]
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

function decodedToken(token: HoleToken, decoded: EntryChecks['decoded']): HoleToken {
  switch (token.type) {
    case 'bytes':
      return token
    case 'entry': {
      const { position, end } = token.entry
      const entry = decoded(token.entry)
      return entry === null ? { type: 'bytes', position, end } : { type: 'entry', entry }
    }
    case 'proven': {
      const entries = token.entries.map(decoded).filter((entry) => entry !== null)
      const { position, end } = token.rejected.run
      return entries.length < token.entries.length
        ? { type: 'bytes', position, end }
        : { ...token, entries }
    }
  }
}

/**
 * A stretch is worked on once, in whatever round it is met; one that may be a marker again when more of the log around
 * it is known.
 */
function remembering(log: () => KnownLog, undo: UndoStretch): UndoStretch {
  const known = new Map<string, ReturnType<UndoStretch>>()
  return (stretch) => {
    const size = stretch.end - stretch.position
    const round = size > MAX_MARKER_BYTES ? '' : ` of ${log().holes.length}`
    const key = `${stretch.position}-${stretch.end}${round}`
    const before = known.get(key)
    if (before !== undefined) return before
    const entry = undo(stretch)
    known.set(key, entry)
    return entry
  }
}
