/**
 * What the batches that are kept say of the transactions around each damaged place: one pass over their headers, and
 * for every place a view of each producer. Memory grows with places times producers, and is bounded.
 */
import type { Window } from '../bytes/window.ts'
import type { MarkerFields } from '../segment/end-transaction-marker.ts'
import { decodeMarker, MAX_MARKER_BYTES } from '../segment/end-transaction-marker.ts'
import { NO_PRODUCER_ID } from '../segment/layout.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import type { AbortIndex } from './abort-index.ts'
import { createAbortIndexCheck } from './abort-index.ts'
import type { Evidence } from './evidence.ts'
import { applyEdits } from './edits.ts'
import type { Run } from './runs.ts'
import { firstOffset, headersOf, isUnedited, lastOffset, placeOf } from './runs.ts'

/** A producer's transactional batch nearest to a place. */
export interface SeenBatch {
  readonly isMarker: boolean
  readonly producerEpoch: number
  readonly maxTimestamp: bigint
  /** How many damaged places come before it; of the state in a snapshot, none. */
  readonly placesBefore: number
}

/** One producer, seen from one place. */
export interface ProducerView {
  readonly producerId: bigint
  readonly before: SeenBatch | null
  readonly after: SeenBatch | null
  /** Where its transaction began that no kept marker ends before the place; null when there is none. */
  readonly openFrom: bigint | null
  /** A marker of its own that is kept, before the place. */
  readonly markerBefore: MarkerFields | null
  /** Some kept marker of its own comes later. */
  readonly endsLater: boolean
}

export interface TransactionPlace {
  /** Damaged places before it. */
  readonly index: number
  readonly position: number
  readonly end: number
  /** The kept markers nearest to it, of any producer. */
  readonly markerBefore: MarkerFields | null
  readonly markerAfter: MarkerFields | null
  readonly producers: readonly ProducerView[]
}

export interface OpenTransaction {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstOffset: bigint
}

export interface TransactionSurvey {
  /** Null when nothing was kept for it: too many places or producers. */
  readonly placeAt: (position: number) => TransactionPlace | null
  /** Open where the segment ends, of those that began in it. */
  readonly openAtEnd: readonly OpenTransaction[]
  readonly aborts: AbortIndex | null
  /** Whether every producer with an open transaction is among the views. */
  readonly isComplete: boolean
  /** Markers carry an epoch above that of their transaction's batches (transaction version 2, KIP-890). */
  readonly bumpsEpochs: boolean
}

export interface DamagedPlace {
  readonly position: number
  readonly end: number
}

export interface SurveyedLog {
  readonly kept: readonly Run[]
  readonly places: readonly DamagedPlace[]
  readonly withoutGaps: boolean
}

/** Views that are held at once, over all places. */
const MAX_VIEWS = 1_000_000

interface State {
  before: SeenBatch | null
  openFrom: bigint | null
  openEpoch: number
  /** Began in this segment. */
  beganHere: boolean
  marker: MarkerFields | null
  /** Places before its latest marker; -1 without any. */
  markerAt: number
  /** Views up to this place have been made. */
  viewed: number
}

type MutableView = { -readonly [Key in keyof ProducerView]: ProducerView[Key] }
interface MutablePlace extends Omit<TransactionPlace, 'producers' | 'markerAfter'> {
  markerAfter: MarkerFields | null
  readonly producers: MutableView[]
}

class Surveyor {
  readonly places: MutablePlace[] = []
  readonly states = new Map<bigint, State>()
  bumpsEpochs = false
  #views = 0
  #marker: MarkerFields | null = null
  /** Places that have no markerAfter yet. */
  #waiting = 0

  enter(place: DamagedPlace): void {
    const { position, end } = place
    const index = this.places.length
    this.places.push({
      index,
      position,
      end,
      markerBefore: this.#marker,
      markerAfter: null,
      producers: [],
    })
  }

  get overflowed(): boolean {
    return this.#views > MAX_VIEWS
  }

  stateOf(producerId: bigint): State {
    let state = this.states.get(producerId)
    if (state === undefined) {
      state = {
        before: null,
        openFrom: null,
        openEpoch: -1,
        beganHere: false,
        marker: null,
        markerAt: -1,
        viewed: 0,
      }
      this.states.set(producerId, state)
    }
    return state
  }

