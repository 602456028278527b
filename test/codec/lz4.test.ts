import { expect } from 'chai'
import lz4js from 'lz4js'
import { xxhash32 } from '../../src/bytes/xxhash32.ts'
import { lz4 } from '../../src/codec/lz4.ts'
import { lz4Fixtures } from './fixtures.ts'
import { MEBIBYTE, concat, failureOf, hex, noise, options, overwrite, text } from './support.ts'

const magic = hex('04224d18')
const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const header = (...descriptor: number[]): Uint8Array =>
  concat(magic, descriptor, [(xxhash32(Uint8Array.from(descriptor)) >>> 8) & 255])
const kafkaHeader = header(0x60, 0x40)
const linkedHeader = header(0x40, 0x40)
const endMark = uint32(0)
const block = (bytes: Uint8Array | readonly number[]): Uint8Array =>
  concat(uint32(bytes.length), bytes)
const stored = (bytes: Uint8Array): Uint8Array => concat(uint32(bytes.length | 0x80000000), bytes)
const frame = (...blocks: Uint8Array[]): Uint8Array => concat(kafkaHeader, ...blocks, endMark)

/** 'abcd', then a match of `matchLength` from `offset` back, then 'e'. */
const sequence = (offset: number, matchLength: number): number[] => [
  0x40 | (matchLength - 4),
  ...[97, 98, 99, 100, offset & 255, offset >> 8, 0x10, 101],
]
const ascii = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('lz4', () => {
  for (const { name, madeBy, content, bytes } of lz4Fixtures) {
    it(`decodes what the lz4 program wrote: ${name} (${madeBy})`, () => {
      const result = lz4(bytes, options)
      expect(Buffer.compare(result.bytes, content)).to.equal(0)
      expect(result.variants).to.deep.equal([])
    })

    it(`finds a truncation at any length: ${name}`, () => {
      for (let size = 0; size < bytes.length; size++) {
        const error = failureOf(lz4, bytes.subarray(0, size))
        expect(error.reason, `${size} bytes`).to.equal('truncated')
        const prefix = content.subarray(0, error.decodedSoFar.length)
        expect(Buffer.compare(error.decodedSoFar, prefix), `${size} bytes`).to.equal(0)
      }
    })
  }

  for (const [name, content] of [
    ['text', text(100_000)],
    ['noise', noise(100_000)],
    ['few symbols', noise(50_000, 2)],
    ['one byte repeated', new Uint8Array(300_000).fill(9)],
  ] as const) {
    it(`decodes ${name} as lz4js does`, () => {
      const compressed = lz4js.compress(content)
      const { bytes } = lz4(compressed, options)
      expect(Buffer.compare(bytes, content)).to.equal(0)
      expect(Buffer.compare(bytes, lz4js.decompress(compressed))).to.equal(0)
    })
  }

  it('knows the header checksum of Kafka’s frames', () => {
    expect(kafkaHeader).to.deep.equal(hex('04224d18 60 40 82'))
  })

  it('accepts the checksum of old clients only when allowed, and says so', () => {
    const old = overwrite(frame(stored(ascii('abc'))), 6, 0x1a)
    const allowed = { ...options, allowOldLz4HeaderChecksum: true }
    expect(failureOf(lz4, old)).to.include({ reason: 'checksum-mismatch', position: 6 })
    expect(lz4(old, allowed)).to.deep.equal({
      bytes: ascii('abc'),
      variants: ['old-lz4-header-checksum'],
    })
    expect(lz4(frame(stored(ascii('abc'))), allowed).variants).to.deep.equal([])
    expect(failureOf(lz4, overwrite(old, 6, 0x1b), allowed).reason).to.equal('checksum-mismatch')
  })

  it('ignores bytes after the end mark, as Java does, and says so', () => {
    const one = frame(stored(ascii('abc')))
    for (const tail of [[0], endMark, one, noise(30)]) {
      expect(lz4(concat(one, tail), options)).to.deep.equal({
        bytes: ascii('abc'),
        variants: ['trailing-bytes'],
      })
    }
  })

  for (const { name, bytes, reason } of [
    { name: 'no bytes', bytes: [], reason: 'truncated' },
    { name: 'a wrong magic', bytes: overwrite(kafkaHeader, 3, 0x19), reason: 'header-invalid' },
    { name: 'the legacy magic', bytes: hex('02214c18'), reason: 'header-invalid' },
    { name: 'version 0', bytes: header(0x20, 0x40), reason: 'header-invalid' },
    { name: 'version 2', bytes: header(0xa0, 0x40), reason: 'header-invalid' },
    { name: 'the reserved flag', bytes: header(0x62, 0x40), reason: 'header-invalid' },
    { name: 'the high reserved bit of BD', bytes: header(0x60, 0xc0), reason: 'header-invalid' },
    { name: 'a low reserved bit of BD', bytes: header(0x60, 0x41), reason: 'header-invalid' },
    { name: 'block size code 3', bytes: header(0x60, 0x30), reason: 'header-invalid' },
    { name: 'a dictionary', bytes: header(0x61, 0x40, 1, 2, 3, 4), reason: 'dictionary-needed' },
    { name: 'no end mark', bytes: concat(kafkaHeader, stored(text(9))), reason: 'truncated' },
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(failureOf(lz4, Uint8Array.from(bytes))).to.include({ codec: 'lz4', reason })
    })
  }

  it('checks the content size, and does not allocate by it', () => {
    const sized = (size: number): Uint8Array =>
      concat(header(0x68, 0x40, ...uint32(size), 0, 0, 0, 0), stored(ascii('abc')), endMark)
    expect(lz4(sized(3), options).bytes).to.deep.equal(ascii('abc'))
    const error = failureOf(lz4, sized(2 ** 31), { ...options, maxOutputBytes: 2 ** 32 })
    expect(error.reason).to.equal('size-mismatch')
    expect(error.decodedSoFar).to.deep.equal(ascii('abc'))
    expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(1024)
  })

  it('checks the checksum of each block, whole or stored', () => {
    const checked = header(0x70, 0x40)
    for (const part of [stored(text(50)), block(sequence(4, 8))]) {
      const checksum = uint32(xxhash32(part, 4))
      lz4(concat(checked, part, checksum, part, checksum, endMark), options)
      const wrong = overwrite(checksum, 0, checksum[0]! ^ 1)
      const error = failureOf(lz4, concat(checked, part, wrong, endMark))
      expect(error.reason).to.equal('checksum-mismatch')
      expect(error.decodedSoFar.length).to.be.above(0)
      expect(failureOf(lz4, concat(checked, part, [1])).reason).to.equal('truncated')
    }
  })

  it('checks the checksum of the content', () => {
    const checked = concat(header(0x64, 0x40), stored(text(50)), endMark)
    const checksum = uint32(xxhash32(text(50)))
    expect(lz4(concat(checked, checksum), options).bytes).to.deep.equal(text(50))
    const wrong = overwrite(checksum, 3, checksum[3]! ^ 1)
    expect(failureOf(lz4, concat(checked, wrong)).reason).to.equal('checksum-mismatch')
    expect(failureOf(lz4, concat(checked, [1, 2])).reason).to.equal('truncated')
  })

  it('lets matches reach into the block before only in a frame of linked blocks', () => {
    const far = block([0x00, 4, 0, 0x10, 101])
    const blocks = concat(stored(ascii('abcd')), far, endMark)
    expect(lz4(concat(linkedHeader, blocks), options).bytes).to.deep.equal(ascii('abcdabcde'))
    const error = failureOf(lz4, concat(kafkaHeader, blocks))
    expect(error).to.include({ reason: 'block-invalid', position: 7 + 8 + 4 + 1 })
    expect(error.decodedSoFar).to.deep.equal(ascii('abcd'))
  })

  it('repeats overlapping matches and reads long lengths', () => {
    expect(lz4(frame(block(sequence(1, 8))), options).bytes).to.deep.equal(ascii('abcddddddddde'))
    const long = block([0xff, 255, 0, ...text(270), 3, 0, 255, 1, 0x10, 101])
    expect(lz4(frame(long), options).bytes).to.deep.equal(
      concat(
        text(270),
        Uint8Array.from({ length: 275 }, (_, at) => text(270)[267 + (at % 3)]!),
        [101],
      ),
    )
  })

  for (const { name, bytes } of [
    { name: 'offset 0', bytes: sequence(0, 8) },
    { name: 'an offset before the start', bytes: sequence(5, 8) },
    { name: 'an end after a match', bytes: sequence(4, 8).slice(0, 7) },
    { name: 'an end inside an offset', bytes: sequence(4, 8).slice(0, 6) },
    { name: 'an announced match that is not there', bytes: sequence(4, 8).slice(0, 5) },
    { name: 'an end inside the literals', bytes: [0x40, 97] },
    { name: 'an end inside a literal length', bytes: [0xf0, 255] },
    { name: 'an end right before a literal length', bytes: [0xf0] },
    { name: 'an end inside a match length', bytes: [0x4f, 97, 98, 99, 100, 1, 0, 255] },
    {
      name: 'literals beyond the block maximum',
      bytes: concat([0xf0], new Uint8Array(257).fill(255), [200], new Uint8Array(65_000)),
    },
    {
      name: 'a match beyond the block maximum',
      bytes: concat([0x1f, 97, 1, 0], new Uint8Array(257).fill(255), [0, 0x10, 97]),
    },
  ]) {
    it(`refuses a block with ${name}`, () => {
      const error = failureOf(lz4, frame(stored(ascii('xyz')), block(bytes)))
      expect(error.reason).to.equal('block-invalid')
      expect(error.decodedSoFar.subarray(0, 3)).to.deep.equal(ascii('xyz'))
    })
  }

  it('refuses a block that claims 2^31 - 1 stored bytes, at once', () => {
    const error = failureOf(lz4, concat(kafkaHeader, uint32(0xffffffff), text(20)))
    expect(error).to.include({ reason: 'block-invalid', position: 7 })
    const compressed = failureOf(lz4, concat(kafkaHeader, uint32(0x7fffffff), text(20)))
    expect(compressed.reason).to.equal('block-invalid')
  })

  it('keeps what is there of a cut-off stored block', () => {
    const error = failureOf(lz4, concat(kafkaHeader, stored(text(50)).subarray(0, 24)))
    expect(error.reason).to.equal('truncated')
    expect(error.decodedSoFar).to.deep.equal(text(20))
  })

  it('stops at the limit', () => {
    const bomb = lz4js.compress(new Uint8Array(8 * MEBIBYTE))
    const error = failureOf(lz4, bomb, { ...options, maxOutputBytes: MEBIBYTE })
    expect(error.reason).to.equal('limit-exceeded')
    expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(MEBIBYTE)
    const small = frame(stored(text(50)))
    expect(lz4(small, { ...options, maxOutputBytes: 50 }).bytes.length).to.equal(50)
    expect(failureOf(lz4, small, { ...options, maxOutputBytes: 49 }).reason).to.equal(
      'limit-exceeded',
    )
  })
})
