/** NDJSON: one JSON object a line, a record or (without their decoding) a batch, and one for each damage. */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import { jsonString } from '../topics/message-value.ts'
import type { Encoded } from './bytes-text.ts'
import type { DumpFile } from './dump-file.ts'
import type { DumpOptions } from './dump-options.ts'
import { cellsOf, controlJson, headersJson, jsonInteger, sequenceOf } from './record-cells.ts'
import type { Rows } from './rows.ts'
import { codecName, timestampType } from './text-lines.ts'

const cellJson = (name: string, cell: Encoded | null): string => {
  if (cell === null) return `"${name}":null,"${name}Form":null`
  const text = cell.form === 'json' ? cell.text : jsonString(cell.text)
  return `"${name}":${text},"${name}Form":"${cell.form}"`
}

const integers = (fields: Readonly<Record<string, bigint | number | null>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `"${name}":${value === null ? 'null' : jsonInteger(value)}`)
    .join(',')

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
      const { key, value } = cellsOf(record, header, options)
      const fields = integers({
        offset: record.offset,
        timestamp: record.timestamp,
        sequence: sequenceOf(record, header),
      })
      const control = isControl(header) ? `,"control":${controlJson(record)}` : ''
      return `{"type":"record",${place},${fields},${batchFields(header)},${cellJson('key', key)},${cellJson('value', value)},"headers":${headersJson(record.headers)}${control}}\n`
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
