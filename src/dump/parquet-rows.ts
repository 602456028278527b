/**
 * Parquet: one row a record or (without their decoding) a batch, and one for each damage. Rows are gathered in columns
 * and written as a row group before they grow large, so memory stays bounded whatever the size of the logs.
 */
import type { SchemaElement } from 'hyparquet-writer'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { OutputFile } from '../bytes/file-output.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { AvroType } from './avro-type.ts'
import type { Encoded } from './bytes-text.ts'
import type { DumpFile } from './dump-file.ts'
import type { BytesFormat, DumpOptions } from './dump-options.ts'
import { cellsOf, headersJson, schemaIdsOf, sequenceOf } from './record-cells.ts'
import type { Rows } from './rows.ts'
import { codecName, timestampType } from './text-lines.ts'

type Cell = string | number | bigint | boolean | Uint8Array | null

/** `offset` is a batch's first; a damage row holds the offsets that a header in it claims. */
const COLUMNS = {
  type: 'STRING',
  source: 'STRING',
  topic: 'STRING',
  partition: 'INT32',
  offset: 'INT64',
  lastOffset: 'INT64',
  recordsCount: 'INT32',
  position: 'INT64',
  sizeInBytes: 'INT64',
  timestamp: 'INT64',
  timestampType: 'STRING',
  partitionLeaderEpoch: 'INT32',
  producerId: 'INT64',
  producerEpoch: 'INT32',
  sequence: 'INT32',
  isTransactional: 'BOOLEAN',
  isControl: 'BOOLEAN',
  compression: 'STRING',
  key: 'BYTE_ARRAY',
  value: 'BYTE_ARRAY',
  headers: 'STRING',
  reason: 'STRING',
  message: 'STRING',
  keySchemaId: 'INT32',
  valueSchemaId: 'INT32',
} as const
type Column = keyof typeof COLUMNS
type Row = Readonly<Partial<Record<Column, Cell>>>
const NAMES = Object.keys(COLUMNS) as Column[]

/** Long and mostly different: their smallest and largest help nobody, and would be held until the footer is written. */
const LONG: ReadonlySet<Column> = new Set(['key', 'value', 'headers', 'message'])

const ROW_GROUP_ROWS = 65_536
const ROW_GROUP_BYTES = 16 * 1024 * 1024
/** What a row takes beside its key, value and headers. */
const ROW_BYTES = 150

/** Keys and values are bytes as they are, unless a form was asked for or a decoder or a schema makes them text. */
const isText = (options: DumpOptions, format: BytesFormat, schema: AvroType | null): boolean =>
  options.decoder !== null || format !== 'auto' || schema !== null

function schemaOf(options: DumpOptions): SchemaElement[] {
  const element = (name: Column): SchemaElement => {
    const type = COLUMNS[name]
    const asText =
      type === 'STRING' ||
      (name === 'key' && isText(options, options.keyFormat, options.keySchema)) ||
      (name === 'value' && isText(options, options.valueFormat, options.valueSchema))
    return {
      name,
      type: type === 'STRING' ? 'BYTE_ARRAY' : type,
      repetition_type: 'OPTIONAL',
      ...(asText ? { converted_type: 'UTF8' as const } : {}),
    }
  }
  return [{ name: 'root', num_children: NAMES.length }, ...NAMES.map(element)]
}

/** Takes the rows of all files of a run. */
export interface ParquetTable {
  rowsFor(file: DumpFile): Rows
  /** Writes what is left, and the footer; the file is whole afterwards. Throws again what a write before threw. */
  finish(): void
}

