/**
 * The inner loop of the intact path (stretch.ts): batches that touch and go on exactly as expected, each proven by its
 * CRC. Nothing is allocated for a batch and no bigint made. Where the bytes lie in WebAssembly's memory and nothing is
 * to be decoded, the loop runs there: it needs no warming up, and what starts cold is most of what a scan does.
 */
import { crc32c } from '../bytes/crc.ts'
import type { ExpectedBatch, TakenBatches } from '../bytes/crc32c-memory.ts'
import { BATCHES_AT_ONCE, memoryHolding, NUMBERS_OF_BATCH } from '../bytes/crc32c-memory.ts'
import * as layout from './layout.ts'

/** Asked last of each batch: whether its records are as they should be. Its place and size in the bytes are given. */
export type RecordsCheck = (
  start: number,
  size: number,
  attributes: number,
  count: number,
) => boolean

const HIGHEST_CODEC = 4
const TWO_TO_32 = 0x1_0000_0000
/** Beyond this a timestamp's upper half makes a number that is not exact. */
const EXACT_UPPER_HALF = 0x1f_ffff

/** Batches from the start of `bytes` on that start before `startsBefore`, at most BATCHES_AT_ONCE. */
export function takeBatches(
  bytes: Uint8Array,
  startsBefore: number,
  expected: ExpectedBatch,
  check: RecordsCheck | null,
): TakenBatches {
  const memory = check === null ? memoryHolding(bytes) : undefined
  return (
    memory?.takeBatches(bytes, startsBefore, expected) ??
    takeBatchesHere(bytes, startsBefore, expected, check)
  )
}

let numbers: Float64Array | undefined

/** The same without WebAssembly; also what that is held against. */
export function takeBatchesHere(
  bytes: Uint8Array,
  startsBefore: number,
  expected: ExpectedBatch,
  check: RecordsCheck | null,
): TakenBatches {
  numbers ??= new Float64Array(NUMBERS_OF_BATCH * BATCHES_AT_ONCE)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { partitionLeaderEpoch, oddAttributes } = expected
  let { upper, lower, room, relative } = expected
  let [at, lastStart, used, seenAttributes] = [0, 0, 0, 0]
  let withoutProducers = true
  const headersEnd = Math.min(bytes.length - layout.V2_HEADER_BYTES, startsBefore - 1)
  while (at <= headersEnd && used < numbers.length) {
    const size = view.getInt32(at + 8) + layout.LOG_OVERHEAD
    const count = view.getInt32(at + 57)
    const attributes = view.getUint16(at + 21)
    const timestampUpper = view.getInt32(at + 35)
    if (
      size < layout.V2_HEADER_BYTES ||
      size > bytes.length - at ||
      view.getInt32(at) !== upper ||
      view.getUint32(at + 4) !== lower ||
      view.getInt32(at + 12) !== partitionLeaderEpoch ||
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
      check?.(at, size, attributes, count) === false
    )
      break
    if ((view.getInt32(at + 43) & view.getInt32(at + 47)) !== -1) withoutProducers = false
    seenAttributes |= attributes
    relative += count
    numbers[used] = size
    numbers[used + 1] = relative
    numbers[used + 2] = timestampUpper * TWO_TO_32 + view.getUint32(at + 39)
    used += NUMBERS_OF_BATCH
    lower += count
    if (lower >= TWO_TO_32) {
      lower -= TWO_TO_32
      upper++
    }
    room -= count
    lastStart = at
    at += size
  }
  return {
    batches: used / NUMBERS_OF_BATCH,
    end: at,
    lastStart,
    attributes: seenAttributes,
    withoutProducers,
    numbers: numbers.subarray(0, used),
  }
}
