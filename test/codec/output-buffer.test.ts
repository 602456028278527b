import { expect } from 'chai'
import { CodecError } from '../../src/codec/codec.ts'
import {
  OutputBuffer,
  WIDE_BYTES,
  copyLiteralsWide,
  copyMatch,
  copyMatchWide,
  viewOf,
} from '../../src/codec/output-buffer.ts'

describe('OutputBuffer', () => {
  it('doubles, keeps what was decoded, and stops at the limit', () => {
    const output = new OutputBuffer('lz4', 1000, 10)
    expect(output.bytes.length).to.equal(256)
    output.append(new Uint8Array(200).fill(1), 0, 200)
    expect(output.grow(200, 100, 0).length).to.equal(512)
    expect(output.grow(200, 500, 0).length).to.equal(1000)
    expect(output.decoded()).to.deep.equal(new Uint8Array(200).fill(1))
    expect(() => output.grow(200, 801, 42))
      .to.throw(CodecError)
      .that.includes({ reason: 'limit-exceeded', position: 42 })
  })

  it('reports an allocation that the machine refuses', () => {
    const output = new OutputBuffer('lz4', Infinity, 10)
    expect(() => output.grow(0, 2 ** 52, 0)).to.throw(CodecError, 'no memory')
  })

  it('lets nothing through for a limit that is no number', () => {
    const output = new OutputBuffer('lz4', NaN, 10)
    expect(() => output.grow(0, 1, 0)).to.throw(CodecError)
  })
})

describe('copyMatch', () => {
  it('repeats the pattern for every offset and length', () => {
    for (const offset of [1, 2, 3, 7, 31, 32, 33, 100]) {
      for (const length of [1, 4, 31, 32, 33, 64, 99, 100, 101, 258, 1000]) {
        const bytes = Uint8Array.from({ length: 1200 }, (_, index) => (index < 100 ? index : 0))
        copyMatch(bytes, 100, offset, length)
        const expected = Uint8Array.from({ length }, (_, at) => 100 - offset + (at % offset))
        expect(bytes.subarray(100, 100 + length), `${offset}, ${length}`).to.deep.equal(expected)
        expect(bytes[100 + length], 'the byte after').to.equal(0)
      }
    }
  })
})

describe('the wide copies', () => {
  const start = 100
  const fresh = (): Uint8Array =>
    Uint8Array.from({ length: 1400 }, (_, index) => (index < start ? index : 0xee))

  it('repeat what copyMatch repeats, and keep to what they may overwrite', () => {
    for (const offset of [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 100]) {
      for (const length of [1, 3, 4, 8, 15, 16, 17, 32, 63, 64, 65, 258, 1000]) {
        const [bytes, expected] = [fresh(), fresh()]
        copyMatchWide(bytes, viewOf(bytes), start, offset, length)
        copyMatch(expected, start, offset, length)
        const end = start + length
        expect(bytes.subarray(0, end), `${offset}, ${length}`).to.deep.equal(
          expected.subarray(0, end),
        )
        const behind = bytes.subarray(end + WIDE_BYTES)
        expect(
          behind.every((byte) => byte === 0xee),
          `${offset}, ${length}`,
        ).to.equal(true)
      }
    }
  })

  it('copy literals from any place to any place', () => {
    const source = Uint8Array.from({ length: 400 }, (_, index) => index % 251)
    for (const [from, length] of [
      [0, 0],
      [1, 1],
      [2, 7],
      [3, 8],
      [5, 9],
      [6, 16],
      [7, 300],
    ] as const)
      // prettier-ignore
      for (const shift of [0, 1, 2, 3]) {
        const whole = fresh()
        const bytes = whole.subarray(shift)
        copyLiteralsWide(viewOf(bytes), start, viewOf(source), from, length)
        expect(bytes.subarray(start, start + length)).to.deep.equal(
          source.subarray(from, from + length),
        )
        expect(whole.subarray(0, shift + start)).to.deep.equal(fresh().subarray(0, shift + start))
        const behind = bytes.subarray(start + length + WIDE_BYTES)
        expect(behind.every((byte) => byte === 0xee)).to.equal(true)
      }
  })
})
