/**
 * The intact path: batches that go on exactly as the ones before them, taken a window at a time. Nothing is allocated
 * for a batch and no bigint made: what is the same for all of them is compared, what adds up is counted.
 * Whatever is out of the ordinary ends the stretch, and is looked at the careful way (walk.ts).
 */
import type { Window } from '../bytes/window.ts'
import type { CodecVariant, VariantCounts } from '../codec/codec.ts'
import { COMPRESSION_TYPES } from '../codec/codec.ts'
import type { DecodeOptions } from './decode-batch.ts'
import { areSoundRecords } from './decode-batch.ts'
import * as layout from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import { decodeBatchHeader } from './record-batch.ts'
import type { RecordsCheck } from './take-batches.ts'
import { takeBatches } from './take-batches.ts'

/** Looks on at every batch of a walk. Numbers are exact: a stretch ends where they would not be. */
export interface BatchWatcher {
  /**
   * Batches that touch, the first one at `position`. Three numbers for each: its size, its last offset counted from
   * `relativeBase` on, which itself counts from the offset that the watcher asked for, and its maxTimestamp. The numbers
   * are valid during the call.
   */
  onBatches(position: number, relativeBase: number, numbers: Float64Array): void
  /** Offsets are counted from here. */
  readonly baseOffset: bigint
}

/** Batches of magic 2 that touch, whose offsets join without a gap, of one leader epoch. */
export interface Stretch {
  readonly end: number
  readonly batches: number
  readonly records: number
  /** None of its batches has a producer. */
  readonly withoutProducers: boolean
  /** How many of its batches decode in a form that is noted, where they were decoded. */
  readonly variants: ReadonlyMap<CodecVariant, number>
  /** None is transactional. */
  readonly withoutTransactions: boolean
  readonly withoutControlBatches: boolean
  readonly last: BatchHeader
}

/** What a stretch goes on from. */
export interface StretchBase {
  readonly end: number
  readonly lastOffset: bigint
  readonly partitionLeaderEpoch: number
}

export interface StretchLimits {
  /** None of its batches has an offset above this. */
  readonly highestOffset: bigint
  /** All of them start before this position. */
  readonly startsBefore: number
}

/** Everything else in the attributes is out of the ordinary. */
const ORDINARY_ATTRIBUTES = layout.CODEC_MASK | layout.TIMESTAMP_TYPE_BIT | layout.TRANSACTIONAL_BIT
/** Control records have rules of their own. */
const ORDINARY_UNDECODED = ORDINARY_ATTRIBUTES | layout.CONTROL_BIT

/**
 * Takes proven batches from behind `before`, up to the end of the window that they lie in; null when the first one is
 * out of the ordinary. With `decode` all of them decode as they should, otherwise nobody has looked.
 */
export function takeStretch(
  window: Window,
  before: StretchBase,
  limits: StretchLimits,
  watcher: BatchWatcher | null,
  decode: DecodeOptions | null,
): Stretch | null {
  const start = before.end
  const bytes = firstBatchOn(window, start)
  // Where something was unreadable, zeros may stand in the window.
  if (bytes === null || window.unreadable.length > 0) return null
  const variants: VariantCounts = new Map()
  const firstOffset = before.lastOffset + 1n
  const taken = takeBatches(
    bytes,
    limits.startsBefore - start,
    {
      upper: Number(BigInt.asIntN(32, firstOffset >> 32n)),
      lower: Number(BigInt.asUintN(32, firstOffset)),
      partitionLeaderEpoch: before.partitionLeaderEpoch,
      room: Number(limits.highestOffset - before.lastOffset),
      oddAttributes: ~(decode === null ? ORDINARY_UNDECODED : ORDINARY_ATTRIBUTES),
      relative: watcher === null ? 0 : Number(before.lastOffset - watcher.baseOffset),
    },
    decode && recordsCheck(bytes, decode, variants),
  )
  const { batches, attributes, withoutProducers } = taken
  const last = batches === 0 ? null : headerAt(bytes, taken.lastStart, start)
  if (last === null) return null
  watcher?.onBatches(start, 0, taken.numbers)
  const records = Number(last.lastOffset - before.lastOffset)
  const counted = { batches, records, withoutProducers, ...flagsOf(attributes), variants }
  return { end: start + taken.end, ...counted, last }
}

const headerAt = (bytes: Uint8Array, at: number, start: number): BatchHeader | null =>
  decodeBatchHeader(bytes.subarray(at, at + layout.V2_HEADER_BYTES), start + at)

const flagsOf = (
  attributes: number,
): Pick<Stretch, 'withoutTransactions' | 'withoutControlBatches'> => ({
  withoutTransactions: (attributes & layout.TRANSACTIONAL_BIT) === 0,
  withoutControlBatches: (attributes & layout.CONTROL_BIT) === 0,
})

const recordsCheck =
  (bytes: Uint8Array, decode: DecodeOptions, variants: VariantCounts): RecordsCheck =>
  (start, size, attributes, count) =>
    areSoundRecords(
      bytes.subarray(start + layout.V2_HEADER_BYTES, start + size),
      COMPRESSION_TYPES[attributes & layout.CODEC_MASK],
      { recordsCount: count, lastOffsetDelta: count - 1 },
      decode,
      variants,
    )

/** What the window holds from a place on, with the whole batch that is there; null when it is larger than that. */
function firstBatchOn(window: Window, position: number): Uint8Array | null {
  const held = window.viewOn(position, layout.V2_HEADER_BYTES)
  if (held.length < layout.V2_HEADER_BYTES) return null
  const size = new DataView(held.buffer, held.byteOffset).getInt32(8) + layout.LOG_OVERHEAD
  if (size <= held.length) return held
  if (size > window.capacity || position + size > window.source.size) return null
  return window.viewOn(position, size)
}
