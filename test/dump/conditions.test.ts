import { expect } from 'chai'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DumpArguments } from '../../src/commands/dump-arguments.ts'
import {
  batchBytes,
  concat,
  destroyRecords,
  EXAMPLE,
  healthyBatches,
  newFolder,
  writePartition,
} from '../commands/support.ts'
import { walkBatches } from '../support/walk-batches.ts'
import { runDump } from './support.ts'

const SEGMENTS = join(import.meta.dirname, '../segments')

interface Row {
  readonly type: 'record' | 'damage'
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: string
  readonly producerId: number
  readonly isControl: boolean
  readonly isTransactional: boolean
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
  readonly control?: { readonly type: string }
  readonly reason: string
  readonly claimedBaseOffset: number | null
  readonly claimedLastOffset: number | null
  readonly offsetBefore: number | null
  readonly offsetAfter: number | null
}

const TEXT = { keyFormat: 'text', valueFormat: 'text' } as const

async function rowsOf(path: string, ask: Partial<DumpArguments> = {}): Promise<Row[]> {
  const { code, lines } = await runDump(path, { json: true, ...TEXT, ...ask })
  expect(code).to.equal(0)
  return lines.map((line) => JSON.parse(line) as Row)
}

/** Of a transaction: what its producer's next marker says. */
function outcomeOf(row: Row, all: readonly Row[]): string | null {
  if (row.isControl) return null
  if (!row.isTransactional) return 'committed'
  const marker = all.find(
    ({ control, producerId, offset }) =>
      control !== undefined && producerId === row.producerId && offset > row.offset,
  )
  return marker === undefined ? null : marker.control?.type === 'COMMIT' ? 'committed' : 'aborted'
}

const inRange = (
  first: number | null,
  last: number | null,
  { fromOffset, toOffset }: Partial<DumpArguments>,
): boolean =>
  (fromOffset === undefined || last === null || last >= Number(fromOffset)) &&
  (toOffset === undefined || first === null || first <= Number(toOffset))

function hasHeader(row: Row, wanted: string): boolean {
  const [name, value] = wanted.split('=')
  return row.headers.some(([n, v]) => n === name && (value === undefined || v === value))
}

/** What --help says of each condition, asked of one record. */
function isWanted(row: Row, all: readonly Row[], ask: Partial<DumpArguments>): boolean {
  const hasTime = row.timestampType !== 'NoTimestampType'
  return (
    ask.where === undefined &&
    inRange(row.offset, row.offset, ask) &&
    (ask.fromTime === undefined || (hasTime && row.timestamp >= Number(ask.fromTime))) &&
    (ask.toTime === undefined || (hasTime && row.timestamp <= Number(ask.toTime))) &&
    (ask.producerId === undefined || row.producerId === Number(ask.producerId)) &&
    (ask.key === undefined || row.key === ask.key) &&
    (ask.keyRegex === undefined ||
      (row.key !== null && new RegExp(ask.keyRegex, 'u').test(row.key))) &&
    [ask.header ?? []].flat().every((wanted) => hasHeader(row, wanted)) &&
    (!ask.tombstones || (row.key !== null && row.value === null && !row.isControl)) &&
    (!ask.control || row.isControl) &&
    (!ask.aborted || outcomeOf(row, all) === 'aborted') &&
    (!ask.committed || outcomeOf(row, all) === 'committed')
  )
}

/** Damage tells its offsets itself where its CRC holds; else they are between those of its neighbours. */
function isDamageWanted(row: Row, ask: Partial<DumpArguments>): boolean {
  const isProven = row.reason === 'decompression-failed' || row.reason === 'offset-not-increasing'
  if (isProven) return inRange(row.claimedBaseOffset, row.claimedLastOffset, ask)
  const first = row.offsetBefore === null ? null : row.offsetBefore + 1
  return inRange(first, row.offsetAfter === null ? null : row.offsetAfter - 1, ask)
}

