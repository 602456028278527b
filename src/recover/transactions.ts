/** Which transactions a segment leaves open, and what a lost marker does to the records of its producer. */
import type { Window } from '../bytes/window.ts'
import type { MarkerType } from '../segment/end-transaction-marker.ts'
import { MARKER_BYTES, MAX_MARKER_BYTES } from '../segment/end-transaction-marker.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Damage } from './damage.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import type { OpenAtEnd } from './open-at-end.ts'
import { openAtEnd } from './open-at-end.ts'
import type {
  ProducerView,
  SurveyEvidence,
  TransactionPlace,
  TransactionSurvey,
} from './transaction-survey.ts'
import { surveyTransactions } from './transaction-survey.ts'
import { decodeAsV2 } from './undo/header-starts.ts'
import type { MarkerQuestion } from './undo/marker-candidates.ts'
import { canEndAt, hasEndedAt, isOpenAt } from './undo/marker-candidates.ts'

export interface LostMarker {
  readonly offset: bigint
  readonly position: number
  /** Null where more than one producer may have ended its transaction here. */
  readonly producerId: bigint | null
  /** That of its transaction's batches, or what its own bytes say; null where nothing tells. */
  readonly producerEpoch: number | null
  readonly candidates: readonly MarkerType[]
  /** Where the transaction it ended began, as far as that is known; of several possible ones the first. */
  readonly openFromOffset: bigint | null
  /** `stays-open`: the last stable offset is frozen. `takes-next-outcome`: the producer's next marker decides. */
  readonly effect: 'stays-open' | 'takes-next-outcome' | 'none'
  /** What was written in its place (--lost-marker): then `effect` is `none`. Null where nothing was. */
  readonly written: MarkerType | null
}

export interface TransactionFindings {
  readonly lostMarkers: readonly LostMarker[]
  readonly openAtEnd: readonly OpenAtEnd[]
}

/** A lost marker with what is needed to write another in its place. */
export interface LostMarkerFinding {
  readonly marker: LostMarker
  readonly damage: Damage
  readonly place: TransactionPlace | null
  /** The producer as seen from there. */
  readonly view: ProducerView | null
  /** It is certain that the bytes were a marker, and of this producer. */
  readonly isCertain: boolean
}

export interface TransactionAnalysis {
  readonly lost: readonly LostMarkerFinding[]
  readonly openAtEnd: readonly OpenAtEnd[]
}

/** Reads the kept headers once, with the lost markers in their places. */
export function analyseTransactions(
  window: Window,
  diagnosis: SegmentDiagnosis,
  evidence: SurveyEvidence,
): TransactionAnalysis {
  const { kept, damage, withoutGaps } = diagnosis
  // What is dropped stands for no offset, but may hide what was there.
  const places = damage
    .filter(
      ({ outcome, sizeInBytes }) => sizeInBytes > 0 && outcome !== 'kept' && outcome !== 'repaired',
    )
    .map(({ position, sizeInBytes }) => ({ position, end: position + sizeInBytes }))
  const survey = surveyTransactions(window, { kept, places, withoutGaps }, evidence)
  const seen = new Set<bigint>()
  const lost = damage.flatMap((entry) => {
    const found = lostMarkerOf(window, entry, survey, withoutGaps)
    const listed = found === null ? listedIn(entry, survey) : [found]
    return listed.filter(({ marker: { offset } }) => !seen.has(offset) && seen.add(offset))
  })
  return { lost, openAtEnd: openAtEnd(diagnosis, survey, lost) }
}

/** Markers that went with other batches: the .txnindex still names those of aborted transactions. */
function listedIn(damage: Damage, survey: TransactionSurvey): LostMarkerFinding[] {
  const { position, baseOffset, lastOffset, outcome } = damage
  if (outcome !== 'skipped' || baseOffset === null || lastOffset === null) return []
  const place = survey.placeAt(position)
  const entries = survey.aborts?.entriesIn(baseOffset, lastOffset) ?? []
  return entries.map(({ producerId, firstOffset, lastOffset: offset }) => {
    const view = place?.producers.find((producer) => producer.producerId === producerId) ?? null
    const marker: LostMarker = {
      offset,
      position,
      producerId,
      producerEpoch: view?.before?.producerEpoch ?? null,
      candidates: ['ABORT'],
      openFromOffset: firstOffset,
      effect: view?.endsLater === true ? 'takes-next-outcome' : 'stays-open',
      written: null,
    }
    // It takes one of several offsets that are lost: no other marker can take the place of all of them.
    return { marker, damage, place, view, isCertain: false }
  })
}

function lostMarkerOf(
  window: Window,
  damage: Damage,
  survey: TransactionSurvey,
  withoutGaps: boolean,
): LostMarkerFinding | null {
  if (damage.outcome !== 'skipped') return null
  const claimed = damage.claim?.header ?? null
  const says = claimed !== null && isControl(claimed) && isTransactional(claimed)
  if (!says && (claimed !== null || !isOfMarkerSize(damage))) return null
  const place = survey.placeAt(damage.position)
  const offset = damage.baseOffset ?? claimed?.baseOffset ?? null
  if (offset === null) return null
  // Where nothing tells how far the log went, others may be missing with it.
  const isAlone = isOfMarkerSize(damage) && damage.lastOffset !== null
  const question = askAbout(window, damage, { offset, isAlone, place, survey, withoutGaps })
  const possible = question === null ? [] : possibleProducers(question)
  if (!says && possible.length === 0) return null
  const whose = identify(question, possible, says ? claimed : null)
  return {
    marker: describe(offset, damage.position, { question, possible, whose, says: claimed }),
    damage,
    place,
    view: whose.view,
    isCertain: whose.isCertain && isAlone,
  }
}

