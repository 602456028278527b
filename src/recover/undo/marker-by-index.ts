/**
 * A marker whose CRC is lost as well. The .txnindex proves an ABORT and whose it is; it proves a COMMIT where it lists no
 * abort for a transaction that is known to have ended here. What the bytes do not say any more is chosen and named.
 */
import type { MarkerFields, MarkerType } from '../../segment/end-transaction-marker.ts'
import { MARKER_ATTRIBUTES, MARKER_BYTES } from '../../segment/end-transaction-marker.ts'
import type { ProducerView } from '../transaction-survey.ts'
import type { MarkerQuestion } from './marker-candidates.ts'
import {
  canEndAt,
  coordinatorEpochs,
  epochsOf,
  hasEndedAt,
  hasMarkerShape,
  isOpenAt,
  storedCoordinatorEpoch,
  storedType,
} from './marker-candidates.ts'

export interface IndexMatch {
  readonly fields: MarkerFields
  readonly inferred: readonly string[]
}

export function matchByIndex(question: MarkerQuestion): IndexMatch | null {
  const { survey, baseOffset, bytes, isAlone } = question
  if (!isAlone || survey.aborts === null || bytes.length !== MARKER_BYTES) return null
  const ended = survey.aborts.entryAt(baseOffset) === null ? committed(question) : aborted(question)
  if (ended === null) return null
  // Whole but for the CRC, and it says something else: then one of the two is wrong.
  const said = storedType(bytes)
  const contradicts = hasMarkerShape(question) && said <= 1 && said !== TYPE_CODES[ended.type]
  return contradicts ? null : complete(question, ended)
}

const TYPE_CODES: Readonly<Record<MarkerType, number>> = { ABORT: 0, COMMIT: 1 }

interface Ended {
  readonly type: MarkerType
  readonly view: ProducerView
}

function aborted(question: MarkerQuestion): Ended | null {
  const { survey, place, baseOffset } = question
  const entry = survey.aborts?.entryAt(baseOffset)
  const view = place.producers.find(({ producerId }) => producerId === entry?.producerId)
  if (view === undefined || !canEndAt(view, question)) return null
  if (isOpenAt(view, question) && view.openFrom !== entry?.firstOffset) return null
  return { type: 'ABORT', view }
}

/**
 * That no abort is listed is half of it: it must also be certain whose transaction ended, and that these bytes were a
 * marker at all and no small batch of records.
 */
function committed(question: MarkerQuestion): Ended | null {
  const { survey, place, baseOffset, header } = question
  if (survey.aborts?.isCompleteAt(baseOffset) !== true) return null
  const [ended, ...others] = place.producers.filter((view) => hasEndedAt(view, question))
  const named = hasMarkerShape(question)
    ? place.producers.find(({ producerId }) => producerId === header.producerId)
    : undefined
  const isNamed = named !== undefined && isOpenAt(named, question) && canEndAt(named, question)
  const view = ended ?? (isNamed ? named : undefined)
  if (view === undefined || others.length > 0) return null
  if (named !== undefined && named.producerId !== view.producerId) return null
  return { type: 'COMMIT', view }
}

function complete(question: MarkerQuestion, { type, view }: Ended): IndexMatch | null {
  const { baseOffset, header } = question
  const epoch = chooseEpoch(question, view)
  const times = chooseTimes(question, view)
  const coordinator = chooseCoordinatorEpoch(question, view)
  if (epoch === null || times === null || coordinator === null) return null
  return {
    fields: {
      baseOffset,
      partitionLeaderEpoch: header.partitionLeaderEpoch,
      attributes: MARKER_ATTRIBUTES,
      baseTimestamp: times.value,
      maxTimestamp: times.value,
      producerId: view.producerId,
      producerEpoch: epoch.value,
      type,
      coordinatorEpoch: coordinator.value,
    },
    inferred: [
      ...(times.isCertain ? [] : ['baseTimestamp', 'maxTimestamp']),
      ...(epoch.isCertain ? [] : ['producerEpoch']),
      ...(coordinator.isCertain ? [] : ['coordinatorEpoch']),
    ],
  }
}

interface Choice<T> {
  readonly value: T
  /** Read from the bytes, or left by the neighbours as the only one. */
  readonly isCertain: boolean
}

function chooseEpoch(
  { header, survey }: MarkerQuestion,
  view: ProducerView,
): Choice<number> | null {
  const epochs = epochsOf(view)
  const [low] = epochs
  if (low === undefined) return null
  if (epochs.length === 1) return { value: low, isCertain: true }
  if (header.producerId === view.producerId && epochs.includes(header.producerEpoch))
    return { value: header.producerEpoch, isCertain: view.producerId !== 0n }
  const bumped = survey.bumpsEpochs || view.after !== null
  const own = view.before?.producerEpoch ?? low
  const value = bumped && epochs.includes(own + 1) ? own + 1 : low
  return { value, isCertain: false }
}

const DAY = 86_400_000n

function chooseTimes({ header, place }: MarkerQuestion, view: ProducerView): Choice<bigint> | null {
  const stored = [header.maxTimestamp, header.baseTimestamp]
  const near = [place.markerBefore?.maxTimestamp, place.markerAfter?.maxTimestamp]
  const known = near.filter((time) => time !== undefined)
  const [low, high] = [known[0], known.at(-1)]
  const isNear = (time: bigint, slack: bigint): boolean =>
    low !== undefined && high !== undefined && time >= low - slack && time <= high + slack
  const [max, base] = stored
  if (max !== undefined && max === base && isNear(max, DAY)) return { value: max, isCertain: true }
  const value =
    stored.find((time) => isNear(time, 0n)) ??
    low ??
    view.before?.maxTimestamp ??
    view.after?.maxTimestamp
  return value === undefined ? null : { value, isCertain: false }
}

function chooseCoordinatorEpoch(
  question: MarkerQuestion,
  view: ProducerView,
): Choice<number> | null {
  const { bytes, place } = question
  const stored = storedCoordinatorEpoch(bytes)
  const near = [view.markerBefore, place.markerBefore, place.markerAfter].find(
    (marker) => marker !== null,
  )
  const known = coordinatorEpochs({ ...question, bytes: new Uint8Array(bytes.length).fill(0xff) })
  if (hasMarkerShape(question) && known.includes(stored)) return { value: stored, isCertain: true }
  return near === undefined ? null : { value: near.coordinatorEpoch, isCertain: false }
}
