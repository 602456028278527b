/**
 * gzip proves its own content. Where a magic-2 batch's payload decompresses under its own CRC-32 and size while the
 * batch's CRC does not match, the damage lies in the 40 header bytes between the CRC and the payload. Those are
 * rebuilt from what determines them (the records, the neighbours) and from small changes of them; the batch CRC
 * decides. Decoding says nothing about these fields, so every candidate counts in full.
 */
import { locateByte, syndromeOf } from '../../bytes/crc-locate.ts'
import { locateTwoBits } from '../../bytes/crc-locate-two-bits.ts'
import { rawNeeded } from '../../bytes/crc-splice.ts'
import { Cursor, CursorError } from '../../bytes/cursor.ts'
import { CodecError } from '../../codec/codec.ts'
import { decodeRecords, RecordError } from '../../segment/record.ts'
import * as layout from '../../segment/layout.ts'
import { addSequence, isLegacy, lastSequence } from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { CoveredArea } from './area.ts'
import { editsTo } from '../edits.ts'
import type { Edit } from '../edits.ts'
import { settle } from './judge.ts'
import { STEPS_PER_DECODED_BYTE } from './ledger.ts'
import { NOT_APPLICABLE } from './rung.ts'
import type { Attempt, BrokenEntry, RungOutcome } from './rung.ts'

const GZIP = 1
const GZIP_MAGIC = [0x1f, 0x8b, 0x08]
const START = layout.V2_CRC_START
const HEADER_SIZE: number = layout.V2_HEADER_BYTES - START

/** What the records alone say of their header. */
interface Payload {
  readonly count: number
  readonly lastDelta: number
  readonly largestTimestampDelta: bigint
}

export function undoGzipHeader(attempt: Attempt, area: CoveredArea): RungOutcome {
  const { entry, ledger } = attempt
  const { bytes, header } = entry
  const isGzip = GZIP_MAGIC.every((byte, index) => bytes[layout.V2_HEADER_BYTES + index] === byte)
  if (header === null || isLegacy(header) || !isGzip || ledger.left === 0) return NOT_APPLICABLE
  const payload = readPayload(attempt)
  if (payload === null) return NOT_APPLICABLE
  ledger.spend(bytes.length)
  const payloadSize = bytes.length - layout.V2_HEADER_BYTES
  const crcOfPayload = area.crc.update(0, bytes, layout.V2_HEADER_BYTES)
  // The CRC that the 40 bytes must have for the stored one to come out behind the payload.
  const wanted = rawNeeded(area.crc, syndromeOf(area.storedCrc, crcOfPayload), 0, payloadSize)
  const found = [
    ...determinedHeaders(attempt, payload, header, (fields) => isWanted(area, fields, wanted)),
    ...slightlyChangedHeaders(attempt, payload, area, wanted),
  ]
  return settle(
    attempt,
    { rung: 'gzip-header', sectorRule: false, evidence: ['crc', 'codec', 'records'] },
    found.map((fields): Edit[] => editsTo(bytes, START, fields)),
  )
}

const isWanted = ({ crc }: CoveredArea, fields: Uint8Array, wanted: number): boolean =>
  (crc.update(0, fields) | 0) === (wanted | 0)

/** Null when the payload does not prove itself, or holds no records. */
function readPayload({ entry, options, ledger }: Attempt): Payload | null {
  const compressed = entry.bytes.subarray(layout.V2_HEADER_BYTES)
  const affordable = Math.floor(ledger.left / STEPS_PER_DECODED_BYTE)
  let size = 0
  try {
    const { bytes, variants } = options.codecs.gzip(compressed, {
      maxOutputBytes: Math.min(options.maxDecompressedBytes, affordable),
      allowOldLz4HeaderChecksum: false,
    })
    size = bytes.length
    return variants.length > 0 ? null : readRecords(bytes)
  } catch (error) {
    if (error instanceof CodecError) size = error.decodedSoFar.length
    else if (!(error instanceof RecordError || error instanceof CursorError)) throw error
    return null
  } finally {
    ledger.spend(STEPS_PER_DECODED_BYTE * (compressed.length + size))
  }
}

/** Counts the records by their lengths, then decodes them with nothing taken from the header. */
function readRecords(bytes: Uint8Array): Payload | null {
  const cursor = new Cursor(bytes)
  let count = 0
  for (; cursor.remaining > 0; count++) {
    const length = cursor.varint()
    if (length < 0) return null
    cursor.skip(length)
  }
  const context = {
    baseOffset: 0n,
    lastOffsetDelta: layout.MAX_RELATIVE_OFFSET,
    baseTimestamp: 0n,
    logAppendTime: null,
  }
  let payload: Payload | null = null
  for (const { offset, timestamp } of decodeRecords(bytes, count, context)) {
    const largest: bigint = payload?.largestTimestampDelta ?? timestamp
    payload = {
      count,
      lastDelta: Number(offset),
      largestTimestampDelta: timestamp > largest ? timestamp : largest,
    }
  }
  return payload
}

