import { expect } from 'chai'
import fc from 'fast-check'
import { crc32, crc32c } from '../../src/bytes/crc.ts'
import { Window } from '../../src/bytes/window.ts'
import { PrefixCrcs } from '../../src/segment/prefix-crcs.ts'
import { fakeSource } from '../bytes/fake-sources.ts'

const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * index * 7) >>> 5)

function sweep(sums: PrefixCrcs, from: number, to: number): void {
  for (const turn of sums.sweep(from, to)) expect(turn).to.equal(null)
}

describe('PrefixCrcs', () => {
  it('knows the CRC of every range it has swept over, in any order', () => {
    const range = fc.tuple(fc.nat(99_999), fc.nat(200_000))
    fc.assert(
      fc.property(
        fc.constantFrom(crc32, crc32c),
        fc.nat(50_000),
        fc.array(range, { minLength: 1, maxLength: 20 }),
        (crc, origin, ranges) => {
          const window = new Window(fakeSource(bytes), 4096)
          const sums = new PrefixCrcs(window, crc)
          for (const [ahead, size] of ranges) {
            const [start, end] = [origin + ahead, origin + ahead + size]
            const inFile = Math.min(end, bytes.length)
            sweep(sums, origin, inFile)
            expect(sums.covers(start, inFile)).to.equal(true)
            expect(sums.rangeCrc(start, inFile)).to.equal(crc.update(0, bytes, start, inFile))
          }
        },
      ),
    )
  })

  it('sweeps over no byte twice', () => {
    const source = fakeSource(bytes)
    const sums = new PrefixCrcs(new Window(source, 1024), crc32c)
    for (let end = 0; end <= bytes.length; end += 333) sweep(sums, 0, end)
    expect(source.bytesRead).to.be.at.most(bytes.length)
  })

  it('starts anew behind what it has swept, and forgets what was before', () => {
    const sums = new PrefixCrcs(new Window(fakeSource(bytes)), crc32c)
    sweep(sums, 0, 1000)
    expect([sums.isBeyond(1023), sums.isBeyond(1024)]).to.deep.equal([true, false])
    sweep(sums, 200_000, 200_100)
    expect(sums.isBeyond(1000)).to.equal(false)
    expect(sums.rangeCrc(200_050, 200_100)).to.equal(crc32c.update(0, bytes, 200_050, 200_100))
  })

  it('knows nothing of bytes that a file has lost meanwhile', () => {
    const source = fakeSource(bytes.subarray(0, 5000), { size: 9000 })
    const sums = new PrefixCrcs(new Window(source), crc32c)
    sweep(sums, 0, 9000)
    expect(sums.rangeCrc(0, 9000)).to.equal(null)
    expect(sums.rangeCrc(10, 5000)).to.equal(crc32c.update(0, bytes, 10, 5000))
  })

  it('gives its caller a turn on a long way', () => {
    const window = new Window(fakeSource(new Uint8Array(16 * 1024 * 1024)))
    expect([...new PrefixCrcs(window, crc32c).sweep(0, window.source.size)]).to.have.length.above(2)
  })
})
