/**
 * Dumps the batches and records of one log as pieces of text, one batch in memory at a time. Damage is said in its
 * place and never ends the dump.
 */
import type { Window } from '../bytes/window.ts'
import type { DecodedBatch, DecodeFailure } from '../segment/decode-batch.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { codecBits, isLegacy } from '../segment/record-batch.ts'
import type { DumpOptions } from './dump-options.ts'
import {
  damageMatches,
  hasRange,
  matches,
  mayMatch,
  needsRecords,
  offsetsMayMatch,
} from './filter.ts'
import { innerChecksums } from './inner-checksums.ts'
import type { Quota } from './quota.ts'
import type { Rows } from './rows.ts'
import type { TransactionOutcomes } from './transaction-outcomes.ts'
import type { DamageItem } from './walk-log.ts'
import { walkLog } from './walk-log.ts'

export interface DumpTask {
  readonly window: Window
  /** From the file's name: where the log begins. */
  readonly startOffset: bigint | null
  readonly options: DumpOptions
  readonly rows: Rows
  readonly quota: Quota
  /** Needed by the filters on outcomes only. */
  readonly outcomes: TransactionOutcomes | null
  /** Called with the offset of every record that is decoded, shown or not. */
  readonly onRecord?: (offset: bigint) => void
}

/** What of the bytes at the end was no batch: kafka-dump-log ends with a line about them. */
export interface DumpEnd {
  readonly trailingBytes: number
}

/** Yields text, or null now and then so that the caller can look up. Returns early once the quota is used up. */
export function* dumpLog(task: DumpTask): Generator<string | null, DumpEnd> {
  const { window, options, quota } = task
  const { filter } = options
  let goodEnd = 0
  for (const item of walkLog(window, task.startOffset)) {
    if (quota.isUsedUp()) return { trailingBytes: 0 }
    if (item === null) yield null
    else if (item.type === 'damage') {
      if (item.position >= options.maxBytes) return { trailingBytes: 0 }
      if (damageMatches(filter, item)) yield* showDamage(task, item)
    } else {
      const { header } = item
      if (header.position + header.sizeInBytes > options.maxBytes) return { trailingBytes: 0 }
      goodEnd = header.position + header.sizeInBytes
      if (mayMatch(filter, header, task.outcomes)) yield* showBatch(task, header)
      else if (filter.onlyDamaged && options.deep && offsetsMayMatch(filter, header))
        yield* showUndecodable(task, header)
      yield null
    }
  }
  const cut = options.maxBytes < window.source.size
  return { trailingBytes: cut ? 0 : window.source.size - goodEnd }
}

function* showDamage({ rows, quota, options }: DumpTask, item: DamageItem): Generator<string> {
  // Where damage is what was asked for, it is what is counted.
  if (options.filter.onlyDamaged ? !quota.take() : !quota.isOpen()) return
  if (item.claim !== null && !item.isProven) yield rows.batch(item.claim, false)
  yield rows.damage(item)
}

function* showBatch(task: DumpTask, header: BatchHeader): Generator<string> {
  const { options, rows, quota } = task
  if (!options.deep) {
    if (quota.take()) yield rows.batch(header, true)
    return
  }
  if (canSkipWhole(task, header)) {
    quota.takeMany(header.recordsCount ?? 0)
    return
  }
  const decoded = decode(task, header)
  if (!decoded.ok) {
    if (quota.isOpen()) {
      yield rows.batch(header, true)
      yield rows.damage(undecodable(header, decoded))
    }
    return
  }
  yield* showRecords(task, header, decoded)
}

/** Before the last N records: a batch all of whose records match and are not shown need not be decoded. */
const canSkipWhole = ({ options, quota }: DumpTask, header: BatchHeader): boolean =>
  !needsRecords(options.filter) &&
  !hasRange(options.filter) &&
  header.recordsCount !== null &&
  quota.skipsNext(header.recordsCount)

function* showRecords(
  task: DumpTask,
  header: BatchHeader,
  { records, checksums }: Decoded,
): Generator<string> {
  const { options, rows, quota } = task
  // A batch's line stands before its first record that is shown; one that has no records is shown for itself.
  let begun = false
  if (records.length === 0 && !needsRecords(options.filter) && quota.isOpen())
    yield rows.batch(header, true)
  for (const [index, record] of records.entries()) {
    task.onRecord?.(record.offset)
    if (!matches(options.filter, record) || !quota.take()) {
      if (quota.isUsedUp()) return
      continue
    }
    if (!begun) yield rows.batch(header, true)
    begun = true
    yield rows.record(record, { header, checksum: checksums[index] ?? null })
  }
}

function* showUndecodable(task: DumpTask, header: BatchHeader): Generator<string> {
  const decoded = decode(task, header)
  if (decoded.ok || !task.quota.take()) return
  yield task.rows.batch(header, true)
  yield task.rows.damage(undecodable(header, decoded))
}

const undecodable = (header: BatchHeader, { reason, message }: DecodeFailure): DamageItem => ({
  type: 'damage',
  position: header.position,
  sizeInBytes: header.sizeInBytes,
  reason,
  message,
  claim: header,
  isProven: true,
  offsetBefore: null,
  offsetAfter: null,
})

interface Decoded extends DecodedBatch {
  /** Of each message, in magic 0 and 1; empty in magic 2. */
  readonly checksums: readonly number[]
}

function decode(
  { window, options }: DumpTask,
  header: BatchHeader,
): ({ readonly ok: true } & Decoded) | ({ readonly ok: false } & DecodeFailure) {
  const bytes = window.copy(header.position, header.sizeInBytes)
  const result = decodeBatch(bytes, header, options)
  if (!result.ok) return result
  const isWrapper = isLegacy(header) && codecBits(header) !== 0
  return { ...result, checksums: isWrapper ? innerChecksums(bytes, header, options) : [] }
}
