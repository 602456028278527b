/**
 * Arbitration and undo by turns: what is put right in the holes between accepted batches is judged again together with
 * everything else, like any other batch, until nothing more can be put right.
 */
import { MAX_MARKER_BYTES } from '../../segment/end-transaction-marker.ts'
import type { Arbitration, ArbitrationInput, Rejected } from '../arbitrate.ts'
import { arbitrate } from '../arbitrate.ts'
import { putBack } from '../put-back/put-back.ts'
import { standingGaps } from '../put-back/standing.ts'
import type { Run } from '../runs.ts'
import type { Attempts } from './attempts.ts'
import type { EntryChecks, KnownLog } from './known-log.ts'
import type { HoleToken, OpenHole, UndoStretch } from './open-hole.ts'
import { offsetAfter } from './open-hole.ts'
import { placeHoles, uncertainIn } from './place-holes.ts'
import { readHole } from './read-hole.ts'
import { combine, repairedRun } from './repaired-runs.ts'
import type { ReadHole } from './spans.ts'

/** Each round can make sense of what the one before has put right: first an offset, then an epoch. */
const MAX_ROUNDS = 6

/**
 * `first` is what arbitrate says of the input. `attempts`: gathers what came of the search inside damaged bytes.
 * `onHole` is called after each hole with its end, so that the caller can show progress or stop.
 */
export async function arbitrateAndUndo(
  input: ArbitrationInput,
  checks: EntryChecks,
  first: Arbitration,
  attempts: Attempts,
  onHole: (position: number) => Promise<void> | void,
): Promise<Arbitration> {
  let log: KnownLog = { accepted: [], holes: [] }
  const undoStretch = remembering(
    () => log,
    (stretch) =>
      attempts.add(stretch, (falseMatchBefore) =>
        checks.undoStretch(stretch, log, falseMatchBefore),
      ),
  )
  const refused = new Set<number>()
  const misplaced = new Set<number>()
  let repaired: readonly Run[] = []
  let arbitration = putBack(input, first)
  let countsFromLoose = false
  for (let round = 0; round < MAX_ROUNDS; round++) {
    log = { accepted: arbitration.accepted, holes: holesOf(input, arbitration) }
    const read: ReadHole[] = []
    for (const hole of log.holes) {
      const tokens = readHole(input.window, hole, undoStretch, checks.trace)
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
  return arbitration
}

/** What stands in the wrong place goes first: nothing must be changed in it. */
const settle = (input: ArbitrationInput): Arbitration => putBack(input, arbitrate(input))

/** What was put right and has no place in the log after all is what it was before: damage. */
function judge(
  input: ArbitrationInput,
  repaired: readonly Run[],
): { arbitration: Arbitration; repaired: readonly Run[]; refused: readonly number[] } {
  const refused: number[] = []
  for (let left = repaired; ;) {
    const runs = combine(input.window, input.runs, left)
    const arbitration = settle({ ...input, runs })
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
  const others = rejected.map(({ run }) => run)
  const gaps = standingGaps(accepted, others, window.source.size, evidence)
  for (const { position, end, prev, next, movedOut, looseBytes } of gaps) {
    const start = taken
    while (taken < rejected.length && (rejected[taken]?.run.position ?? end) < end) taken++
    if (looseBytes > 0)
      holes.push({
        position,
        end,
        prev,
        next,
        rejected: [...rejected.slice(start, taken), ...movedOut.map(asCopy)].sort(
          (a, b) => a.run.position - b.run.position,
        ),
        expectedOffset: offsetAfter(prev, evidence.segmentBaseOffset),
      })
  }
  return holes
}

/** What belongs elsewhere takes no offsets here, like a second copy. */
const asCopy = (run: Run): Rejected => ({ run, reason: 'duplicate-batch', ours: false })

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
    const key = `${stretch.position}-${stretch.end}${round} ${stretch.only ?? ''}`
    const before = known.get(key)
    if (before !== undefined) return before
    const entry = undo(stretch)
    known.set(key, entry)
    return entry
  }
}
