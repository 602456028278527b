import { expect } from 'chai'
import { suspectSectors, wholeSectors } from '../../../src/recover/salvage/suspect-sectors.ts'
import { prng } from '../../support/prng.ts'
import { text } from '../../segment/build.ts'

const words = text('{"order":12345,"state":"shipped"} '.repeat(200)).subarray(0, 5000)
const random = prng(1)

describe('suspectSectors', () => {
  const cases: { name: string; bytes: Uint8Array; expected: [start: number, end: number][] }[] = [
    { name: 'text', bytes: words, expected: [] },
    { name: 'random bytes', bytes: random.bytes(5000), expected: [] },
    { name: 'a sector of zeros', bytes: words.slice().fill(0, 924, 1436), expected: [[924, 1436]] },
    {
      name: 'another byte repeated',
      bytes: words.slice().fill(255, 412, 924),
      expected: [[412, 924]],
    },
    {
      name: 'zeros up to the first sector',
      bytes: words.slice().fill(0, 0, 412),
      expected: [[0, 412]],
    },
    {
      name: 'zeros in the last sector',
      bytes: words.slice().fill(0, 4508),
      expected: [[4508, 5000]],
    },
    { name: 'zeros across a boundary', bytes: words.slice().fill(0, 700, 1400), expected: [] },
  ]
  for (const { name, bytes, expected } of cases) {
    it(`names the sectors that cannot be: ${name}`, () => {
      const found = suspectSectors(bytes, 512 * 9 + 100)
      expect(found.map(({ start, end }) => [start, end])).to.deep.equal(expected)
    })
  }

  it('names a random sector in text, wherever it is', () => {
    for (let sector = 0; sector < 9; sector++) {
      const bytes = words.slice()
      bytes.set(prng(sector).bytes(512), sector * 512)
      expect(suspectSectors(bytes, 0)).to.deep.equal([
        { start: sector * 512, end: sector * 512 + 512 },
      ])
    }
  })

  it('does not judge by randomness what always looks random, nor by lost sectors what is usual', () => {
    const bytes = words.slice(0, 1536)
    bytes.set(prng(3).bytes(512), 512)
    const random = { start: 512, end: 1024 }
    expect(suspectSectors(bytes, 0)).to.deep.equal([random])
    expect(suspectSectors(bytes, 0, true)).to.deep.equal([])
    const beside = prng(4).bytes(1536).fill(0, 512, 1024)
    expect(suspectSectors(beside, 0)).to.deep.equal([random])
  })

  it('takes many random sectors for what the data is like', () => {
    const bytes = words.slice()
    bytes.set(random.bytes(2048), 512)
    expect(suspectSectors(bytes, 0)).to.deep.equal([])
  })
})

describe('wholeSectors', () => {
  it('gives the sectors of the file inside a range', () => {
    expect(wholeSectors({ start: 0, end: 511 }, 0)).to.equal(undefined)
    expect(wholeSectors({ start: 0, end: 1030 }, 0)).to.deep.equal({ start: 0, end: 1024 })
    expect(wholeSectors({ start: 10, end: 1000 }, 500)).to.deep.equal({ start: 12, end: 524 })
    expect(wholeSectors({ start: 13, end: 1000 }, 500)).to.equal(undefined)
  })
})
