/** The segments that the damage matrix runs over: every magic, codec and kind of log, small ones. */
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { CorpusSegment } from '../support/corpus.ts'
import { hasSegment, loadSegment } from '../support/corpus.ts'
import type { Truth } from '../support/lost-groups.ts'
import { truthOf } from '../support/lost-groups.ts'
import type { Layout } from '../support/workspace.ts'

export interface SourceRow {
  readonly name: string
  readonly segment: string
  readonly layout: Layout
  /** Only these batches of it, as a file of their own. */
  readonly slice?: readonly [from: number, to: number]
  /** Whose pages find their way into this one: its offsets do not fit here. */
  readonly sister?: string
  /** Every field of its headers gets a flipped bit. */
  readonly flipFields?: boolean
  /** Large: only where many seeds are asked for. */
  readonly slow?: boolean
}

export interface Source extends SourceRow {
  readonly load: () => { segment: CorpusSegment; truth: Truth; sister: Uint8Array }
}

const ROWS: readonly SourceRow[] = [
  {
    name: 'no compression, alone',
    segment: 'kafka-2.8.2/legacy-v2-none-0/00000000000000000000',
    layout: 'lone',
    sister: 'kafka-4.1.0/customers-compacted-0/00000000000000007242',
    flipFields: true,
  },
  {
    name: 'gzip, alone',
    segment: 'kafka-2.8.2/legacy-v2-gzip-0/00000000000000000000',
    layout: 'lone',
    sister: 'kafka-4.1.0/customers-compacted-0/00000000000000007242',
  },
  {
    name: 'snappy, in its partition',
    segment: 'kafka-2.8.2/legacy-v2-snappy-0/00000000000000000000',
    layout: 'partition',
  },
  {
    name: 'lz4, in its partition',
    segment: 'kafka-2.8.2/legacy-v2-lz4-0/00000000000000000000',
    layout: 'partition',
    sister: 'kafka-4.1.0/customers-compacted-0/00000000000000007242',
    flipFields: true,
  },
  {
    name: 'zstd, alone',
    segment: 'kafka-4.1.0/franzgo-zstd-0/00000000000000000000',
    layout: 'lone',
  },
  {
    name: 'compacted with gaps, a segment follows',
    segment: 'kafka-4.1.0/customers-compacted-0/00000000000000000000',
    layout: 'partition',
    flipFields: true,
  },
  {
    name: 'compacted topic, base above 0',
    segment: 'kafka-4.1.0/customers-compacted-0/00000000000000007242',
    layout: 'partition',
  },
  {
    name: 'transactional, base above 0',
    segment: 'kafka-4.1.0/payments-txn-0/00000000000000000040',
    layout: 'partition',
    flipFields: true,
  },
  {
    name: 'small transactional, a segment follows',
    segment: 'kafka-4.1.0/payments-txn-0/00000000000000000000',
    layout: 'partition',
  },
  {
    name: 'LogAppendTime, in its partition',
    segment: 'kafka-2.8.2/legacy-v2-gzip-appendtime-0/00000000000000000000',
    layout: 'partition',
  },
  {
    name: 'several leader epochs',
    segment: 'kafka-4.1.0/leader-epochs-0/00000000000000000000',
    layout: 'lone',
    slice: [30, 63],
    flipFields: true,
  },
  {
    name: 'magic 0, plain, in its partition',
    segment: 'kafka-2.8.2/legacy-v0-none-0/00000000000000001440',
    layout: 'partition',
    flipFields: true,
  },
  {
    name: 'magic 1, plain, alone',
    segment: 'kafka-2.8.2/legacy-v1-none-0/00000000000000001320',
    layout: 'lone',
    flipFields: true,
  },
  {
    name: 'magic 0, wrapped, alone',
    segment: 'kafka-2.8.2/legacy-v0-lz4-0/00000000000000000000',
    layout: 'lone',
    flipFields: true,
  },
  {
    name: 'magic 1, wrapped, LogAppendTime, in its partition',
    segment: 'kafka-2.8.2/legacy-v1-gzip-appendtime-0/00000000000000000000',
    layout: 'partition',
    flipFields: true,
  },
  {
    name: 'second of four segments',
    slow: true,
    segment: 'kafka-4.1.0/orders-none-0/00000000000000004003',
    layout: 'partition',
  },
  {
    name: 'second of four segments, alone',
    segment: 'kafka-4.1.0/orders-none-0/00000000000000004003',
    layout: 'lone',
    slice: [0, 20],
  },
  {
    name: 'lz4 of an idempotent producer, alone',
    segment: 'kafka-4.1.0/orders-lz4-0/00000000000000009800',
    layout: 'lone',
    slice: [0, 24],
    sister: 'kafka-4.1.0/orders-snappy-0/00000000000000009749',
  },
  {
    name: 'zstd of an idempotent producer, alone',
    slow: true,
    segment: 'kafka-4.1.0/orders-zstd-0/00000000000000000000',
    layout: 'lone',
    slice: [100, 130],
  },
]

/** Without the corpus, those of which a fixture is at hand. */
export const sources: readonly Source[] = ROWS.filter(
  ({ segment, sister }) => hasSegment(segment) && (sister === undefined || hasSegment(sister)),
).map((row) => ({ ...row, load: () => loadSource(row) }))

/** Reads one row's segment, or the slice of it, and what is true of it. */
export function loadSource({
  segment: name,
  layout,
  slice,
  sister,
}: SourceRow): ReturnType<Source['load']> {
  const whole = loadSegment(name)
  const segment = slice === undefined ? whole : cut(whole, ...slice)
  const next = layout === 'partition' ? nextBase(whole, '.log') : null
  const snapshot = layout === 'partition' && next === null ? nextBase(whole, '.snapshot') : null
  return {
    segment,
    truth: truthOf(segment.batches, segment.baseOffset, next, snapshot),
    sister: sister === undefined ? whole.bytes : loadSegment(sister).bytes,
  }
}

function cut(whole: CorpusSegment, from: number, to: number): CorpusSegment {
  const batches = whole.batches.slice(from, to)
  const [first, last] = [batches[0]!, batches.at(-1)!]
  const digits = first.baseOffset.toString().padStart(20, '0')
  return {
    ...whole,
    name: `${whole.name.slice(0, -20)}${digits}`,
    baseOffset: first.baseOffset,
    bytes: whole.bytes.slice(first.position, last.position + last.sizeInBytes),
    batches: batches.map((batch) => ({ ...batch, position: batch.position - first.position })),
  }
}

/** The lowest offset above the segment's base that a file of its folder is named after. */
function nextBase({ directory, name }: CorpusSegment, suffix: string): bigint | null {
  const own = basename(name)
  const names = readdirSync(directory)
    .filter((file) => file.endsWith(suffix) && file > own + suffix)
    .sort()
  const found = suffix === '.log' ? names[0] : names.at(-1)
  return found === undefined ? null : BigInt(found.slice(0, 20))
}
