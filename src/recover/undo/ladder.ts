/**
 * All that was tried on one damaged place, for a person who asks why: the fields outside the CRC, each reading of the bytes
 * with the rungs on it, and the marker that may have stood there. Kept for one place of a file and only on request.
 */
import { LOG_OVERHEAD } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { Damage } from '../damage.ts'
import type { FieldChange } from '../repair.ts'
import { LADDER } from '../rungs/trail.ts'
import type { RungStep } from '../rungs/trail.ts'
import type { OuterField } from './entry.ts'

/** What proposes a value for a field outside the CRC. */
export type OuterBasis =
  'header-behind' | 'end-of-damage' | 'counting' | 'index' | 'one-bit' | 'own'

/** `no-room`: the batch would overlap its neighbours. `not-ours`: nothing says that it is this log's, and damaged. */
export type OuterVerdict =
  | 'fits'
  | 'crc-differs'
  | 'no-room'
  | 'not-ours'
  | 'may-have-moved'
  | 'sequence-contradicts'
  | 'several-fit'

/** One value that was tried for a field outside the CRC. */
export interface OuterTrial {
  readonly field: OuterField
  /** Byte place of the batch in its file. */
  readonly position: number
  /** `before` where it was left as it is. */
  readonly before: string
  readonly proposed: string
  readonly basis: OuterBasis
  readonly verdict: OuterVerdict
}

/** The length with which a batch ends where another begins, or where the damage ends: the CRC says whether it is right. */
export const lengthTrial = (
  { position, sizeInBytes }: BatchHeader,
  {
    end,
    holeEnd,
    holds,
  }: { readonly end: number; readonly holeEnd: number; readonly holds: boolean },
): OuterTrial => ({
  field: 'batchLength',
  position,
  before: String(sizeInBytes - LOG_OVERHEAD),
  proposed: String(end - position - LOG_OVERHEAD),
  basis: end === holeEnd ? 'end-of-damage' : 'header-behind',
  verdict: holds ? 'fits' : 'crc-differs',
})

/** What came of one reading: the bytes as they stand, or with a length or magic that the log around them asks for. */
export interface Reading {
  /** What was set before the rungs were tried. */
  readonly assumed: readonly FieldChange[]
  /** `may-be-another`: what is left without surplus bytes could be another batch than the one here. */
  readonly result: 'undone' | 'nothing' | 'may-be-another'
  /** Empty where something was undone. */
  readonly why: string
  /** One a rung, in their order; a second one where the bytes were read as another message format too. */
  readonly rungs: readonly RungStep[]
  readonly candidatesTried: number
  readonly falseMatchTried: number
  readonly steps: number
  readonly effort: number
}

export interface MarkerStep {
  readonly result:
    | 'built'
    | 'no-producer'
    | 'too-many-candidates'
    | 'nothing-fits'
    | 'several-fit'
    | 'index-contradicts'
  /** Empty where it was built. */
  readonly why: string
  readonly candidatesTried: number
}

/** The search inside the bytes from `position` to `end`, taken for one batch. */
export interface Search {
  readonly position: number
  readonly end: number
  /** Null where it was looked into. */
  readonly notLookedInto: 'no-header' | 'too-large' | 'unreadable' | null
  readonly readings: readonly Reading[]
  /** Null where the bytes cannot be a marker, or a rung has put them right. */
  readonly marker: MarkerStep | null
}

export interface Ladder {
  readonly outerFields: readonly OuterTrial[]
  readonly searches: readonly Search[]
}

type Place = Pick<Search, 'position' | 'end'>

/** Damage made to be slow has no end of places to try; the last ones are as good as any. */
const MOST_KEPT = 64

const CLIMBS_ON: ReadonlySet<RungStep['result']> = new Set([
  'nothing-fits',
  'not-applicable',
  'too-many-candidates',
  'effort-too-small',
])

/** All rungs of the ladder in their order, those too that were not reached. */
export function wholeLadder(steps: readonly RungStep[]): RungStep[] {
  const last = steps.findLast(({ result }) => !CLIMBS_ON.has(result))
  const end = last === undefined ? LADDER.length : LADDER.indexOf(last.rung)
  return LADDER.flatMap((rung, index): readonly RungStep[] => {
    const own = steps.filter((step) => step.rung === rung)
    if (own.length > 0) return own
    const result = index > end ? 'not-reached' : 'not-applicable'
    return [{ ...UNTRIED, rung, result }]
  })
}

const UNTRIED: Omit<RungStep, 'rung' | 'result'> = {
  readAs: null,
  why: null,
  candidatesTried: 0,
  candidates: [],
  candidatesLeft: 0,
  falseMatchProbability: null,
  falseMatchTried: 0,
  steps: 0,
}

/** Gathers what is tried where a byte of the file lies. What is tried again in a later round takes the former's place. */
export class LadderTrace {
  readonly #position: number
  readonly #trials = new Map<string, OuterTrial>()
  readonly #searches = new Map<string, Search>()

  constructor(position: number) {
    this.#position = position
  }

  concerns({ position, end }: Place): boolean {
    return position <= this.#position && this.#position < end
  }

  /** `end`: where the batch would end. */
  outer(trial: OuterTrial, end: number): void {
    if (!this.concerns({ position: trial.position, end })) return
    const { field, position, proposed, basis } = trial
    keep(this.#trials, `${field} ${position} ${proposed} ${basis}`, trial)
  }

  search(search: Search): void {
    if (this.concerns(search)) keep(this.#searches, `${search.position}-${search.end}`, search)
  }

  /** What was tried from a place's first byte on; null when nothing was. */
  on({ position, end }: Place): Ladder | null {
    const isInside = (tried: { readonly position: number }): boolean =>
      position <= tried.position && tried.position < end
    const outerFields = [...this.#trials.values()].filter(isInside)
    const searches = [...this.#searches.values()].filter(isInside)
    return outerFields.length + searches.length === 0 ? null : { outerFields, searches }
  }
}

function keep<T>(all: Map<string, T>, key: string, value: T): void {
  const [first] = all.keys()
  if (all.size === MOST_KEPT && !all.has(key) && first !== undefined) all.delete(first)
  all.set(key, value)
}

/** An entry of damage with what was tried on it. */
export function withLadder(entry: Damage, trace: LadderTrace | null): Damage {
  const { position, sizeInBytes } = entry
  const ladder = trace?.on({ position, end: position + sizeInBytes }) ?? null
  if (ladder !== null) entry.ladder = ladder
  return entry
}
