import { expect } from 'chai'
import { decodeTimeIndex } from '../../../src/index/time-index.ts'
import type { TimedRecords, TimeSources } from '../../../src/recover/salvage/record-times.ts'
import {
  isStampedAround,
  timeOf,
  timesFromAround,
} from '../../../src/recover/salvage/record-times.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import { timeIndexOf } from '../../index/bytes.ts'
import { message, v2Batch } from '../../segment/build.ts'

type Neighbour = TimeSources['before']
const plain = decodeBatchHeader(v2Batch({ maxTimestamp: 500n }), 0)
const stamped = decodeBatchHeader(v2Batch({ attributes: 8, maxTimestamp: 500n }), 0)
const stampedLater = decodeBatchHeader(v2Batch({ attributes: 8, maxTimestamp: 900n }), 0)
const old = decodeBatchHeader(message({ magic: 1 }), 0)

/** Offsets 120 to 129 of a segment that begins at 100. */
const records = (more: Partial<TimedRecords> = {}): TimedRecords => ({
  baseOffset: 120n,
  lastOffset: 129n,
  deltas: [0n, 3n, 3n, 8n],
  reachesLast: true,
  ...more,
})
const sources = (
  before: Neighbour,
  after: Neighbour,
  ...entries: [bigint, number][]
): TimeSources => ({
  timeIndex: entries.length === 0 ? null : decodeTimeIndex(timeIndexOf(...entries)),
  segmentBaseOffset: 100n,
  before,
  after,
})
const created = { type: 'CreateTime', baseTimestamp: 592n, maxTimestamp: 600n }

describe('times from around a batch', () => {
  for (const { name, given = {}, around, expected } of [
    { name: 'nobody knows', around: sources(plain, plain) },
    { name: 'no neighbour tells the kind', around: sources(null, null, [600n, 29]) },
    { name: 'one of magic 1 does not either', around: sources(old, null, [600n, 29]) },
    { name: 'its entry', around: sources(plain, null, [600n, 29]), expected: created },
    {
      name: 'its entry at another record',
      around: sources(null, plain, [600n, 20]),
      expected: created,
    },
    {
      name: 'among others',
      around: sources(plain, plain, [1n, 19], [600n, 29], [700n, 30]),
      expected: created,
    },
    { name: 'entries of others', around: sources(plain, plain, [1n, 19], [700n, 30]) },
    { name: 'an entry behind a wrong one', around: sources(plain, plain, [700n, 19], [600n, 29]) },
    {
      name: 'the last record is gone',
      given: { reachesLast: false },
      around: sources(plain, null, [600n, 29]),
    },
    {
      name: 'times that go back',
      given: { deltas: [0n, 9n, 8n] },
      around: sources(plain, null, [600n, 29]),
    },
    {
      name: 'times before the first',
      given: { deltas: [-1n, 8n] },
      around: sources(plain, null, [600n, 29]),
    },
    { name: 'no records', given: { deltas: [] }, around: sources(plain, null, [600n, 29]) },
    { name: 'neighbours of two minds', around: sources(plain, stamped, [600n, 29]) },
    {
      name: 'a stamp, for whatever part of the records',
      given: { deltas: [9n, 2n], reachesLast: false },
      around: sources(stamped, null, [600n, 29]),
      expected: { type: 'LogAppendTime', timestamp: 600n },
    },
    {
      name: 'the stamp of both neighbours',
      around: sources(stamped, stamped),
      expected: { type: 'LogAppendTime', timestamp: 500n },
    },
    { name: 'stamps that differ', around: sources(stamped, stampedLater) },
    { name: 'one stamp', around: sources(null, stamped) },
  ] as { name: string; given?: Partial<TimedRecords>; around: TimeSources; expected?: object }[])
    it(`${expected === undefined ? 'gives none' : 'gives them'}: ${name}`, () => {
      expect(timesFromAround(records(given), around)).to.deep.equal(expected ?? null)
    })

  it('tells the kind of times', () => {
    expect(isStampedAround(sources(stamped, old))).to.equal(true)
    expect(isStampedAround(sources(null, plain))).to.equal(false)
  })

  it('adds the distance, but not to a stamp', () => {
    expect(timeOf(null, 5n)).to.equal(null)
    expect(timeOf({ type: 'LogAppendTime', timestamp: 7n }, 5n)).to.equal(7n)
    expect(timeOf({ type: 'CreateTime', baseTimestamp: 7n, maxTimestamp: null }, 5n)).to.equal(12n)
  })
})
