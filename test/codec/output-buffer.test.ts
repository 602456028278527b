import { expect } from 'chai'
import { CodecError } from '../../src/codec/codec.ts'
import { OutputBuffer, copyMatch } from '../../src/codec/output-buffer.ts'

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
