import { expect } from 'chai'
import fc from 'fast-check'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { crc32c } from '../../src/bytes/crc.ts'
import { DEFAULT_WINDOW_BYTES, Window } from '../../src/bytes/window.ts'
import { fakeSource } from './fake-sources.ts'

const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7) & 0xff)
const sizes = [1, 128, 1024, bytes.length, DEFAULT_WINDOW_BYTES]

describe('Window', () => {
  for (const windowBytes of sizes) {
    describe(`of ${windowBytes} bytes`, () => {
      it('shows the same bytes wherever it is asked', () => {
        const window = new Window(memorySource(bytes), windowBytes)
        fc.assert(
          fc.property(fc.nat(bytes.length + 50), fc.nat(1500), (position, size) => {
            const view = window.view(position, size)
            const expected = bytes.subarray(position, position + Math.min(size, window.capacity))
            expect(Buffer.compare(view, expected)).to.equal(0)
          }),
        )
      })

      it('copies ranges of any size', () => {
        const window = new Window(memorySource(bytes), windowBytes)
        fc.assert(
          fc.property(fc.nat(2500), fc.nat(2500), (position, size) => {
            const copy = window.copy(position, size)
            expect(Buffer.compare(copy, bytes.subarray(position, position + size))).to.equal(0)
          }),
        )
      })

      it('computes the CRC of ranges of any size', () => {
        const window = new Window(memorySource(bytes), windowBytes)
        fc.assert(
          fc.property(fc.nat(2500), fc.nat(2500), (position, size) => {
            const expected = crc32c.update(0, bytes, position, position + size)
            expect(window.crc(crc32c, position, size)).to.equal(expected)
          }),
        )
      })
    })
  }

  const capacities: { windowBytes: number; fileSize: number; capacity: number }[] = [
    { windowBytes: 1, fileSize: 5000, capacity: 128 },
    { windowBytes: 1024, fileSize: 5000, capacity: 1024 },
    { windowBytes: 1024 ** 3, fileSize: 5000, capacity: 5000 },
    { windowBytes: 1024, fileSize: 0, capacity: 128 },
    { windowBytes: Infinity, fileSize: 300, capacity: 300 },
  ]
  for (const { windowBytes, fileSize, capacity } of capacities) {
    it(`holds ${capacity} bytes when ${windowBytes} are asked for and the file has ${fileSize}`, () => {
      const source = memorySource(bytes.subarray(0, fileSize))
      expect(new Window(source, windowBytes).capacity).to.equal(capacity)
    })
  }

  it('holds 1 MiB unless told otherwise', () => {
    expect(DEFAULT_WINDOW_BYTES).to.equal(1024 * 1024)
    const window = new Window(memorySource(new Uint8Array(DEFAULT_WINDOW_BYTES + 1)))
    expect(window.capacity).to.equal(DEFAULT_WINDOW_BYTES)
  })

  it('shows nothing of an empty file', () => {
    const window = new Window(memorySource(new Uint8Array()))
    expect(window.view(0, 61)).to.have.lengthOf(0)
    expect(window.copy(0, 0)).to.have.lengthOf(0)
    expect(window.crc(crc32c, 0, 10)).to.equal(0)
  })

  it('does not read again what it holds', () => {
    const source = fakeSource(bytes)
    const window = new Window(source, 1024)
    window.view(100, 500)
    window.view(600, 500)
    window.view(100, 10)
    expect(source.reads).to.deep.equal([{ position: 100, size: 1024 }])
  })

  it('reads a file once when it is walked from start to end', () => {
    const source = fakeSource(bytes)
    const window = new Window(source, 1000)
    for (let position = 0; position < bytes.length; position += 100) window.view(position, 100)
    expect(source.bytesRead).to.equal(bytes.length)
  })

  it('reads no further than it was told, but for what is asked for', () => {
    const source = fakeSource(bytes)
    const window = new Window(source, 1024, 1500)
    window.view(0, 61)
    window.view(1000, 61)
    window.view(1450, 200)
    window.view(3000, 61)
    expect(source.reads).to.deep.equal([
      { position: 0, size: 1024 },
      { position: 1000, size: 500 },
      { position: 1450, size: 200 },
      { position: 3000, size: 61 },
    ])
  })

  it('copies what outlives the next move', () => {
    const window = new Window(memorySource(bytes), 128)
    const copy = window.copy(0, 64)
    window.view(4000, 64)
    expect(Buffer.compare(copy, bytes.subarray(0, 64))).to.equal(0)
  })

  it('peeks at other places while the view stays as it is', () => {
    const large = Uint8Array.from({ length: 600_000 }, (_, index) => (index * 31) >>> 4)
    const source = fakeSource(large)
    const window = new Window(source, 1024)
    const view = window.view(5000, 1024)
    fc.assert(
      fc.property(fc.nat(large.length - 1), fc.integer({ min: 1, max: 40_000 }), (place, size) => {
        const bytesThere = window.peek(place, size)
        expect(bytesThere.length).to.be.within(1, size)
        const expected = large.subarray(place, place + bytesThere.length)
        expect(Buffer.compare(bytesThere, expected)).to.equal(0)
      }),
    )
    expect(Buffer.compare(view, large.subarray(5000, 6024))).to.equal(0)
    const before = source.reads.length
    for (let turn = 0; turn < 10; turn++) {
      window.peek(100_000, 10)
      window.peek(500_000, 10)
      window.peek(5000, 10)
    }
    expect(source.reads.length - before, 'reads for two places in turn').to.be.at.most(2)
  })

  it('peeks into memory of the caller, but for what it holds', () => {
    const source = fakeSource(bytes)
    const window = new Window(source, 1024)
    const view = window.view(1000, 1024)
    const target = new Uint8Array(2000)
    for (const position of [0, 900, 1000, 1500, 2023, 2024, 4000, 5000, 6000]) {
      const there = window.peekInto(position, target)
      const expected = bytes.subarray(position, position + there.length)
      expect(Buffer.compare(there, expected), `at ${position}`).to.equal(0)
      expect(there.length === 0).to.equal(position >= bytes.length)
    }
    expect(source.reads).to.have.lengthOf(5)
    expect(Buffer.compare(view, bytes.subarray(1000, 2024))).to.equal(0)
  })

  describe('over a file that became smaller', () => {
    const shrunk = (): Window => new Window(fakeSource(bytes.subarray(0, 700), { size: 5000 }), 512)

    it('shows the bytes that are left', () => {
      expect(shrunk().view(600, 200)).to.have.lengthOf(100)
      expect(shrunk().view(800, 200)).to.have.lengthOf(0)
    })

    it('refuses to copy what is not there', () => {
      expect(() => shrunk().copy(600, 200)).to.throw(RangeError, 'fake.log ends inside a range')
    })

    it('ends a CRC with the bytes', () => {
      expect(shrunk().crc(crc32c, 600, 300)).to.equal(crc32c.update(0, bytes, 600, 700))
    })
  })
})
