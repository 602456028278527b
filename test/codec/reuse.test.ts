import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { CodecError } from '../../src/codec/codec.ts'
import type { ReusableBuffer } from '../../src/codec/codec.ts'
import { gzip } from '../../src/codec/gzip.ts'
import { OutputBuffer } from '../../src/codec/output-buffer.ts'

describe('a reused output buffer', () => {
  const options = { maxOutputBytes: 1_000_000, allowOldLz4HeaderChecksum: false }
  const zip = (size: number, byte: number): Uint8Array =>
    new Uint8Array(gzipSync(new Uint8Array(size).fill(byte)))

  it('gives the same bytes whatever was in it before', () => {
    const reuse: ReusableBuffer = { bytes: new Uint8Array(0) }
    for (const [size, byte] of [
      [5, 1],
      [300_000, 2],
      [0, 3],
      [70, 4],
      [300_001, 5],
    ] as const) {
      // prettier-ignore
      const { bytes } = gzip(zip(size, byte), { ...options, reuse })
      expect(Buffer.compare(bytes, new Uint8Array(size).fill(byte))).to.equal(0)
    }
    expect(reuse.bytes.length).to.be.at.least(300_001)
  })

  it('keeps the limit when it is larger than that', () => {
    const reuse: ReusableBuffer = { bytes: new Uint8Array(500_000) }
    expect(() => gzip(zip(1001, 1), { ...options, maxOutputBytes: 1000, reuse }))
      .to.throw(CodecError)
      .with.property('reason', 'limit-exceeded')
    expect(gzip(zip(1000, 1), { ...options, maxOutputBytes: 1000, reuse }).bytes.length).to.equal(
      1000,
    )
  })

  it('is not kept when it has become enormous', () => {
    const reuse: ReusableBuffer = { bytes: new Uint8Array(0) }
    const output = new OutputBuffer('gzip', 100_000_000, 10, undefined, reuse)
    output.grow(0, 20_000_000, 0)
    expect(reuse.bytes.length).to.be.below(1_000_000)
  })
})
