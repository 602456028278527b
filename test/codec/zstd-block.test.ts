import { expect } from 'chai'
import { zstd } from '../../src/codec/zstd.ts'
import { concat, failureOf, options, text } from './support.ts'
import { ascii, compressed, frame, raw } from './zstd-frames.ts'

const RAW_ABCD = [4 << 3, 97, 98, 99, 100]
/** One sequence whose three codes are sent as they are, then its bit stream. */
const oneSequence = (ll: number, of: number, ml: number, ...stream: number[]): number[] => [
  1,
  0x54,
  ll,
  of,
  ml,
  ...stream,
]

describe('a compressed zstd block', () => {
  for (const { name, blocks, expected } of [
    { name: 'raw literals only', blocks: [compressed(...RAW_ABCD, 0)], expected: 'abcd' },
    { name: 'no literals', blocks: [compressed(0, 0)], expected: '' },
    {
      name: 'literals of 2-byte size',
      blocks: [compressed(0x44, 0, 97, 98, 99, 100, 0)],
      expected: 'abcd',
    },
    {
      name: 'literals of 3-byte size',
      blocks: [compressed(0x4c, 0, 0, 97, 98, 99, 100, 0)],
      expected: 'abcd',
    },
    { name: 'a repeated literal', blocks: [compressed((5 << 3) | 1, 97, 0)], expected: 'aaaaa' },
    {
      name: 'a new offset',
      blocks: [compressed(...RAW_ABCD, ...oneSequence(4, 2, 5, 7))],
      expected: 'abcdabcdabcd',
    },
    {
      name: 'the last offset',
      blocks: [compressed(...RAW_ABCD, ...oneSequence(4, 0, 5, 1))],
      expected: 'abcddddddddd',
    },
    {
      name: 'the second last offset',
      blocks: [compressed(...RAW_ABCD, ...oneSequence(4, 1, 5, 2))],
      expected: 'abcdabcdabcd',
    },
    {
      name: 'literals after the last sequence',
      blocks: [compressed(...RAW_ABCD, ...oneSequence(2, 0, 0, 1))],
      expected: 'abbbbcd',
    },
    {
      name: 'the second last offset without literals',
      blocks: [raw(ascii('abcd')), compressed(0, ...oneSequence(0, 0, 1, 1))],
      expected: 'abcdabcd',
    },
    {
      name: 'the last offset less one',
      blocks: [
        compressed(...RAW_ABCD, ...oneSequence(4, 2, 1, 5)),
        compressed(0, ...oneSequence(0, 1, 1, 3)),
      ],
      expected: 'abcdcdcddddd',
    },
    {
      name: 'a table used again',
      blocks: [
        compressed(...RAW_ABCD, ...oneSequence(4, 2, 5, 7)),
        compressed(...RAW_ABCD, 1, 0xfc, 7),
      ],
      expected: 'abcdabcdabcdabcdabcdabcd',
    },
    {
      name: 'a count of 2 bytes',
      blocks: [compressed(...RAW_ABCD, 0x80, 1, 0x54, 4, 2, 5, 7)],
      expected: 'abcdabcdabcd',
    },
  ]) {
    it(`with ${name}`, () => {
      expect(new TextDecoder().decode(zstd(frame(blocks), options).bytes)).to.equal(expected)
    })
  }

  it('with a count of 3 bytes', () => {
    const sequences = 0x7f00
    const content = compressed((1 << 3) | 1, 97, 255, 0, 0, 0x54, 0, 0, 0, 1)
    const result = zstd(frame([raw(text(8)), content]), options)
    expect(result.bytes.length).to.equal(8 + 3 * sequences + 1)
  })

  it('with a match whose offset and length take more bits than one word has', () => {
    // 512 + 3, then 65 539 and no literals: 9 and 16 bits, all 0 but the lowest two of the first.
    const match = compressed(0, ...oneSequence(0, 9, 52, 0, 0, 3, 2))
    const { bytes } = zstd(frame([raw(text(1000)), match]), options)
    const expected = [...text(1000)]
    for (let size = 0; size < 65_539; size++) expected.push(expected.at(-512)!)
    expect(Buffer.compare(bytes, Uint8Array.from(expected))).to.equal(0)
  })

  it('with states that take more bits than one word has', () => {
    // Of two symbols one has all states but the last: 9, 8 and 9 bits to come from there to any other.
    const tables = [0xe4, 0x3f, 0xe3, 0x1f, 0xe4, 0x3f]
    const lastStates = '1'.repeat(9 + 8 + 9)
    const firstLengthsAndLastOffset = '0'.repeat(9 + 9) + '1'.repeat(8)
    const bits = BigInt(`0b1${lastStates}0${firstLengthsAndLastOffset}0`)
    const stream = new Uint8Array(BigUint64Array.of(bits).buffer).subarray(0, 7)
    const content = compressed(1 << 3, 101, 2, 0xa8, ...tables, ...stream)
    const { bytes } = zstd(frame([raw(ascii('abcd')), content]), options)
    expect(new TextDecoder().decode(bytes)).to.equal('abcdebcdebcd')
  })

  it('is refused when literals after its sequences make it too large', () => {
    const content = compressed(0x8d, 0x3e, 0, 97, ...oneSequence(1, 0, 27, 1))
    expect(zstd(frame([content]), options).bytes.length).to.equal(1030)
    expect(failureOf(zstd, frame([content], [0, 0])).message).to.contain('the block is too large')
  })

  it('names a place in the input where it passes the limit', () => {
    const maxOutputBytes = 1000
    // 1100 times the same literal, alone and behind a sequence that copies one of them.
    const alone = compressed(0xcd, 0x44, 0, 97, 0)
    const behind = compressed(0xcd, 0x44, 0, 97, ...oneSequence(1, 0, 0, 1))
    for (const [content, position] of [
      [alone, 9],
      [behind, 18],
    ] as const)
      // prettier-ignore
      expect(failureOf(zstd, frame([content]), { ...options, maxOutputBytes })).to.include({
        reason: 'limit-exceeded',
        position,
      })
  })

  it('uses no table of the frame before', () => {
    const repeats = compressed(...RAW_ABCD, 1, 0xfc, 7)
    const whole = frame([compressed(...RAW_ABCD, ...oneSequence(4, 2, 5, 7)), repeats])
    expect(zstd(concat(whole, whole), options).bytes.length).to.equal(48)
    const error = failureOf(zstd, concat(whole, frame([repeats])))
    expect(error.message).to.contain('no table to use again')
    expect(error.decodedSoFar.length).to.equal(24)
  })

  for (const { name, content } of [
    { name: 'no bytes', content: [] },
    { name: 'no sequences section', content: RAW_ABCD },
    { name: 'bytes after no sequences', content: [...RAW_ABCD, 0, 0] },
    { name: 'a cut-off literals header', content: [0x0c, 0] },
    { name: 'literals past its end', content: [9 << 3, 97, 98, 0] },
    { name: 'a repeated literal past its end', content: [(5 << 3) | 1] },
    { name: 'compressed literals past its end', content: [0x42, 0, 8, 1, 2] },
    { name: 'literals that use no code again', content: [0x43, 0x40, 0, 1, 0] },
    { name: 'a cut-off count', content: [...RAW_ABCD, 0xff] },
    { name: 'no modes', content: [...RAW_ABCD, 1] },
    { name: 'reserved modes', content: [...RAW_ABCD, 1, 0x55, 4, 2, 5, 7] },
    { name: 'a table used again without one', content: [...RAW_ABCD, 1, 0xfc, 7] },
    {
      name: 'a literal length code that is none',
      content: [...RAW_ABCD, ...oneSequence(36, 2, 5, 7)],
    },
    { name: 'an offset code that is none', content: [...RAW_ABCD, ...oneSequence(4, 32, 5, 7)] },
    {
      name: 'a match length code that is none',
      content: [...RAW_ABCD, ...oneSequence(4, 2, 53, 7)],
    },
    { name: 'a cut-off code', content: [...RAW_ABCD, 1, 0x54, 4, 2] },
    { name: 'no bit stream', content: [...RAW_ABCD, ...oneSequence(4, 2, 5)] },
    {
      name: 'a bit stream without its end',
      content: [...RAW_ABCD, ...oneSequence(4, 2, 5, 7, 0)],
    },
    { name: 'a bit stream too short', content: [...RAW_ABCD, ...oneSequence(4, 2, 5, 3)] },
    { name: 'a bit stream too long', content: [...RAW_ABCD, ...oneSequence(4, 2, 5, 15)] },
    {
      name: 'an FSE table beyond its accuracy',
      content: [...RAW_ABCD, 1, 0x80, 0x0f, 0, 0, 0, 7],
    },
    { name: 'a cut-off FSE table', content: [...RAW_ABCD, 1, 0x80, 0x00] },
    { name: 'an FSE table that is not there', content: [...RAW_ABCD, 1, 0x80] },
    {
      name: 'more literals used than there are',
      content: [...RAW_ABCD, ...oneSequence(5, 2, 5, 7)],
    },
    { name: 'a match before the start', content: [...RAW_ABCD, ...oneSequence(4, 3, 5, 8)] },
    { name: 'offset 0', content: [...RAW_ABCD, ...oneSequence(0, 1, 5, 3)] },
    {
      name: 'an offset of 25 bits',
      content: [...RAW_ABCD, ...oneSequence(4, 25, 5, 0, 0, 0, 2)],
    },
    {
      name: 'an offset of 31 bits',
      content: [...RAW_ABCD, ...oneSequence(4, 31, 5, 0, 0, 0, 128)],
    },
    {
      name: 'a match of more than 128 KiB',
      content: [...RAW_ABCD, ...oneSequence(4, 0, 52, 255, 255, 255, 1)],
    },
    { name: 'weights all zero', content: [0x42, 0x40, 1, 129, 0, 1, 1, 1, 0] },
    { name: 'direct weights past its end', content: [0x42, 0x40, 0, 255, 0] },
    { name: 'FSE weights past its end', content: [0x42, 0x40, 0, 100, 0] },
  ]) {
    it(`is refused with ${name}`, () => {
      const error = failureOf(zstd, frame([compressed(...content)]))
      expect(error).to.include({ codec: 'zstd', reason: 'block-invalid' })
    })
  }

  it('does not let a match reach into the frame before, or beyond the window', () => {
    const match = compressed(0, ...oneSequence(0, 10, 5, 0, 4)) // 1024 - 3 back
    const farther = compressed(0, ...oneSequence(0, 10, 5, 4, 4)) // 1025 back
    const start = [raw(text(1000)), raw(text(1000))]
    expect(zstd(frame([...start, match], [0, 0]), options).bytes.length).to.equal(2008)
    const beyond = failureOf(zstd, frame([...start, farther], [0, 0]))
    expect(beyond.message).to.contain('1025 bytes back')
    const other = failureOf(zstd, concat(frame(start), frame([match])))
    expect(other.message).to.contain('1021 bytes back')
    expect(other.decodedSoFar.length).to.equal(2000)
  })

  it('is refused when a bit of its literals is left over', () => {
    // Codes for 'a' and 'b' of one bit: weights 0 × 97, 1, and the last one follows.
    const weights = [128 + 97, ...new Uint8Array(48), 0x01]
    const literals = (stream: number[]): Uint8Array => {
      const size = weights.length + stream.length
      return compressed(0x02 | (4 << 4), (size & 3) << 6, size >> 2, ...weights, ...stream, 0)
    }
    expect(weights.length).to.equal(50)
    const valid = frame([literals([0x1a])])
    expect(new TextDecoder().decode(zstd(valid, options).bytes)).to.match(/^[ab]{4}$/)
    // The same code, without its description.
    const again = compressed(0x03 | (4 << 4), 1 << 6, 0, 0x1a, 0)
    expect(zstd(frame([literals([0x1a]), again]), options).bytes.length).to.equal(8)
    expect(failureOf(zstd, concat(valid, frame([again]))).message).to.contain('no Huffman code')
    for (const stream of [[0x2a], [0x0a], [0], []]) {
      expect(failureOf(zstd, frame([literals(stream)])).message).to.contain('literals')
    }
  })
})
