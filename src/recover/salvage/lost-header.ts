/**
 * Records of a batch whose header is lost. The batch that follows tells the last offset, and records that lead one after
 * the other exactly to the end of the bytes count back from there. In a log with gaps more may be missing than the
 * batch: then only records are believed that leave no offset over. What does not lead to the end belongs to no known
 * offset.
 */
import type { ByteRange } from '../../codec/salvage.ts'
import type { CompressionType } from '../../codec/codec.ts'
import { findCompressed, recogniseCodec } from '../../codec/salvage-codecs.ts'
import { V2_HEADER_BYTES } from '../../segment/layout.ts'
import { isControl } from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'
import type { SalvageEntry, Salvaged } from './entry.ts'
import { timesIn } from './entry.ts'
import type { Payload } from './fragments.ts'
import { fragmentsOf, payloadOf } from './fragments.ts'
import type { RecordPlace } from './record-walk.ts'
import { walkRecords } from './record-walk.ts'
import { decodeAt, positionOf } from './salvage-records.ts'
import type { TimeSources } from './record-times.ts'
import { timeOf, timesFromAround } from './record-times.ts'
import { crcHolds, headerAt, isOf, timesLeft } from './standing-fields.ts'

/** Bytes that end with a batch of magic 2, and hold of it what comes behind its header, or a part of that. */
export interface LostHeader {
  /** Up to where the next good batch begins. */
  readonly bytes: Uint8Array
  /** Of the first byte in its file. */
  readonly position: number
  /** The first offset that the bytes can hold, and the last one, which in a log without gaps they do hold. */
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly withoutGaps: boolean
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
  const { codec } = payload
  const { withoutGaps, around, lastOffset } = lost
  const chain = chainOf(lost, payload)
  const [first, last] = [chain[0], chain.at(-1)]
  if (first === undefined || last === undefined) return null
  const isWhole = first.start === 0 && first.fragment.outputStart === 0
  const isFirst = isWhole && (first.offsetDelta === 0 || !withoutGaps)
  if (!isFirst && (!withoutGaps || chain.length < CHAIN_MIN)) return null
  // The first record stands right behind the header, whatever precedes the batch.
  const begins = isFirst || (first.offsetDelta === 0 && codec === 'none')
  const seen = headerAt(lost.bytes, start + (begins ? first.start : 0))
  const isSummed = seen !== null && crcHolds(lost.bytes, seen, codec)
  const lastDelta = isSummed && !withoutGaps ? seen.lastOffsetDelta : last.offsetDelta
  const baseOffset = lastOffset - BigInt(lastDelta)
  if (withoutGaps ? baseOffset < lost.baseOffset : baseOffset !== lowestOffset(lost, start))
    return null
  const decoded = chain.map((place) => ({ place, record: decodeAt(place, baseOffset) }))
  const deltas = decoded.map(({ record }) => record.timestamp)
  const header = begins || baseOffset === lost.baseOffset ? seen : null
  const isProven = header !== null && (isSummed || isOf(header, last.offsetDelta, codec, around))
  if (isProven ? isControl(header) : mayBeMarker(decoded)) return null
  const found = { deltas, isFirst, position: lost.position }
  const times =
    (isProven ? timesIn(header) : timesLeft(header, found, around)) ??
    timesFromAround({ baseOffset, lastOffset, deltas, reachesLast: true }, around)
  const records = decoded.map(({ place, record }) => ({
    ...record,
    timestamp: timeOf(times, record.timestamp),
    position: positionOf(place, payload),
  }))
  return { records, codec, isLocated: true, headerStands: false }
}

/** What lies in front of the batch in its bytes is at least one other, which takes an offset. */
const lowestOffset = ({ baseOffset }: LostHeader, start: number): bigint =>
  baseOffset + (start >= V2_HEADER_BYTES ? 1n : 0n)

/** The records that touch, in a log without gaps one offset after the other, and end where the whole of the data does. */
function chainOf(lost: LostHeader, payload: Payload): readonly RecordPlace[] {
  const { position: inputPosition } = payload
  const { withoutGaps: isDense } = lost
  const rules = { lastOffsetDelta: null, isDense, timestampDeltaMax: Infinity, inputPosition }
  const fragments = fragmentsOf(payload, lost.maxDecompressedBytes)
  const { places } = walkRecords(fragments, rules)
  const [fragment, last] = [fragments.at(-1), places.at(-1)]
  if (fragment?.ending !== 'whole' || last?.fragment !== fragment) return []
  if (last.end !== fragment.bytes.length) return []
  let from = places.length - 1
  for (; from > 0; from--) {
    const [before, place] = [places[from - 1], places[from]]
    const touches = before?.fragment === place?.fragment && before?.end === place?.start
    if (!touches || (isDense && before?.offsetDelta !== (place?.offsetDelta ?? 0) - 1)) break
  }
  return places.slice(from)
}

/** A transaction marker is alone in its batch: a key of 4 bytes, and a value of 6 (EndTransactionMarker). */
function mayBeMarker([only, ...others]: readonly { readonly record: Record }[]): boolean {
  const { key, value } = only?.record ?? {}
  return others.length === 0 && key?.length === 4 && value?.length === 6
}
