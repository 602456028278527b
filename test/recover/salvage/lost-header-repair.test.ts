/** A repair of logs in which one batch has lost its header: which offsets are certain is decided by what is around it. */
import { expect } from 'chai'
import { timeIndexOf } from '../../index/bytes.ts'
import { concat, v2Batch } from '../../segment/build.ts'
import { textRecords } from './built.ts'
import { repair, upTo } from './repaired.ts'

const COUNT = 20
const BASE_TIMESTAMP = 1_700_000_000_000n

/** Batches of 20 offsets each, of which the first ones have a record. */
const batchAt = (index: number, records = COUNT): Uint8Array =>
  v2Batch({
    baseOffset: BigInt(index * COUNT),
    records: textRecords(records, index),
    lastOffsetDelta: COUNT - 1,
    baseTimestamp: BASE_TIMESTAMP,
    maxTimestamp: BASE_TIMESTAMP + BigInt((records - 1) * 3),
  })

const withoutHeader = (batch: Uint8Array, bytes: number): Uint8Array =>
  batch.slice().fill(0, 0, bytes)

describe('repair of a batch without its header', () => {
  const [first, middle, last] = [batchAt(0), batchAt(1), batchAt(2)]

  for (const [name, bytes, offsets] of [
    ['between others', concat(first, withoutHeader(middle, 22), last), upTo(40, 20)],
    ['before all others', concat(withoutHeader(first, 22), middle, last), upTo(20, 0)],
    [
      'behind another that is gone',
      concat(first, middle.slice().fill(0, 0, middle.length), withoutHeader(last, 22), batchAt(3)),
      upTo(60, 40),
    ],
  ] as const)
    it(`gives its records: ${name}`, async () => {
      const { lines } = await repair(bytes)
      expect(lines.map(({ offset }) => offset)).to.deep.equal(offsets)
      expect(lines.map(({ timestamp }) => timestamp)).to.deep.equal(
        offsets.map((_, index) => Number(BASE_TIMESTAMP) + index * 3),
      )
    })

  for (const [name, bytes] of [
    ['at an end that nothing proves', concat(first, middle, withoutHeader(last, 22))],
    ['before a batch of elsewhere', concat(first, withoutHeader(middle, 22), first, last)],
    [
      'in a log with gaps',
      concat(first, batchAt(1, 9), withoutHeader(batchAt(2, 9), 22), batchAt(4)),
    ],
  ] as const)
    it(`gives nothing: ${name}`, async () => {
      const { report, lines } = await repair(bytes)
      expect(lines).to.deep.equal([])
      expect(report.batches.skipped).to.equal(1)
    })

  it('gives them without times, unless the time index knows', async () => {
    const bytes = concat(first, withoutHeader(middle, 50), last)
    const without = await repair(bytes)
    expect(without.lines.map(({ timestamp }) => timestamp)).to.deep.equal(
      new Array(COUNT).fill(null),
    )
    const max = BASE_TIMESTAMP + BigInt((COUNT - 1) * 3)
    const { lines } = await repair(bytes, { timeIndex: timeIndexOf([max, 39]) })
    expect(lines.map(({ timestamp }) => timestamp)).to.deep.equal(
      upTo(COUNT, 0).map((index) => Number(BASE_TIMESTAMP) + index * 3),
    )
  })

  it('never writes them into the data: their producer is not known', async () => {
    const { report, lines } = await repair(concat(first, withoutHeader(middle, 22), last), {
      salvage: 'data',
    })
    expect(lines).to.have.lengthOf(COUNT)
    expect(report.skippedOffsetRanges.map(({ firstOffset }) => Number(firstOffset))).to.deep.equal([
      20,
    ])
    expect(report.notes.join()).to.include('in salvaged/ only')
  })
})
