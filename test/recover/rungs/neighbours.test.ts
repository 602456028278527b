import { expect } from 'chai'
import { agreesWithNeighbours, timesAgree } from '../../../src/recover/rungs/neighbours.ts'
import type { BrokenEntry } from '../../../src/recover/rungs/rung.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import type { BatchHeader } from '../../../src/segment/record-batch.ts'
import { v2Batch } from '../../segment/build.ts'
import type { BatchSpec } from '../../segment/build.ts'

const headerOf = (spec: BatchSpec): BatchHeader => {
  const header = decodeBatchHeader(v2Batch(spec), 0)
  if (header === null) throw new Error('no header')
  return header
}

const producer = { producerId: 7n, producerEpoch: 2, lastOffsetDelta: 9, recordsCount: 10 }
const before = headerOf({ ...producer, baseOffset: 0n, baseSequence: 100 })
const good = headerOf({ ...producer, baseOffset: 10n, baseSequence: 110 })
const after = headerOf({ ...producer, baseOffset: 20n, baseSequence: 120 })

/** What is around a batch at offsets 10 to 19, which stands there with these fields. */
const entryOf = (source: Partial<BatchHeader>, more: Partial<BrokenEntry> = {}): BrokenEntry => ({
  bytes: new Uint8Array(),
  position: 0,
  header: { ...good, ...source },
  expectedBaseOffset: 10n,
  nextBaseOffset: 20n,
  namedEnd: null,
  offsetLimit: null,
  copies: [],
  before,
  after,
  withoutGaps: true,
  ...more,
})

interface Case {
  readonly name: string
  /** As the damaged entry has them. */
  readonly source: Partial<BatchHeader>
  /** As the candidate has them. */
  readonly candidate: Partial<BatchHeader>
  readonly around?: Partial<BrokenEntry>
  readonly agrees: boolean
  readonly confirmed?: boolean
}

const other = { producerId: 8n, producerEpoch: 0, baseSequence: 5 }
const otherProducers = { before: { ...before, ...other }, after: { ...after, ...other } }
const alone = { before: null, after: null, expectedBaseOffset: null, nextBaseOffset: null }

const cases: readonly Case[] = [
  {
    name: 'a lastOffsetDelta that joins the next batch',
    source: { lastOffsetDelta: 41 },
    candidate: {},
    agrees: true,
    confirmed: true,
  },
  {
    name: 'a lastOffsetDelta that runs into the next batch',
    source: {},
    candidate: { lastOffsetDelta: 10, lastOffset: 20n },
    agrees: false,
  },
  {
    name: 'a lastOffsetDelta that runs into the next batch of a log with gaps',
    source: {},
    candidate: { lastOffsetDelta: 10, lastOffset: 20n },
    around: { withoutGaps: false },
    agrees: false,
  },
  {
    name: 'a lastOffsetDelta that leaves a gap in a log with gaps',
    source: { lastOffsetDelta: 41 },
    candidate: { lastOffsetDelta: 8, lastOffset: 18n },
    around: { ...otherProducers, withoutGaps: false },
    agrees: true,
    confirmed: false,
  },
  {
    name: 'a count that is not that of the offsets, without gaps',
    source: {},
    candidate: { recordsCount: 9 },
    agrees: false,
  },
  {
    name: 'a count below that of the offsets, with gaps',
    source: {},
    candidate: { recordsCount: 9 },
    around: { withoutGaps: false },
    agrees: true,
  },
  {
    name: 'the producer of its neighbours, whose sequence runs through',
    source: { producerId: 7n + 2n ** 40n },
    candidate: {},
    agrees: true,
    confirmed: true,
  },
  {
    name: 'a producer that no neighbour has in place of one that both have',
    source: {},
    candidate: { producerId: 7n + 2n ** 40n },
    agrees: false,
  },
  {
    name: 'a producer among others',
    source: { producerId: 9n },
    candidate: {},
    around: otherProducers,
    agrees: true,
    confirmed: false,
  },
  {
    name: 'a sequence that does not follow that of the batch before',
    source: { baseSequence: 3 },
    candidate: { baseSequence: 111 },
    agrees: false,
  },
  {
    name: 'any sequence among other producers',
    source: { baseSequence: 3 },
    candidate: { baseSequence: 111 },
    around: otherProducers,
    agrees: true,
  },
  {
    name: 'an epoch that no neighbour of that producer has',
    source: {},
    candidate: { producerEpoch: 3 },
    agrees: false,
  },
  {
    name: 'a new epoch that starts its sequence again',
    source: { producerEpoch: 67, baseSequence: 0 },
    candidate: { producerEpoch: 3, baseSequence: 0 },
    around: { after: null },
    agrees: true,
    confirmed: true,
  },
  {
    name: 'a sequence that wraps to 0',
    source: { baseSequence: 4 },
    candidate: { baseSequence: 0 },
    around: { before: { ...before, baseSequence: 2 ** 31 - 10 }, after: null },
    agrees: true,
    confirmed: true,
  },
  {
    name: 'a transaction without a producer',
    source: { attributes: 0, producerId: -1n },
    candidate: { attributes: 0x10, producerId: -1n },
    agrees: false,
  },
  {
    name: 'a control batch with a sequence',
    source: { attributes: 0 },
    candidate: { attributes: 0x20 },
    agrees: false,
  },
  {
    name: 'a timestamp type that no neighbour has',
    source: { attributes: 0 },
    candidate: { attributes: 0x08 },
    agrees: false,
  },
  {
    name: 'any fields where nothing stands around',
    source: {},
    candidate: { producerId: 9n, recordsCount: 10, lastOffsetDelta: 9 },
    around: alone,
    agrees: true,
    confirmed: false,
  },
]

