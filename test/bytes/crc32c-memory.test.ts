import { expect } from 'chai'
import fc from 'fast-check'
import { assembleModule, committedModule } from '../../scripts/build-wasm.ts'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { crc32, crc32c, updateByTables } from '../../src/bytes/crc.ts'
import { instantiateCrc32c } from '../../src/bytes/crc32c-memory.ts'
import type { Crc32cMemory, Loan } from '../../src/bytes/crc32c-memory.ts'
import { Window } from '../../src/bytes/window.ts'

const LARGEST = 1024 * 1024

/** The same bytes on every run, and no pattern in them. */
function fill(bytes: Uint8Array, seed = 1): Uint8Array {
  let state = seed
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

describe('instantiateCrc32c', () => {
  const tables = updateByTables(crc32c.polynomial)
  let memory: Crc32cMemory
  let loan: Loan

  before(() => {
    const instance = instantiateCrc32c()
    const borrowed = instance?.borrow(LARGEST)
    if (instance == null || borrowed == null) throw new Error('this Node has no WebAssembly SIMD')
    memory = instance
    loan = borrowed
    fill(loan.bytes)
  })
  after(() => {
    loan.giveBack()
  })

  // Around every length at which another way of computing takes over.
  const lengths = [0, 1, 15, 16, 17, 299, 511, 512, 513, 575, 576, 20_479, 20_480, 20_481, 30_000]

  it('agrees with the tables at every length where its way changes, at every alignment', () => {
    for (const length of lengths) {
      for (let shift = 0; shift < 17; shift++) {
        const end = shift + length
        const expected = tables(0x12345678, loan.bytes, shift, end)
        expect(memory.update(0x12345678, loan.bytes, shift, end), `${length} at ${shift}`).to.equal(
          expected,
        )
      }
    }
  })

  it('agrees with the tables on any range, inside its memory and outside', () => {
    const elsewhere = fill(new Uint8Array(300_000), 7)
    const range = fc.tuple(fc.nat(99_999), fc.oneof(fc.nat(1500), fc.nat(40_000), fc.nat(200_000)))
    fc.assert(
      fc.property(range, fc.integer({ min: 0, max: 0xffffffff }), ([start, size], crc) => {
        for (const bytes of [loan.bytes, elsewhere]) {
          const expected = tables(crc, bytes, start, start + size)
          expect(memory.update(crc, bytes, start, start + size)).to.equal(expected)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('continues over any splits', () => {
    const sizes = fc.array(fc.oneof(fc.nat(700), fc.nat(30_000)), { maxLength: 6 })
    fc.assert(
      fc.property(sizes, fc.nat(1000), (parts, start) => {
        let [at, crc] = [start, 0]
        for (const size of parts) {
          crc = memory.update(crc, loan.bytes, at, at + size)
          at += size
        }
        expect(crc).to.equal(tables(0, loan.bytes, start, at))
      }),
    )
  })

  it('sees every flipped bit', () => {
    for (const length of [700, 21_000]) {
      const before = memory.update(0, loan.bytes, 0, length)
      for (let at = 0; at < length; at += 13) {
        loan.bytes[at]! ^= 1 << (at % 8)
        expect(memory.update(0, loan.bytes, 0, length), `byte ${at}`).to.not.equal(before)
        loan.bytes[at]! ^= 1 << (at % 8)
      }
      expect(memory.update(0, loan.bytes, 0, length)).to.equal(before)
    }
  })

  it('leaves the bytes as they are, whoever borrowed them', () => {
    const other = memory.borrow(5000)
    const copy = loan.bytes.slice()
    if (other === null) throw new Error('nothing left to borrow')
    fill(other.bytes, 3)
    const others = other.bytes.slice()
    memory.update(0, loan.bytes, 0, LARGEST)
    memory.update(0, new Uint8Array(200_000), 0, 200_000)
    expect(Buffer.compare(copy, loan.bytes)).to.equal(0)
    expect(Buffer.compare(others, other.bytes)).to.equal(0)
    other.giveBack()
  })

  it('lends a few parts, and each of them again when it is given back', () => {
    const loans: Loan[] = []
    for (let next = memory.borrow(10); next !== null; next = memory.borrow(10)) loans.push(next)
    expect(loans).to.have.length.within(1, 8)
    expect(new Set(loans.map(({ bytes }) => bytes.byteOffset)).size).to.equal(loans.length)
    loans[0]?.giveBack()
    loans[0]?.giveBack()
    const again = memory.borrow(10)
    expect(memory.borrow(10)).to.equal(null)
    again?.giveBack()
    for (const other of loans.slice(1)) other.giveBack()
    expect(memory.borrow(LARGEST + 1)).to.equal(null)
  })

  it('is what the committed source assembles to', async () => {
    expect(await assembleModule()).to.equal(committedModule())
  })
})

describe('Window in lent memory', () => {
  const bytes = fill(new Uint8Array(300_000), 5)

  it('shows nothing of one file to another, though they take turns in it', () => {
    for (let turn = 0; turn < 20; turn++) {
      const [one, two] = [bytes.subarray(turn), bytes.subarray(1000 + turn)]
      const windows = [one, two].map((part) => new Window(memorySource(part), 65_536))
      windows.forEach((window, index) => {
        const part = [one, two][index] ?? bytes
        for (const at of [0, 70_000, 20_000])
          expect(Buffer.compare(window.view(at, 5000), part.subarray(at, at + 5000))).to.equal(0)
        expect(window.crc(crc32c, 100, 200_000)).to.equal(crc32c.update(0, part, 100, 200_100))
      })
      for (const window of windows) window.release()
    }
  })

  it('refuses to be used once it is released', () => {
    const window = new Window(memorySource(bytes))
    window.release()
    expect(() => window.view(0, 1)).to.throw('released')
  })
})

describe('crc32 by zlib', () => {
  it('agrees with the tables on any range', () => {
    const tables = updateByTables(crc32.polynomial)
    const bytes = fill(new Uint8Array(100_000), 9)
    fc.assert(
      fc.property(fc.nat(50_000), fc.nat(50_000), fc.nat(0xffffffff), (start, size, crc) => {
        const expected = tables(crc, bytes, start, start + size)
        expect(crc32.update(crc, bytes, start, start + size)).to.equal(expected)
      }),
    )
  })
})
