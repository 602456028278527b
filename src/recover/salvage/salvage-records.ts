/**
 * Records out of a batch that stays broken, before and after the hole. None is proven: what is wrong looks right now
 * and then, so whatever lies near damage is left out, and what is given out is still to be called suspect.
 */
import type { Payload } from './fragments.ts'
import { fragmentsOf, payloadOf } from './fragments.ts'
import { V2_HEADER_BYTES } from '../../segment/layout.ts'
import type { Record } from '../../segment/record.ts'
import { decodeRecords } from '../../segment/record.ts'
import type { RecordTimes, SalvageEntry, Salvaged } from './entry.ts'
import type { RecordPlace, WalkRules } from './record-walk.ts'
import { overlapsAny } from '../../codec/salvage.ts'
import { pieceAt, walkRecords } from './record-walk.ts'
import { firstStands, headerStands } from './header-stands.ts'
import { timeOf, timesFromAround } from './record-times.ts'
import { salvageMessages } from './salvage-messages.ts'
import { wholeSectors } from './suspect-sectors.ts'
import { unseenDamage } from './unlocated.ts'

/** Never throws for what is in the bytes; time and memory are bounded by them and by `maxDecompressedBytes`. */
export function salvageRecords(entry: SalvageEntry): Salvaged {
  if (entry.magic < 2) return salvageMessages(entry)
  const payload = payloadOf(entry, V2_HEADER_BYTES)
  const { codec } = payload
  const { baseOffset } = entry
  if (baseOffset === null) return { records: [], codec, isLocated: false, headerStands: false }
  const fragments = fragmentsOf(payload, entry.maxDecompressedBytes)
  const isWhole = headerStands(entry)
  const known = isWhole ? entry : { ...entry, times: null }
  const { places, metDamage } = walkRecords(fragments, rulesFor(known, baseOffset, payload))
  const decoded = places.map((place) => ({ place, record: decodeAt(place, baseOffset) }))
  const believed = metDamage ? decoded : withoutUnseenDamage(decoded, entry, payload)
  const stands = isWhole || firstStands(places)
  const times = believedTimes(stands ? entry : known, decoded, metDamage)
  const records = believed.map(({ place, record }) => ({
    ...record,
    timestamp: timeOf(times, record.timestamp),
    position: positionOf(place, payload),
  }))
  return { records, codec, isLocated: metDamage, headerStands: stands && times === entry.times }
}

function rulesFor(entry: SalvageEntry, baseOffset: bigint, payload: Payload): WalkRules {
  const { lastOffset, recordsCount, times } = entry
  const lastOffsetDelta = lastOffset === null ? null : Number(lastOffset - baseOffset)
  const max = times?.type === 'CreateTime' ? times.maxTimestamp : null
  const base = times?.type === 'CreateTime' ? times.baseTimestamp : 0n
  return {
    lastOffsetDelta,
    // Not known to have gaps: then a break in the deltas is taken for damage.
    isDense: recordsCount === null || lastOffsetDelta === null || recordsCount > lastOffsetDelta,
    // No time is above maxTimestamp; where that is itself below baseTimestamp it tells nothing.
    timestampDeltaMax: max === null || max < base ? Infinity : Number(max - base),
    inputPosition: payload.position,
  }
}

/** A record; its timestamp is its distance to the batch's baseTimestamp. */
interface DecodedPlace {
  readonly place: RecordPlace
  readonly record: Record
}

/** The record at a place that was walked; its timestamp is left as the distance to the batch's baseTimestamp. */
export function decodeAt({ fragment, start, end }: RecordPlace, baseOffset: bigint): Record {
  const bytes = fragment.bytes.subarray(start, end)
  const context = { baseOffset, lastOffsetDelta: Infinity, baseTimestamp: 0n, logAppendTime: null }
  const [record] = decodeRecords(bytes, 1, context)
  if (record === undefined) throw new Error('a place that was walked holds no record')
  return record
}

/** The header's times where they agree with the records, else what others know; null where nobody does. */
function believedTimes(
  entry: SalvageEntry,
  decoded: readonly DecodedPlace[],
  metDamage: boolean,
): RecordTimes | null {
  const deltas = decoded.map(({ record }) => record.timestamp)
  if (timesAgree(entry, deltas, metDamage)) return entry.times
  const { baseOffset, lastOffset, around } = entry
  if (baseOffset === null || lastOffset === null || around === undefined) return null
  const reachesLast = decoded.at(-1)?.record.offset === lastOffset
  return timesFromAround({ baseOffset, lastOffset, deltas, reachesLast }, around)
}

/**
 * Whether the header's times can be believed: maxTimestamp is the largest of its records' times
 * (MemoryRecordsBuilder), so none is above it, and when all records are there one is equal to it.
 */
function timesAgree(
  { times }: SalvageEntry,
  deltas: readonly bigint[],
  metDamage: boolean,
): boolean {
  if (times === null) return false
  if (times.type === 'LogAppendTime' || times.maxTimestamp === null) return true
  const largest = times.maxTimestamp - times.baseTimestamp
  return (
    deltas.every((delta) => delta <= largest) &&
    (metDamage || deltas.some((delta) => delta === largest))
  )
}

function withoutUnseenDamage(
  decoded: readonly DecodedPlace[],
  entry: SalvageEntry,
  payload: Payload,
): readonly DecodedPlace[] {
  if (payload.codec === 'none')
    return decoded.slice(0, -1).filter(({ record }) => !holdsSector(record, payload))
  const unseen = unseenDamage(payload, entry.maxDecompressedBytes)
  return unseen === null ? [] : decoded.filter(({ place }) => !overlapsAny(place, unseen))
}

/** Whether a sector of the file lies wholly inside one key, value or header. */
function holdsSector(record: Record, payload: Payload): boolean {
  const headers = record.headers.flatMap(({ key, value }) => [key, value])
  return [record.key, record.value, ...headers].some((bytes) => {
    if (bytes === null) return false
    const start = bytes.byteOffset - payload.bytes.byteOffset
    return wholeSectors({ start, end: start + bytes.length }, payload.position) !== undefined
  })
}

/** Where in the file a record was read. */
export function positionOf({ fragment, start }: RecordPlace, payload: Payload): number {
  if (payload.codec === 'none') return payload.position + start
  return payload.position + (pieceAt(fragment.pieces, start)?.input.start ?? 0)
}
