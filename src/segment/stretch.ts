/**
 * The intact path: batches that go on exactly as the ones before them, taken a window at a time. Nothing is allocated
 * for a batch and no bigint made: what is the same for all of them is compared, what adds up is counted.
 * Whatever is out of the ordinary ends the stretch, and is looked at the careful way (walk.ts).
 */
import { crc32c } from '../bytes/crc.ts'
import type { Window } from '../bytes/window.ts'
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

/** Batches of magic 2 that touch, whose offsets join without a gap, of one leader epoch, in no transaction. */
export interface Stretch {
  readonly end: number
  readonly batches: number
  readonly records: number
  readonly last: BatchHeader
}

export interface StretchLimits {
  /** None of its batches has an offset above this. */
  readonly highestOffset: bigint
  /** None ends behind this position. */
  readonly end: number
}

/** Everything else in the attributes is out of the ordinary. */
const ORDINARY_ATTRIBUTES = layout.CODEC_MASK | layout.TIMESTAMP_TYPE_BIT
const HIGHEST_CODEC = 4
const TWO_TO_32 = 0x1_0000_0000
/** Beyond this a timestamp's upper half makes a number that is not exact. */
const EXACT_UPPER_HALF = 0x1f_ffff

/**
 * Takes proven batches from behind `before`, up to the end of the window that they lie in; null when the first one is
 * out of the ordinary. `before` is a magic-2 batch with a known place.
 */
export function takeStretch(
  window: Window,
  before: BatchHeader,
  limits: StretchLimits,
  watcher: BatchWatcher | null,
): Stretch | null {
  const start = before.position + before.sizeInBytes
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
  let [at, lastAt, batches, records] = [0, 0, 0, 0]
  const bytesEnd = Math.min(bytes.length, limits.end - start)
  const headersEnd = bytesEnd - layout.V2_HEADER_BYTES
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
      (attributes & ~ORDINARY_ATTRIBUTES) !== 0 ||
      (attributes & layout.CODEC_MASK) > HIGHEST_CODEC ||
      count <= 0 ||
      count > room ||
      view.getInt32(at + 23) !== count - 1 ||
      timestampUpper > EXACT_UPPER_HALF ||
      timestampUpper < -EXACT_UPPER_HALF ||
      crc32c.update(0, bytes, at + layout.V2_CRC_START, at + size) !==
        view.getUint32(at + layout.V2_CRC_POSITION)
    )
      break
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
  const header = bytes.subarray(lastAt, lastAt + layout.V2_HEADER_BYTES)
  const last = batches === 0 ? null : decodeBatchHeader(header, start + lastAt)
  return last === null ? null : { end: start + at, batches, records, last }
}

/** What the window holds from a place on, with the whole batch that is there; null when it is larger than that. */
function firstBatchOn(window: Window, position: number): Uint8Array | null {
  const held = window.viewOn(position, layout.V2_HEADER_BYTES)
  if (held.length < layout.V2_HEADER_BYTES) return null
  const size = new DataView(held.buffer, held.byteOffset).getInt32(8) + layout.LOG_OVERHEAD
  if (size <= held.length) return held
  if (size > window.capacity || position + size > window.source.size) return null
  return window.viewOn(position, size)
}
