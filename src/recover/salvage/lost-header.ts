/**
 * Records of a batch whose header is lost, in a log without gaps. Then the batch that follows tells the last offset, and
 * records that lead one after the other exactly to the end of the bytes count back from there. Nothing else is believed:
 * what does not lead to the end belongs to no known offset.
 */
import type { ByteRange, SalvageFragment } from '../../codec/salvage.ts'
import type { CompressionType } from '../../codec/codec.ts'
import { COMPRESSION_TYPES } from '../../codec/codec.ts'
import { findCompressed, recogniseCodec } from '../../codec/salvage-codecs.ts'
import { MAGIC_POSITION, UNUSED_ATTRIBUTES, V2_HEADER_BYTES } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import {
  codecBits,
  decodeBatchHeader,
  isControl,
  isLogAppendTime,
} from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'
import type { RecordTimes, SalvageEntry, Salvaged } from './entry.ts'
import { timesIn } from './entry.ts'
import type { Payload } from './fragments.ts'
import { fragmentsOf, payloadOf } from './fragments.ts'
import type { RecordPlace } from './record-walk.ts'
import { walkRecords } from './record-walk.ts'
import { decodeAt, positionOf } from './salvage-records.ts'
import type { TimeSources } from './record-times.ts'
import { isStampedAround, timeOf, timesFromAround } from './record-times.ts'

/** Bytes that end with a batch of magic 2, and hold of it what comes behind its header, or a part of that. */
export interface LostHeader {
  /** Up to where the next good batch begins. */
  readonly bytes: Uint8Array
  /** Of the first byte in its file. */
  readonly position: number
  /** The first offset that the bytes can hold, and the last one, which they do hold. */
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly around: TimeSources
  readonly damaged: readonly ByteRange[]
  readonly maxDecompressedBytes: number
}

/** Decoding is tried at no more places than these. */
const PLACES_MAX = 4
/** With fewer records in a row, and no beginning, chance could have made them. */
const CHAIN_MIN = 2
/** What every writer of gzip batches puts in front of the DEFLATE data; the last byte, the system, may differ. */
const GZIP_HEADER = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0]

/** Null where no records lead to the end. Never throws for what is in the bytes; time is linear in them. */
export function salvageLostHeader(lost: LostHeader): Salvaged | null {
  for (const reading of readings(lost)) {
    const salvaged = read(lost, reading)
    if (salvaged !== null) return salvaged
  }
  return null
}

/** One way to see the bytes: where the batch begins in them, and what its payload then is. */
interface Reading {
  readonly start: number
  readonly payload: Payload
}

function* readings(lost: LostHeader): Generator<Reading> {
  const at = (start: number, codec: CompressionType): Reading => ({
    start,
    payload: payloadOf(entryOf(lost, codec), start + V2_HEADER_BYTES),
  })
  const { bytes } = lost
  const codec = recogniseCodec(bytes.subarray(V2_HEADER_BYTES))
  const places = findCompressed(bytes, V2_HEADER_BYTES, PLACES_MAX)
  for (const place of places) yield at(place - V2_HEADER_BYTES, 'none')
  if (codec !== undefined) return
  for (const other of ['none', 'snappy', 'lz4'] as const) yield at(0, other)
  const { payload } = at(0, 'gzip')
  const repaired = payload.bytes.slice()
  repaired.set(GZIP_HEADER.slice(0, repaired.length))
  yield { start: 0, payload: { ...payload, bytes: repaired, suspect: [] } }
}

const entryOf = (lost: LostHeader, codec: CompressionType): SalvageEntry => ({
  ...lost,
  magic: 2,
  codec,
  recordsCount: null,
  times: null,
})

