/** What scan and repair make of one damaged place, having looked at the whole file and at what lies beside it. */
import type { Window } from '../bytes/window.ts'
import type { Damage, Outcome } from '../recover/damage.ts'
import type { SegmentDiagnosis } from '../recover/diagnose.ts'
import { diagnose } from '../recover/diagnose.ts'
import { gatherEvidence, readTimeIndex, resolveWhole } from '../recover/inputs.ts'
import type { ResolvedOptions } from '../recover/options.ts'
import { checkpointFor } from '../recover/options.ts'
import type { FieldChange } from '../recover/repair.ts'
import type { RungName } from '../recover/rungs/rung.ts'
import { salvageDamage } from '../recover/salvage/salvage-damage.ts'
import type { Ladder } from '../recover/undo/ladder.ts'

/** The step of the whole ladder that repair would take. */
export type Taken = 'outer-fields' | RungName | 'marker' | 'put-back' | 'skip' | 'drop' | 'keep'

/** The offsets that a skipped place stands for; `lastOffset` null where nothing tells. */
export interface SkippedOffsets {
  readonly firstOffset: bigint
  readonly lastOffset: bigint | null
  readonly nextOffset: bigint | null
}

/** What scan says, and what repair would do. */
export interface Verdict {
  readonly reason: string
  readonly outcome: Outcome
  readonly message: string
  /** The damage as scan has it: it may reach further than the bytes that were asked about. */
  readonly position: number
  readonly sizeInBytes: number
  readonly taken: Taken
  /** How repair would put it right; empty where it would not. */
  readonly changes: readonly FieldChange[]
  readonly evidence: readonly string[]
  /** Fields that would be set to the likeliest value, not to one that follows. */
  readonly inferred: readonly string[]
  readonly falseMatchProbability: number | null
  readonly maxFalseMatch: number
  /** What came of the search for an undo where nothing was undone; null where nothing was looked for. */
  readonly attempt: NonNullable<Damage['attempt']> | null
  /** What was tried, step by step; null where there was nothing to look for, as under a CRC that holds. */
  readonly ladder: Ladder | null
  /** Records that can still be read out of what is skipped; null where nothing is. */
  readonly salvagedRecords: number | null
  readonly skippedOffsets: SkippedOffsets | null
}

/** Null where scan finds no damage at the position. */
export async function judge(
  window: Window,
  path: string,
  position: number,
  settings: ResolvedOptions,
): Promise<Verdict | null> {
  const input = resolveWhole(path)[0]?.segments[0]
  if (input === undefined) return null
  const onProgress = checkpointFor(settings, path, window.source.size)
  const asked = { ...settings, onProgress, traceAt: position }
  const diagnosis = await diagnose(window, gatherEvidence(input), asked)
  const damage = diagnosis.damage.find(
    (entry) =>
      entry.position <= position && position < entry.position + Math.max(1, entry.sizeInBytes),
  )
  if (damage === undefined) return null
  const { reason, outcome, message, sizeInBytes, repair, attempt, ladder } = damage
  return {
    reason,
    outcome,
    message,
    position: damage.position,
    sizeInBytes,
    taken: takenOf(damage),
    changes: repair?.changes ?? [],
    evidence: repair?.evidence ?? [],
    inferred: repair?.inferred ?? [],
    falseMatchProbability: repair?.falseMatchProbability ?? null,
    maxFalseMatch: settings.maxFalseMatch,
    attempt: attempt ?? null,
    ladder: ladder ?? null,
    ...skippedIn(damage, diagnosis),
    salvagedRecords:
      outcome === 'skipped'
        ? (salvageDamage(window, damage, diagnosis, {
            maxDecompressedBytes: settings.maxDecompressedBytes,
            timeIndex: readTimeIndex(input),
          })?.records.length ?? 0)
        : null,
  }
}

function takenOf({ position, sizeInBytes, outcome, repair, ladder }: Damage): Taken {
  if (outcome !== 'repaired')
    return ({ skipped: 'skip', dropped: 'drop', kept: 'keep' } as const)[outcome]
  if (repair?.changes.some(({ field }) => field === 'position') === true) return 'put-back'
  const search = ladder?.searches.find(
    (tried) => tried.position === position && tried.end === position + sizeInBytes,
  )
  if (search?.marker?.result === 'built') return 'marker'
  const reading = search?.readings.find(({ result }) => result === 'undone')
  return reading?.rungs.find(({ result }) => result === 'undone')?.rung ?? 'outer-fields'
}

function skippedIn(damage: Damage, { ranges }: SegmentDiagnosis): Pick<Verdict, 'skippedOffsets'> {
  const range = ranges.find((each) => each.damage.includes(damage))
  if (range === undefined) return { skippedOffsets: null }
  const { firstOffset, lastOffset } = range
  const nextOffset = lastOffset === null ? null : lastOffset + 1n
  return { skippedOffsets: { firstOffset, lastOffset, nextOffset } }
}
