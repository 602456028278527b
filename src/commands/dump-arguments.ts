/** The options of `kmend dump`: those of kafka-dump-log by its own names, and the filters and forms it does not have. */
import type { Options } from 'yargs'
import { InvalidArgumentError } from '../errors.ts'
import { defaultCodecs } from '../codec/default-codecs.ts'
import type { BytesFormat, DumpFormat, DumpOptions } from '../dump/dump-options.ts'
import { BYTES_FORMATS, DUMP_FORMATS } from '../dump/dump-options.ts'
import type { DumpFilter, HeaderCondition } from '../dump/filter.ts'
import { needsRecords } from '../dump/filter.ts'
import type { InternalTopic } from '../topics/internal-topics.ts'
import { INTERNAL_TOPICS } from '../topics/internal-topics.ts'
import type { OptionTable } from './command-table.ts'
import type { CommonArguments } from './common.ts'
import { parseSize } from './common.ts'
import { UsageError } from './usage-error.ts'

export interface DumpArguments extends CommonArguments {
  readonly format: DumpFormat
  readonly deepIteration: boolean
  readonly printDataLog: boolean
  readonly skipRecordMetadata: boolean
  readonly batches: boolean
  readonly keyFormat: BytesFormat
  readonly valueFormat: BytesFormat
  readonly schema?: string | undefined
  readonly keySchema?: string | undefined
  readonly offsetsDecoder: boolean
  readonly transactionLogDecoder: boolean
  readonly clusterMetadataDecoder: boolean
  readonly shareGroupStateDecoder: boolean
  readonly remoteLogMetadataDecoder: boolean
  readonly showSecrets: boolean
  readonly fromOffset?: string | undefined
  readonly toOffset?: string | undefined
  readonly fromTime?: string | undefined
  readonly toTime?: string | undefined
  readonly producerId?: string | undefined
  readonly key?: string | undefined
  readonly keyRegex?: string | undefined
  readonly header?: string | readonly string[] | undefined
  readonly tombstones: boolean
  readonly control: boolean
  readonly aborted: boolean
  readonly committed: boolean
  readonly where?: string | undefined
  readonly limit?: string | undefined
  readonly tail?: string | undefined
  readonly maxBytes?: string | undefined
  readonly out?: string | undefined
  readonly files?: string | undefined
}

const flag = (describe: string): Options => ({ type: 'boolean', default: false, describe })
const text = (describe: string): Options => ({ type: 'string', requiresArg: true, describe })

export const DUMP_OPTIONS: OptionTable = {
  format: {
    choices: DUMP_FORMATS,
    default: 'text',
    describe:
      "text has the lines of kafka-dump-log; the others one record a row (--json is ndjson's short form)",
  },
  out: {
    ...text('The file to write, a new one; for parquet, which does not go to stdout'),
    completes: 'file',
  },
  'deep-iteration': flag('Decode the records of each batch'),
  'print-data-log': flag('Print keys and values too (implies --deep-iteration)'),
  'skip-record-metadata': flag('Only keys and values in the lines of records'),
  batches: flag('ndjson and csv: one batch a line, records not decoded'),
  'key-format': {
    choices: BYTES_FORMATS,
    default: 'auto',
    describe: 'How keys print; auto is text, and base64 in ndjson and csv where they are no UTF-8',
  },
  'value-format': { choices: BYTES_FORMATS, default: 'auto', describe: 'How values print' },
  schema: text('An Avro schema (.avsc) to decode values by (implies --print-data-log)'),
  'key-schema': text('An Avro schema (.avsc) to decode keys by (implies --print-data-log)'),
  'offsets-decoder': flag('The records are those of __consumer_offsets'),
  'transaction-log-decoder': flag('The records are those of __transaction_state'),
  'cluster-metadata-decoder': flag('The records are those of __cluster_metadata or a .checkpoint'),
  'share-group-state-decoder': flag('The records are those of __share_group_state'),
  'remote-log-metadata-decoder': flag('The records are those of __remote_log_metadata'),
  'show-secrets': flag('Print SCRAM credentials and delegation tokens instead of (redacted)'),
  'from-offset': text('Only records from this offset on'),
  'to-offset': text('Only records up to this offset, itself included'),
  'from-time': text('Only records from this time on: milliseconds, or ISO 8601'),
  'to-time': text('Only records up to this time, itself included'),
  'producer-id': text('Only batches of this producer'),
  key: text('Only records whose key is this text'),
  'key-regex': text('Only records whose key matches this regular expression'),
  header: text('Only records with this header, NAME or NAME=VALUE; may be given more than once'),
  tombstones: flag('Only records with a key and without a value'),
  control: flag('Only control records'),
  aborted: flag('Only records of aborted transactions'),
  committed: flag('Only what a read_committed consumer would get'),
  where: { choices: ['damaged'], describe: 'Only damage' },
  limit: text('Stop after so many records (batches, where records are not decoded)'),
  tail: text('Only the last so many; reads the input more than once'),
  'max-bytes': text('Only batches within the first so many bytes of each log'),
  files: {
    ...text('Paths as kafka-dump-log takes them, with commas between; others may follow as usual'),
    completes: 'file',
  },
}