/** Conditions out of what two records of the log are like, so that most let something through. */
function asking(rows: readonly Row[]): fc.Arbitrary<Partial<DumpArguments>> {
  const row = fc.constantFrom(...rows)
  const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(value, { freq: 2, nil: undefined })
  const flag = fc.integer({ min: 0, max: 7 }).map((number) => number === 0)
  return fc
    .record({
      fromOffset: rarely(row.map(({ offset }) => offset.toString())),
      toOffset: rarely(row.map(({ offset }) => offset.toString())),
      fromTime: rarely(row.map(({ timestamp }) => timestamp.toString())),
      toTime: rarely(row.map(({ timestamp }) => timestamp.toString())),
      producerId: rarely(row.map(({ producerId }) => producerId.toString())),
      key: rarely(row.map(({ key }) => key ?? 'none')),
      keyRegex: rarely(fc.constantFrom('[0-4]$', '^.', '^pay', '(?=a)|7')),
      header: rarely(
        row.map(({ headers }) => headers.map(([name, value]) => `${name}=${value}`).slice(0, 1)),
      ),
      tombstones: flag,
      control: flag,
      outcome: fc.constantFrom(null, null, null, null, 'aborted', 'committed'),
      where: rarely(fc.constant('damaged')),
      keep: fc.subarray(
        [
          'fromOffset',
          'toOffset',
          'fromTime',
          'toTime',
          'producerId',
          'key',
          'keyRegex',
          'header',
          'tombstones',
          'control',
          'where',
          'outcome',
        ],
        { maxLength: 5 },
      ),
    })
    .map(({ keep, outcome, ...conditions }) => ({
      ...Object.fromEntries(
        Object.entries(conditions).filter(([name]) => keep.some((kept) => kept === name)),
      ),
      ...(keep.includes('outcome')
        ? { aborted: outcome === 'aborted', committed: outcome === 'committed' }
        : {}),
    }))
}

/** A batch destroyed, one that does not decompress, and one whose offsets go back. */
function damagedPartition(): string {
  const batches = healthyBatches(0n, 8)
  destroyRecords(batches[2]!)
  batches[4] = batchBytes({ baseOffset: 12n, values: ['a', 'b', 'c'], attributes: 1 })
  return writePartition(newFolder(), 'damaged-0', [
    [0n, concat(...batches, healthyBatches(6n, 1)[0]!, ...healthyBatches(24n, 2))],
  ])
}

/** The transactions of a broker, with a batch in their midst that is lost. */
function damagedTransactions(): string {
  const bytes = readFileSync(join(SEGMENTS, 'kafka-4.1.0/payments-txn-0/00000000000000000040.log'))
  const batches = walkBatches(bytes)
  const part = Uint8Array.from(bytes.subarray(0, batches[120]!.position))
  destroyRecords(part.subarray(batches[30]!.position))
  return writePartition(newFolder(), 'payments-0', [[40n, part]])
}

const LOGS: readonly (readonly [string, () => string])[] = [
  ['transactions', damagedTransactions],
  ['compaction', () => join(SEGMENTS, 'kafka-4.1.0/customers-compacted-0')],
  ['old wrappers', () => join(SEGMENTS, 'kafka-2.8.2/legacy-v1-gzip-appendtime-0')],
  ['messages without times', () => join(SEGMENTS, 'kafka-2.8.2/legacy-v0-lz4-0')],
  ['record headers and damage', () => EXAMPLE],
  ['damage of each kind', damagedPartition],
]

describe('dump conditions together let through what each lets through', () => {
  for (const [name, pathOf] of LOGS)
    it(name, async () => {
      const path = pathOf()
      const all = await rowsOf(path)
      const records = all.filter(({ type }) => type === 'record')
      const damage = all.filter(({ type }) => type === 'damage')
      const amount = fc.nat({ max: 30 })
      const kind = fc.constantFrom('limit', 'tail')
      await fc.assert(
        fc.asyncProperty(asking(records), kind, amount, async (ask, limitOrTail, count) => {
          const wanted = records.filter((row) => isWanted(row, all, ask))
          const found = await rowsOf(path, ask)
          const counted = ask.where === undefined ? 'record' : 'damage'
          expect(found.filter(({ type }) => type === 'record')).to.deep.equal(wanted)
          const wantedDamage = damage.filter((row) => isDamageWanted(row, ask))
          // What does not decompress is shown where its header may match, or where damage is asked for.
          const isAlways = ({ type, reason }: Row): boolean =>
            type === 'damage' && (ask.where !== undefined || reason !== 'decompression-failed')
          expect(found.filter(isAlways)).to.deep.equal(wantedDamage.filter(isAlways))
          const some = await rowsOf(path, { ...ask, [limitOrTail]: count.toString() })
          const whole = counted === 'record' ? wanted : wantedDamage
          const part =
            limitOrTail === 'limit' ? whole.slice(0, count) : whole.slice(-count || whole.length)
          expect(some.filter(({ type }) => type === counted)).to.deep.equal(part)
        }),
        { numRuns: name === 'damage of each kind' ? 100 : 12 },
      )
    })
})
