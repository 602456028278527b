/**
 * The lines of kafka-dump-log (DumpLogSegments 4.1.0), word for word, so that people and their scripts feel at home.
 * Lines of our own begin with `! ` and tell of damage, or of what does not decode.
 */
import { basename } from 'node:path'
import { COMPRESSION_TYPES } from '../codec/codec.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import {
  addSequence,
  codecBits,
  hasDeleteHorizon,
  isControl,
  isLegacy,
  isLogAppendTime,
  isTransactional,
  lastSequence,
} from '../segment/record-batch.ts'
import type { Record } from '../segment/record.ts'
import { decodeControlRecord } from '../topics/control-records.ts'
import { MessageError } from '../topics/decode-message.ts'
import { decodedText } from '../topics/internal-topics.ts'
import { messageJson } from '../topics/message-value.ts'
import { lenientText, plainText } from './bytes-text.ts'
import type { DumpFile } from './dump-file.ts'
import type { AvroType } from './avro-type.ts'
import type { BytesFormat, DumpOptions } from './dump-options.ts'
import type { SchemaView } from './schema-view.ts'
import { NO_VIEW, viewBySchema } from './schema-view.ts'
import type { DamageItem } from './walk-log.ts'

/** TimestampType's name for the times of a batch. */
export function timestampType(header: BatchHeader): string {
  if (header.magic === 0) return 'NoTimestampType'
  return isLogAppendTime(header) ? 'LogAppendTime' : 'CreateTime'
}

export const codecName = (header: BatchHeader): string =>
  COMPRESSION_TYPES[codecBits(header)] ?? `unknown(${codecBits(header)})`

const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint/

/** The lines before the first batch. */
export function logHeading({ path, kind, baseOffset }: DumpFile): string {
  const start = `Dumping ${path}\n`
  if (kind === 'log') return `${start}Log starting offset: ${baseOffset ?? 'unknown'}\n`
  const name = basename(path)
  const match = SNAPSHOT_NAME.exec(name)
  if (match === null) return `${start}KRaft bootstrap snapshot\n`
  const [endOffset, epoch] = [BigInt(match[1] ?? ''), Number(match[2])]
  return `${start}Snapshot end offset: ${endOffset}, epoch: ${epoch}\n`
}

export function batchLine(header: BatchHeader, isValid: boolean): string {
  const horizon = hasDeleteHorizon(header)
    ? `OptionalLong[${header.baseTimestamp}]`
    : 'OptionalLong.empty'
  const start = isLegacy(header)
    ? `offset: ${header.lastOffset}`
    : `baseOffset: ${header.baseOffset} lastOffset: ${header.lastOffset} count: ${header.recordsCount ?? 0}` +
      ` baseSequence: ${header.baseSequence} lastSequence: ${lastSequence(header)}` +
      ` producerId: ${header.producerId} producerEpoch: ${header.producerEpoch}` +
      ` partitionLeaderEpoch: ${header.partitionLeaderEpoch} isTransactional: ${isTransactional(header)}` +
      ` isControl: ${isControl(header)} deleteHorizonMs: ${horizon}`
  return (
    `${start} position: ${header.position} ${timestampType(header)}: ${header.maxTimestamp}` +
    ` size: ${header.sizeInBytes} magic: ${header.magic} compresscodec: ${codecName(header)}` +
    ` crc: ${header.crc} isvalid: ${isValid}\n`
  )
}

/** A record's place in its batch, and what else its line needs. */
export interface RecordPlace {
  readonly header: BatchHeader
  /** Of the message itself, in magic 0 and 1. */
  readonly checksum: number | null
}

const sizeOf = (bytes: Uint8Array | null): number => bytes?.length ?? -1

function metadata(record: Record, { header, checksum }: RecordPlace): string {
  const start = `| offset: ${record.offset} ${timestampType(header)}: ${record.timestamp} keySize: ${sizeOf(record.key)} valueSize: ${sizeOf(record.value)}`
  // The brace too many is kafka-dump-log's own.
  if (isLegacy(header)) return `${start} isValid: true crc: ${checksum ?? header.crc}}`
  const sequence = addSequence(header.baseSequence, Number(record.offset - header.baseOffset))
  const headerKeys = record.headers.map(({ key }) => lenientText(key)).join(',')
  const line = `${start} sequence: ${sequence} headerKeys: [${headerKeys}]`
  return isControl(header) ? line + controlText(record) : line
}

