/**
 * Holds what came out against what went in, record by record. It knows nothing of how the output was made, and reads
 * its framing with the tests' own walker.
 */
import type { Record as LogRecord } from '../../src/kmend.ts'
import { findRecord, leadingOffset, recordsOf } from './original.ts'
import type { Original, OriginalBatch } from './original.ts'
import { differOnlyIn } from '../../test/support/inferred.ts'

/** An output batch that holds records which the original does not, or not there. */
export interface WrongBatch {
  /** In the output. */
  readonly position: number
  readonly records: number
  readonly why: string
  /** The original batch whose bytes these are but for the fields outside the CRC; null when of none. */
  readonly sameAs: number | null
}

export interface SalvagedRecord {
  readonly offset: bigint
  /** Null where the salvage says that it is lost. */
  readonly timestamp: bigint | null
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: LogRecord['headers']
}

export interface Judged {
  /** For each original batch: how many of its records are in the data as they were. */
  readonly returned: Uint32Array
  readonly wrong: readonly WrongBatch[]
  /** Original batches whose records are right and whose partitionLeaderEpoch is not. */
  readonly otherEpoch: readonly number[]
  /** For each original batch: records that only the salvage holds, as they were. */
  readonly salvaged: Uint32Array
  /** The same, as they were but for a time that is said to be lost: these count as neither right nor wrong. */
  readonly timeless: Uint32Array
  readonly salvagedWrong: number
}

export const MAGIC_AT = 16
const EPOCH_AT = 12
const ATTRIBUTES_AT = 21
const V2_HEADER = 61
const CODEC_MASK = 7

/**
 * `entries`: the batches of the output, in order, each from its offset field to its end. `inferred`: by their positions
 * in the output, the fields that the tool says it chose; in a transaction marker these may be others than they were.
 */
export function judge(
  original: Original,
  entries: readonly { readonly position: number; readonly bytes: Uint8Array }[],
  salvage: readonly SalvagedRecord[],
  inferred: ReadonlyMap<number, readonly string[]> = new Map(),
): Judged {
  const { batches } = original
  const returned = new Uint32Array(batches.length)
  const salvaged = new Uint32Array(batches.length)
  const timeless = new Uint32Array(batches.length)
  const seen = batches.map(({ records }) => new Uint8Array(records.length))
  const wrong: WrongBatch[] = []
  const otherEpoch: number[] = []
  const take = (batch: number, record: number): boolean => {
    if (seen[batch]![record] === 1) return false
    seen[batch]![record] = 1
    returned[batch] = returned[batch]! + 1
    return true
  }
  for (const { position, bytes } of entries) {
    const verdict = judgeEntry(original, bytes, take, inferred.get(position) ?? [])
    if (verdict.otherEpoch !== null) otherEpoch.push(verdict.otherEpoch)
    if (verdict.wrong > 0)
      wrong.push({
        position,
        records: verdict.wrong,
        why: verdict.why,
        sameAs: findBody(original, bytes),
      })
  }
  let salvagedWrong = 0
  for (const record of salvage) {
    const place = findRecord(original, record.offset)
    if (place === null || !sameRecord(record, batches[place.batch]!.records[place.record]!)) {
      salvagedWrong++
    } else if (seen[place.batch]![place.record] === 0) {
      seen[place.batch]![place.record] = 1
      const counts = record.timestamp === null ? timeless : salvaged
      counts[place.batch] = counts[place.batch]! + 1
    }
  }
  return { returned, wrong, otherEpoch, salvaged, timeless, salvagedWrong }
}

interface EntryVerdict {
  readonly wrong: number
  readonly why: string
  readonly otherEpoch: number | null
}

const RIGHT: EntryVerdict = { wrong: 0, why: '', otherEpoch: null }

