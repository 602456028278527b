import { expect } from 'chai'
import fc from 'fast-check'
import { createTimeIndexBuilder, decodeTimeIndex } from '../../src/index/time-index.ts'
import { concat, fromHex, messagesOf, timeIndexOf, zeros } from './bytes.ts'

describe('decodeTimeIndex', () => {
  it('reads big-endian pairs', () => {
    const index = decodeTimeIndex(fromHex('0000018fb8b1c1800000000a'))
    expect([...index.timestamps]).to.deep.equal([0x18fb8b1c180n])
    expect([...index.relativeOffsets]).to.deep.equal([10])
    expect(index).to.deep.include({ entryCount: 1, trustedCount: 1, problems: [] })
  })

  it('takes the preallocated tail of an active segment for what it is', () => {
    const index = decodeTimeIndex(concat(timeIndexOf([5n, 256]), zeros(1200)))
    expect(index).to.deep.include({ entryCount: 1, zeroTailBytes: 1200, problems: [] })
  })

  it('takes twelve zero bytes for an entry, and more for a preallocated file', () => {
    // A segment of one record with offset 0 and timestamp 0 has exactly this time index.
    expect(decodeTimeIndex(zeros(12))).to.deep.include({ entryCount: 1, zeroTailBytes: 0 })
    expect(decodeTimeIndex(zeros(24))).to.deep.include({ entryCount: 0, zeroTailBytes: 24 })
  })

  const cases: { name: string; bytes: Uint8Array; trustedCount: number; messages: string[] }[] = [
    {
      name: 'equal offsets',
      bytes: timeIndexOf([5n, 7], [6n, 7]),
      trustedCount: 2,
      messages: [],
    },
    {
      name: 'a cut-off end',
      bytes: concat(timeIndexOf([5n, 7]), zeros(5)),
      trustedCount: 1,
      messages: ['the file is 17 bytes long, which is no multiple of 12: its end is cut off'],
    },
    {
      name: 'a timestamp that does not increase',
      bytes: timeIndexOf([4n, 1], [5n, 7], [5n, 9]),
      trustedCount: 1,
      messages: ['entry 2 has the timestamp 5, which is not above 5 in the entry before it'],
    },
    {
      name: 'an offset that decreases',
      bytes: timeIndexOf([5n, 7], [6n, 3]),
      trustedCount: 0,
      messages: ['entry 1 has the relative offset 3, which is below 7 in the entry before it'],
    },
    {
      name: 'negative values',
      bytes: timeIndexOf([5n, 7], [-6n, 8], [9n, -1]),
      trustedCount: 1,
      messages: [
        'entry 1 has the negative timestamp -6',
        'entry 2 has the negative relative offset -1',
      ],
    },
    {
      name: 'a lost sector, as one finding',
      bytes: concat(timeIndexOf([5n, 7]), zeros(504), timeIndexOf([9n, 80])),
      trustedCount: 1,
      messages: ['entry 1 is empty (all zero), but there are entries after it'],
    },
  ]
  for (const { name, bytes, trustedCount, messages } of cases) {
    it(`judges ${name}`, () => {
      const index = decodeTimeIndex(bytes)
      expect(messagesOf(index.problems)).to.deep.equal(messages)
      expect(index.trustedCount).to.equal(trustedCount)
    })
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const index = decodeTimeIndex(bytes)
        expect(index.trustedCount).to.be.within(0, index.entryCount)
      }),
    )
  })
})

describe('createTimeIndexBuilder', () => {
  it('names the earliest batch that reached the largest timestamp', () => {
    const builder = createTimeIndexBuilder(100n)
    builder.onBatch(109n, 50n)
    builder.onBatch(119n, 70n)
    builder.onBatch(129n, 70n)
    builder.onOffsetIndexEntry()
    builder.onBatch(139n, 60n)
    builder.onOffsetIndexEntry()
    builder.onBatch(149n, 80n)
    expect(builder.finish()).to.deep.equal(timeIndexOf([70n, 19], [80n, 49]))
  })

  it('has no entry where no batch has a timestamp', () => {
    const builder = createTimeIndexBuilder(0n)
    builder.onBatch(9n, -1n)
    builder.onOffsetIndexEntry()
    expect(builder.finish()).to.deep.equal(zeros(0))
  })

  it('has one entry for a small segment', () => {
    const builder = createTimeIndexBuilder(0n)
    builder.onBatch(9n, 0n)
    expect(builder.finish()).to.deep.equal(timeIndexOf([0n, 9]))
  })

  for (const lastOffset of [5n, 2n ** 31n]) {
    it(`leaves out offset ${lastOffset}, which cannot follow 9 in the file`, () => {
      const builder = createTimeIndexBuilder(0n)
      builder.onBatch(9n, 1n)
      builder.onBatch(lastOffset, 2n)
      expect(builder.finish()).to.deep.equal(timeIndexOf([1n, 9]))
    })
  }
})