const namesOf = (source: BatchHeader, candidate: BatchHeader): Set<string> =>
  new Set(
    (Object.keys(candidate) as (keyof BatchHeader)[]).filter(
      (name) => source[name] !== candidate[name],
    ),
  )

describe('agreesWithNeighbours', () => {
  for (const { name, source, candidate, around, agrees, confirmed } of cases) {
    it(`${agrees ? 'accepts' : 'rejects'} ${name}`, () => {
      const entry = entryOf(source, around)
      const header = { ...good, ...candidate }
      const touched = namesOf({ ...good, ...source }, header)
      const agreement = agreesWithNeighbours(entry, { header, touched, keepsPlaces: true })
      expect(agreement.agrees).to.equal(agrees)
      if (agreement.agrees && confirmed !== undefined)
        expect(agreement.confirmed).to.equal(confirmed)
    })
  }

  it('does not judge what a candidate leaves alone', () => {
    const wrong = { lastOffsetDelta: 55, producerId: 99n, baseSequence: 4 }
    const header = { ...good, ...wrong }
    const repaired = { header, touched: new Set<string>(), keepsPlaces: true }
    expect(agreesWithNeighbours(entryOf(wrong), repaired).agrees).to.equal(true)
  })

  it('wants a base offset that something determines', () => {
    const judge = (around: Partial<BrokenEntry>, keepsPlaces = true): boolean =>
      agreesWithNeighbours(entryOf({}, around), {
        header: good,
        touched: new Set(['baseOffset']),
        keepsPlaces,
      }).agrees
    expect(judge({})).to.equal(true)
    expect(judge({ expectedBaseOffset: 11n })).to.equal(false)
    expect(judge({ expectedBaseOffset: null })).to.equal(true)
    expect(judge({ expectedBaseOffset: null, nextBaseOffset: 21n })).to.equal(false)
    expect(judge({ expectedBaseOffset: null, nextBaseOffset: null })).to.equal(false)
    // With gaps the offset before is no more than a lower bound, unless the next one joins.
    expect(judge({ expectedBaseOffset: 5n, withoutGaps: false })).to.equal(true)
    const between = { expectedBaseOffset: 5n, nextBaseOffset: 30n, withoutGaps: false }
    expect(judge(between)).to.equal(false)
    // Unless its bytes stand there, and are only put together again.
    expect(judge(between, false)).to.equal(true)
    expect(judge({ ...between, offsetLimit: 20n }, false)).to.equal(true)
    expect(judge({ ...between, offsetLimit: 19n }, false)).to.equal(false)
    expect(judge({ ...between, expectedBaseOffset: 11n }, false)).to.equal(false)
    expect(judge({ ...between, expectedBaseOffset: null }, false)).to.equal(false)
    // Where nothing follows, by the name of a file.
    const last = { ...between, nextBaseOffset: null }
    expect(judge({ ...last, namedEnd: 20n })).to.equal(true)
    expect(judge({ ...last, namedEnd: 21n })).to.equal(false)
  })

  it('calls an epoch between two different ones inferred', () => {
    const judge = (first: number, own: number, last: number): unknown => {
      const agreement = agreesWithNeighbours(
        entryOf(
          {},
          {
            before: { ...before, partitionLeaderEpoch: first },
            after: { ...after, partitionLeaderEpoch: last },
          },
        ),
        {
          header: { ...good, partitionLeaderEpoch: own },
          touched: new Set(['partitionLeaderEpoch']),
          keepsPlaces: false,
        },
      )
      return agreement.agrees ? agreement.inferred : 'rejected'
    }
    expect(judge(4, 4, 4)).to.deep.equal([])
    expect(judge(4, 4, 6)).to.deep.equal(['partitionLeaderEpoch'])
    expect(judge(4, 7, 6)).to.equal('rejected')
    expect(judge(4, 3, 6)).to.equal('rejected')
  })
})

describe('timesAgree', () => {
  const record = (timestamp: bigint): Parameters<typeof timesAgree>[1][number] => ({
    offset: 0n,
    timestamp,
    key: null,
    value: null,
    headers: [],
  })
  const judge = (
    header: Partial<BatchHeader>,
    touched: readonly string[],
    ...timestamps: readonly bigint[]
  ): boolean =>
    timesAgree(
      { header: { ...good, ...header }, touched: new Set(touched), keepsPlaces: true },
      timestamps.map(record),
    )

  it('wants maxTimestamp to be the largest of the records when times changed', () => {
    expect(judge({ maxTimestamp: 30n }, ['maxTimestamp'], 10n, 30n, 20n)).to.equal(true)
    expect(judge({ maxTimestamp: 31n }, ['maxTimestamp'], 10n, 30n, 20n)).to.equal(false)
    expect(judge({ maxTimestamp: 29n }, ['baseTimestamp'], 10n, 30n, 20n)).to.equal(false)
  })

  it('says nothing where no time changed, the broker stamped the batch, or there is no record', () => {
    expect(judge({ maxTimestamp: 31n }, ['producerId'], 10n)).to.equal(true)
    expect(judge({ maxTimestamp: 31n, attributes: 8 }, ['maxTimestamp'], 10n)).to.equal(true)
    expect(judge({ maxTimestamp: 31n }, ['maxTimestamp'])).to.equal(true)
  })
})
