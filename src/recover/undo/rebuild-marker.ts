/**
 * Builds a damaged transaction marker again: all but a few of its bytes are the same in every marker, and the few are
 * known from the producer's neighbours, the .txnindex and the CRC. Without proof of its type and of its producer nothing
 * is built: a wrong outcome shows records that were aborted, or hides committed ones.
 */
import type { Window } from '../../bytes/window.ts'
import type { MarkerFields } from '../../segment/end-transaction-marker.ts'
import {
  decodeMarker,
  encodeMarker,
  MARKER_BYTES,
  MAX_MARKER_BYTES,
} from '../../segment/end-transaction-marker.ts'
import { decodeBatchHeader, isLegacy } from '../../segment/record-batch.ts'
import type { Evidence } from '../evidence.ts'
import type { EvidenceKind } from '../repair.ts'
import { applyEdits } from '../edits.ts'
import { describeChanges } from '../rungs/changes.ts'
import { editsTo } from '../edits.ts'
import type { TransactionSurvey } from '../transaction-survey.ts'
import type { HoleEntry } from './entry.ts'
import { decodeAsV2 } from './header-starts.ts'
import type { MarkerStep } from './ladder.ts'
import { matchByCrc } from './marker-by-crc.ts'
import { matchByIndex } from './marker-by-index.ts'
import type { MarkerQuestion } from './marker-candidates.ts'
import { canEndAt, epochsOf, hasMarkerShape, isOpenAt, saysMarker } from './marker-candidates.ts'
import { namedEnd } from './open-hole.ts'
import type { BrokenStretch, OpenHole, UndoAttempt } from './open-hole.ts'
import type { SequenceVerdict } from './sequences.ts'

export interface MarkerContext {
  readonly evidence: Evidence
  readonly withoutGaps: boolean
  readonly maxFalseMatch: number
  readonly repairEffort: number
  /** Asked only for a stretch that can be a marker. */
  readonly survey: () => TransactionSurvey
}

/** The answers to 2^32 questions are equally likely for bytes that have nothing to do with the CRC. */
const CRC_VALUES = 2 ** 32

/** Whether the stretch can be a marker at all: of its size, and alone at one offset or with a marker's flags. */
export function canBeMarker(
  window: Window,
  stretch: BrokenStretch,
  context: Pick<MarkerContext, 'evidence'>,
): boolean {
  const size = stretch.end - stretch.position
  if (size < MARKER_BYTES || size > MAX_MARKER_BYTES) return false
  if (stretch.before !== null && isLegacy(stretch.before)) return false
  if (window.unreadableIn(stretch.position, size) !== undefined) return false
  const header = decodeAsV2(window.copy(stretch.position, size), stretch.position)
  return header !== null && (onlyOffset(window, stretch, context) !== null || saysMarker(header))
}

/** The offset that its neighbours leave; null when they leave none, or more than one. */
function onlyOffset(
  window: Window,
  { expectedOffset, nextOffset, end }: BrokenStretch,
  { evidence }: Pick<MarkerContext, 'evidence'>,
): bigint | null {
  const next = nextOffset ?? namedEnd(window, end, evidence)
  return expectedOffset !== null && next === expectedOffset + 1n ? expectedOffset : null
}

/**
 * `before`: what came of the search inside the bytes, whose candidates count as well. The entry that is answered has
 * its reason and message still open.
 */
export function rebuildMarker(
  window: Window,
  stretch: BrokenStretch,
  before: UndoAttempt,
  context: MarkerContext,
): UndoAttempt {
  const question = askAbout(window, stretch, context)
  if (question === null) return before
  const limit = Math.floor((context.maxFalseMatch - before.falseMatchTried) * CRC_VALUES)
  const budget = Math.min(limit, Math.floor(context.repairEffort / MAX_MARKER_BYTES))
  const byCrc = matchByCrc(question, budget)
  const falseMatchTried = before.falseMatchTried + byCrc.candidates / CRC_VALUES
  const step = { result: 'built', why: '', candidatesTried: byCrc.candidates } as const
  const failed = (result: MarkerStep['result'], why: string): UndoAttempt => ({
    ...before,
    entry: null,
    marker: { ...step, result, why },
    why: [before.why, why].filter((reason) => reason !== '').join('; '),
    falseMatchTried,
  })
  if (byCrc.fields !== null) {
    const opinion = indexOpinion(question, byCrc.fields)
    if (opinion === 'contradicts')
      return failed('index-contradicts', 'the .txnindex contradicts what the CRC says')
    const evidence: EvidenceKind[] = ['crc', 'neighbours']
    if (opinion === 'confirms') evidence.push('index')
    const found = { fields: byCrc.fields, evidence, inferred: [] }
    const entry = built(stretch, question, { ...found, falseMatchProbability: falseMatchTried })
    return { ...before, entry, why: '', falseMatchTried, marker: step }
  }
  const byIndex = matchByIndex(question)
  if (byIndex === null) return failed(byCrc.result, byCrc.why)
  const evidence: EvidenceKind[] = ['index', 'neighbours']
  const entry = built(stretch, question, { ...byIndex, evidence, falseMatchProbability: 0 })
  return { ...before, entry, why: '', falseMatchTried: 0, marker: step }
}

