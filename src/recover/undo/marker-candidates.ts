/** What the fields of a damaged transaction marker can have been: from its own bytes, and from what stands around it. */
import * as layout from '../../segment/layout.ts'
import {
  COORDINATOR_EPOCH_FROM_END,
  MARKER_ATTRIBUTES,
  TYPE_FROM_END,
} from '../../segment/end-transaction-marker.ts'
import { hasDeleteHorizon } from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { ProducerView, TransactionPlace, TransactionSurvey } from '../transaction-survey.ts'

/** A stretch that may be a marker, with what is known around it. */
export interface MarkerQuestion {
  readonly bytes: Uint8Array
  /** Read as magic 2 from `bytes`, whatever its magic byte says. */
  readonly header: BatchHeader
  /** What the neighbours leave, or what its own bytes say. */
  readonly baseOffset: bigint
  /** The neighbours leave exactly this one offset, and these bytes are all that lies between them. */
  readonly isAlone: boolean
  readonly place: TransactionPlace
  readonly survey: TransactionSurvey
  readonly withoutGaps: boolean
}

/** Whether the attributes as they stand are those of a marker. */
export const saysMarker = ({ attributes }: BatchHeader): boolean =>
  (attributes & MARKER_ATTRIBUTES) === MARKER_ATTRIBUTES &&
  (attributes & (layout.UNUSED_ATTRIBUTES | layout.CODEC_MASK)) === 0

/**
 * Whether the bytes that are the same in every marker, and in no other batch, are there: then these bytes are a marker,
 * and those between are believed where they agree with what is around.
 */
export function hasMarkerShape({
  bytes,
  header,
}: Pick<MarkerQuestion, 'bytes' | 'header'>): boolean {
  const at = (fromEnd: number): number => bytes[bytes.length - fromEnd] ?? 0xff
  const key = at(TYPE_FROM_END + 4) === 8
  const value = at(TYPE_FROM_END - 1) === 12
  return saysMarker(header) && header.baseSequence === layout.NO_SEQUENCE && key && value
}

export const storedType = (bytes: Uint8Array): number => bytes[bytes.length - TYPE_FROM_END] ?? 0xff

export const storedCoordinatorEpoch = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getInt32(bytes.length - COORDINATOR_EPOCH_FROM_END)

/** Nothing is damaged between the batch and the place. */
const touchesBefore = ({ before }: ProducerView, { index }: TransactionPlace): boolean =>
  before?.placesBefore === index
const touchesAfter = ({ after }: ProducerView, { index }: TransactionPlace): boolean =>
  after?.placesBefore === index + 1

/** A transaction of the producer is open at the place for certain, and holds at least one batch. */
export const isOpenAt = (view: ProducerView, { place, withoutGaps }: MarkerQuestion): boolean =>
  withoutGaps && view.openFrom !== null && touchesBefore(view, place) && !view.before?.isMarker

/** Nothing speaks against a marker of the producer at the place. */
export function canEndAt(view: ProducerView, question: MarkerQuestion): boolean {
  const { place, withoutGaps, isAlone } = question
  // Where the cleaner was, and beside other damaged batches, what is not there says nothing.
  if (!withoutGaps || !isAlone) return true
  const isClosed = view.before?.isMarker === true && touchesBefore(view, place)
  const endsAfter = view.after?.isMarker === true && touchesAfter(view, place)
  return !isClosed && !endsAfter
}

/**
 * The producer's transaction ended at the place for certain: it was open, and the next thing from the producer is a
 * batch of a higher epoch. A new epoch begins with the end of what the one before left open.
 */
export function hasEndedAt(view: ProducerView, question: MarkerQuestion): boolean {
  const { before, after } = view
  if (!question.isAlone || !isOpenAt(view, question) || before === null || after === null)
    return false
  return (
    touchesAfter(view, question.place) &&
    !after.isMarker &&
    after.producerEpoch > before.producerEpoch
  )
}

const MAX_EPOCH = 0x7fff
/** Between epochs further apart only those near the ends are tried. */
const MAX_EPOCHS = 64

/** Epochs never go back; a marker's is that of its transaction's batches, or one above it (KIP-890). */
export function epochsOf({ before, after }: ProducerView): number[] {
  const low = before?.producerEpoch ?? (after === null ? null : after.producerEpoch - 1)
  const high = after?.producerEpoch ?? (before === null ? null : before.producerEpoch + 1)
  if (low === null || high === null || high < low) return []
  const count = high - low + 1
  const all =
    count <= MAX_EPOCHS
      ? Array.from({ length: count }, (_, index) => low + index)
      : [low, low + 1, high - 1, high]
  return all.filter((epoch) => epoch >= 0 && epoch <= MAX_EPOCH)
}

export interface ProducerCandidate {
  readonly producerId: bigint
  readonly epochs: readonly number[]
}

