import { expect } from 'chai'
import SnappyJS from 'snappyjs'
import { snappy } from '../../src/codec/snappy.ts'
import { MEBIBYTE, concat, failureOf, hex, noise, options, overwrite, text } from './support.ts'

const xerialHeader = hex('82 534e41505059 00 00000001 00000001')

const chunk = (block: Uint8Array): Uint8Array =>
  concat(
    [
      block.length >>> 24,
      (block.length >> 16) & 255,
      (block.length >> 8) & 255,
      block.length & 255,
    ],
    block,
  )
const xerial = (...blocks: Uint8Array[]): Uint8Array => concat(xerialHeader, ...blocks.map(chunk))

describe('snappy', () => {
  for (const [name, content] of [
    ['nothing', new Uint8Array()],
    ['text', text(30_000)],
    ['noise', noise(70_000)],
    ['few symbols', noise(20_000, 2)],
    ['one byte repeated', new Uint8Array(100_000).fill(9)],
  ] as const) {
    it(`decodes ${name}, raw and framed, as snappyjs does`, () => {
      const block = SnappyJS.compress(content)
      const raw = snappy(block, options)
      expect(Buffer.compare(raw.bytes, content)).to.equal(0)
      expect(Buffer.compare(raw.bytes, SnappyJS.uncompress(block))).to.equal(0)
      expect(raw.variants).to.deep.equal(['raw-snappy'])
      const framed = snappy(xerial(block, block), options)
      expect(Buffer.compare(framed.bytes, concat(content, content))).to.equal(0)
      expect(framed.variants).to.deep.equal([])
    })
  }

  it('decodes every kind of element', () => {
    const block = concat(
      [0x8a, 0x01], // 4 + 4 + 64 + 5 + 61 bytes
      [3 << 2, 97, 98, 99, 100], // literal, length in the tag
      [0x01, 4], // copy of 4, 1-byte offset
      [(63 << 2) | 2, 1, 0], // copy of 64, 2-byte offset
      [(4 << 2) | 3, 72, 0, 0, 0], // copy of 5, 4-byte offset
      [60 << 2, 60, ...text(61)], // literal, length in one more byte
    )
    expect(snappy(block, options).bytes).to.deep.equal(
      concat(
        new TextEncoder().encode('abcdabcd'),
        new Uint8Array(64).fill(100),
        new TextEncoder().encode('abcda'),
        text(61),
      ),
    )
  })

  for (const lengthBytes of [2, 3, 4]) {
    it(`reads a literal length of ${lengthBytes} bytes`, () => {
      const length = [199, 0, 0, 0].slice(0, lengthBytes)
      const block = concat([200, 1, (59 + lengthBytes) << 2], length, text(200))
      expect(snappy(block, options).bytes).to.deep.equal(text(200))
    })
  }

  it('reads xerial streams one after the other', () => {
    const stream = xerial(SnappyJS.compress(text(50)))
    expect(snappy(concat(stream, xerialHeader, stream), options).bytes).to.deep.equal(
      concat(text(50), text(50)),
    )
  })

  it('reads a stream without chunks as nothing', () => {
    expect(snappy(xerialHeader, options)).to.deep.equal({ bytes: new Uint8Array(), variants: [] })
  })

  for (const { name, bytes, reason, decoded } of [
    { name: 'no bytes', bytes: [], reason: 'truncated', decoded: '' },
    {
      name: 'a cut-off magic',
      bytes: xerialHeader.subarray(0, 5),
      reason: 'truncated',
      decoded: '',
    },
    {
      name: 'a cut-off header',
      bytes: xerialHeader.subarray(0, 15),
      reason: 'truncated',
      decoded: '',
    },
    {
      name: 'version 0',
      bytes: overwrite(xerialHeader, 11, 0),
      reason: 'header-invalid',
      decoded: '',
    },
    {
      name: 'a negative version',
      bytes: overwrite(xerialHeader, 8, 255),
      reason: 'header-invalid',
      decoded: '',
    },
    {
      name: 'a cut-off chunk length',
      bytes: concat(xerialHeader, [0, 0, 0]),
      reason: 'truncated',
      decoded: '',
    },
    {
      name: 'a negative chunk length',
      bytes: concat(xerialHeader, [255, 0, 0, 0]),
      reason: 'block-invalid',
      decoded: '',
    },
    {
      name: 'half a magic as chunk length',
      bytes: concat(xerialHeader, hex('82534e41'), new Uint8Array(12)),
      reason: 'header-invalid',
      decoded: '',
    },
    {
      name: 'an empty chunk',
      bytes: concat(xerialHeader, [0, 0, 0, 0]),
      reason: 'block-invalid',
      decoded: '',
    },
    {
      name: 'a cut-off chunk',
      bytes: concat(xerialHeader, [0, 0, 0, 9, 5, 16, 97, 98]),
      reason: 'truncated',
      decoded: 'ab',
    },
    {
      name: 'a chunk cut off between elements',
      bytes: concat(xerialHeader, [0, 0, 0, 9, 3, 0, 97]),
      reason: 'truncated',
      decoded: 'a',
    },
    {
      name: 'a chunk longer than its block',
      bytes: concat(xerialHeader, [0, 0, 0, 9, 1, 0, 97]),
      reason: 'truncated',
      decoded: 'a',
    },
    {
      name: 'a literal past a whole chunk',
      bytes: concat(xerialHeader, [0, 0, 0, 4, 5, 16, 97, 98]),
      reason: 'block-invalid',
      decoded: 'ab',
    },
    {
      name: 'a chunk that decodes to less',
      bytes: concat(xerialHeader, [0, 0, 0, 3, 2, 0, 97]),
      reason: 'size-mismatch',
      decoded: 'a',
    },
    { name: 'offset 0', bytes: [8, 0, 97, 0x01, 0], reason: 'block-invalid', decoded: 'a' },
    {
      name: 'an offset before the start',
      bytes: [8, 0, 97, 0x01, 2],
      reason: 'block-invalid',
      decoded: 'a',
    },
    {
      name: 'an offset of 4 bytes before the start',
      bytes: [8, 0, 97, 3, 1, 0, 0, 128],
      reason: 'block-invalid',
      decoded: 'a',
    },
    { name: 'a cut-off offset', bytes: [8, 0, 97, 0x02, 1], reason: 'truncated', decoded: 'a' },
    { name: 'a cut-off size', bytes: [0x80], reason: 'truncated', decoded: '' },
    {
      name: 'a size of 6 bytes',
      bytes: [255, 255, 255, 255, 255, 1],
      reason: 'block-invalid',
      decoded: '',
    },
    {
      name: 'a size above 32 bits',
      bytes: [255, 255, 255, 255, 31, 0, 97],
      reason: 'block-invalid',
      decoded: '',
    },
    {
      name: 'more output than announced',
      bytes: [1, 4, 97, 98],
      reason: 'size-mismatch',
      decoded: '',
    },
    {
      name: 'a copy that passes the announced size',
      bytes: [3, 0, 97, 0x01, 1],
      reason: 'size-mismatch',
      decoded: 'a',
    },
    {
      name: 'a literal with a negative 4-byte length',
      bytes: [3, 0, 97, 63 << 2, 255, 255, 255, 255, 98],
      reason: 'truncated',
      decoded: 'ab',
    },
  ] as const) {
    it(`refuses ${name}`, () => {
      const error = failureOf(snappy, Uint8Array.from(bytes))
      expect(error).to.include({ codec: 'snappy', reason })
      expect(new TextDecoder().decode(error.decodedSoFar)).to.equal(decoded)
    })
  }

  it('does not allocate what the size claims', () => {
    const claim = concat([0x80, 0x80, 0x80, 0x80, 0x04, 0], [97])
    const error = failureOf(snappy, claim, { ...options, maxOutputBytes: 2 ** 31 })
    expect(error.decodedSoFar).to.deep.equal(Uint8Array.of(97))
    expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(1024)
  })

  it('refuses a size that is shorter than the stream', () => {
    const block = SnappyJS.compress(text(100))
    expect(block[0]).to.equal(100)
    expect(failureOf(snappy, overwrite(block, 0, 99)).reason).to.equal('size-mismatch')
  })

  it('stops at the limit', () => {
    const bomb = SnappyJS.compress(new Uint8Array(8 * MEBIBYTE))
    const error = failureOf(snappy, bomb, { ...options, maxOutputBytes: MEBIBYTE })
    expect(error.reason).to.equal('limit-exceeded')
    expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(MEBIBYTE)
    expect(snappy(bomb, { ...options, maxOutputBytes: 8 * MEBIBYTE }).bytes.length).to.equal(
      8 * MEBIBYTE,
    )
  })

  it('finds a truncation at any length, unless it is between two chunks', () => {
    const block = SnappyJS.compress(text(400))
    const stream = xerial(block, block)
    for (let size = 0; size < stream.length; size++) {
      if (size === 16 || size === 16 + 4 + block.length) continue
      const error = failureOf(snappy, stream.subarray(0, size))
      expect(error.reason, `${size} bytes`).to.equal('truncated')
      const prefix = concat(text(400), text(400)).subarray(0, error.decodedSoFar.length)
      expect(Buffer.compare(error.decodedSoFar, prefix)).to.equal(0)
    }
  })
})