/** What is to be shown: the paths, then those of `--files`. Throws UsageError where there are none. */
export function pathsOf({ paths, files }: DumpArguments): readonly string[] {
  const all = [...paths, ...(files?.split(',') ?? []).filter((path) => path !== '')]
  if (all.length === 0) throw new UsageError('name what to dump: kmend dump PATH...')
  return all
}

const INTEGER = /^-?\d{1,19}$/

function integer(name: string, value: string | undefined): bigint | null {
  if (value === undefined) return null
  if (!INTEGER.test(value))
    throw new InvalidArgumentError(`--${name} wants a whole number, not ${value}`)
  return BigInt(value)
}

function count(name: string, value: string | undefined): number | null {
  const parsed = integer(name, value)
  if (parsed !== null && parsed < 0n)
    throw new InvalidArgumentError(`--${name} wants a number from 0 on`)
  return parsed === null ? null : Number(parsed)
}

const ISO_8601 = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/** Milliseconds since the epoch from such a number or from ISO 8601. */
export function parseTime(name: string, value: string | undefined): bigint | null {
  if (value === undefined) return null
  if (INTEGER.test(value)) return BigInt(value)
  // Date.parse makes a time of almost anything with a number in it.
  const time = ISO_8601.test(value) ? Date.parse(value) : NaN
  if (Number.isNaN(time))
    throw new InvalidArgumentError(
      `--${name} wants milliseconds since 1970 or a time like 2026-09-21T14:13:53Z, not ${value}`,
    )
  return BigInt(time)
}

function regex(value: string | undefined): RegExp | null {
  if (value === undefined) return null
  try {
    return new RegExp(value, 'u')
  } catch (cause) {
    throw new InvalidArgumentError(`--key-regex: ${(cause as Error).message}`, { cause })
  }
}

function headerCondition(text: string): HeaderCondition {
  const at = text.indexOf('=')
  return at === -1
    ? { key: text, value: null }
    : { key: text.slice(0, at), value: text.slice(at + 1) }
}

function filterOf(args: DumpArguments): DumpFilter {
  if (args.aborted && args.committed)
    throw new InvalidArgumentError('--aborted and --committed exclude each other')
  const headers = args.header === undefined ? [] : [args.header].flat()
  return {
    fromOffset: integer('from-offset', args.fromOffset),
    toOffset: integer('to-offset', args.toOffset),
    fromTime: parseTime('from-time', args.fromTime),
    toTime: parseTime('to-time', args.toTime),
    producerId: integer('producer-id', args.producerId),
    key: args.key ?? null,
    keyRegex: regex(args.keyRegex),
    headers: headers.map(headerCondition),
    tombstones: args.tombstones,
    control: args.control,
    outcome: args.aborted ? 'aborted' : args.committed ? 'committed' : null,
    onlyDamaged: args.where === 'damaged',
  }
}

