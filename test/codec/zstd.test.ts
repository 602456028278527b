import { expect } from 'chai'
import { decompress } from 'fzstd'
import { zstd } from '../../src/codec/zstd.ts'
import { kafkaZstdBatches, zstdFixtures } from './fixtures.ts'
import { MEBIBYTE, concat, failureOf, noise, options, text } from './support.ts'
import { REPEATED, ascii, block, frame, raw, skippable } from './zstd-frames.ts'

describe('zstd', () => {
  for (const { name, madeBy, content, bytes } of zstdFixtures) {
    it(`decodes what the zstd program wrote, as fzstd does: ${name} (${madeBy})`, () => {
      const result = zstd(bytes, options)
      expect(Buffer.compare(result.bytes, content)).to.equal(0)
      expect(Buffer.compare(result.bytes, decompress(bytes))).to.equal(0)
      expect(result.variants).to.deep.equal([])
    })

    it(`finds a truncation at any length: ${name}`, () => {
      for (let size = 0; size < bytes.length; size++) {
        const error = failureOf(zstd, bytes.subarray(0, size))
        expect(error.reason, `${size} bytes`).to.equal('truncated')
        const prefix = content.subarray(0, error.decodedSoFar.length)
        expect(Buffer.compare(error.decodedSoFar, prefix), `${size} bytes`).to.equal(0)
      }
    })
  }

  for (const [producer, bytes] of kafkaZstdBatches) {
    it(`decodes a batch of the producer ${producer} as fzstd does`, () => {
      const decoded = zstd(bytes, options).bytes
      expect(Buffer.compare(decoded, decompress(bytes))).to.equal(0)
      expect(decoded.length).to.be.above(bytes.length)
    })
  }

  it('reads frames one after the other and skips skippable ones', () => {
    const one = frame([raw(ascii('ab')), raw(ascii('c'))])
    const all = concat(skippable(noise(9)), one, skippable(noise(0)), one, skippable(noise(3)))
    expect(zstd(all, options).bytes).to.deep.equal(ascii('abcabc'))
    expect(failureOf(zstd, skippable(noise(9)).subarray(0, 12)).reason).to.equal('truncated')
    expect(zstd(skippable(noise(9)), options).bytes.length).to.equal(0)
  })

  for (const [name, tail] of [
    ['zeros', new Uint8Array(20)],
    ['one byte', Uint8Array.of(0x28)],
    ['junk', text(20)],
  ] as const) {
    it(`refuses ${name} after a frame, as the Java client does`, () => {
      const error = failureOf(zstd, concat(frame([raw(ascii('ab'))]), tail))
      expect(error).to.include({ codec: 'zstd', reason: 'trailing-bytes', position: 11 })
      expect(error.decodedSoFar).to.deep.equal(ascii('ab'))
    })
  }

  for (const { name, bytes, reason } of [
    { name: 'no bytes', bytes: new Uint8Array(), reason: 'truncated' },
    { name: 'a wrong magic', bytes: text(20), reason: 'header-invalid' },
    {
      name: 'the reserved bit',
      bytes: frame([raw(text(9))], [0x08, 0x58]),
      reason: 'header-invalid',
    },
    {
      name: 'a dictionary of 1 byte',
      bytes: frame([raw(text(9))], [0x01, 0x58, 7]),
      reason: 'dictionary-needed',
    },
    {
      name: 'a dictionary of 4 bytes',
      bytes: frame([raw(text(9))], [0x03, 0x58, 0, 0, 0, 1]),
      reason: 'dictionary-needed',
    },
    { name: 'block type 3', bytes: frame([block(3, 1, [1])]), reason: 'block-invalid' },
    {
      name: 'a block above the window',
      bytes: frame([raw(text(1025))], [0x00, 0x00]),
      reason: 'block-invalid',
    },
    {
      name: 'a block above 128 KiB',
      bytes: frame([block(REPEATED, 131_073, [1])]),
      reason: 'block-invalid',
    },
    {
      name: 'too little content',
      bytes: frame([raw(text(9))], [0x20, 10]),
      reason: 'size-mismatch',
    },
    {
      name: 'content when there should be none',
      bytes: frame([raw(text(9))], [0x20, 0]),
      reason: 'block-invalid',
    },
    { name: 'a missing checksum', bytes: frame([raw(text(9))], [0x04, 0x58]), reason: 'truncated' },
    {
      name: 'a wrong checksum',
      bytes: concat(frame([raw(text(9))], [0x04, 0x58]), [1, 2, 3, 4]),
      reason: 'checksum-mismatch',
    },
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(failureOf(zstd, bytes).reason).to.equal(reason)
    })
  }

  it('takes dictionary 0 for none', () => {
    expect(zstd(frame([raw(text(9))], [0x02, 0x58, 0, 0]), options).bytes).to.deep.equal(text(9))
  })

  for (const [name, header] of [
    ['1 byte', [0x20, 44]],
    ['2 bytes', [0x60, 44, 0]],
    ['4 bytes', [0xa0, 44, 1, 0, 0]],
    ['8 bytes', [0xe0, 44, 1, 0, 0, 0, 0, 0, 0]],
  ] as const) {
    it(`checks a content size of ${name}`, () => {
      const size = header[0] === 0x20 ? 44 : 300
      expect(zstd(frame([raw(text(size))], header), options).bytes).to.deep.equal(text(size))
      const error = failureOf(zstd, frame([raw(text(size - 1))], header))
      expect(error.reason).to.equal('size-mismatch')
    })
  }

  it('allocates neither a claimed window nor a claimed content size', () => {
    const opts = { ...options, maxOutputBytes: 2 ** 40 }
    const window = zstd(frame([raw(text(9))], [0x00, 0xff]), opts)
    expect(window.bytes.buffer.byteLength).to.be.at.most(1024)
    for (const claim of [2 ** 30, 2 ** 31, 2 ** 40]) {
      const size = new Uint8Array(BigUint64Array.of(BigInt(claim)).buffer)
      const error = failureOf(zstd, frame([raw(text(9))], [0xe0, ...size]), opts)
      expect(error.reason).to.equal('size-mismatch')
      expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(1024)
    }
  })

  it('stops a bomb at the limit', () => {
    const bomb = frame(Array.from({ length: 2000 }, () => block(REPEATED, 131_072, [7])))
    const error = failureOf(zstd, bomb, { ...options, maxOutputBytes: MEBIBYTE })
    expect(error.reason).to.equal('limit-exceeded')
    expect(error.decodedSoFar.length).to.equal(MEBIBYTE)
    expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(MEBIBYTE)
    const small = frame([raw(text(50))])
    expect(zstd(small, { ...options, maxOutputBytes: 50 }).bytes.length).to.equal(50)
    expect(failureOf(zstd, small, { ...options, maxOutputBytes: 49 }).reason).to.equal(
      'limit-exceeded',
    )
  })

  it('keeps what is there of a cut-off raw block', () => {
    const error = failureOf(zstd, frame([raw(text(50))]).subarray(0, 29))
    expect(error.reason).to.equal('truncated')
    expect(error.decodedSoFar).to.deep.equal(text(20))
  })
})