/** Producers whose marker may stand here, and the one that its bytes name where that cannot be ruled out. */
export function producerCandidates(question: MarkerQuestion): ProducerCandidate[] {
  const { header, place, survey, withoutGaps } = question
  const seen = place.producers
    .filter((view) => canEndAt(view, question))
    .map((view) => ({ producerId: view.producerId, epochs: epochsOf(view) }))
  const isKnown = place.producers.some(({ producerId }) => producerId === header.producerId)
  const mayBeUnseen = !survey.isComplete || !withoutGaps
  if (isKnown || !mayBeUnseen || header.producerId < 0n || header.producerEpoch < 0) return seen
  return [...seen, { producerId: header.producerId, epochs: [header.producerEpoch] }]
}

const unique = <T>(values: readonly (T | null | undefined)[]): T[] => [
  ...new Set(values.filter((value) => value != null)),
]

export function coordinatorEpochs({ bytes, place }: MarkerQuestion): number[] {
  const own = place.producers.map(({ markerBefore }) => markerBefore?.coordinatorEpoch)
  const near = [place.markerBefore?.coordinatorEpoch, place.markerAfter?.coordinatorEpoch]
  const stored = storedCoordinatorEpoch(bytes)
  return unique([...near, ...own, stored >= 0 ? stored : null])
}

/** What of a marker depends on its times and flags. */
export interface MarkerShape {
  readonly attributes: number
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
}

/** The flags that its own bytes and the markers beside it have. */
function attributesOf({ header, place }: MarkerQuestion): number[] {
  const near = [place.markerBefore?.attributes, place.markerAfter?.attributes]
  const known = near.filter((attributes) => attributes !== undefined)
  return unique([saysMarker(header) ? header.attributes : null, ...known, MARKER_ATTRIBUTES])
}

const LAST_TIME = 8_640_000_000_000_000n

/** Both fields hold the same time: each byte may have survived in the one or in the other. */
function mixedTimes({ baseTimestamp, maxTimestamp }: BatchHeader): bigint[] {
  let times = [0n]
  for (let shift = 56n; shift >= 0n; shift -= 8n) {
    const bytes = unique([baseTimestamp, maxTimestamp].map((time) => (time >> shift) & 0xffn))
    times = times.flatMap((time) => bytes.map((byte) => time | (byte << shift)))
  }
  return times.filter((time) => time <= LAST_TIME)
}

/** Shapes of which the bytes themselves or a neighbour give the time. */
export function* likelyShapes(question: MarkerQuestion): Generator<MarkerShape> {
  const { header, place } = question
  const near = [place.markerBefore?.maxTimestamp, place.markerAfter?.maxTimestamp]
  yield* shapesOf(question, unique([...mixedTimes(header), ...near, header.maxTimestamp]))
  if (header.baseTimestamp === header.maxTimestamp) return
  for (const attributes of attributesOf(question))
    if ((attributes & layout.DELETE_HORIZON_BIT) === 0) yield { ...timesOf(header), attributes }
}

const timesOf = ({
  baseTimestamp,
  maxTimestamp,
}: BatchHeader): Omit<MarkerShape, 'attributes'> => ({
  baseTimestamp,
  maxTimestamp,
})

/** How many milliseconds the markers beside it leave; null where one of them is missing or the time goes back. */
export function timeSpan({ place }: MarkerQuestion): { from: bigint; to: bigint } | null {
  const [from, to] = [place.markerBefore?.maxTimestamp, place.markerAfter?.maxTimestamp]
  return from === undefined || to === undefined || to < from ? null : { from, to }
}

/** How many shapes there are for each time, at most. */
export const shapesPerTime = (question: MarkerQuestion): number =>
  attributesOf(question).reduce(
    (sum, attributes) => sum + basesOf(question, attributes, 0n).length,
    0,
  )

/** Shapes of every time between the markers beside it. */
export function* shapesBetween(
  question: MarkerQuestion,
  span: { readonly from: bigint; readonly to: bigint },
): Generator<MarkerShape> {
  for (let time = span.from; time <= span.to; time++) yield* shapesOf(question, [time])
}

function* shapesOf(question: MarkerQuestion, times: readonly bigint[]): Generator<MarkerShape> {
  for (const attributes of attributesOf(question))
    for (const maxTimestamp of times)
      for (const baseTimestamp of basesOf(question, attributes, maxTimestamp))
        yield { attributes, baseTimestamp, maxTimestamp }
}

/** The cleaner gives all that it rewrites at one time one delete horizon. */
function basesOf({ header, place }: MarkerQuestion, attributes: number, time: bigint): bigint[] {
  if ((attributes & layout.DELETE_HORIZON_BIT) === 0) return [time]
  const near = [place.markerBefore, place.markerAfter].map((marker) =>
    marker !== null && (marker.attributes & layout.DELETE_HORIZON_BIT) !== 0
      ? marker.baseTimestamp
      : null,
  )
  return unique([...near, hasDeleteHorizon(header) ? header.baseTimestamp : null])
}