function decoderOf(args: DumpArguments): InternalTopic | null {
  const asked: Readonly<Record<InternalTopic, boolean>> = {
    offsets: args.offsetsDecoder,
    'transaction-log': args.transactionLogDecoder,
    'cluster-metadata': args.clusterMetadataDecoder,
    'share-group-state': args.shareGroupStateDecoder,
    'remote-log-metadata': args.remoteLogMetadataDecoder,
  }
  const names = (Object.keys(INTERNAL_TOPICS) as InternalTopic[]).filter((topic) => asked[topic])
  if (names.length > 1)
    throw new InvalidArgumentError(`one decoder at a time: ${names.join(', ')} were asked for`)
  return names[0] ?? null
}

/** How many are shown; null where all are. */
export interface Amount {
  readonly limit: number | null
  readonly tail: number | null
}

function outFor(format: DumpFormat, out: string | undefined): string | null {
  if (format === 'parquet' && (out === undefined || out === ''))
    throw new InvalidArgumentError('--format parquet needs --out FILE, a new file')
  if (format !== 'parquet' && out !== undefined)
    throw new InvalidArgumentError('--out is for --format parquet; the others print to stdout')
  return out ?? null
}

/** Where the schemas of keys and values are; null for none. */
export interface SchemaPaths {
  readonly key: string | null
  readonly value: string | null
}

function schemaPaths(args: DumpArguments, decoder: InternalTopic | null): SchemaPaths {
  const asked = [
    ['--schema', args.schema, '--value-format', args.valueFormat],
    ['--key-schema', args.keySchema, '--key-format', args.keyFormat],
  ] as const
  for (const [name, path, formatName, format] of asked) {
    if (path === undefined) continue
    if (decoder !== null)
      throw new InvalidArgumentError(`${name} and the decoder of ${decoder} exclude each other`)
    if (format !== 'auto')
      throw new InvalidArgumentError(`${name} and ${formatName} ${format} exclude each other`)
    if (args.batches) throw new InvalidArgumentError(`${name} and --batches exclude each other`)
  }
  return { key: args.keySchema ?? null, value: args.schema ?? null }
}

/** Throws InvalidArgumentError for what does not fit together. The schemas are yet to be read. */
export function parseDumpArguments(args: DumpArguments): {
  readonly options: DumpOptions
  readonly amount: Amount
  /** Where a parquet file goes; null for the formats that go to stdout. */
  readonly out: string | null
  readonly schemas: SchemaPaths
} {
  const filter = filterOf(args)
  const decoder = decoderOf(args)
  const format = args.json ? 'ndjson' : args.format
  const rowsOfRecords = format !== 'text' && !args.batches
  const schemas = schemaPaths(args, decoder)
  const hasSchema = schemas.key !== null || schemas.value !== null
  const contents = args.printDataLog || decoder !== null || hasSchema || rowsOfRecords
  const amount = { limit: count('limit', args.limit), tail: count('tail', args.tail) }
  if (amount.limit !== null && amount.tail !== null)
    throw new InvalidArgumentError('--limit and --tail exclude each other')
  const options: DumpOptions = {
    format,
    deep: contents || args.deepIteration || needsRecords(filter),
    contents,
    skipRecordMetadata: args.skipRecordMetadata,
    keyFormat: args.keyFormat,
    valueFormat: args.valueFormat,
    decoder,
    keySchema: null,
    valueSchema: null,
    showSecrets: args.showSecrets,
    filter,
    codecs: defaultCodecs,
    maxDecompressedBytes: parseSize(args.maxDecompressed),
    maxBytes: args.maxBytes === undefined ? Infinity : parseSize(args.maxBytes),
  }
  return { options, amount, out: outFor(format, args.out), schemas }
}
