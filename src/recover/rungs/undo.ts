/**
 * The ladder: the ways to undo damage inside one entry, cheapest and likeliest first. The first that finds exactly
 * one repair ends it; one that finds several ends it too, because then nothing tells which is true.
 */
import { MAGIC_POSITION } from '../../segment/layout.ts'
import { isLegacy, minimumBytes } from '../../segment/record-batch.ts'
import { claimedSize, coveredArea } from './area.ts'
import { undoCrcField } from './crc-field.ts'
import { wrongDecodeShare } from './false-match.ts'
import { undoFlips } from './flips.ts'
import { undoGzipHeader } from './gzip-header.ts'
import { undoInserted } from './inserted.ts'
import { Ledger } from './ledger.ts'
import { undoMovedSectors } from './moved-sectors.ts'
import { NOT_APPLICABLE, NOTHING_FITS_HERE } from './rung.ts'
import type { Attempt, BrokenEntry, RungOutcome, Undo, UndoOptions } from './rung.ts'
import { noted, Trail } from './trail.ts'
import type { RungStep } from './trail.ts'

export interface UndoResult {
  /** Null when nothing is proven; then `why` says so in plain words. */
  readonly undo: Undo | null
  /** Candidates that were compared with the CRC, over all rungs. */
  readonly candidatesTried: number
  /**
   * The chance that one of them would have passed for the truth by accident, with what was risked before. Where
   * nothing was undone, how the damaged bytes are made tells the share of wrong batches that decode.
   */
  readonly falseMatchTried: number
  /** See ledger.ts. May exceed the effort by what the last piece of work took. */
  readonly steps: number
  readonly why: string
  /** What each rung did that was reached, in their order; empty unless that is asked for. */
  readonly rungs: readonly RungStep[]
}

/**
 * Tries to undo the damage inside one entry whose CRC does not match. Pure: reads only what it is given, and the same
 * input gives the same answer. Time and memory are linear in the entry and bounded by `effort`.
 */
export function undoEntry(entry: BrokenEntry, options: UndoOptions): UndoResult {
  const ledger = new Ledger(options.effort, options.falseMatchBefore)
  const trail = options.isTraced === true ? new Trail() : null
  const outcome = climb({ entry, options, ledger, trail })
  const { candidates: candidatesTried, steps } = ledger
  const rungs = trail?.steps ?? []
  if (outcome.type === 'undone') {
    const { undo } = outcome
    const falseMatchTried = undo.falseMatchProbability
    return { undo, candidatesTried, falseMatchTried, steps, why: '', rungs }
  }
  const falseMatchTried = ledger.falseMatch(shareAsFound(entry, options))
  const why = outcome.why ?? NOTHING_FITS
  return { undo: null, candidatesTried, falseMatchTried, steps, why, rungs }
}

/** Of wrong batches like this one, the share that decodes. */
const shareAsFound = (
  { bytes, header }: BrokenEntry,
  { opaqueSpansSoFar }: Pick<UndoOptions, 'opaqueSpansSoFar'>,
): number => (header === null ? 1 : wrongDecodeShare(header, opaqueSpansSoFar(bytes, header)))

type Rung = (attempt: Attempt) => RungOutcome

/** All rungs were searched. */
export const NOTHING_FITS =
  'no flipped bit, damaged byte, moved sector or inserted bytes explain the difference to the stored CRC'

function climb(attempt: Attempt): RungOutcome {
  const { bytes, header } = attempt.entry
  const magic = header?.magic ?? bytes[MAGIC_POSITION] ?? 2
  const inserted: Rung = () => noted(attempt, 'inserted-bytes', magic, () => undoInserted(attempt))
  const moved: Rung = () => noted(attempt, 'moved-bytes', magic, () => undoMovedSectors(attempt))
  const { only } = attempt.options
  if (claimedSize(bytes) !== bytes.length)
    return first(only === undefined ? [inserted, moved] : [inserted], attempt)
  return first([...readings(attempt).map(inPlace), moved], attempt)
}

/** The first outcome that ends the search; else nothing, with every reason that a rung gave. */
function first(rungs: readonly Rung[], attempt: Attempt): RungOutcome {
  const reasons: string[] = []
  for (const rung of rungs) {
    const outcome = rung(attempt)
    if (outcome.type !== 'nothing') return outcome
    if (outcome.why !== null) reasons.push(outcome.why)
  }
  return { ...NOTHING_FITS_HERE, why: reasons.length === 0 ? null : reasons.join('; ') }
}

/**
 * As what the entry is read. Magic 0 and 1 have their magic under the CRC: where it is damaged the header does not
 * decode, or says 2 among neighbours that are older.
 */
function readings({ entry }: Attempt): readonly BrokenEntry[] {
  const { header, before, after } = entry
  const unread = { ...entry, header: null }
  if (header === null) return [unread]
  const around = [before, after].filter((known) => known !== null)
  const outOfPlace =
    !isLegacy(header) && around.length > 0 && around.every((known) => isLegacy(known))
  return outOfPlace ? [entry, unread] : [entry]
}

const CRC_HOLDS: RungOutcome = { type: 'refused', reason: 'crc-holds', why: 'the CRC is right' }

/** The rungs for bytes that changed in their place. */
function inPlace(entry: BrokenEntry): Rung {
  return ({ options, ledger, trail }) => {
    const attempt = { entry, options, ledger, trail }
    const magic = entry.header?.magic ?? 1
    if (entry.bytes.length < minimumBytes(magic)) return NOT_APPLICABLE
    const area = coveredArea(attempt, magic)
    const rungs: Rung[] = [
      () =>
        noted(attempt, 'crc-field', magic, () =>
          area.syndrome === 0 ? CRC_HOLDS : undoCrcField(attempt, area),
        ),
      () => undoFlips(attempt, area, magic),
      () => noted(attempt, 'gzip-header', magic, () => undoGzipHeader(attempt, area)),
    ]
    return first(rungs, attempt)
  }
}
