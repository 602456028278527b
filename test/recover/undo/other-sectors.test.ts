import { expect } from 'chai'
import { memorySource } from '../../../src/bytes/byte-source.ts'
import { Window } from '../../../src/bytes/window.ts'
import { otherSectors } from '../../../src/recover/undo/other-sectors.ts'
import { noise } from '../../segment/build.ts'

const place = (position: number, end: number): { position: number; end: number } => ({
  position,
  end,
})

describe('otherSectors', () => {
  const bytes = noise(10_000)
  const window = new Window(memorySource(bytes))
  const cases = [
    {
      name: 'the whole sectors of other damaged places',
      holes: [place(0, 1100), place(3000, 5000)],
      stretch: place(3000, 5000),
      found: [[0, 1024]],
    },
    {
      name: 'what lies beside the batch in its own place, with the sectors that both share',
      holes: [place(1024, 6000)],
      stretch: place(2600, 4000),
      found: [
        [1024, 3072],
        [3584, 5632],
      ],
    },
    {
      name: 'a sector that is cut short by the end of the file',
      holes: [place(100, 500), place(9300, 10_000)],
      stretch: place(100, 500),
      found: [[9728, 10_000]],
    },
    {
      name: 'a sector in which the batch takes a part',
      holes: [place(512, 2048)],
      stretch: place(600, 900),
      found: [[512, 2048]],
    },
  ]
  for (const { name, holes, stretch, found } of cases) {
    it(`gives ${name}`, () => {
      const stretches = otherSectors(window, holes, stretch)?.stretches
      expect(
        stretches?.map(({ position, bytes: { length } }) => [position, position + length]),
      ).to.deep.equal(found)
      for (const { position, bytes: given } of stretches ?? [])
        expect(Buffer.compare(given, bytes.subarray(position, position + given.length))).to.equal(0)
    })
  }

  it('gives none of the batch itself', () => {
    for (const stretch of [place(3000, 5000), place(9300, 10_000)])
      expect(otherSectors(window, [stretch], stretch)).to.equal(null)
  })

  it('stops where there are too many, the nearest first', () => {
    const large = new Window(memorySource(new Uint8Array(17 * 1024 * 1024)))
    const holes = [place(0, 1024), place(2048, 2560), place(5120, large.source.size)]
    const starts = (stretch: { position: number; end: number }): number[] | undefined =>
      otherSectors(large, holes, stretch)?.stretches.map(({ position }) => position)
    expect(starts(place(1024, 1536))).to.deep.equal([0, 2048])
    expect(starts(place(4000, 4100))).to.deep.equal([0, 2048])
    const many = Array.from({ length: 1024 }, (_, index) =>
      place(index * 8192, index * 8192 + 4096),
    )
    const near = otherSectors(large, many, many[500]!)!.stretches
    expect(near.length).to.be.within(60, 64)
    expect(near.every(({ position }) => Math.abs(position / 8192 - 500) < 40)).to.equal(true)
  })
})
