/**
 * Which batches and records a dump shows. All conditions must hold. What a header can answer is asked of the header,
 * so that batches nobody wants are not decompressed.
 */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isLegacy, isLogAppendTime, isTransactional } from '../segment/record-batch.ts'
import type { Record } from '../segment/record.ts'
import { lenientText } from './bytes-text.ts'
import type { TransactionOutcomes } from './transaction-outcomes.ts'
import type { DamageItem } from './walk-log.ts'

export interface HeaderCondition {
  readonly key: string
  /** Null: any value. */
  readonly value: string | null
}

export interface DumpFilter {
  /** Both included, as are the times, which are milliseconds since the epoch. */
  readonly fromOffset: bigint | null
  readonly toOffset: bigint | null
  readonly fromTime: bigint | null
  readonly toTime: bigint | null
  readonly producerId: bigint | null
  /** The key's exact text. */
  readonly key: string | null
  readonly keyRegex: RegExp | null
  readonly headers: readonly HeaderCondition[]
  /** Only records with a key and no value. */
  readonly tombstones: boolean
  /** Only control records. */
  readonly control: boolean
  /** `committed`: what a read_committed consumer would get. */
  readonly outcome: 'aborted' | 'committed' | null
  /** Only damage. */
  readonly onlyDamaged: boolean
}

export const NO_FILTER: DumpFilter = {
  fromOffset: null,
  toOffset: null,
  fromTime: null,
  toTime: null,
  producerId: null,
  key: null,
  keyRegex: null,
  headers: [],
  tombstones: false,
  control: false,
  outcome: null,
  onlyDamaged: false,
}

/** Whether single records have to be looked at: a batch header does not settle it. */
export const needsRecords = (filter: DumpFilter): boolean =>
  filter.key !== null || filter.keyRegex !== null || filter.headers.length > 0 || filter.tombstones

export const isUnfiltered = (filter: DumpFilter): boolean =>
  Object.entries(NO_FILTER).every(([name, value]) => {
    const given: unknown = filter[name as keyof DumpFilter]
    return Array.isArray(given) ? given.length === 0 : given === value
  })

/** Whether a batch may match with some of its records only. */
export const hasRange = ({ fromOffset, toOffset, fromTime, toTime }: DumpFilter): boolean =>
  fromOffset !== null || toOffset !== null || fromTime !== null || toTime !== null

/** False when no record of the batch can match. */
export function mayMatch(
  filter: DumpFilter,
  header: BatchHeader,
  outcomes: TransactionOutcomes | null,
): boolean {
  if (filter.onlyDamaged || !offsetsMayMatch(filter, header)) return false
  const { fromTime, toTime, producerId } = filter
  if (producerId !== null && header.producerId !== producerId) return false
  if (filter.control !== isControl(header) && (filter.control || filter.tombstones)) return false
  if (filter.outcome !== null && !hasOutcome(filter.outcome, header, outcomes)) return false
  if (header.magic === 0) return fromTime === null && toTime === null
  // The largest time of an emptied or damaged batch says nothing when it is -1.
  if (fromTime !== null && header.maxTimestamp >= 0n && header.maxTimestamp < fromTime) return false
  return !(toTime !== null && isLogAppendTime(header) && header.maxTimestamp > toTime)
}

/** False when no offset of the batch is within what was asked for. */
export function offsetsMayMatch(
  { fromOffset, toOffset }: DumpFilter,
  header: BatchHeader,
): boolean {
  if (fromOffset !== null && header.lastOffset < fromOffset) return false
  // A wrapper of magic 0 or 1 tells only its last offset.
  return !(toOffset !== null && header.baseOffsetKnown && header.baseOffset > toOffset)
}

function hasOutcome(
  wanted: 'aborted' | 'committed',
  header: BatchHeader,
  outcomes: TransactionOutcomes | null,
): boolean {
  if (isControl(header)) return false
  if (isLegacy(header) || !isTransactional(header)) return wanted === 'committed'
  return outcomes?.outcomeOf(header.producerId, header.lastOffset) === wanted
}

export function matches(filter: DumpFilter, record: Record): boolean {
  const { offset, timestamp, key, value } = record
  if (filter.fromOffset !== null && offset < filter.fromOffset) return false
  if (filter.toOffset !== null && offset > filter.toOffset) return false
  if (filter.fromTime !== null && timestamp < filter.fromTime) return false
  if (filter.toTime !== null && timestamp > filter.toTime) return false
  if (filter.tombstones && (value !== null || key === null)) return false
  if (filter.key !== null || filter.keyRegex !== null) {
    if (key === null) return false
    const text = lenientText(key)
    if (filter.key !== null && text !== filter.key) return false
    if (filter.keyRegex?.test(text) === false) return false
  }
  return filter.headers.every((wanted) =>
    record.headers.some(
      (header) =>
        lenientText(header.key) === wanted.key &&
        (wanted.value === null ||
          (header.value !== null && lenientText(header.value) === wanted.value)),
    ),
  )
}

/** Whether damaged bytes are within what was asked for; where nothing tells their offsets, they are. */
export function damageMatches(
  filter: DumpFilter,
  item: Pick<DamageItem, 'claim' | 'isProven' | 'offsetBefore' | 'offsetAfter'>,
): boolean {
  // A whole batch in the wrong place has offsets of its own.
  if (item.isProven && item.claim !== null) return offsetsMayMatch(filter, item.claim)
  const { fromOffset, toOffset } = filter
  if (fromOffset !== null && item.offsetAfter !== null && item.offsetAfter <= fromOffset)
    return false
  return !(toOffset !== null && item.offsetBefore !== null && item.offsetBefore >= toOffset)
}
