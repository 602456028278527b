/**
 * What the ladder did inside one damaged entry, rung by rung, for a person who asks why. Kept only on request: nothing is
 * decided by it, and no rung knows of it but for the words in which it answers.
 */
import { applyEdits } from '../edits.ts'
import type { Edit } from '../edits.ts'
import type { FieldChange } from '../repair.ts'
import { describeChanges } from './changes.ts'
import { shareBeforeRepair } from './false-match.ts'
import type { Attempt, NothingReason, RefusalReason, RungName, RungOutcome } from './rung.ts'

/** Why a candidate whose bits the CRC located is no repair. */
export type Rejection =
  | 'header-impossible'
  | 'crc-differs'
  | 'neighbours-contradict'
  | 'does-not-decode'
  | 'bytes-left-over'
  | 'times-disagree'

/** `not-judged`: a limit forbade to find out. */
export type CandidateVerdict = 'fits' | 'not-judged' | Rejection

/** `not-reached`: a rung before it has ended the search. */
export type RungResult = 'undone' | 'not-reached' | RefusalReason | NothingReason

/** One change of the entry that was looked at for itself. */
export interface Candidate {
  /** Byte place in the file of the first byte that it changes. */
  readonly position: number
  /** At most a handful, with old and new values. */
  readonly changes: readonly FieldChange[]
  readonly changesLeft: number
  readonly verdict: CandidateVerdict
}

/** One rung of the ladder, on one reading of the bytes. */
export interface RungStep {
  readonly rung: RungName
  /** The message format as which the bytes were read; null where the rung was not reached. */
  readonly readAs: number | null
  readonly result: RungResult
  /** In plain words; null where the result says it all. */
  readonly why: string | null
  /** Compared with the stored CRC, by this rung alone. */
  readonly candidatesTried: number
  /** Those that had it, at most a handful. */
  readonly candidates: readonly Candidate[]
  readonly candidatesLeft: number
  /** Of the one that fits, with everything tried before it; null where none does. */
  readonly falseMatchProbability: number | null
  /** The chance that all rungs so far would have taken something false for the truth. */
  readonly falseMatchTried: number
  /** See ledger.ts. */
  readonly steps: number
}

/** In the order in which the rungs are tried. */
export const LADDER: readonly RungName[] = [
  'crc-field',
  'one-bit',
  'one-byte',
  'short-burst',
  'two-bits',
  'long-burst',
  'gzip-header',
  'inserted-bytes',
  'moved-bytes',
]

const KEPT_CANDIDATES = 4
const KEPT_CHANGES = 4

/** Collects the steps of one search; holds a handful of candidates a rung, however many there are. */
export class Trail {
  readonly steps: RungStep[] = []
  #candidates: Candidate[] = []
  #judged = 0
  #probability: number | null = null

  /** A candidate and what was found of it. */
  judged({ entry }: Attempt, edits: readonly Edit[], verdict: CandidateVerdict): void {
    this.#judged++
    const isFull = this.#candidates.length === KEPT_CANDIDATES
    // What fits is always shown, in the place of what does not.
    if (isFull && verdict !== 'fits') return
    const changes = describeChanges(entry.bytes, applyEdits(entry.bytes, edits), edits)
    this.#candidates.splice(KEPT_CANDIDATES - 1, 1)
    this.#candidates.push({
      position: entry.position + (edits[0]?.at ?? 0),
      changes: changes.slice(0, KEPT_CHANGES),
      changesLeft: Math.max(0, changes.length - KEPT_CHANGES),
      verdict,
    })
  }

  /** The only candidate that fits was weighed. */
  weighed(falseMatchProbability: number): void {
    this.#probability = falseMatchProbability
  }

  /** `readAs`: see RungStep. Whatever was judged since the last step belongs to this one. */
  step(attempt: Attempt, rung: RungName, readAs: number, climb: () => RungOutcome): RungOutcome {
    const { ledger } = attempt
    const [candidatesBefore, stepsBefore] = [ledger.candidates, ledger.steps]
    const outcome = climb()
    this.steps.push({
      rung,
      readAs,
      result: outcome.type === 'undone' ? 'undone' : outcome.reason,
      why: outcome.type === 'undone' ? null : outcome.why,
      candidatesTried: ledger.candidates - candidatesBefore,
      candidates: this.#candidates,
      candidatesLeft: this.#judged - this.#candidates.length,
      falseMatchProbability: this.#probability,
      falseMatchTried: ledger.falseMatch(shareBeforeRepair(attempt)),
      steps: ledger.steps - stepsBefore,
    })
    ;[this.#candidates, this.#judged, this.#probability] = [[], 0, null]
    return outcome
  }
}

/** Runs one rung, and notes what came of it where somebody asks. */
export const noted = (
  attempt: Attempt,
  rung: RungName,
  readAs: number,
  climb: () => RungOutcome,
): RungOutcome => attempt.trail?.step(attempt, rung, readAs, climb) ?? climb()
