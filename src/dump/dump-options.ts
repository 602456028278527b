/** What a dump shows, and how. */
import type { Codecs } from '../codec/codec.ts'
import type { InternalTopic } from '../topics/internal-topics.ts'
import type { AvroType } from './avro-type.ts'
import type { DumpFilter } from './filter.ts'

export const DUMP_FORMATS = ['text', 'ndjson', 'csv', 'parquet'] as const
export type DumpFormat = (typeof DUMP_FORMATS)[number]

/** `auto`: text where the bytes are UTF-8; else base64 in NDJSON and CSV, text with U+FFFD in the text format. In Parquet: the bytes. */
export const BYTES_FORMATS = ['auto', 'text', 'hex', 'base64', 'json'] as const
export type BytesFormat = (typeof BYTES_FORMATS)[number]

export interface DumpOptions {
  readonly format: DumpFormat
  /** Decode the records of each batch (kafka-dump-log's --deep-iteration). */
  readonly deep: boolean
  /** Show keys and values (--print-data-log). */
  readonly contents: boolean
  readonly skipRecordMetadata: boolean
  readonly keyFormat: BytesFormat
  readonly valueFormat: BytesFormat
  /** The internal topic whose records to decode; null for the records of any other. */
  readonly decoder: InternalTopic | null
  /** The Avro schema of keys, of values; null for none. Only without a decoder, and where the format is `auto`. */
  readonly keySchema: AvroType | null
  readonly valueSchema: AvroType | null
  readonly showSecrets: boolean
  readonly filter: DumpFilter
  readonly codecs: Codecs
  readonly maxDecompressedBytes: number
  /** Only batches that end at or before this position. */
  readonly maxBytes: number
}