/** As large as a marker, and of one offset as far as that is known. */
const isOfMarkerSize = ({ sizeInBytes, baseOffset, lastOffset }: Damage): boolean =>
  sizeInBytes >= MARKER_BYTES &&
  sizeInBytes <= MAX_MARKER_BYTES &&
  baseOffset !== null &&
  (lastOffset === null || baseOffset === lastOffset)

function askAbout(
  window: Window,
  { position, sizeInBytes }: Damage,
  about: {
    readonly offset: bigint
    readonly isAlone: boolean
    readonly place: TransactionPlace | null
    readonly survey: TransactionSurvey
    readonly withoutGaps: boolean
  },
): MarkerQuestion | null {
  const { offset: baseOffset, place, ...rest } = about
  if (place === null || sizeInBytes < MARKER_BYTES || sizeInBytes > MAX_MARKER_BYTES) return null
  const bytes = window.copy(position, sizeInBytes)
  const header = decodeAsV2(bytes, position)
  return header === null ? null : { ...rest, place, bytes, header, baseOffset }
}

/** Producers of open transactions that nothing says did not end here. */
const possibleProducers = (question: MarkerQuestion): ProducerView[] =>
  question.place.producers.filter((view) => view.openFrom !== null && canEndAt(view, question))

interface Whose {
  readonly producerId: bigint | null
  readonly view: ProducerView | null
  /** And that it is a marker at all. */
  readonly isCertain: boolean
}

/** By the .txnindex, by what follows from the producer, by its own bytes, or because no other is left. */
function identify(
  question: MarkerQuestion | null,
  possible: readonly ProducerView[],
  claimed: BatchHeader | null,
): Whose {
  const named = claimed?.producerId ?? null
  const unseen: Whose = { producerId: named, view: null, isCertain: false }
  if (question === null) return unseen
  const { place, survey, baseOffset } = question
  const viewOf = (id: bigint | null): ProducerView | null =>
    place.producers.find(({ producerId }) => producerId === id) ?? null
  const entry = survey.aborts?.entryAt(baseOffset)
  if (entry != null) {
    const { producerId } = entry
    return { producerId, view: viewOf(producerId), isCertain: true }
  }
  const ended = place.producers.filter((view) => hasEndedAt(view, question))
  const [view] = ended
  if (view !== undefined && ended.length === 1)
    return { producerId: view.producerId, view, isCertain: true }
  const own = viewOf(named)
  if (own !== null)
    return { producerId: named, view: own, isCertain: possible.includes(own) && named !== 0n }
  const [only] = possible
  if (only !== undefined && possible.length === 1 && survey.isComplete)
    return { producerId: only.producerId, view: only, isCertain: claimed !== null }
  // Nobody else is known: then its own word is all there is.
  return possible.length === 0 ? unseen : { ...unseen, producerId: null }
}

interface Known {
  readonly question: MarkerQuestion | null
  readonly possible: readonly ProducerView[]
  readonly whose: Whose
  readonly says: BatchHeader | null
}

function describe(
  offset: bigint,
  position: number,
  { question, possible, whose, says }: Known,
): LostMarker {
  const { view, producerId } = whose
  const entry = question?.survey.aborts?.entryAt(offset) ?? null
  const concerned = view !== null ? [view] : producerId === null ? possible : []
  const froms = concerned.flatMap(({ openFrom }) => openFrom ?? [])
  const openFromOffset =
    entry?.firstOffset ??
    froms.reduce<bigint | null>((low, from) => (low === null || from < low ? from : low), null)
  const ownEpoch = says?.producerId === producerId ? says.producerEpoch : undefined
  return {
    offset,
    position,
    producerId,
    producerEpoch: producerId === null ? null : (view?.before?.producerEpoch ?? ownEpoch ?? null),
    candidates: candidateTypes(question, whose),
    openFromOffset,
    effect:
      openFromOffset === null
        ? 'none'
        : concerned.length > 0 && concerned.every(({ endsLater }) => endsLater)
          ? 'takes-next-outcome'
          : 'stays-open',
    written: null,
  }
}

function candidateTypes(question: MarkerQuestion | null, { view, isCertain }: Whose): MarkerType[] {
  const aborts = question?.survey.aborts ?? null
  if (question === null || aborts === null || !question.isAlone) return ['ABORT', 'COMMIT']
  if (aborts.entryAt(question.baseOffset) !== null) return ['ABORT']
  const isWitnessed = view !== null && isCertain && isOpenAt(view, question)
  return isWitnessed && aborts.isCompleteAt(question.baseOffset) ? ['COMMIT'] : ['ABORT', 'COMMIT']
}