function judgeEntry(
  original: Original,
  bytes: Uint8Array,
  take: (batch: number, record: number) => boolean,
  inferred: readonly string[],
): EntryVerdict {
  const index = original.byLeadingOffset.get(leadingOffset(bytes))
  const batch = index === undefined ? undefined : original.batches[index]
  if (batch !== undefined && index !== undefined && sameButEpoch(bytes, batch.bytes)) {
    const again = batch.records.filter((_, record) => !take(index, record)).length
    const epoch = Buffer.compare(bytes, batch.bytes) === 0 ? null : index
    return { wrong: again, why: 'records that are there already', otherEpoch: epoch }
  }
  if (batch !== undefined && index !== undefined && isSameMarker(batch, bytes, inferred))
    return take(index, 0) ? RIGHT : { ...RIGHT, wrong: 1, why: 'a marker that is there already' }
  const records = recordsOf(bytes)
  if (records === null)
    return { ...RIGHT, wrong: 1, why: 'a batch that is not the original and does not decode' }
  let [wrong, why] = [0, '']
  for (const record of records) {
    const place = findRecord(original, record.offset)
    const same =
      place !== null && sameRecord(record, original.batches[place.batch]!.records[place.record]!)
    if (same && take(place.batch, place.record)) continue
    wrong++
    why ||= same
      ? `offset ${record.offset} is there already`
      : place === null
        ? `offset ${record.offset} never existed`
        : `offset ${record.offset} held another record`
  }
  if (wrong === 0 && records.length > 0 && batch !== undefined && !sameHeader(bytes, batch.bytes))
    return { ...RIGHT, wrong: records.length, why: 'right records under another header' }
  return { ...RIGHT, wrong, why }
}

/** The time of a marker that was built again may be another where the tool says so; its type and producer never. */
const isSameMarker = (
  { expected, bytes }: OriginalBatch,
  written: Uint8Array,
  inferred: readonly string[],
): boolean =>
  expected.isControl && written.length === bytes.length && differOnlyIn(inferred, written, bytes)

/** In magic 0/1 the same place is the message's CRC: nothing may differ. */
function sameButEpoch(bytes: Uint8Array, original: Uint8Array): boolean {
  if (bytes.length !== original.length || bytes[MAGIC_AT] !== original[MAGIC_AT]) return false
  const from = bytes[MAGIC_AT] === 2 ? MAGIC_AT : EPOCH_AT
  const same = (start: number, end: number): boolean =>
    Buffer.compare(bytes.subarray(start, end), original.subarray(start, end)) === 0
  return same(0, EPOCH_AT) && same(from, bytes.length)
}

/** Producer, times, flags: what the records do not show. The codec may be another. */
function sameHeader(bytes: Uint8Array, original: Uint8Array): boolean {
  if (bytes[MAGIC_AT] !== 2) return true
  const plain = (header: Uint8Array): Uint8Array => {
    const fields = header.slice(ATTRIBUTES_AT, V2_HEADER)
    fields[1] = fields[1]! & ~CODEC_MASK
    return fields
  }
  return Buffer.compare(plain(bytes), plain(original)) === 0
}

/** The original batch with the same bytes from the magic on. */
function findBody({ batches }: Original, bytes: Uint8Array): number | null {
  const body = bytes.subarray(MAGIC_AT)
  const found = batches.findIndex(
    (batch) =>
      batch.bytes.length === bytes.length &&
      Buffer.compare(batch.bytes.subarray(MAGIC_AT), body) === 0,
  )
  return found === -1 ? null : found
}

const sameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

/** A time that is said to be lost is no other time. */
const sameRecord = (a: SalvagedRecord, b: LogRecord): boolean =>
  a.offset === b.offset &&
  (a.timestamp === null || a.timestamp === b.timestamp) &&
  sameBytes(a.key, b.key) &&
  sameBytes(a.value, b.value) &&
  a.headers.length === b.headers.length &&
  a.headers.every(
    ({ key, value }, index) =>
      sameBytes(key, b.headers[index]!.key) && sameBytes(value, b.headers[index]!.value),
  )