  /** Gives the places that were passed since the producer was last seen a view of it. */
  view(producerId: bigint, state: State, after: SeenBatch | null): void {
    const { before, openFrom, marker } = state
    for (; state.viewed < this.places.length; state.viewed++) {
      if (this.#views++ > MAX_VIEWS) continue
      this.places[state.viewed]?.producers.push({
        producerId,
        before,
        after,
        openFrom,
        markerBefore: marker,
        endsLater: false,
      })
    }
  }

  see(header: BatchHeader, fields: MarkerFields | null): void {
    const { producerId, producerEpoch, maxTimestamp, baseOffset } = header
    const isMarker = isControl(header)
    const seen = { isMarker, producerEpoch, maxTimestamp, placesBefore: this.places.length }
    const state = this.stateOf(producerId)
    this.view(producerId, state, seen)
    state.before = seen
    if (isMarker) {
      if (state.openFrom !== null && producerEpoch > state.openEpoch) this.bumpsEpochs = true
      state.openFrom = null
      state.markerAt = this.places.length
      if (fields !== null) this.#mark(state, fields)
    } else if (state.openFrom === null) {
      state.openFrom = baseOffset
      state.openEpoch = producerEpoch
      state.beganHere = true
    }
  }

  #mark(state: State, fields: MarkerFields): void {
    state.marker = fields
    this.#marker = fields
    for (; this.#waiting < this.places.length; this.#waiting++) {
      const place = this.places[this.#waiting]
      if (place !== undefined) place.markerAfter = fields
    }
  }

  finish(): void {
    for (const [producerId, state] of this.states) this.view(producerId, state, null)
    for (const place of this.places)
      for (const view of place.producers)
        view.endsLater = this.stateOf(view.producerId).markerAt > place.index
  }
}

export type SurveyEvidence = Pick<
  Evidence,
  'segmentBaseOffset' | 'abortedTransactions' | 'producersAtBase'
>

/**
 * `kept` in the order of the log, `places` in file order, not overlapping; reads the headers of `kept`, and markers whole. In a log without
 * gaps, offsets that are missing between batches that touch count as a damaged place too.
 */
export function surveyTransactions(
  window: Window,
  { kept, places, withoutGaps }: SurveyedLog,
  evidence: SurveyEvidence,
): TransactionSurvey {
  const surveyor = new Surveyor()
  const aborts = createAbortIndexCheck(evidence.abortedTransactions)
  startFrom(surveyor, evidence.producersAtBase)
  const isComplete = evidence.producersAtBase !== null
  let taken = 0
  const enterUpTo = (position: number): void => {
    for (let place = places[taken]; place !== undefined && place.position < position;) {
      surveyor.enter(place)
      place = places[++taken]
    }
  }
  let expected = evidence.segmentBaseOffset
  for (const run of kept) {
    const entered = taken
    enterUpTo(placeOf(run))
    const isMissing = withoutGaps && expected !== null && firstOffset(run) !== expected
    if (isMissing && entered === taken)
      surveyor.enter({ position: placeOf(run), end: placeOf(run) })
    expected = lastOffset(run) + 1n
    if (run.withoutTransactions === true && evidence.abortedTransactions === null) continue
    for (const header of headersOf(window, run)) {
      if (!isTransactional(header) || header.producerId === NO_PRODUCER_ID) {
        aborts.onBatch(header, null, null)
        continue
      }
      // An empty control batch is what the cleaner leaves, and ends nothing.
      if (isControl(header) && header.recordsCount === 0) continue
      const fields = isControl(header) ? markerOf(window, run, header) : null
      const state = surveyor.stateOf(header.producerId)
      const certain = state.before !== null && state.before.placesBefore === surveyor.places.length
      aborts.onBatch(header, fields?.type ?? null, certain ? state.openFrom !== null : null)
      surveyor.see(header, fields)
    }
  }
  enterUpTo(Infinity)
  surveyor.finish()
  return resultOf(surveyor, aborts.result(), isComplete)
}

function startFrom(surveyor: Surveyor, producers: Evidence['producersAtBase']): void {
  for (const entry of producers ?? []) {
    const state = surveyor.stateOf(entry.producerId)
    const isOpen = entry.currentTxnFirstOffset >= 0n
    const { producerEpoch, timestamp: maxTimestamp } = entry
    state.before = { isMarker: !isOpen, producerEpoch, maxTimestamp, placesBefore: 0 }
    if (isOpen) [state.openFrom, state.openEpoch] = [entry.currentTxnFirstOffset, producerEpoch]
  }
}

/** Null where a control batch is no marker as brokers write them. */
function markerOf(window: Window, run: Run, header: BatchHeader): MarkerFields | null {
  const size = isUnedited(run) ? header.sizeInBytes : run.end - run.position
  if (header.sizeInBytes > MAX_MARKER_BYTES) return null
  const source = window.copy(header.position, size)
  return decodeMarker(run.repair === null ? source : applyEdits(source, run.repair.edits), header)
}

function resultOf(
  surveyor: Surveyor,
  aborts: AbortIndex | null,
  isComplete: boolean,
): TransactionSurvey {
  const { places, states, bumpsEpochs, overflowed } = surveyor
  const whole = places.filter(({ position, end }) => position < end)
  const byPosition = new Map(whole.map((place) => [place.position, place]))
  const around = (position: number): TransactionPlace | undefined =>
    whole.find((place) => place.position <= position && position < place.end)
  return {
    placeAt: (position) =>
      overflowed ? null : (byPosition.get(position) ?? around(position) ?? null),
    openAtEnd: [...states].flatMap(([producerId, { openFrom, openEpoch, beganHere }]) =>
      openFrom === null || !beganHere
        ? []
        : [{ producerId, producerEpoch: openEpoch, firstOffset: openFrom }],
    ),
    aborts,
    isComplete,
    bumpsEpochs,
  }
}