function controlText({ key, value }: Record): string {
  try {
    const control = decodeControlRecord(key, value)
    switch (control.kind) {
      case 'end-transaction':
        return ` endTxnMarker: ${control.outcome} coordinatorEpoch: ${control.coordinatorEpoch}`
      case 'quorum': {
        const colon = control.name === 'LeaderChange' ? ':' : ''
        return ` ${control.name}${colon} ${messageJson(control.message)}`
      }
      case 'unknown':
        return ` controlType: UNKNOWN(${control.type})`
    }
  } catch (error) {
    if (error instanceof MessageError) return ` controlType: undecodable: ${error.message}`
    throw error
  }
}

interface Contents {
  readonly text: string
  /** What did not decode, for lines below the record's. */
  readonly problems: readonly string[]
}

function contents(record: Record, prefix: string, options: DumpOptions): Contents {
  const { decoder, showSecrets } = options
  if (decoder !== null) {
    const { key, payload } = decodedText(decoder, record, { showSecrets })
    const keyPart = key === null ? '' : `${prefix}key: ${key}`
    return { text: payload === null ? keyPart : `${keyPart} payload: ${payload}`, problems: [] }
  }
  const { key, value } = record
  const keyPart = schemaText(key, options.keyFormat, options.keySchema)
  const valuePart = schemaText(value, options.valueFormat, options.valueSchema)
  const keyId = keyPart.schemaId === null ? '' : ` keySchemaId: ${keyPart.schemaId}`
  const valueId = valuePart.schemaId === null ? '' : ` valueSchemaId: ${valuePart.schemaId}`
  const keyText = keyPart.text === null ? '' : `${prefix}key: ${keyPart.text}${keyId}`
  const text = valuePart.text === null ? keyText : `${keyText} payload: ${valuePart.text}${valueId}`
  const problems = [
    ...(keyPart.problem === null ? [] : [`key: ${keyPart.problem}`]),
    ...(valuePart.problem === null ? [] : [`value: ${valuePart.problem}`]),
  ]
  return { text, problems }
}

function schemaText(
  bytes: Uint8Array | null,
  format: BytesFormat,
  schema: AvroType | null,
): { readonly text: string | null } & SchemaView {
  if (bytes === null) return { text: null, ...NO_VIEW }
  // Without a schema the line is kafka-dump-log's own: values of __consumer_offsets, too, begin like framed ones.
  const view = schema === null ? NO_VIEW : viewBySchema(bytes, format, schema)
  return { text: view.json ?? plainText(bytes, format), ...view }
}

export function recordLine(record: Record, place: RecordPlace, options: DumpOptions): string {
  const start = options.skipRecordMetadata ? '' : metadata(record, place)
  if (!options.contents || isControl(place.header)) return `${start}\n`
  const prefix = options.skipRecordMetadata ? '| ' : ' '
  const { text, problems } = contents(record, prefix, options)
  const below = problems.map((problem) => `! not decoded: offset: ${record.offset} ${problem}\n`)
  return `${start}${text}\n${below.join('')}`
}

/** Damage, in its place: what, where, which offsets, why. */
export function damageLine(item: DamageItem): string {
  const { reason, position, sizeInBytes, claim, offsetBefore, offsetAfter, message } = item
  const label = item.isProven ? 'offsets' : 'claimedOffsets'
  const offsets = claim === null ? '' : ` ${label}: ${claim.baseOffset} to ${claim.lastOffset}`
  const around = ` goodOffsets: up to ${offsetBefore ?? 'none'}, from ${offsetAfter ?? 'none'}`
  return `! damage: ${reason} position: ${position} size: ${sizeInBytes}${offsets}${item.isProven ? '' : around}: ${message}\n`
}
