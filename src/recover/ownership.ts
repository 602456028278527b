/**
 * "Is it ours?" A batch can be whole and still be of another place or another partition: a page written to the wrong
 * block, a replica's bytes. In a log without gaps a run must be tied to the log by one of the proofs here;
 * that its offsets would fit between its neighbours proves nothing.
 */
import type { Window } from '../bytes/window.ts'
import {
  MAX_RELATIVE_OFFSET,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  SEQUENCE_MODULUS,
  V2_HEADER_BYTES,
} from '../segment/layout.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import {
  decodeBatchHeader,
  isControl,
  isPlausible,
  isTransactional,
  lastSequence,
  lengthFits,
} from '../segment/record-batch.ts'
import type { Evidence } from './evidence.ts'
import type { Run } from './runs.ts'
import { firstOffset, headersOf, joins, lastOffset } from './runs.ts'

/** How a run is tied to the log. `unverified`: nothing contradicts it, nothing proves it. */
export type Tie = 'joins' | 'headers' | 'index' | 'sequence' | 'segmentName' | 'bulk' | 'unverified'

/**
 * Misdirected writes move pages, at most a stripe; a run of this size did not get here by one.
 * Without this rule a single file with no index, whose next producer is new, would lose all its rest.
 */
const BULK_BYTES = 1024 * 1024

/** One batch of a producer, as far as runs are compared by it. */
export interface Appearance {
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly lastSequence: number
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  readonly transactional: boolean
}

/** What a producer did first in a run, and what last: between them its epoch may have risen, and its sequences started again. */
export interface ProducerSpan {
  readonly first: Appearance
  last: Appearance
}

export type Producers = ReadonlyMap<bigint, ProducerSpan>

/** Reads the headers of a run; a marker has no sequence and leaves no span, but its producer is known. */
export function producersOf(window: Window, run: Run): Map<bigint, ProducerSpan> {
  const producers = new Map<bigint, ProducerSpan>()
  if (run.withoutProducers === true) return producers
  for (const header of headersOf(window, run)) {
    if (header.producerId === NO_PRODUCER_ID || header.baseSequence === NO_SEQUENCE) continue
    const appearance: Appearance = {
      producerEpoch: header.producerEpoch,
      firstSequence: header.baseSequence,
      lastSequence: lastSequence(header),
      firstOffset: header.baseOffset,
      lastOffset: header.lastOffset,
      transactional: isTransactional(header),
    }
    const span = producers.get(header.producerId)
    if (span === undefined)
      producers.set(header.producerId, { first: appearance, last: appearance })
    else span.last = appearance
  }
  return producers
}

/**
 * Since KIP-890 a producer's epoch rises with each transaction and its sequences start again, so between transactions
 * only the order of epochs is left to compare. A sister partition of the same transactions passes too: unverified.
 */
function transactionsGoOn(before: Producers, after: Producers, offsets: number): boolean {
  for (const [producerId, { first }] of after) {
    const earlier = before.get(producerId)?.last
    if (earlier?.transactional !== true || !first.transactional) continue
    const epochs = first.producerEpoch - earlier.producerEpoch
    if (epochs > 0 && epochs <= offsets) return true
  }
  return false
}

export const sequenceDistance = (from: number, to: number): number =>
  (to - from + SEQUENCE_MODULUS) % SEQUENCE_MODULUS

/** Whether a producer's numbers go on from one run to the next exactly as the offsets do, or, in transactions, not faster. */
function sequencesAgree(before: Producers, after: Producers): boolean {
  for (const [producerId, { first }] of after) {
    const earlier = before.get(producerId)?.last
    if (earlier?.producerEpoch !== first.producerEpoch) continue
    const sequences = sequenceDistance(earlier.lastSequence, first.firstSequence)
    const offsets = Number(first.firstOffset - earlier.lastOffset)
    // Markers take offsets but no sequence numbers; in transactions only the order can be asked for.
    if (first.transactional ? sequences > 0 && sequences <= offsets : sequences === offsets)
      return true
  }
  return false
}

/** Whether headers, good or not, lead from one place and offset exactly to another. */
function headersLeadTo(
  window: Window,
  from: { readonly position: number; readonly offset: bigint },
  to: Run,
): boolean {
  let { position, offset } = from
  while (position < to.position) {
    const header = decodeBatchHeader(window.view(position, V2_HEADER_BYTES), position)
    if (header?.baseOffset !== offset || !isPlausible(header)) return false
    // A wrong length leads elsewhere; that the offsets go on exactly at the run accounts for its place as well.
    if (header.lastOffset + 1n === firstOffset(to)) return true
    if (!lengthFits(header, window.source.size)) return false
    position += header.sizeInBytes
    offset = header.lastOffset + 1n
  }
  return position === to.position && offset === firstOffset(to)
}

