/** What can be said of one damaged entry from its own bytes: whether it decodes, and what a rung makes of it. */
import type { Window } from '../../bytes/window.ts'
import { decodeBatch } from '../../segment/decode-batch.ts'
import { codecBits, isLegacy } from '../../segment/record-batch.ts'
import { applyEdits } from '../edits.ts'
import type { Evidence } from '../evidence.ts'
import { ANY_OFFSET, resolvedWrapper } from '../resolved-wrapper.ts'
import type { SurveyedLog, TransactionSurvey } from '../transaction-survey.ts'
import { surveyTransactions } from '../transaction-survey.ts'
import type { HoleEntry } from './entry.ts'
import { withField } from './entry.ts'
import { canBeMarker, markerVerdict, rebuildMarker } from './rebuild-marker.ts'
import type { EntryChecks, KnownLog } from './known-log.ts'
import type { UndoLimits } from './undo-stretch.ts'
import { undoStretch, whatItWas } from './undo-stretch.ts'

export interface UndoSettings extends Omit<UndoLimits, 'withoutGaps' | 'evidence'> {
  /** Every repaired batch must decode; wrappers of magic 0 and 1 are decoded in any case. */
  readonly deep: boolean
}

export const createEntryChecks = (
  window: Window,
  evidence: Evidence,
  withoutGaps: boolean,
  settings: UndoSettings,
): EntryChecks => ({
  ...createLogChecks(window, { ...settings, evidence, withoutGaps }),
  decoded: (entry) => decoded(window, entry, settings),
  ...(settings.trace === undefined ? {} : { trace: settings.trace }),
})

/** The rungs first; a transaction marker can also be built again where they find nothing. */
function createLogChecks(
  window: Window,
  limits: UndoLimits,
): Pick<EntryChecks, 'undoStretch' | 'endsTransaction'> {
  const { evidence, withoutGaps } = limits
  const surveyedLog = ({ accepted: kept, holes: places }: KnownLog): SurveyedLog => ({
    kept,
    places,
    withoutGaps,
  })
  let surveyed: { readonly log: KnownLog; readonly survey: TransactionSurvey } | null = null
  const surveyOf = (log: KnownLog): TransactionSurvey => {
    if (surveyed?.log !== log)
      surveyed = { log, survey: surveyTransactions(window, surveyedLog(log), evidence) }
    return surveyed.survey
  }
  const undo: EntryChecks['undoStretch'] = (stretch, log, falseMatchBefore) => {
    const attempt = undoOrRebuild(stretch, log, falseMatchBefore)
    const { search, marker = null } = attempt
    const { position, end } = stretch
    limits.trace?.search({ position, end, ...search, marker })
    return attempt
  }
  const undoOrRebuild: EntryChecks['undoStretch'] = (stretch, log, falseMatchBefore) => {
    const attempt = undoStretch(window, stretch, log, limits, falseMatchBefore)
    if (attempt.entry !== null || stretch.only !== undefined) return attempt
    if (!canBeMarker(window, stretch, { evidence })) return attempt
    const survey = (): TransactionSurvey => surveyOf(log)
    const rebuilt = rebuildMarker(window, stretch, attempt, { ...limits, survey })
    if (rebuilt.entry === null) return rebuilt
    const { entry } = rebuilt
    const was = whatItWas(window, stretch, entry.changes)
    return { ...rebuilt, entry: { ...entry, ...was, message: `${was.message}; ${entry.message}` } }
  }
  return {
    undoStretch: undo,
    endsTransaction: (entry, hole, log) =>
      markerVerdict(window, entry, hole, { ...limits, survey: () => surveyOf(log) }),
  }
}

function decoded(window: Window, entry: HoleEntry, settings: UndoSettings): HoleEntry | null {
  const { header } = entry
  const wrapper = isLegacy(header) && codecBits(header) !== 0
  if (!settings.deep && !wrapper) return entry
  const source = window.copy(entry.position, entry.end - entry.position)
  const bytes = applyEdits(source, entry.edits)
  const readAs = wrapper && header.magic === 1 ? { ...header, lastOffset: ANY_OFFSET } : header
  const result = decodeBatch(bytes, readAs, settings)
  if (!result.ok) return null
  if (!wrapper) return entry
  const [first, last] = [result.records[0]?.offset, result.records.at(-1)?.offset]
  if (first === undefined || last === undefined) return null
  if (header.magic === 1) return withFirstOffset(entry, last - first)
  return last === header.lastOffset
    ? { ...entry, header: resolvedWrapper(header, result.records) }
    : withInnerOffset(entry, first, last)
}

const withFirstOffset = (entry: HoleEntry, distance: bigint): HoleEntry => ({
  ...entry,
  header: {
    ...entry.header,
    baseOffset: entry.header.lastOffset - distance,
    baseOffsetKnown: true,
  },
})

/** The messages in a wrapper of magic 0 carry their own offsets, under its CRC: the wrapper's is that of the last. */
function withInnerOffset(entry: HoleEntry, baseOffset: bigint, lastOffset: bigint): HoleEntry {
  const before = entry.header.lastOffset
  const changed = withField(entry, 'baseOffset', lastOffset, {
    before,
    header: { ...entry.header, baseOffset, lastOffset, baseOffsetKnown: true },
    evidence: ['records'],
  })
  const message = `offset ${before} is wrong: the last message in the batch has offset ${lastOffset}`
  return entry.message === '' ? { ...changed, message } : changed
}
