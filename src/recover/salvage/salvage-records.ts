/**
 * Records out of a batch that stays broken, before and after the hole. None is proven: what is wrong looks right now
 * and then, so whatever lies near damage is left out, and what is given out is still to be called suspect.
 */
import type { Payload } from './fragments.ts'
import { fragmentsOf, payloadOf } from './fragments.ts'
import { V2_HEADER_BYTES } from '../../segment/layout.ts'
import type { Record, RecordContext } from '../../segment/record.ts'
import { decodeRecords } from '../../segment/record.ts'
import type { SalvageEntry, Salvaged } from './entry.ts'
import type { RecordPlace, WalkRules } from './record-walk.ts'
import { overlapsAny } from '../../codec/salvage.ts'
import { pieceAt, walkRecords } from './record-walk.ts'
import { salvageMessages } from './salvage-messages.ts'
import { wholeSectors } from './suspect-sectors.ts'
import { unseenDamage } from './unlocated.ts'

/** Never throws for what is in the bytes; time and memory are bounded by them and by `maxDecompressedBytes`. */
export function salvageRecords(entry: SalvageEntry): Salvaged {
  if (entry.magic < 2) return salvageMessages(entry)
  const payload = payloadOf(entry, V2_HEADER_BYTES)
  const { codec } = payload
  const { baseOffset } = entry
  if (baseOffset === null) return { records: [], codec, isLocated: false }
  const fragments = fragmentsOf(payload, entry.maxDecompressedBytes)
  const { places, metDamage } = walkRecords(fragments, rulesFor(entry, baseOffset, payload))
  const context = contextOf(entry, baseOffset)
  const decoded = places.map((place) => ({ place, record: decodeAt(place, context) }))
  const believed = metDamage ? decoded : withoutUnseenDamage(decoded, entry, payload)
  const areTimed = timesAgree(entry, decoded, metDamage)
  const records = believed.map(({ place, record }) => ({
    ...record,
    timestamp: areTimed ? record.timestamp : null,
    position: positionOf(place, payload),
  }))
  return { records, codec, isLocated: metDamage }
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
    timestampDeltaMax: max === null ? Infinity : Number(max - base),
    inputPosition: payload.position,
  }
}

function contextOf({ times }: SalvageEntry, baseOffset: bigint): RecordContext {
  return {
    baseOffset,
    lastOffsetDelta: Infinity,
    baseTimestamp: times?.type === 'CreateTime' ? times.baseTimestamp : 0n,
    logAppendTime: times?.type === 'LogAppendTime' ? times.timestamp : null,
  }
}

interface DecodedPlace {
  readonly place: RecordPlace
  readonly record: Record
}

function decodeAt({ fragment, start, end }: RecordPlace, context: RecordContext): Record {
  const [record] = decodeRecords(fragment.bytes.subarray(start, end), 1, context)
  if (record === undefined) throw new Error('a place that was walked holds no record')
  return record
}

/**
 * Whether the header's times can be believed: maxTimestamp is the largest of its records' times
 * (MemoryRecordsBuilder), so none is above it, and when all records are there one is equal to it.
 */
function timesAgree(
  { times }: SalvageEntry,
  decoded: readonly DecodedPlace[],
  metDamage: boolean,
): boolean {
  if (times === null) return false
  if (times.type === 'LogAppendTime' || times.maxTimestamp === null) return true
  const { maxTimestamp } = times
  return (
    decoded.every(({ record }) => record.timestamp <= maxTimestamp) &&
    (metDamage || decoded.some(({ record }) => record.timestamp === maxTimestamp))
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

function positionOf({ fragment, start }: RecordPlace, payload: Payload): number {
  if (payload.codec === 'none') return payload.position + start
  return payload.position + (pieceAt(fragment.pieces, start)?.input.start ?? 0)
}
