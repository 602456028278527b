import { expect } from 'chai'
import { crc32c } from '../../src/bytes/crc.ts'
import { Window } from '../../src/bytes/window.ts'
import { fakeSource } from './fake-sources.ts'

const bytes = Uint8Array.from({ length: 8192 }, (_, index) => (index % 251) + 1)

const withZeros = (from: number, to: number): Uint8Array => bytes.slice().fill(0, from, to)

const rangesOf = (window: Window): { position: number; sizeInBytes: number }[] =>
  window.unreadable.map(({ position, sizeInBytes }) => ({ position, sizeInBytes }))

describe('Window over a device that refuses', () => {
  const cases: {
    name: string
    bad: [number, number]
    windowBytes: number
    unreadable: { position: number; sizeInBytes: number }
  }[] = [
    {
      name: 'one byte, in a window over the whole file',
      bad: [3000, 3001],
      windowBytes: 8192,
      unreadable: { position: 2560, sizeInBytes: 512 },
    },
    {
      name: 'one byte, in a window of 1 KiB',
      bad: [3000, 3001],
      windowBytes: 1024,
      unreadable: { position: 2560, sizeInBytes: 512 },
    },
    {
      name: 'two sectors that touch',
      bad: [3000, 3100],
      windowBytes: 8192,
      unreadable: { position: 2560, sizeInBytes: 1024 },
    },
    {
      name: 'the first byte',
      bad: [0, 1],
      windowBytes: 8192,
      unreadable: { position: 0, sizeInBytes: 512 },
    },
    {
      name: 'the last byte',
      bad: [8191, 8192],
      windowBytes: 8192,
      unreadable: { position: 7680, sizeInBytes: 512 },
    },
  ]
  for (const { name, bad, windowBytes, unreadable } of cases) {
    it(`shows zeros for the sector and goes on after it: ${name}`, () => {
      const window = new Window(fakeSource(bytes, { bad: [bad] }), windowBytes)
      const end = unreadable.position + unreadable.sizeInBytes
      const copy = window.copy(0, bytes.length)
      expect(Buffer.compare(copy, withZeros(unreadable.position, end))).to.equal(0)
      expect(rangesOf(window)).to.deep.equal([unreadable])
      expect(window.unreadable[0]?.cause).to.have.property('code', 'EIO')
    })
  }

  it('finds the unreadable range that touches given bytes', () => {
    const window = new Window(fakeSource(bytes, { bad: [[3000, 3001]] }), 8192)
    window.view(0, 1)
    expect(window.unreadableIn(0, 2560)).to.equal(undefined)
    expect(window.unreadableIn(0, 2561)).to.equal(window.unreadable[0])
    expect(window.unreadableIn(3071, 1)).to.equal(window.unreadable[0])
    expect(window.unreadableIn(3072, 100)).to.equal(undefined)
  })

  it('keeps ranges apart that do not touch, in ascending order', () => {
    const bad: [number, number][] = [
      [100, 101],
      [5000, 5001],
    ]
    const window = new Window(fakeSource(bytes, { bad }), 1024)
    window.view(4608, 1024)
    window.view(0, 1024)
    expect(rangesOf(window)).to.deep.equal([
      { position: 0, sizeInBytes: 512 },
      { position: 4608, sizeInBytes: 512 },
    ])
  })

  it('gives bytes that a second attempt at a large range reads', () => {
    const source = fakeSource(bytes, { bad: [[3000, 3001]], failures: 1 })
    const window = new Window(source, 8192)
    expect(Buffer.compare(window.copy(0, 8192), bytes)).to.equal(0)
    expect(window.unreadable).to.deep.equal([])
    expect(source.reads).to.have.lengthOf(2)
  })

  it('gives bytes that a sector reads at its last attempt', () => {
    const source = fakeSource(bytes.subarray(0, 512), { bad: [[10, 11]], failures: 3 })
    const window = new Window(source)
    expect(Buffer.compare(window.copy(0, 512), bytes.subarray(0, 512))).to.equal(0)
    expect(window.unreadable).to.deep.equal([])
    expect(source.reads).to.have.lengthOf(4)
  })

  it('does not ask again for a range that it knows to be bad', () => {
    const source = fakeSource(bytes, { bad: [[512, 1024]] })
    const window = new Window(source, 1024)
    window.view(512, 512)
    const reads = source.reads.length
    window.view(4096, 10)
    window.view(512, 512)
    const again = source.reads.slice(reads)
    expect(again.filter(({ position }) => position === 512)).to.deep.equal([])
    expect(rangesOf(window)).to.deep.equal([{ position: 512, sizeInBytes: 512 }])
  })

  it('reads every sector of a large bad area once, and waits no longer than it has patience', () => {
    const large = new Uint8Array(1024 * 1024).fill(7)
    const bad: [number, number] = [100_000, 900_000]
    const source = fakeSource(large, { bad: [bad] })
    const window = new Window(source, large.length)
    const copy = window.copy(0, large.length)
    const [from, to] = [bad[0] - (bad[0] % 512), bad[1] + 512 - (bad[1] % 512)]
    expect(Buffer.compare(copy, large.slice().fill(0, from, to))).to.equal(0)
    expect(rangesOf(window)).to.deep.equal([{ position: from, sizeInBytes: to - from }])
    const sectors = (to - from) / 512
    expect(source.reads.length, 'attempts').to.be.within(sectors, sectors + 120)
  })

  it('finds one bad sector in few reads', () => {
    const large = new Uint8Array(1024 * 1024).fill(7)
    for (const at of [0, 700_000, large.length - 1]) {
      const source = fakeSource(large, { bad: [[at, at + 1]] })
      new Window(source, large.length).view(0, 1)
      expect(source.reads.length, `with byte ${at} bad`).to.be.at.most(40)
    }
  })

  it('loses no sector between bad ones, and costs in proportion to them', () => {
    const large = new Uint8Array(512 * 1024).fill(7)
    const bad = Array.from({ length: 512 }, (_, index): [number, number] => [
      index * 1024,
      index * 1024 + 512,
    ])
    const source = fakeSource(large, { bad })
    const window = new Window(source, large.length)
    const copy = window.copy(0, large.length)
    expect(window.unreadable).to.have.lengthOf(512)
    for (const { position } of window.unreadable) large.fill(0, position, position + 512)
    expect(Buffer.compare(copy, large)).to.equal(0)
    expect(source.reads.length, 'attempts').to.be.below(4 * 1024)
  })

  it('does not ask again for known sectors in the middle of a later read', () => {
    const source = fakeSource(bytes, { bad: [[3000, 3001]] })
    const window = new Window(source, 4096)
    window.view(2048, 4096)
    window.view(6000, 2000)
    const before = source.reads.length
    expect(window.view(1024, 4096)[3000 - 1024]).to.equal(0)
    expect(source.reads.slice(before)).to.deep.equal([
      { position: 1024, size: 2560 - 1024 },
      { position: 3072, size: 1024 + 4096 - 3072 },
    ])
  })

  it('has zeros under a CRC, so that no batch in there is proven by chance', () => {
    const window = new Window(fakeSource(bytes, { bad: [[3000, 3001]] }), 1024)
    expect(window.crc(crc32c, 0, 8192)).to.equal(crc32c.update(0, withZeros(2560, 3072)))
  })

  // Where the window starts in the middle of a bad sector and moves back later.
  describe('when it moves back into a sector that is known in part', () => {
    const moves: { name: string; views: [number, number][]; bad: [number, number] }[] = [
      {
        name: 'from its middle to its start',
        views: [
          [2800, 512],
          [2560, 512],
        ],
        bad: [2560, 3072],
      },
      {
        name: 'from its middle to before it',
        views: [
          [2800, 512],
          [2000, 1024],
        ],
        bad: [2560, 3072],
      },
      {
        name: 'from its middle over the sector before it',
        views: [
          [2800, 100],
          [1024, 2048],
        ],
        bad: [2048, 3072],
      },
      {
        name: 'twice',
        views: [
          [3000, 8],
          [2800, 8],
          [2600, 8],
        ],
        bad: [2560, 3072],
      },
    ]
    for (const windowBytes of [128, 1024, 2048]) {
      for (const { name, views, bad } of moves) {
        it(`remembers every byte that it shows as zero, once: ${name}, ${windowBytes} bytes`, () => {
          const window = new Window(fakeSource(bytes, { bad: [bad] }), windowBytes)
          for (const [position, size] of views) {
            const view = window.view(position, size)
            view.forEach((byte, index) => {
              const known = window.unreadableIn(position + index, 1) !== undefined
              expect(known, `byte ${position + index} shown as ${byte}`).to.equal(byte === 0)
            })
          }
          let end = 0
          for (const range of rangesOf(window)) {
            expect(range.position, 'ranges overlap or are not in order').to.be.at.least(end)
            end = range.position + range.sizeInBytes
          }
        })
      }
    }
  })
})
