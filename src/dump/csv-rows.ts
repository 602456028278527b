/** CSV (RFC 4180, with LF): one row a record or (without their decoding) a batch, and one for each damage. */
import { isControl, isTransactional } from '../segment/record-batch.ts'
import type { DumpFile } from './dump-file.ts'
import type { DumpOptions } from './dump-options.ts'
import type { Cells } from './record-cells.ts'
import { cellsOf, headersJson, sequenceOf } from './record-cells.ts'
import type { Rows } from './rows.ts'
import { codecName, timestampType } from './text-lines.ts'

/** `offset` is a batch's first; a damage row holds the offsets that a header in it claims. */
const COLUMNS = [
  'type',
  'source',
  'topic',
  'partition',
  'offset',
  'lastOffset',
  'recordsCount',
  'position',
  'sizeInBytes',
  'timestamp',
  'timestampType',
  'partitionLeaderEpoch',
  'producerId',
  'producerEpoch',
  'sequence',
  'isTransactional',
  'isControl',
  'compression',
  'key',
  'keyForm',
  'value',
  'valueForm',
  'headers',
  'reason',
  'message',
  'keySchemaId',
  'valueSchemaId',
] as const
type Column = (typeof COLUMNS)[number]
type Row = Readonly<Partial<Record<Column, string | number | bigint | boolean | null>>>

export const csvHeading = (): string => `${COLUMNS.join(',')}\n`

const NEEDS_QUOTES = /[",\r\n]/

function cell(value: Row[Column]): string {
  if (value === undefined || value === null) return ''
  const text = value.toString()
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const line = (row: Row): string => `${COLUMNS.map((column) => cell(row[column])).join(',')}\n`

const contents = ({ key, value, keySchemaId, valueSchemaId, message }: Cells): Row => ({
  key: key?.text ?? null,
  keyForm: key?.form ?? null,
  value: value?.text ?? null,
  valueForm: value?.form ?? null,
  keySchemaId,
  valueSchemaId,
  message,
})

export function csvRows(options: DumpOptions, { path, topicPartition }: DumpFile): Rows {
  const place: Row = {
    source: path,
    topic: topicPartition?.topic ?? null,
    partition: topicPartition?.partition ?? null,
  }
  return {
    batch(header, isValid) {
      if (options.deep || !isValid) return ''
      const { position, sizeInBytes, lastOffset, recordsCount, maxTimestamp } = header
      const { partitionLeaderEpoch, producerId, producerEpoch, baseSequence } = header
      return line({
        type: 'batch',
        ...place,
        offset: header.baseOffset,
        lastOffset,
        recordsCount,
        position,
        sizeInBytes,
        timestamp: maxTimestamp,
        timestampType: timestampType(header),
        partitionLeaderEpoch,
        producerId,
        producerEpoch,
        sequence: baseSequence,
        isTransactional: isTransactional(header),
        isControl: isControl(header),
        compression: codecName(header),
      })
    },
    record(record, { header }) {
      const { position, partitionLeaderEpoch, producerId, producerEpoch } = header
      return line({
        type: 'record',
        ...place,
        offset: record.offset,
        position,
        timestamp: record.timestamp,
        timestampType: timestampType(header),
        partitionLeaderEpoch,
        producerId,
        producerEpoch,
        sequence: sequenceOf(record, header),
        isTransactional: isTransactional(header),
        isControl: isControl(header),
        compression: codecName(header),
        ...contents(cellsOf(record, header, options)),
        headers: headersJson(record.headers),
      })
    },
    damage: ({ position, sizeInBytes, reason, message, claim }) =>
      line({
        type: 'damage',
        ...place,
        offset: claim?.baseOffset ?? null,
        lastOffset: claim?.lastOffset ?? null,
        position,
        sizeInBytes,
        reason,
        message,
      }),
  }
}
