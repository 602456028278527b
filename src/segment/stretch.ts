/**
 * The intact path: batches that go on exactly as the ones before them, taken a window at a time. Nothing is allocated
 * for a batch and no bigint made: what is the same for all of them is compared, what adds up is counted.
 * Whatever is out of the ordinary ends the stretch, and is looked at the careful way (walk.ts).
 */
import { crc32c } from '../bytes/crc.ts'
import type { Window } from '../bytes/window.ts'
import type { CodecVariant, VariantCounts } from '../codec/codec.ts'
import { COMPRESSION_TYPES } from '../codec/codec.ts'
import type { DecodeOptions } from './decode-batch.ts'
import { areSoundRecords } from './decode-batch.ts'
import * as layout from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import { decodeBatchHeader } from './record-batch.ts'

/** Looks on at every batch of a walk. Numbers are exact: a stretch ends where they would not be. */
export interface BatchWatcher {
  /** `relativeLastOffset` counts from the offset that the watcher asked for. */
  onBatch(
    position: number,
    sizeInBytes: number,
    relativeLastOffset: number,
    maxTimestamp: number,
  ): void
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
const HIGHEST_CODEC = 4
const TWO_TO_32 = 0x1_0000_0000
/** Beyond this a timestamp's upper half makes a number that is not exact. */
const EXACT_UPPER_HALF = 0x1f_ffff

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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const firstOffset = before.lastOffset + 1n
  let room = Number(limits.highestOffset - before.lastOffset)
  let upper = Number(BigInt.asIntN(32, firstOffset >> 32n))
  let lower = Number(BigInt.asUintN(32, firstOffset))
  let relative = watcher === null ? 0 : Number(before.lastOffset - watcher.baseOffset)
  const leaderEpoch = before.partitionLeaderEpoch
  let [at, lastAt, batches, records, seenAttributes] = [0, 0, 0, 0, 0]
  const oddAttributes = ~(decode === null ? ORDINARY_UNDECODED : ORDINARY_ATTRIBUTES)
  let withoutProducers = true
  const variants: VariantCounts = new Map()
  const bytesEnd = bytes.length
  const headersEnd = Math.min(bytesEnd - layout.V2_HEADER_BYTES, limits.startsBefore - start - 1)
  while (at <= headersEnd) {
    const size = view.getInt32(at + 8) + layout.LOG_OVERHEAD
    const count = view.getInt32(at + 57)
    const attributes = view.getUint16(at + 21)
    const timestampUpper = view.getInt32(at + 35)
    if (
      size < layout.V2_HEADER_BYTES ||
      size > bytesEnd - at ||
      view.getInt32(at) !== upper ||
      view.getUint32(at + 4) !== lower ||
      view.getInt32(at + 12) !== leaderEpoch ||
      view.getUint8(at + layout.MAGIC_POSITION) !== 2 ||
      (attributes & oddAttributes) !== 0 ||
      (attributes & layout.CODEC_MASK) > HIGHEST_CODEC ||
      count <= 0 ||
      count > room ||
      view.getInt32(at + 23) !== count - 1 ||
      timestampUpper > EXACT_UPPER_HALF ||
      timestampUpper < -EXACT_UPPER_HALF ||
      crc32c.update(0, bytes, at + layout.V2_CRC_START, at + size) !==
        view.getUint32(at + layout.V2_CRC_POSITION) ||
      (decode !== null && !decodes(bytes, at, size, attributes, count, decode, variants))
    )
      break
    if ((view.getInt32(at + 43) & view.getInt32(at + 47)) !== -1) withoutProducers = false
    seenAttributes |= attributes
    relative += count
    if (watcher !== null) {
      const maxTimestamp = timestampUpper * TWO_TO_32 + view.getUint32(at + 39)
      watcher.onBatch(start + at, size, relative, maxTimestamp)
    }
    lower += count
    if (lower >= TWO_TO_32) {
      lower -= TWO_TO_32
      upper++
    }
    room -= count
    records += count
    batches++
    lastAt = at
    at += size
  }
  const last = batches === 0 ? null : headerAt(bytes, lastAt, start)
  if (last === null) return null
  const counted = { batches, records, withoutProducers, ...flagsOf(seenAttributes), variants }
  return { end: start + at, ...counted, last }
}

const headerAt = (bytes: Uint8Array, at: number, start: number): BatchHeader | null =>
  decodeBatchHeader(bytes.subarray(at, at + layout.V2_HEADER_BYTES), start + at)

const flagsOf = (
  attributes: number,
): Pick<Stretch, 'withoutTransactions' | 'withoutControlBatches'> => ({
  withoutTransactions: (attributes & layout.TRANSACTIONAL_BIT) === 0,
  withoutControlBatches: (attributes & layout.CONTROL_BIT) === 0,
})

const decodes = (
  bytes: Uint8Array,
  at: number,
  size: number,
  attributes: number,
  count: number,
  decode: DecodeOptions,
  variants: VariantCounts,
): boolean =>
  areSoundRecords(
    bytes.subarray(at + layout.V2_HEADER_BYTES, at + size),
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
