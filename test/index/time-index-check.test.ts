import { expect } from 'chai'
import { createTimeIndexCheck } from '../../src/index/time-index-check.ts'
import { decodeTimeIndex } from '../../src/index/time-index.ts'
import { messagesOf, timeIndexOf, zeros } from './bytes.ts'

interface Batch {
  position: number
  lastOffset: bigint
  maxTimestamp: bigint
}

/** Batches of 100 bytes and ten offsets from offset 1000 on, by their maxTimestamps. */
const batchesOf = (...maxTimestamps: bigint[]): Batch[] =>
  maxTimestamps.map((maxTimestamp, n) => ({
    position: n * 100,
    lastOffset: BigInt(1009 + n * 10),
    maxTimestamp,
  }))

function check(
  bytes: Uint8Array,
  batches: Batch[],
  logSizeInBytes?: number,
): { messages: string[]; lacksFinalEntry: boolean } {
  const checker = createTimeIndexCheck(decodeTimeIndex(bytes), 1000n)
  for (const { position, lastOffset, maxTimestamp } of batches) {
    checker.onBatch(position, 100, lastOffset, maxTimestamp)
  }
  const { problems, lacksFinalEntry } = checker.finish(logSizeInBytes)
  return { messages: messagesOf(problems), lacksFinalEntry }
}

const log = batchesOf(50n, 70n, 70n, 60n)

describe('createTimeIndexCheck', () => {
  const accepted: { name: string; entries: [bigint, number][] }[] = [
    { name: 'the last offset of the batch with the largest timestamp', entries: [[70n, 19]] },
    { name: 'any other offset in that batch', entries: [[50n, 0], [70n, 12]] }, // prettier-ignore
    { name: 'a later batch with the same timestamp', entries: [[70n, 29]] },
  ]
  for (const { name, entries } of accepted) {
    it(`accepts ${name}`, () => {
      expect(check(timeIndexOf(...entries), log)).to.deep.equal({
        messages: [],
        lacksFinalEntry: false,
      })
    })
  }

  const rejected: { name: string; entries: [bigint, number][]; message: string }[] = [
    {
      name: 'a timestamp that the batch does not have',
      entries: [[69n, 19]],
      message:
        'entry 0 names timestamp 69 at offset 1019, but the largest timestamp of the batch there, at position 100, is 70',
    },
    {
      name: 'a timestamp below an earlier one',
      entries: [[60n, 39]],
      message: 'entry 0 names timestamp 60 at offset 1039, but a batch before it already has 70',
    },
    {
      name: 'an offset the log does not reach',
      entries: [[70n, 40]],
      message: 'entry 0 names timestamp 70 at offset 1040, but the last offset in the log is 1039',
    },
  ]
  for (const { name, entries, message } of rejected) {
    it(`reports ${name}`, () => {
      expect(check(timeIndexOf(...entries), log).messages).to.deep.equal([message])
    })
  }

  it('reports a timestamp of 0, which would make retention delete the segment', () => {
    expect(check(zeros(12), log)).to.deep.equal({
      messages: [
        'entry 0 names timestamp 0 at offset 1000, but the largest timestamp of the batch there, at position 0, is 50',
      ],
      lacksFinalEntry: true,
    })
  })

  for (const [name, bytes] of [
    ['no entries', zeros(0)],
    ['a zero tail', zeros(1200)],
    ['an entry for an earlier time', timeIndexOf([50n, 9])],
  ] as const) {
    it(`notes that the final entry is not there: ${name}`, () => {
      expect(check(bytes, log)).to.deep.equal({ messages: [], lacksFinalEntry: true })
    })
  }

  it('misses no final entry where no batch has a timestamp', () => {
    expect(check(zeros(0), batchesOf(-1n, -1n)).lacksFinalEntry).to.be.false
    expect(check(zeros(0), []).lacksFinalEntry).to.be.false
  })

  describe('around damaged bytes', () => {
    const damaged = batchesOf(50n, 90n, 70n, 60n).filter(({ position }) => position !== 100)

    it('does not judge an entry that may speak of them', () => {
      expect(check(timeIndexOf([50n, 9], [90n, 19]), damaged).messages).to.deep.equal([])
    })

    it('judges the last offset of the next batch', () => {
      expect(check(timeIndexOf([90n, 29]), damaged).messages).to.deep.equal([
        'entry 0 names timestamp 90 at offset 1029, but the largest timestamp of the batch there, at position 200, is 70',
      ])
    })

    it('judges against the batches before them', () => {
      expect(check(timeIndexOf([49n, 19]), damaged).messages).to.deep.equal([
        'entry 0 names timestamp 49 at offset 1019, but a batch before it already has 50',
      ])
    })

    it('does not judge entries beyond the last good batch', () => {
      expect(check(timeIndexOf([99n, 70]), log, 900).messages).to.deep.equal([])
    })
  })

  it('reports entries of an index whose log is empty', () => {
    expect(check(timeIndexOf([5n, 3]), []).messages).to.deep.equal([
      'entry 0 names timestamp 5 at offset 1003, but the log is empty',
    ])
  })
})
