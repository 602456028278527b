import { expect } from 'chai'
import type { SkippedRange } from '../../../src/recover/damage.ts'
import { rangesLeft } from '../../../src/recover/salvage/ranges-left.ts'

const range: SkippedRange = {
  firstOffset: 10n,
  lastOffset: 19n,
  liveSeekOffset: 20n,
  recordCount: 10,
  kind: 'data',
  firstBasis: 'neighbours',
  lastBasis: 'lastOffsetDelta',
  verified: true,
  exact: true,
  timeAfter: 1n,
  timeBefore: 2n,
  producers: [],
  reason: 'crc-mismatch',
  position: 100,
  sizeInBytes: 50,
  damage: [],
}

const extents = (parts: readonly SkippedRange[]): [bigint, bigint | null, number | null][] =>
  parts.map(({ firstOffset, lastOffset, recordCount }) => [firstOffset, lastOffset, recordCount])

describe('rangesLeft', () => {
  for (const { name, offsets, left } of [
    {
      name: 'what lies before and behind',
      offsets: [13n, 14n],
      left: [
        [10n, 12n, 3],
        [15n, 19n, 5],
      ],
    },
    {
      name: 'what lies between',
      offsets: [10n, 15n, 19n],
      left: [
        [11n, 14n, 4],
        [16n, 18n, 3],
      ],
    },
    {
      name: 'one offset',
      offsets: [10n, 11n, 12n, 13n, 14n, 15n, 16n, 17n, 18n],
      left: [[19n, 19n, 1]],
    },
    { name: 'nothing', offsets: [10n, 11n, 12n, 13n, 14n, 15n, 16n, 17n, 18n, 19n], left: [] },
  ])
    it(`leaves ${name}`, () => {
      expect(extents(rangesLeft(range, offsets))).to.deep.equal(left)
    })

  it('leaves a range alone that nothing was written into', () => {
    expect(rangesLeft(range, [])).to.deep.equal([range])
  })

  it('goes on to an end that is not known', () => {
    expect(
      extents(rangesLeft({ ...range, lastOffset: null, recordCount: null }, [10n, 11n])),
    ).to.deep.equal([[12n, null, null]])
  })

  it('does not count records where offsets had none', () => {
    expect(extents(rangesLeft({ ...range, recordCount: 7 }, [10n]))).to.deep.equal([
      [11n, 19n, null],
    ])
  })

  it('proves no end that a salvaged record gives, and keeps where a live consumer goes on', () => {
    const [before, behind] = rangesLeft(range, [15n])
    expect(before).to.include({ firstBasis: 'neighbours', lastBasis: 'neighbours' })
    expect(behind).to.include({ firstBasis: 'neighbours', lastBasis: 'lastOffsetDelta' })
    for (const part of [before, behind])
      expect(part).to.include({ verified: false, exact: false, liveSeekOffset: 20n, position: 100 })
  })
})
