import { constants, deflateRawSync, gzipSync, inflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { gunzipSync } from 'fflate'
import { crc32 } from '../../src/bytes/crc.ts'
import { gzip } from '../../src/codec/gzip.ts'
import { MEBIBYTE, concat, failureOf, hex, noise, options, overwrite, text } from './support.ts'

const plainHeader = hex('1f8b 0800 00000000 00ff')
const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const trailer = (content: Uint8Array): Uint8Array =>
  concat(uint32(crc32.update(0, content)), uint32(content.length))

/** A member around a DEFLATE stream that may be wrong. */
const member = (deflated: Uint8Array, content = new Uint8Array()): Uint8Array =>
  concat(plainHeader, deflated, trailer(content))

/** Bits in the order of the stream; codes are given most significant bit first, fields the other way. */
function bits(...fields: (readonly [value: number, count: number] | string)[]): Uint8Array {
  const all = fields.flatMap((field) =>
    typeof field === 'string'
      ? Array.from(field, Number)
      : Array.from({ length: field[1] }, (_, index) => (field[0] >> index) & 1),
  )
  const bytes = new Uint8Array(Math.ceil(all.length / 8))
  for (const [index, bit] of all.entries()) bytes[index >> 3]! |= bit << (index & 7)
  return bytes
}

const contents = [
  ['nothing', new Uint8Array()],
  ['one byte', Uint8Array.of(65)],
  ['text', text(20_000)],
  ['noise', noise(70_000)],
  ['few symbols', noise(40_000, 3)],
  ['one byte repeated', new Uint8Array(200_000).fill(9)],
  ['a far match', concat(noise(32_700), text(10), noise(40), noise(32_700))],
] as const

describe('gzip', () => {
  for (const [name, content] of contents) {
    it(`decodes ${name} at every level and strategy, as fflate does`, () => {
      for (const level of [0, 1, 4, 6, 9]) {
        for (const strategy of [
          constants.Z_DEFAULT_STRATEGY,
          constants.Z_HUFFMAN_ONLY,
          constants.Z_RLE,
          constants.Z_FIXED,
        ]) {
          const compressed = new Uint8Array(gzipSync(content, { level, strategy }))
          const { bytes, variants } = gzip(compressed, options)
          expect(Buffer.compare(bytes, content), `level ${level}`).to.equal(0)
          expect(Buffer.compare(bytes, gunzipSync(compressed))).to.equal(0)
          expect(variants).to.deep.equal([])
        }
      }
    })
  }

  it('reads the longest codes and extra bits wherever in a byte they begin', () => {
    // The code lengths' own codes are all of 4 bits: code n is length n, runs are not used.
    const lengths = (sizes: readonly number[]): string =>
      sizes.map((size) => size.toString(2).padStart(4, '0')).join('')
    const literalSizes = [...new Array<number>(260).fill(0)]
    for (const [symbol, size] of [
      [97, 1],
      [256, 2],
      [257, 3],
      [259, 3],
    ] as const)
      // prettier-ignore
      literalSizes[symbol] = size
    // 1, 2, 3 … 15, and 15 bits for the farthest distances.
    const distanceSizes = Array.from({ length: 30 }, (_, n) => (n < 14 ? n + 1 : n < 28 ? 0 : 15))
    const header = [
      [1, 1], [2, 2], [3, 5], [29, 5], [15, 4],
      ...Array.from({ length: 19 }, (_, place) => [place < 3 ? 0 : 4, 3] as const),
      lengths(literalSizes), lengths(distanceSizes),
    ] as const // prettier-ignore
    const far = ['110', '1'.repeat(15), [3, 13]] as const // 3 bytes from 24 577 + 3 back
    const near = ['111', '10'] as const // 5 bytes from 2 back
    const start = noise(32_000)
    const startBlock = concat([0, start.length & 255, start.length >> 8], [255 - (start.length & 255), 255 - (start.length >> 8)], start) // prettier-ignore
    const fields: (readonly [number, number] | string)[] = [...header]
    const content = [...start]
    const repeat = (size: number, distance: number): void => {
      for (let index = 0; index < size; index++) content.push(content.at(-distance)!)
    }
    for (let literals = 0; literals < 40; literals++) {
      fields.push('0'.repeat(literals), ...far, ...near, ...far)
      content.push(...new Array<number>(literals).fill(97))
      repeat(3, 24_580)
      repeat(5, 2)
      repeat(3, 24_580)
    }
    fields.push('10')
    const deflated = concat(startBlock, bits(...fields))
    const compressed = member(deflated, Uint8Array.from(content))
    expect(Buffer.compare(inflateRawSync(deflated), Uint8Array.from(content))).to.equal(0)
    expect(Buffer.compare(gzip(compressed, options).bytes, Uint8Array.from(content))).to.equal(0)
  })

  it('does not take the input’s memory for the result', () => {
    const compressed = new Uint8Array(gzipSync(noise(100), { level: 0 }))
    const { bytes } = gzip(compressed, options)
    expect(bytes.buffer).not.to.equal(compressed.buffer)
  })

  it('reads a header with extra field, name, comment and CRC-16', () => {
    const header = concat(
      hex('1f8b 081e 00000000 00ff'),
      hex('0300 010203'),
      hex('6e616d6500'),
      hex('636f6d00'),
    )
    const headerCrc = crc32.update(0, header) & 0xffff
    const whole = concat(
      header,
      [headerCrc & 255, headerCrc >> 8],
      deflateRawSync(text(500)),
      trailer(text(500)),
    )
    expect(gzip(whole, options).bytes).to.deep.equal(text(500))
    expect(failureOf(gzip, overwrite(whole, 12, 99)).reason).to.equal('checksum-mismatch')
    for (let size = 0; size < header.length + 2; size++) {
      expect(failureOf(gzip, whole.subarray(0, size)).reason, `${size} bytes`).to.equal('truncated')
    }
  })

  it('refuses what is no gzip header', () => {
    const valid = new Uint8Array(gzipSync(text(50)))
    for (const [position, value] of [
      [0, 0],
      [1, 0],
      [2, 7],
      [3, 0x20],
      [3, 0x80],
    ] as const) {
      const error = failureOf(gzip, overwrite(valid, position, value))
      expect(error).to.include({ codec: 'gzip', reason: 'header-invalid' })
    }
  })

  it('reads every member, not only the first', () => {
    const members = concat(gzipSync(text(100)), gzipSync(''), gzipSync(text(300, 2)))
    expect(gzip(members, options).bytes).to.deep.equal(concat(text(100), text(300, 2)))
  })

  it('does not let a match reach into the member before', () => {
    const deflated = bits([1, 1], [1, 2], '0000001', '00000', '0000000')
    const error = failureOf(gzip, concat(gzipSync('abcdef'), member(deflated)))
    expect(error).to.include({ reason: 'block-invalid' })
    expect(error.decodedSoFar).to.deep.equal(new TextEncoder().encode('abcdef'))
  })

  for (const [name, tail] of [
    ['zeros', new Uint8Array(100)],
    ['one byte', Uint8Array.of(0x1f)],
    ['junk', noise(40)],
    ['a cut-off header', hex('1f8b 0800')],
    ['a header with reserved flags', hex('1f8b 08ff 00000000 00ff 0300')],
  ] as const) {
    it(`ignores ${name} after a member, as Java does, and says so`, () => {
      const result = gzip(concat(gzipSync(text(100)), tail), options)
      expect(result.bytes).to.deep.equal(text(100))
      expect(result.variants).to.deep.equal(['trailing-bytes'])
    })
  }

  it('checks CRC-32 and size, and does not allocate by the size', () => {
    const valid = new Uint8Array(gzipSync(text(1000)))
    const end = valid.length
    const wrongCrc = failureOf(gzip, overwrite(valid, end - 8, valid[end - 8]! ^ 1))
    expect(wrongCrc).to.include({ reason: 'checksum-mismatch', position: end - 8 })
    expect(wrongCrc.decodedSoFar).to.deep.equal(text(1000))
    const wrongSize = failureOf(gzip, overwrite(valid, end - 1, 0x7f))
    expect(wrongSize).to.include({ reason: 'size-mismatch', position: end - 4 })
  })

  it('finds a truncation at any length and keeps the right prefix', () => {
    for (const content of [text(3000), noise(300)]) {
      const valid = new Uint8Array(gzipSync(content))
      for (let size = 0; size < valid.length; size++) {
        const error = failureOf(gzip, valid.subarray(0, size))
        expect(error.reason, `${size} bytes`).to.equal('truncated')
        expect(error.position).to.be.at.most(size)
        const prefix = content.subarray(0, error.decodedSoFar.length)
        expect(Buffer.compare(error.decodedSoFar, prefix), `${size} bytes`).to.equal(0)
      }
    }
  })

  it('stops a bomb at the limit', () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(64 * MEBIBYTE)))
    const error = failureOf(gzip, bomb, { ...options, maxOutputBytes: MEBIBYTE })
    expect(error.reason).to.equal('limit-exceeded')
    expect(error.decodedSoFar.length).to.be.within(MEBIBYTE - 300, MEBIBYTE)
    expect(error.decodedSoFar.buffer.byteLength).to.be.at.most(MEBIBYTE)
  })

  it('takes output of exactly the limit', () => {
    const valid = new Uint8Array(gzipSync(text(5000)))
    expect(gzip(valid, { ...options, maxOutputBytes: 5000 }).bytes.length).to.equal(5000)
    const error = failureOf(gzip, valid, { ...options, maxOutputBytes: 4999 })
    expect(error.reason).to.equal('limit-exceeded')
  })

  /** The lengths of the code-length code, in the order of RFC 1951: 16, 17, 18, 0, 8, 7, … */
  const lengthsOf = (values: Readonly<Record<number, number>>): [number, number][] =>
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].map((symbol) => [
      values[symbol] ?? 0,
      3,
    ])
  const dynamic = [
    [1, 1] as const,
    [2, 2] as const,
    [0, 5] as const,
    [0, 5] as const,
    [15, 4] as const,
  ]

  for (const [name, deflated, message] of [
    ['block type 3', bits([1, 1], [3, 2], [0, 30]), 'block type'],
    [
      'a stored length without its complement',
      bits([1, 1], [0, 2], [0, 5], [5, 16], [5, 16]),
      'stored',
    ],
    ['literal symbol 286', bits([1, 1], [1, 2], '11000110', [0, 30]), 'literal or length code'],
    [
      'distance symbol 30',
      bits([1, 1], [1, 2], '00110000', '0000001', '11110', [0, 30]),
      'distance code',
    ],
    [
      'a distance before the start',
      bits([1, 1], [1, 2], '00110000', '0000001', '00001', [0, 30]),
      'before the start',
    ],
    ['287 literal codes', bits([1, 1], [2, 2], [30, 5], [0, 5], [0, 4], [0, 30]), 'too many'],
    ['31 distance codes', bits([1, 1], [2, 2], [0, 5], [30, 5], [0, 4], [0, 30]), 'too many'],
    ['no code for the lengths', bits(...dynamic, ...lengthsOf({}), [0, 30]), 'code lengths'],
    [
      'an incomplete code for the lengths',
      bits(...dynamic, ...lengthsOf({ 1: 1 }), [0, 30]),
      'code lengths',
    ],
    [
      'an over-subscribed code for the lengths',
      bits(...dynamic, ...lengthsOf({ 0: 1, 1: 1, 2: 1 }), [0, 30]),
      'code lengths',
    ],
    [
      'a repeat of nothing',
      bits(...dynamic, ...lengthsOf({ 0: 1, 16: 1 }), '1', [0, 30]),
      'repeat',
    ],
    [
      'lengths past their end',
      bits(...dynamic, ...lengthsOf({ 0: 1, 18: 1 }), '1', [127, 7], '1', [127, 7], [0, 30]),
      'past their end',
    ],
    [
      'no end of block',
      bits(...dynamic, ...lengthsOf({ 0: 1, 18: 1 }), '1', [127, 7], '1', [109, 7], [0, 30]),
      'end of block',
    ],
    [
      'an over-subscribed literal code',
      bits(
        ...dynamic,
        ...lengthsOf({ 1: 1, 18: 1 }),
        '0000',
        '1',
        [127, 7],
        '1',
        [103, 7],
        '00',
        [0, 30],
      ),
      'literal code',
    ],
    [
      'an incomplete distance code',
      bits(
        ...dynamic,
        ...lengthsOf({ 2: 2, 1: 2, 18: 1 }),
        '10',
        '0',
        [127, 7],
        '0',
        [106, 7],
        '10',
        '11',
        [0, 30],
      ),
      'distance code',
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      const error = failureOf(gzip, member(deflated))
      expect(error.reason).to.equal('block-invalid')
      expect(error.message).to.contain(message)
    })
  }

  it('accepts a single distance code of one bit, as zlib does', () => {
    // Literals 0 and 256 and length 257 get codes 0, 10 and 11, distance 0 the code 0.
    const start = bits(
      ...[[1, 1] as const, [2, 2] as const, [1, 5] as const, [0, 5] as const, [15, 4] as const],
      ...lengthsOf({ 1: 2, 2: 2, 18: 1 }),
      ...['10', '0', [127, 7] as const, '0', [106, 7] as const, '11', '11', '10'],
      ...['0', '11', '0', '10'],
    )
    expect(gzip(member(start, new Uint8Array(4)), options).bytes).to.deep.equal(new Uint8Array(4))
  })
})
