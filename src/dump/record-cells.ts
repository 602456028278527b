/** What the row forms (NDJSON, CSV) say of a record, a batch and damage, before it is written down. */
import type { BatchHeader } from '../segment/record-batch.ts'
import { addSequence, isControl, isLegacy } from '../segment/record-batch.ts'
import type { Record, RecordHeader } from '../segment/record.ts'
import { decodeControlRecord } from '../topics/control-records.ts'
import { MessageError } from '../topics/decode-message.ts'
import { decodedText } from '../topics/internal-topics.ts'
import { messageJson } from '../topics/message-value.ts'
import type { Encoded } from './bytes-text.ts'
import { encodeBytes, lenientText } from './bytes-text.ts'
import type { AvroType } from './avro-type.ts'
import type { BytesFormat, DumpOptions } from './dump-options.ts'
import type { SchemaView } from './schema-view.ts'
import { likelySchemaId, NO_VIEW, viewBySchema } from './schema-view.ts'

const LARGEST_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** An integer of JSON; a string where no number of JavaScript holds it, as in report.json. */
export const jsonInteger = (value: bigint | number): string =>
  typeof value === 'number' || (value <= LARGEST_SAFE && value >= -LARGEST_SAFE)
    ? value.toString()
    : `"${value}"`

export interface Cells {
  readonly key: Encoded | null
  readonly value: Encoded | null
  /** From the framing of a schema registry's serializers; null where there is none, or the form asked for is not `auto`. */
  readonly keySchemaId: number | null
  readonly valueSchemaId: number | null
  /** What did not decode by its schema, and how it is shown instead; null where all did. */
  readonly message: string | null
}

const NO_SCHEMA = { keySchemaId: null, valueSchemaId: null, message: null } as const

const asText = (text: string): Encoded => ({ form: 'text', text })

/** Key and value in the forms asked for, or as the internal topic's decoder tells them. */
export function cellsOf(record: Record, header: BatchHeader, options: DumpOptions): Cells {
  const { decoder, keyFormat, valueFormat, showSecrets } = options
  const { key, value } = record
  if (isControl(header))
    return {
      key: key === null ? null : encodeBytes(key, keyFormat),
      value: value === null ? null : encodeBytes(value, valueFormat),
      ...NO_SCHEMA,
    }
  if (decoder === null) return cellsBySchema(record, options)
  const decoded = decodedText(decoder, record, { showSecrets })
  const encode = (text: string | null): Encoded | null =>
    text === null ? null : decoded.isJson ? { form: 'json', text } : asText(text)
  // A tombstone's key is JSON all the same, and its value is no text but nothing.
  if (decoded.payload === '<DELETE>')
    return {
      key: decoded.key === null ? null : { form: 'json', text: decoded.key },
      value: null,
      ...NO_SCHEMA,
    }
  return { key: encode(decoded.key), value: encode(decoded.payload), ...NO_SCHEMA }
}

/** As `cellsOf`, of keys and values that stay bytes. */
export function schemaIdsOf({ key, value }: Record, header: BatchHeader): Cells {
  const idOf = (bytes: Uint8Array | null): number | null =>
    bytes === null || isControl(header) ? null : likelySchemaId(bytes)
  return {
    key: null,
    value: null,
    keySchemaId: idOf(key),
    valueSchemaId: idOf(value),
    message: null,
  }
}

function cellsBySchema({ key, value }: Record, options: DumpOptions): Cells {
  const [keyCell, keyView] = cellBySchema(key, options.keyFormat, options.keySchema)
  const [valueCell, valueView] = cellBySchema(value, options.valueFormat, options.valueSchema)
  const problems = [
    problemOf('key', keyCell, keyView),
    problemOf('value', valueCell, valueView),
  ].filter((problem) => problem !== null)
  return {
    key: keyCell,
    value: valueCell,
    keySchemaId: keyView.schemaId,
    valueSchemaId: valueView.schemaId,
    message: problems.length === 0 ? null : problems.join('; '),
  }
}

const problemOf = (what: string, cell: Encoded | null, { problem }: SchemaView): string | null =>
  cell === null || problem === null ? null : `${what} shown as ${cell.form}: ${problem}`

function cellBySchema(
  bytes: Uint8Array | null,
  format: BytesFormat,
  schema: AvroType | null,
): readonly [Encoded | null, SchemaView] {
  if (bytes === null) return [null, NO_VIEW]
  const view = viewBySchema(bytes, format, schema)
  return [view.json === null ? encodeBytes(bytes, format) : { form: 'avro', text: view.json }, view]
}

/** -1 where the record has none. */
export const sequenceOf = (record: Record, header: BatchHeader): number =>
  isLegacy(header)
    ? -1
    : addSequence(header.baseSequence, Number(record.offset - header.baseOffset))

/** Record headers as a JSON array of [name, value]; a value that is no UTF-8 is base64 in an object. */
export function headersJson(headers: readonly RecordHeader[]): string {
  if (headers.length === 0) return '[]'
  const pairs = headers.map(({ key, value }) => {
    const encoded = value === null ? null : encodeBytes(value, 'auto')
    const text =
      encoded === null
        ? 'null'
        : encoded.form === 'base64'
          ? `{"base64":"${encoded.text}"}`
          : JSON.stringify(encoded.text)
    return `[${JSON.stringify(lenientText(key))},${text}]`
  })
  return `[${pairs.join(',')}]`
}

/** What a control record says, as JSON; null when it does not decode. */
export function controlJson({ key, value }: Record): string {
  try {
    const control = decodeControlRecord(key, value)
    switch (control.kind) {
      case 'end-transaction':
        return `{"type":"${control.outcome}","coordinatorEpoch":${control.coordinatorEpoch}}`
      case 'quorum':
        return `{"type":"${control.name}","data":${messageJson(control.message)}}`
      case 'unknown':
        return `{"type":${control.type}}`
    }
  } catch (error) {
    if (error instanceof MessageError) return 'null'
    throw error
  }
}