/** How far a run lies from where the index has it: 0 where nothing moved, null where no entry names it. */
type Shift = number | null

/**
 * Compares a run with the index: an entry names one of its batches by offset. `certain` when the place agrees as well,
 * or when two entries agree on one distance, as they do after bytes were inserted or removed before the run.
 */
function indexShift(
  window: Window,
  run: Run,
  { offsetIndex, segmentBaseOffset }: Evidence,
): { shift: Shift; certain: boolean } {
  const nothing = { shift: null, certain: false }
  if (offsetIndex === null || segmentBaseOffset === null || offsetIndex.trustedCount === 0)
    return nothing
  const { positions, relativeOffsets, trustedCount } = offsetIndex
  let entry = 0
  let shift: Shift = null
  for (const header of headersOf(window, run)) {
    while (
      entry < trustedCount &&
      segmentBaseOffset + BigInt(relativeOffsets[entry] ?? 0) < header.baseOffset
    )
      entry++
    if (entry >= trustedCount) break
    const offset = segmentBaseOffset + BigInt(relativeOffsets[entry] ?? 0)
    const distance = header.position - (positions[entry] ?? 0)
    // Brokers up to 4.0 may name the last offset of a whole appended set with its first batch.
    if (distance === 0 && offset >= header.lastOffset && offset <= lastOffset(run))
      return { shift: 0, certain: true }
    if (offset !== header.lastOffset) continue
    if (shift === distance) return { shift, certain: true }
    shift = distance
  }
  return { shift, certain: false }
}

const hasProducer = (run: Run): boolean =>
  run.first.producerId !== NO_PRODUCER_ID || run.last.producerId !== NO_PRODUCER_ID

/** Without producers there is nothing to compare but the epochs. */
function anonymousAndPlausible(run: Run, near: Run): boolean {
  if (hasProducer(run)) return false
  const farFrom = run.position > near.position ? near.last : near.first
  if (farFrom.producerId !== NO_PRODUCER_ID) return false
  const [low, high] = run.position > near.position ? [near, run] : [run, near]
  return low.last.partitionLeaderEpoch <= high.first.partitionLeaderEpoch
}

const isMarker = (header: BatchHeader): boolean =>
  isControl(header) && header.producerId !== NO_PRODUCER_ID

/** Markers have no sequence to compare; that their producers write here is all there is to ask. */
function onlyKnownMarkers(window: Window, run: Run, known: Producers): boolean {
  if (!isMarker(run.first)) return false
  for (const header of headersOf(window, run)) {
    if (!isMarker(header) || !known.has(header.producerId)) return false
  }
  return true
}

export interface OwnershipContext {
  readonly window: Window
  readonly evidence: Evidence
}

/** A tie that needs no other run: the segment's own name, the next one's, the index, sheer size. */
export function ownTie(run: Run, { window, evidence }: OwnershipContext): Tie | null {
  const base = evidence.segmentBaseOffset
  if (run.position === 0 && base !== null && firstOffset(run) === base) return 'segmentName'
  if (run.position > 0 && base !== null) {
    if (headersLeadTo(window, { position: 0, offset: base }, run)) return 'headers'
  }
  const next = evidence.nextSegmentBaseOffset ?? evidence.snapshotOffset
  if (run.end === window.source.size && next !== null && lastOffset(run) + 1n === next)
    return 'segmentName'
  if (indexShift(window, run, evidence).certain) return 'index'
  return run.end - run.position >= BULK_BYTES ? 'bulk' : null
}

/** A tie to the nearest run of the log, before or after it in the file. */
export function tieTo(
  run: Run,
  near: Run,
  known: Producers,
  own: Producers,
  { window, evidence }: OwnershipContext,
): Tie | null {
  const [before, after] = near.position < run.position ? [near, run] : [run, near]
  const distance = firstOffset(after) - lastOffset(before)
  if (distance <= 0n || distance > BigInt(MAX_RELATIVE_OFFSET)) return null
  if (joins(before, after)) return 'joins'
  const end = { position: before.end, offset: lastOffset(before) + 1n }
  if (headersLeadTo(window, end, after)) return 'headers'
  if (near === before ? sequencesAgree(known, own) : sequencesAgree(own, known)) return 'sequence'
  const { shift } = indexShift(window, run, evidence)
  if (shift !== null && shift === indexShift(window, near, evidence).shift) return 'index'
  if (onlyKnownMarkers(window, run, known)) return 'unverified'
  const goesOn =
    near === before
      ? transactionsGoOn(known, own, Number(distance))
      : transactionsGoOn(own, known, Number(distance))
  return goesOn || anonymousAndPlausible(run, near) ? 'unverified' : null
}
