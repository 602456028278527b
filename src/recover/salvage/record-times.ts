/**
 * The times of records whose batch header does not tell them any more. A record keeps only its distance to the batch's
 * baseTimestamp; what that was is known again where something beside the batch knows the largest time in it.
 */
import type { TimeIndex } from '../../index/time-index.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isLegacy, isLogAppendTime } from '../../segment/record-batch.ts'
import type { RecordTimes } from './entry.ts'

/** What lies around a batch and knows of time. */
export interface TimeSources {
  /** Of the segment, as the broker left it. */
  readonly timeIndex: TimeIndex | null
  /** What the index counts its offsets from. */
  readonly segmentBaseOffset: bigint
  /** The nearest good batches. */
  readonly before: BatchHeader | null
  readonly after: BatchHeader | null
}

/** The records that were read of one batch. */
export interface TimedRecords {
  /** Of the whole batch, and exact. */
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  /** Milliseconds from baseTimestamp, in the order of the records. */
  readonly deltas: readonly bigint[]
  /** Whether the batch's last record is among them. */
  readonly reachesLast: boolean
}

/**
 * Null where nothing tells. The batch at an entry of the `.timeindex` has exactly that maxTimestamp (TimeIndex); with
 * CreateTime that is the time of its last record where times only rise.
 */
export function timesFromAround(records: TimedRecords, sources: TimeSources): RecordTimes | null {
  const { before, after } = sources
  const isStamped = isStampedAround(sources)
  const maxTimestamp = indexedTime(records, sources)
  if (isStamped === true) {
    // Append times do not go back: between two equal ones there is no other.
    const same = before !== null && before.maxTimestamp === after?.maxTimestamp
    const timestamp = maxTimestamp ?? (same ? before.maxTimestamp : null)
    return timestamp === null ? null : { type: 'LogAppendTime', timestamp }
  }
  const last = records.deltas.at(-1)
  const isKnown = isStamped === false && records.reachesLast && ascends(records.deltas)
  return isKnown && maxTimestamp !== null && last !== undefined
    ? { type: 'CreateTime', baseTimestamp: maxTimestamp - last, maxTimestamp }
    : null
}

/** Whether the broker stamps the batches around (LogAppendTime); null where they are none, or not of one mind. */
export function isStampedAround({ before, after }: TimeSources): boolean | null {
  const stamped = [before, after].flatMap((header) =>
    header === null || isLegacy(header) ? [] : [isLogAppendTime(header)],
  )
  const [first] = stamped
  return first !== undefined && stamped.every((one) => one === first) ? first : null
}

/** The maxTimestamp that the index has for a batch. */
function indexedTime(
  { baseOffset, lastOffset }: TimedRecords,
  { timeIndex, segmentBaseOffset }: TimeSources,
): bigint | null {
  if (timeIndex === null) return null
  const { relativeOffsets, timestamps, trustedCount } = timeIndex
  const first = Number(baseOffset - segmentBaseOffset)
  const last = Number(lastOffset - segmentBaseOffset)
  const entry = relativeOffsets.subarray(0, trustedCount).findLastIndex((offset) => offset <= last)
  return (relativeOffsets[entry] ?? -1) >= first ? (timestamps[entry] ?? null) : null
}

const ascends = (deltas: readonly bigint[]): boolean =>
  deltas.every((delta, index) => delta >= (deltas[index - 1] ?? 0n))

/** The time of a record that lies `delta` milliseconds behind baseTimestamp; null where nobody knows. */
export function timeOf(times: RecordTimes | null, delta: bigint): bigint | null {
  if (times === null) return null
  return times.type === 'LogAppendTime' ? times.timestamp : times.baseTimestamp + delta
}