function askAbout(
  window: Window,
  stretch: BrokenStretch,
  context: MarkerContext,
): MarkerQuestion | null {
  const survey = context.survey()
  const place = survey.placeAt(stretch.position)
  const bytes = window.copy(stretch.position, stretch.end - stretch.position)
  const header = decodeAsV2(bytes, stretch.position)
  if (place === null || header === null) return null
  const only = onlyOffset(window, stretch, context)
  const fillsHole = place.position === stretch.position && place.end === stretch.end
  return {
    bytes,
    header,
    baseOffset: only ?? header.baseOffset,
    isAlone: only !== null && fillsHole,
    place,
    survey,
    withoutGaps: context.withoutGaps,
  }
}

/** Aborted transactions that hold records are listed, committed ones are not. */
function indexOpinion(
  question: MarkerQuestion,
  { type, producerId, baseOffset }: MarkerFields,
): 'confirms' | 'silent' | 'contradicts' {
  const { survey, place, isAlone } = question
  if (survey.aborts === null || !isAlone) return 'silent'
  const entry = survey.aborts.entryAt(baseOffset)
  if (entry !== null)
    return type === 'ABORT' && entry.producerId === producerId ? 'confirms' : 'contradicts'
  if (!survey.aborts.isCompleteAt(baseOffset)) return 'silent'
  const view = place.producers.find((producer) => producer.producerId === producerId)
  if (view === undefined || !isOpenAt(view, question)) return 'silent'
  return type === 'COMMIT' ? 'confirms' : 'contradicts'
}

/**
 * Whether a marker whose CRC holds belongs at the offset that `entry.header` gives it: its producer's transaction is open
 * there, nothing says that it ended elsewhere, and the time lies between those of the markers around, so that it is no
 * second copy of another.
 */
export function markerVerdict(
  window: Window,
  { position, end, header, edits }: HoleEntry,
  hole: OpenHole,
  context: MarkerContext,
): SequenceVerdict {
  const place = context.survey().placeAt(position)
  if (place === null || end - position > MAX_MARKER_BYTES) return 'silent'
  const bytes = applyEdits(window.copy(position, end - position), edits)
  const marker = decodeMarker(bytes, {
    ...header,
    baseOffset: decodeAsV2(bytes, 0)?.baseOffset ?? 0n,
  })
  if (marker === null || hole.position !== position || hole.end !== end) return 'silent'
  const { baseOffset } = header
  const { withoutGaps, evidence } = context
  const behind = evidence.nextSegmentBaseOffset ?? evidence.snapshotOffset
  const next = hole.next === null ? behind : hole.next.first.baseOffset
  if (hole.expectedOffset !== baseOffset || next !== baseOffset + 1n) return 'silent'
  const survey = context.survey()
  const question = { bytes, header, baseOffset, isAlone: true, place, survey, withoutGaps }
  const view = place.producers.find(({ producerId }) => producerId === marker.producerId)
  if (indexOpinion(question, { ...marker, baseOffset }) === 'contradicts') return 'contradicts'
  if (view === undefined || !isOpenAt(view, question) || !canEndAt(view, question)) return 'silent'
  const [low, high] = [place.markerBefore?.maxTimestamp, place.markerAfter?.maxTimestamp]
  const time = marker.maxTimestamp
  const isBetween =
    (low === undefined || time >= low) &&
    (high === undefined || time <= high) &&
    time !== view.markerBefore?.maxTimestamp
  return isBetween && epochsOf(view).includes(marker.producerEpoch) ? 'ends' : 'silent'
}

type Found = Pick<HoleEntry, 'evidence' | 'inferred' | 'falseMatchProbability'> & {
  readonly fields: MarkerFields
}

function built(
  { position, end }: BrokenStretch,
  question: MarkerQuestion,
  { fields, ...found }: Found,
): HoleEntry {
  const marker = encodeMarker(fields)
  const header = decodeBatchHeader(marker, position)
  if (header === null) throw new Error('a marker of magic 2 has a header')
  const edits = editsTo(question.bytes, 0, marker)
  const shape = hasMarkerShape(question) ? '' : ', of which little was left'
  return {
    position,
    end,
    header,
    edits,
    changes: describeChanges(question.bytes, marker, edits),
    ...found,
    reason: 'crc-mismatch',
    message: `a transaction marker${shape}: ${fields.type} of producer ${fields.producerId}`,
  }
}