function read(lost: LostHeader, { start, payload }: Reading): Salvaged | null {
  const { position: inputPosition, codec } = payload
  const rules = { lastOffsetDelta: null, isDense: true, timestampDeltaMax: Infinity, inputPosition }
  const fragments = fragmentsOf(payload, lost.maxDecompressedBytes)
  const chain = chainToEnd(walkRecords(fragments, rules).places, fragments.at(-1))
  const [first, last] = [chain[0], chain.at(-1)]
  if (first === undefined || last === undefined) return null
  const baseOffset = lost.lastOffset - BigInt(last.offsetDelta)
  const isFirst = first.offsetDelta === 0 && first.start === 0 && first.fragment.outputStart === 0
  if (baseOffset < lost.baseOffset || (!isFirst && chain.length < CHAIN_MIN)) return null
  const decoded = chain.map((place) => ({ place, record: decodeAt(place, baseOffset) }))
  const deltas = decoded.map(({ record }) => record.timestamp)
  // The first record stands right behind the header, whatever precedes the batch.
  const begins = first.offsetDelta === 0 && (isFirst || codec === 'none')
  const isAlone = begins || baseOffset === lost.baseOffset
  const header = isAlone ? headerAt(lost.bytes, start + (begins ? first.start : 0)) : null
  const isProven = header !== null && isOf(header, last.offsetDelta, codec, lost.around)
  if (isProven ? isControl(header) : mayBeMarker(decoded)) return null
  const { lastOffset, around } = lost
  const times =
    (isProven ? timesIn(header) : provenTimes(header, deltas, around)) ??
    timesFromAround({ baseOffset, lastOffset, deltas, reachesLast: true }, around)
  const records = decoded.map(({ place, record }) => ({
    ...record,
    timestamp: timeOf(times, record.timestamp),
    position: positionOf(place, payload),
  }))
  return { records, codec, isLocated: true, headerStands: false }
}

/** The records that touch, one offset after the other, and end where the whole of the data does. */
function chainToEnd(
  places: readonly RecordPlace[],
  fragment: SalvageFragment | undefined,
): readonly RecordPlace[] {
  const last = places.at(-1)
  if (fragment?.ending !== 'whole' || last?.fragment !== fragment) return []
  if (last.end !== fragment.bytes.length) return []
  let from = places.length - 1
  for (; from > 0; from--) {
    const [before, place] = [places[from - 1], places[from]]
    const touches = before?.fragment === place?.fragment && before?.end === place?.start
    if (!touches || before?.offsetDelta !== (place?.offsetDelta ?? 0) - 1) break
  }
  return places.slice(from)
}

/** The header's fields as they stand, under a magic that may be lost. */
function headerAt(bytes: Uint8Array, start: number): BatchHeader | null {
  const header = bytes.slice(start, start + V2_HEADER_BYTES)
  header[MAGIC_POSITION] = 2
  return decodeBatchHeader(header, start)
}

/**
 * Whether two fields far apart agree with the records: damage is no smaller than a sector, so all that lies between the
 * two is right as well. A delta of 0 is also what zeros look like. The attributes are in front of both fields, and held
 * against what else is known.
 */
function isOf(
  header: BatchHeader,
  lastOffsetDelta: number,
  codec: CompressionType,
  around: TimeSources,
): boolean {
  return (
    lastOffsetDelta > 0 &&
    header.lastOffsetDelta === lastOffsetDelta &&
    header.recordsCount === lastOffsetDelta + 1 &&
    (header.attributes & UNUSED_ATTRIBUTES) === 0 &&
    COMPRESSION_TYPES[codecBits(header)] === codec &&
    isLogAppendTime(header) === (isStampedAround(around) ?? false)
  )
}

/** A transaction marker is alone in its batch: a key of 4 bytes, and a value of 6 (EndTransactionMarker). */
function mayBeMarker([only, ...others]: readonly { readonly record: Record }[]): boolean {
  const { key, value } = only?.record ?? {}
  return others.length === 0 && key?.length === 4 && value?.length === 6
}

/** With CreateTime maxTimestamp is the time of one of the records: two fields of 64 bits that agree prove each other. */
function provenTimes(
  header: BatchHeader | null,
  deltas: readonly bigint[],
  around: TimeSources,
): RecordTimes | null {
  if (header === null || isStampedAround(around) !== false) return null
  const { baseTimestamp, maxTimestamp } = header
  const largest = deltas.reduce((most, delta) => (delta > most ? delta : most))
  return baseTimestamp > 0n && baseTimestamp + largest === maxTimestamp
    ? { type: 'CreateTime', baseTimestamp, maxTimestamp }
    : null
}
