/** The header of a batch, field by field: where it is, its bytes, its value, and what that means here. */
import type { Window } from '../bytes/window.ts'
import type { FieldType } from '../segment/layout.ts'
import {
  FIELD_BYTES,
  LOG_OVERHEAD,
  UNUSED_ATTRIBUTES,
  V1_FIELDS,
  V2_FIELDS,
  V2_HEADER_BYTES,
} from '../segment/layout.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import {
  crcCoverage,
  hasDeleteHorizon,
  isControl,
  isLegacy,
  isTransactional,
  lastSequence,
} from '../segment/record-batch.ts'
import { plausibleHeaderAt } from '../segment/walk.ts'
import { codecName, timestampType } from './text-lines.ts'

export interface ExplainedField {
  readonly name: string
  /** From the start of the batch. */
  readonly offset: number
  /** In hexadecimal, two digits a byte. */
  readonly bytes: string
  readonly value: string
  readonly meaning: string
  /** The CRC covers it. */
  readonly isCovered: boolean
}

/** What the batch is explained against. */
export interface Surroundings {
  readonly window: Window
  /** The last offset of the good batch before. */
  readonly offsetBefore: bigint | null
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

function fieldText(bytes: Uint8Array, type: FieldType): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (type) {
    case 'int8':
      return view.getInt8(0).toString()
    case 'int16':
      return view.getInt16(0).toString()
    case 'int32':
      return view.getInt32(0).toString()
    case 'uint32':
      return view.getUint32(0).toString()
    case 'int64':
      return view.getBigInt64(0).toString()
  }
}

