/**
 * Arbitration and undo by turns: what is put right in the holes between accepted batches is judged again together with
 * everything else, like any other batch, until nothing more can be put right.
 */
import type { Window } from '../../bytes/window.ts'
import { MAX_MARKER_BYTES } from '../../segment/end-transaction-marker.ts'
import { isControl, isTransactional } from '../../segment/record-batch.ts'
import type { Arbitration, ArbitrationInput } from '../arbitrate.ts'
import { arbitrate } from '../arbitrate.ts'
import type { Run } from '../runs.ts'
import { addToParts, headersOf, isInBounds } from '../runs.ts'
import type { HoleEntry } from './entry.ts'
import { repairOf } from './entry.ts'
import { placeEntries } from './place-entries.ts'
import type { BrokenStretch, HoleToken, OpenHole, UndoAttempt, UndoStretch } from './open-hole.ts'
import { offsetAfter } from './open-hole.ts'
import { readHole } from './read-hole.ts'
import type { SequenceVerdict } from './sequences.ts'
import { createSequenceCheck } from './sequences.ts'

/** Each round can make sense of what the one before has put right: first an offset, then an epoch. */
const MAX_ROUNDS = 4

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
 * `first` is what arbitrate says of the input. `attempts`: what came of the search inside damaged bytes, by the position where they begin.
 * `onHole` is called after each hole with its end, so that the caller can show progress or stop.
 */
export async function arbitrateAndUndo(
  input: ArbitrationInput,
  checks: EntryChecks,
  first: Arbitration,
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
  let repaired: readonly Run[] = []
  let arbitration = first
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found: Run[] = []
    log = { accepted: arbitration.accepted, holes: holesOf(input, arbitration) }
    for (const hole of log.holes) {
      const entries = undoHole(hole, input, undoStretch, { ...checks, log })
      found.push(
        ...entries
          .filter(({ position }) => !refused.has(position))
          .map((entry) => repairedRun(entry, input)),
      )
      await onHole(hole.end)
    }
    if (found.length === 0) break
    const again = new Set(found.map(({ position }) => position))
    const judged = judge(input, [
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

/** The runs as they were found, with repaired batches in the place of those that they were made of. */
function combine(window: Window, runs: readonly Run[], repaired: readonly Run[]): Run[] {
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

function undoHole(
  hole: OpenHole,
  input: ArbitrationInput,
  undo: UndoStretch,
  { decoded, endsTransaction, log }: EntryChecks & { readonly log: KnownLog },
): HoleEntry[] {
  const tokens = readHole(input.window, hole, undo).map((token) => decodedToken(token, decoded))
  const sequenceOf = createSequenceCheck(input.window, hole.prev, hole.next)
  const only = onlyMarkerOf(tokens)
  return placeEntries(tokens, hole, {
    evidence: input.evidence,
    withoutGaps: input.withoutGaps,
    sequenceOf: (header) =>
      only === null ? sequenceOf(header) : endsTransaction({ ...only, header }, hole, log),
  })
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

const repairedRun = (entry: HoleEntry, { evidence }: ArbitrationInput): Run => ({
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