/** `output` is a new file; whoever opened it syncs and closes it. */
export function createParquetTable(options: DumpOptions, output: OutputFile): ParquetTable {
  const bytes = new ByteWriter()
  // Positions in the footer count what the writer has handed over, so a file that missed some of it can't become whole.
  let failure: unknown = null
  const flush = (): void => {
    try {
      output.write(new Uint8Array(bytes.buffer, 0, bytes.index))
    } catch (error) {
      failure = error
      throw error
    }
    bytes.index = 0
  }
  const throwFailure = (): void => {
    if (failure !== null) throw failure as Error
  }
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush, finish: flush }),
    schema: schemaOf(options),
    createdBy: 'kmend',
  })
  let columns = emptyColumns()
  let [count, size] = [0, 0]
  const writeGroup = (): void => {
    const columnData = NAMES.map((name) => ({
      name,
      data: columns[name],
      statistics: !LONG.has(name),
      offsetIndex: false,
    }))
    void writer.write({ columnData, rowGroupSize: Math.max(1, count) })
    columns = emptyColumns()
    count = 0
    size = 0
  }
  const add = (row: Row, variableBytes: number): string => {
    throwFailure()
    for (const name of NAMES) columns[name].push(row[name] ?? null)
    count++
    size += ROW_BYTES + variableBytes
    if (count >= ROW_GROUP_ROWS || size >= ROW_GROUP_BYTES) writeGroup()
    return ''
  }
  return {
    rowsFor: (file) => parquetRows(options, file, add),
    finish() {
      throwFailure()
      if (count > 0) writeGroup()
      void writer.finish()
    },
  }
}

const emptyColumns = (): Record<Column, Cell[]> =>
  Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as Record<Column, Cell[]>

const batchCells = (header: BatchHeader): Row => ({
  position: BigInt(header.position),
  timestampType: timestampType(header),
  partitionLeaderEpoch: header.partitionLeaderEpoch,
  producerId: header.producerId,
  producerEpoch: header.producerEpoch,
  isTransactional: isTransactional(header),
  isControl: isControl(header),
  compression: codecName(header),
})

/** A copy: the bytes are a view into a batch that is not to be kept. */
const cell = (bytes: Uint8Array | null, encoded: Encoded | null, asText: boolean): Cell =>
  asText ? (encoded?.text ?? null) : (bytes?.slice() ?? null)

const cellSize = (value: Cell): number =>
  typeof value === 'string' || value instanceof Uint8Array ? value.length : 0

function parquetRows(
  options: DumpOptions,
  { path, topicPartition }: DumpFile,
  add: (row: Row, variableBytes: number) => string,
): Rows {
  const place: Row = {
    source: path,
    topic: topicPartition?.topic ?? null,
    partition: topicPartition?.partition ?? null,
  }
  const keyIsText = isText(options, options.keyFormat, options.keySchema)
  const valueIsText = isText(options, options.valueFormat, options.valueSchema)
  return {
    batch(header, isValid) {
      if (options.deep || !isValid) return ''
      const row = {
        type: 'batch',
        ...place,
        ...batchCells(header),
        offset: header.baseOffset,
        lastOffset: header.lastOffset,
        recordsCount: header.recordsCount,
        sizeInBytes: BigInt(header.sizeInBytes),
        timestamp: header.maxTimestamp,
        sequence: header.baseSequence,
      }
      return add(row, 0)
    },
    record(record, { header }) {
      // Bytes that stay bytes are not made into text in vain.
      const cells =
        keyIsText || valueIsText ? cellsOf(record, header, options) : schemaIdsOf(record, header)
      const row = {
        type: 'record',
        ...place,
        ...batchCells(header),
        offset: record.offset,
        timestamp: record.timestamp,
        sequence: sequenceOf(record, header),
        key: cell(record.key, cells.key, keyIsText),
        value: cell(record.value, cells.value, valueIsText),
        headers: headersJson(record.headers),
        message: cells.message,
        keySchemaId: cells.keySchemaId,
        valueSchemaId: cells.valueSchemaId,
      }
      // Decoded or encoded text is larger than the bytes it comes from, so it is measured itself.
      return add(row, cellSize(row.key) + cellSize(row.value) + row.headers.length)
    },
    damage: ({ position, sizeInBytes, reason, message, claim }) =>
      add(
        {
          type: 'damage',
          ...place,
          position: BigInt(position),
          sizeInBytes: BigInt(sizeInBytes),
          offset: claim?.baseOffset ?? null,
          lastOffset: claim?.lastOffset ?? null,
          reason,
          message,
        },
        message.length,
      ),
  }
}