export const hexCrc = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`

/** The CRC of the batch's bytes as they are; null when its claimed length leaves the file. */
export function computedCrc(window: Window, header: BatchHeader): number | null {
  const { crc, start } = crcCoverage(header.magic)
  const { position, sizeInBytes } = header
  if (sizeInBytes < start || position + sizeInBytes > window.source.size) return null
  return window.crc(crc, position + start, sizeInBytes - start)
}

function time(value: bigint): string {
  if (value === -1n) return 'none'
  if (value < 0n || value > 8_640_000_000_000_000n) return 'no time that can be'
  return new Date(Number(value)).toISOString()
}

function baseOffsetMeaning(
  { baseOffset, baseOffsetKnown }: BatchHeader,
  before: bigint | null,
): string {
  const what = baseOffsetKnown ? 'first offset' : 'last offset of a compressed wrapper'
  if (before === null) return `${what}; nothing good before it`
  if (!baseOffsetKnown) return what
  if (baseOffset === before + 1n) return `${what}, right after ${before}`
  return baseOffset > before
    ? `${what}; ${baseOffset - before - 1n} offsets are missing after ${before}`
    : `${what}, but ${before} came before it`
}

function lengthMeaning(window: Window, { position, sizeInBytes }: BatchHeader): string {
  const end = position + sizeInBytes
  const { size } = window.source
  if (sizeInBytes <= LOG_OVERHEAD) return 'no length that can be'
  if (end > size) return `the batch would end at ${end}, ${end - size} bytes beyond the file`
  if (end === size) return `the batch ends at ${end}, with the file`
  return plausibleHeaderAt(window, end) === null
    ? `the batch ends at ${end}, where nothing looks like a batch`
    : `the batch ends at ${end}, where another begins`
}

function crcMeaning(window: Window, header: BatchHeader): string {
  const computed = computedCrc(window, header)
  if (computed === null) return 'cannot be computed: the length leaves the file'
  return computed === header.crc
    ? `${hexCrc(header.crc)}, as computed: the bytes under it are as they were written`
    : `${hexCrc(header.crc)} stored, ${hexCrc(computed)} computed: NOT the same`
}

function attributesMeaning(header: BatchHeader): string {
  const words = [`codec ${codecName(header)}`, timestampType(header)]
  if (isTransactional(header)) words.push('transactional')
  if (isControl(header)) words.push('control')
  if (hasDeleteHorizon(header)) words.push('delete horizon')
  if (!isLegacy(header) && (header.attributes & UNUSED_ATTRIBUTES) !== 0)
    words.push('bits set that nobody uses')
  return words.join(', ')
}

function countMeaning({ recordsCount, lastOffsetDelta }: BatchHeader): string {
  const offsets = lastOffsetDelta + 1
  if (recordsCount === null || recordsCount === offsets) return 'one for each offset'
  if (recordsCount === 0) return `none: an emptied batch that keeps its ${offsets} offsets`
  return recordsCount > 0 && recordsCount < offsets
    ? `of ${offsets} offsets; the others were compacted away`
    : `impossible with ${offsets} offsets`
}

type Meaning = (header: BatchHeader, around: Surroundings) => string

const MEANINGS: Readonly<Record<string, Meaning>> = {
  baseOffset: (header, { offsetBefore }) => baseOffsetMeaning(header, offsetBefore),
  offset: (header, { offsetBefore }) => baseOffsetMeaning(header, offsetBefore),
  batchLength: (header, { window }) => lengthMeaning(window, header),
  size: (header, { window }) => lengthMeaning(window, header),
  partitionLeaderEpoch: ({ partitionLeaderEpoch: epoch }) =>
    epoch === -1 ? 'none' : 'epoch of the leader that appended it',
  magic: ({ magic }) => `message format ${magic}`,
  crc: (header, { window }) => crcMeaning(window, header),
  attributes: attributesMeaning,
  lastOffsetDelta: ({ lastOffset }) => `last offset ${lastOffset}`,
  baseTimestamp: (header) =>
    hasDeleteHorizon(header)
      ? `delete horizon: ${time(header.baseTimestamp)}`
      : time(header.baseTimestamp),
  maxTimestamp: ({ maxTimestamp }) => time(maxTimestamp),
  timestamp: ({ maxTimestamp }) => time(maxTimestamp),
  producerId: ({ producerId }) => (producerId === -1n ? 'not idempotent' : 'of the producer'),
  producerEpoch: ({ producerEpoch }) => (producerEpoch === -1 ? 'none' : 'of the producer'),
  baseSequence: (header) =>
    header.baseSequence === -1
      ? 'none'
      : `sequences ${header.baseSequence} to ${lastSequence(header)}`,
  recordsCount: countMeaning,
}

/** The fields of a header that is there or claims to be; none of them is believed more than the file allows. */
export function explainHeader(header: BatchHeader, around: Surroundings): ExplainedField[] {
  const bytes = around.window.view(header.position, V2_HEADER_BYTES).slice()
  const covered = crcCoverage(header.magic).start
  // Magic 0 is magic 1 without its last field.
  const fields =
    header.magic === 2 ? V2_FIELDS : header.magic === 1 ? V1_FIELDS : V1_FIELDS.slice(0, -1)
  return fields
    .filter(({ offset, type }) => offset + FIELD_BYTES[type] <= bytes.length)
    .map(({ name, offset, type }) => {
      const part = bytes.subarray(offset, offset + FIELD_BYTES[type])
      return {
        name,
        offset,
        bytes: hex(part),
        value: fieldText(part, type),
        meaning: MEANINGS[name]?.(header, around) ?? '',
        isCovered: offset >= covered,
      }
    })
}

const LINE_BYTES = 16

/** Bytes as in hexdump: position, hexadecimal, and what of it is printable ASCII. */
export function hexDump(bytes: Uint8Array, position: number): string[] {
  const lines: string[] = []
  for (let start = 0; start < bytes.length; start += LINE_BYTES) {
    const part = bytes.subarray(start, start + LINE_BYTES)
    const text = [...part]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('')
    lines.push(`${(position + start).toString().padStart(10)}  ${hex(part).padEnd(47)}  |${text}|`)
  }
  return lines
}
