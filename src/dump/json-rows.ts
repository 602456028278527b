/** NDJSON: one JSON object a line, a record or (without their decoding) a batch, and one for each damage. */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import { jsonString } from '../topics/message-value.ts'
import type { Encoded } from './bytes-text.ts'
import type { DumpFile } from './dump-file.ts'
import type { DumpOptions } from './dump-options.ts'
import type { Cells } from './record-cells.ts'
import { cellsOf, controlJson, headersJson, jsonInteger, sequenceOf } from './record-cells.ts'
import type { Rows } from './rows.ts'
import { codecName, timestampType } from './text-lines.ts'

const cellJson = (name: string, cell: Encoded | null): string => {
  if (cell === null) return `"${name}":null,"${name}Form":null`
  const text = cell.form === 'json' || cell.form === 'avro' ? cell.text : JSON.stringify(cell.text)
  return `"${name}":${text},"${name}Form":"${cell.form}"`
}

const integers = (fields: Readonly<Record<string, bigint | number | null>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `"${name}":${value === null ? 'null' : jsonInteger(value)}`)
    .join(',')

/** Only where there is something: most logs know no schemas. */
const schemaFields = ({ keySchemaId, valueSchemaId, message }: Cells): string =>
  (keySchemaId === null ? '' : `,"keySchemaId":${keySchemaId}`) +
  (valueSchemaId === null ? '' : `,"valueSchemaId":${valueSchemaId}`) +
  (message === null ? '' : `,"message":${jsonString(message)}`)

/** What a record's row and a batch's row share. */
const batchFields = (header: BatchHeader): string =>
  `${integers({
    position: header.position,
    partitionLeaderEpoch: header.partitionLeaderEpoch,
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
  })},"isTransactional":${isTransactional(header)},"isControl":${isControl(header)},"compression":"${codecName(header)}","timestampType":"${timestampType(header)}"`

export function jsonRows(options: DumpOptions, { path, topicPartition }: DumpFile): Rows {
  const topic = topicPartition === null ? 'null' : jsonString(topicPartition.topic)
  const place = `"source":${jsonString(path)},"topic":${topic},"partition":${topicPartition?.partition ?? 'null'}`
  // The records of a batch come one after the other, so its fields are put together once.
  let shared: { readonly header: BatchHeader | null; readonly text: string } = {
    header: null,
    text: '',
  }
  return {
    batch(header, isValid) {
      // Records have rows of their own, and damage says what its header claims.
      if (options.deep || !isValid) return ''
      const fields = integers({
        baseOffset: header.baseOffset,
        lastOffset: header.lastOffset,
        recordsCount: header.recordsCount,
        sizeInBytes: header.sizeInBytes,
        magic: header.magic,
        crc: header.crc,
        baseSequence: header.baseSequence,
        maxTimestamp: header.maxTimestamp,
      })
      return `{"type":"batch",${place},${fields},${batchFields(header)}}\n`
    },
    record(record, { header }) {
      if (header !== shared.header) shared = { header, text: batchFields(header) }
      const cells = cellsOf(record, header, options)
      const { offset, timestamp } = record
      const fields = `"offset":${jsonInteger(offset)},"timestamp":${jsonInteger(timestamp)},"sequence":${sequenceOf(record, header)}`
      const control = isControl(header) ? `,"control":${controlJson(record)}` : ''
      return `{"type":"record",${place},${fields},${shared.text},${cellJson('key', cells.key)},${cellJson('value', cells.value)},"headers":${headersJson(record.headers)}${control}${schemaFields(cells)}}\n`
    },
    damage(item) {
      const fields = integers({
        position: item.position,
        sizeInBytes: item.sizeInBytes,
        claimedBaseOffset: item.claim?.baseOffset ?? null,
        claimedLastOffset: item.claim?.lastOffset ?? null,
        offsetBefore: item.offsetBefore,
        offsetAfter: item.offsetAfter,
      })
      return `{"type":"damage",${place},${fields},"reason":"${item.reason}","message":${jsonString(item.message)}}\n`
    },
  }
}