const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]

/** For each field the value that stands there and those that records and neighbours determine. */
function fieldValues(
  entry: BrokenEntry,
  payload: Payload,
  header: BatchHeader,
): readonly (readonly [name: string, values: readonly (bigint | number)[]])[] {
  const { before, after, nextBaseOffset } = entry
  const around = [before, after].filter((known) => known !== null && !isLegacy(known))
  const next = nextBaseOffset === null ? null : Number(nextBaseOffset - header.baseOffset - 1n)
  const { largestTimestampDelta } = payload
  const asGzip = (attributes: number): number => (attributes & ~layout.CODEC_MASK) | GZIP
  const sequences = [
    before === null ? layout.NO_SEQUENCE : addSequence(lastSequence(before), 1),
    after === null ? layout.NO_SEQUENCE : sequenceBefore(after.baseSequence, payload.lastDelta + 1),
  ]
  return [
    [
      'attributes',
      distinct([header, ...around].map((known) => asGzip(known?.attributes ?? 0)).concat(GZIP)),
    ],
    [
      'lastOffsetDelta',
      distinct([header.lastOffsetDelta, payload.lastDelta, next ?? payload.lastDelta]),
    ],
    [
      'baseTimestamp',
      distinct([header.baseTimestamp, header.maxTimestamp - largestTimestampDelta]),
    ],
    ['maxTimestamp', distinct([header.maxTimestamp, header.baseTimestamp + largestTimestampDelta])],
    [
      'producerId',
      distinct([header, ...around].map((known) => known?.producerId ?? -1n).concat(-1n)),
    ],
    [
      'producerEpoch',
      distinct([header, ...around].map((known) => known?.producerEpoch ?? -1).concat(-1)),
    ],
    ['baseSequence', distinct([header.baseSequence, ...sequences, layout.NO_SEQUENCE])],
    ['recordsCount', [payload.count]],
  ]
}

/** The sequence `distance` before, with Kafka's wrap. -1 stays -1. */
const sequenceBefore = (sequence: number, distance: number): number =>
  sequence === layout.NO_SEQUENCE
    ? layout.NO_SEQUENCE
    : (sequence - distance + layout.SEQUENCE_MODULUS) % layout.SEQUENCE_MODULUS

function setField(fields: Uint8Array, name: string, value: bigint | number): void {
  const field = layout.V2_FIELDS.find((candidate) => candidate.name === name)
  if (field === undefined) throw new Error(`no field ${name}`)
  const size = layout.FIELD_BYTES[field.type]
  let rest = BigInt.asUintN(8 * size, BigInt(value))
  for (let at = field.offset - START + size - 1; at >= field.offset - START; at--) {
    fields[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
}

/** Every combination of the values above that gives the CRC: a few hundred at most. */
function determinedHeaders(
  attempt: Attempt,
  payload: Payload,
  header: BatchHeader,
  fits: (fields: Uint8Array) => boolean,
): Uint8Array[] {
  const { entry, ledger } = attempt
  let headers = [entry.bytes.slice(START, layout.V2_HEADER_BYTES)]
  for (const [name, values] of fieldValues(entry, payload, header)) {
    headers = headers.flatMap((fields) =>
      values.map((value) => {
        const copy = fields.slice()
        setField(copy, name, value)
        return copy
      }),
    )
  }
  ledger.spend(HEADER_SIZE * headers.length)
  ledger.countUndecoded(headers.length)
  return headers.filter(fits)
}

/**
 * One byte or two bits changed, located within the 40 bytes: in the header as it is, and in the header with the
 * fields that the payload proves put right.
 */
function slightlyChangedHeaders(
  { entry, ledger }: Attempt,
  payload: Payload,
  { crc }: CoveredArea,
  wanted: number,
): Uint8Array[] {
  const asFound = entry.bytes.slice(START, layout.V2_HEADER_BYTES)
  const withPayload = asFound.slice()
  setField(withPayload, 'recordsCount', payload.count)
  if (entry.withoutGaps) setField(withPayload, 'lastOffsetDelta', payload.lastDelta)
  const isKnown = withPayload.every((byte, index) => byte === asFound[index])
  const found: Uint8Array[] = []
  for (const fields of isKnown ? [asFound] : [asFound, withPayload]) {
    const syndrome = syndromeOf(wanted, crc.update(0, fields))
    const bits = 8 * HEADER_SIZE
    ledger.spend(HEADER_SIZE * 32)
    ledger.countUndecoded(255 * HEADER_SIZE + (bits * (bits - 1)) / 2)
    const hits = [
      ...locateByte(crc, syndrome, HEADER_SIZE).map((flip) => [flip]),
      ...locateTwoBits(crc, syndrome, HEADER_SIZE, Infinity).hits,
    ]
    for (const flips of hits) {
      const changed = fields.slice()
      for (const { at, mask } of flips) changed[at] = (changed[at] ?? 0) ^ mask
      found.push(changed)
    }
  }
  return found
}
