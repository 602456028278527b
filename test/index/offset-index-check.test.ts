import { expect } from 'chai'
import { createOffsetIndexCheck } from '../../src/index/offset-index-check.ts'
import { decodeOffsetIndex } from '../../src/index/offset-index.ts'
import { messagesOf, offsetIndexOf } from './bytes.ts'

interface Batch {
  position: number
  size: number
  lastOffset: bigint
}

/** Four batches of 100 bytes and ten offsets from offset 1000 on. */
const HEALTHY: Batch[] = [0, 1, 2, 3].map((n) => ({
  position: n * 100,
  size: 100,
  lastOffset: BigInt(1009 + n * 10),
}))

function check(entries: [number, number][], batches: Batch[], logSizeInBytes?: number): string[] {
  const index = decodeOffsetIndex(offsetIndexOf(...entries))
  const checker = createOffsetIndexCheck(index, 1000n)
  for (const { position, size, lastOffset } of batches)
    checker.onBatch(position, size, lastOffset, lastOffset - 9n)
  return messagesOf(checker.finish(logSizeInBytes))
}

describe('createOffsetIndexCheck', () => {
  const accepted: { name: string; entries: [number, number][] }[] = [
    { name: 'no entries', entries: [] },
    { name: 'the last offset of the batch at the position', entries: [[19, 100], [29, 200]] }, // prettier-ignore
    { name: 'the first offset of that batch', entries: [[10, 100]] },
    { name: 'the last offset of an appended set, at its start (before 4.1)', entries: [[39, 100]] },
    { name: 'an entry for the first batch', entries: [[9, 0]] },
  ]
  for (const { name, entries } of accepted) {
    it(`accepts ${name}`, () => {
      expect(check(entries, HEALTHY)).to.deep.equal([])
    })
  }

  const rejected: { name: string; entries: [number, number][]; message: string }[] = [
    {
      name: 'a position inside a batch',
      entries: [[19, 101]],
      message: 'entry 0 points to position 101, which is inside the batch at 100',
    },
    {
      name: 'an offset that lies before the position',
      entries: [[9, 100]],
      message:
        'entry 0 says that offset 1009 is at position 100 or later, but the batches before it reach offset 1009',
    },
    {
      name: 'a position behind the end of the log',
      entries: [[19, 100], [45, 400]], // prettier-ignore
      message: 'entry 1 points to position 400, but the log ends at 400',
    },
    {
      name: 'an offset the log does not reach',
      entries: [[40, 300]],
      message: 'entry 0 names offset 1040, but the last offset in the log is 1039',
    },
  ]
  for (const { name, entries, message } of rejected) {
    it(`reports ${name}`, () => {
      expect(check(entries, HEALTHY)).to.deep.equal([message])
    })
  }

  /** Ten offsets each, with gaps between them. */
  const GAPPED = [1009n, 1049n, 1089n].map((lastOffset, at) => ({ ...HEALTHY[at]!, lastOffset }))
  for (const { named, problems } of [
    {
      named: 20,
      problems: [
        'entry 0 names offset 1020 for position 100, but the batch there begins at offset 1040: the entry is wrong or the batch is',
      ],
    },
    { named: 45, problems: [] },
    {
      named: 55,
      problems: [
        'entry 0 names offset 1055 for position 100, but the batches from there on end at offset 1049 and go on at 1080: the entry is wrong or a batch is',
      ],
    },
    { named: 85, problems: [] },
  ])
    it(`finds ${problems.length} wrong in offset ${named} for a batch between gaps`, () => {
      expect(check([[named, 100]], GAPPED)).to.deep.equal(problems)
    })

  it('does not know what damaged bytes behind a batch held', () => {
    const around = [GAPPED[0]!, GAPPED[1]!, { ...GAPPED[2]!, position: 250 }]
    expect(check([[55, 100]], around)).to.deep.equal([])
  })

  it('does not blame the index for damaged bytes between batches', () => {
    const around = HEALTHY.filter(({ position }) => position !== 100)
    expect(check([[19, 100], [25, 150], [29, 200]], around)).to.deep.equal([]) // prettier-ignore
  })

  it('does not blame the index for damaged bytes at either end', () => {
    expect(check([[9, 0], [39, 300]], HEALTHY.slice(1, 3), 400)).to.deep.equal([]) // prettier-ignore
    expect(check([[60, 200]], HEALTHY, 600)).to.deep.equal([])
  })

  it('still knows where the file ends', () => {
    expect(check([[60, 700]], HEALTHY, 600)).to.deep.equal([
      'entry 0 points to position 700, but the log ends at 600',
    ])
  })

  it('reports entries of an index whose log is empty', () => {
    expect(check([[9, 0]], [])).to.deep.equal([
      'entry 0 points to position 0, but the log ends at 0',
    ])
  })

  it('judges only the trusted entries, and lists the problems of decoding first', () => {
    expect(
      check(
        [
          [9, 50],
          [19, 100],
          [18, 150],
          [17, 160],
        ],
        HEALTHY,
      ),
    ).to.deep.equal([
      // prettier-ignore
      'entry 2 has the relative offset 18, which is not above 19 in the entry before it',
      'entry 3 has the relative offset 17, which is not above 18 in the entry before it',
      'entry 0 points to position 50, which is inside the batch at 0',
    ])
  })
})
