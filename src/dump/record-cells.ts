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
import type { DumpOptions } from './dump-options.ts'

const LARGEST_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** An integer of JSON; a string where no number of JavaScript holds it, as in report.json. */
export const jsonInteger = (value: bigint | number): string =>
  typeof value === 'number' || (value <= LARGEST_SAFE && value >= -LARGEST_SAFE)
    ? value.toString()
    : `"${value}"`

export interface Cells {
  readonly key: Encoded | null
  readonly value: Encoded | null
}

const asText = (text: string): Encoded => ({ form: 'text', text })

/** Key and value in the forms asked for, or as the internal topic's decoder tells them. */
export function cellsOf(record: Record, header: BatchHeader, options: DumpOptions): Cells {
  const { decoder, keyFormat, valueFormat, showSecrets } = options
  const { key, value } = record
  if (decoder === null || isControl(header))
    return {
      key: key === null ? null : encodeBytes(key, keyFormat),
      value: value === null ? null : encodeBytes(value, valueFormat),
    }
  const decoded = decodedText(decoder, record, { showSecrets })
  const encode = (text: string | null): Encoded | null =>
    text === null ? null : decoded.isJson ? { form: 'json', text } : asText(text)
  // A tombstone's key is JSON all the same, and its value is no text but nothing.
  if (decoded.payload === '<DELETE>')
    return { key: decoded.key === null ? null : { form: 'json', text: decoded.key }, value: null }
  return { key: encode(decoded.key), value: encode(decoded.payload) }
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
