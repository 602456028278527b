/** The segments that damage is done to: real ones of every sort, each codec in several. */
import { loadSource } from '../../test/recover/sources.ts'
import type { SourceRow } from '../../test/recover/sources.ts'
import type { CorpusSegment, ExpectedBatch } from '../../test/support/corpus.ts'
import { hasSegment } from '../../test/support/corpus.ts'
import type { Truth } from '../../test/support/lost-groups.ts'
import { originalOf } from './original.ts'
import type { Original } from './original.ts'

/** The columns of every table. Magic 0 and 1 share one: they have other fields and no CRC-32C. */
export const COLUMNS = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'magic 0/1'] as const
export type Column = (typeof COLUMNS)[number]

export const columnOf = ({ magic, codec }: ExpectedBatch): Column => {
  if (magic < 2) return 'magic 0/1'
  const column = COLUMNS.find((name) => name === codec)
  if (column === undefined) throw new Error(`no column for codec ${codec}`)
  return column
}

export interface BenchSegment {
  readonly name: string
  readonly row: SourceRow
  readonly segment: CorpusSegment
  readonly truth: Truth
  /** Decoded when it is first asked for. */
  readonly original: Original
}

const V2 = 'kafka-2.8.2/legacy-v2'
const EDGE = 'kafka-4.1.0/edge-cases-v2-0/00000000000000000000'

const row = (
  name: string,
  segment: string,
  base = 0,
  more: Partial<SourceRow> = {},
): SourceRow => ({
  name,
  segment: `${segment}/${String(base).padStart(20, '0')}`,
  layout: 'partition',
  ...more,
})

const slice = (name: string, from: number, to: number): SourceRow => ({
  name,
  segment: EDGE,
  layout: 'lone',
  slice: [from, to],
})

const ROWS: readonly SourceRow[] = [
  ...['none', 'gzip', 'snappy', 'lz4'].flatMap((codec) => [
    row(`${codec}, Kafka 2.8`, `${V2}-${codec}-0`),
    row(`${codec}, Kafka 2.8, LogAppendTime`, `${V2}-${codec}-appendtime-0`),
  ]),
  ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) =>
    row(`${codec}, LogAppendTime`, `kafka-4.1.0/audit-appendtime-${codec}-0`),
  ),
  row('none, third of four segments', 'kafka-4.1.0/orders-none-0', 8009),
  row('snappy, last of three segments', 'kafka-4.1.0/orders-snappy-0', 19671),
  row('lz4, last of three segments', 'kafka-4.1.0/orders-lz4-0', 19847),
  row('zstd, last of two segments', 'kafka-4.1.0/orders-zstd-0', 15400),
  ...['none', 'gzip', 'snappy', 'zstd'].map((codec) =>
    row(`${codec}, franz-go`, `kafka-4.1.0/franzgo-${codec}-0`),
  ),
  ...['none', 'gzip', 'lz4'].map((codec) =>
    row(`${codec}, librdkafka`, `kafka-4.1.0/librdkafka-${codec}-0`),
  ),
  row('gzip, kafka-python, three batches', 'kafka-4.1.0/kafkapy-gzip-0'),
  row('no producer id', 'kafka-4.1.0/non-idempotent-0'),
  row('several leader epochs, four codecs', 'kafka-4.1.0/leader-epochs-0'),
  row('compacted, gaps, a segment follows', 'kafka-4.1.0/customers-compacted-0'),
  row('compacted topic, base above 0', 'kafka-4.1.0/customers-compacted-0', 7242),
  row('transactional, a segment follows', 'kafka-4.1.0/payments-txn-0'),
  row('transactional, base above 0', 'kafka-4.1.0/payments-txn-0', 40),
  row('log start above the base', 'kafka-4.1.0/trimmed-0'),
  row('killed broker, zero-tailed indexes', 'kafka-4.1.0-crashed/crash-active-0', 74621),
  row('zstd batches of 45 KB', 'kafka-4.1.0/big-batches-zstd-0'),
  slice('none, a value of 37 KB, alone', 2, 5),
  slice('gzip, values up to 663 KB, alone', 16, 24),
  slice('snappy, values up to 777 KB, alone', 36, 43),
  slice('lz4, values up to 714 KB, alone', 58, 66),
  slice('zstd, values up to 635 KB, alone', 76, 84),
  row('magic 0, plain', 'kafka-2.8.2/legacy-v0-none-0', 1440),
  row('magic 0, lz4', 'kafka-2.8.2/legacy-v0-lz4-0'),
  row('magic 0, snappy', 'kafka-2.8.2/legacy-v0-snappy-0'),
  row('magic 1, plain, base above 0', 'kafka-2.8.2/legacy-v1-none-0', 1320),
  row('magic 1, gzip, LogAppendTime', 'kafka-2.8.2/legacy-v1-gzip-appendtime-0'),
  row('magic 1, gzip, compacted', 'kafka-2.8.2/legacy-v1-compacted-0'),
  row('magic 1, lz4', 'kafka-2.8.2/legacy-v1-lz4-0'),
  row('magic 1, snappy', 'kafka-2.8.2/legacy-v1-snappy-0'),
]

const cache = new Map<string, BenchSegment>()

/** Without the corpus, those of which a fixture is at hand; each is read once. */
export const benchSegments = (): BenchSegment[] =>
  ROWS.filter(({ segment }) => hasSegment(segment)).map(load)

function load(from: SourceRow): BenchSegment {
  const known = cache.get(from.name)
  if (known !== undefined) return known
  const { segment, truth } = loadSource(from)
  let original: Original | undefined
  const loaded: BenchSegment = {
    name: from.name,
    row: from,
    segment,
    truth,
    get original() {
      return (original ??= originalOf(segment))
    },
  }
  cache.set(from.name, loaded)
  return loaded
}
