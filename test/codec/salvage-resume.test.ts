import { expect } from 'chai'
import fc from 'fast-check'
import { encoders } from '../../src/codec/encode.ts'
import type { ReadElement } from '../../src/codec/salvage-resume.ts'
import { readLz4Sequence, readSnappyElement, resumeBlock } from '../../src/codec/salvage-resume.ts'
import { differences, overlapsAny } from '../../src/codec/salvage.ts'
import { concat, noise, text } from './support.ts'

/** Words and noise in turns: literals of every length, and copies. */
const content = concat(
  ...Array.from({ length: 150 }, (_, index) =>
    concat(text(60, index + 1), noise(40 + ((index * 37) % 200), 256, index + 1)),
  ),
)

interface Format {
  readonly read: ReadElement
  /** One block, without its framing. */
  readonly block: Uint8Array
}

const formats: Readonly<Record<'lz4' | 'snappy', Format>> = {
  // Magic, flags, length; end mark. The content fits one block of 64 KiB, and one chunk.
  lz4: { read: readLz4Sequence, block: encoders.lz4(content).subarray(11, -4) },
  snappy: {
    read: readSnappyElement,
    block: encoders.snappy(content.subarray(0, 30_000)).subarray(20),
  },
}

/** All elements from `start` on: where each begins, and the output of them all. */
function elements({ read, block }: Format, start: number): { starts: number[]; size: number } {
  const starts: number[] = []
  let size = 0
  for (let position = start; position < block.length;) {
    starts.push(position)
    const element = read(block, position, block.length)!
    size += element.literalBytes + element.copyBytes
    position = element.next
  }
  return { starts, size }
}

describe('resumeBlock', () => {
  for (const codec of ['lz4', 'snappy'] as const) {
    const format = formats[codec]
    const { read, block } = format
    // Snappy begins with the size of its output.
    const first = codec === 'snappy' ? 3 : 0
    const plain = codec === 'snappy' ? content.subarray(0, 30_000) : content

    it(`reads the elements that the decoder reads: ${codec}`, () => {
      const { starts, size } = elements(format, first)
      expect(size).to.equal(plain.length)
      expect(starts.length).to.be.greaterThan(100)
    })

    it(`finds a place where an element begins, wherever it starts: ${codec}`, () => {
      const { starts } = elements(format, first)
      const distances: number[] = []
      let misses = 0
      for (let from = first; from < block.length - 3000; from += 311) {
        const found = resumeBlock(block, { start: from, end: block.length }, read, 1e6)!
        if (!starts.includes(found.input.start)) {
          misses++
          continue
        }
        distances.push(found.input.start - from)
        const tail = plain.subarray(plain.length - found.bytes.length)
        for (const range of differences(found.bytes, tail))
          expect(overlapsAny(range, found.untrusted), `from ${from}, ${range.start}`).to.equal(true)
        const unknown = found.untrusted.reduce((sum, { start, end }) => sum + end - start, 0)
        expect(unknown).to.be.lessThan(found.bytes.length)
        expect(found.outputBefore(found.input.end)).to.equal(found.bytes.length)
        expect(found.outputBefore(found.input.start)).to.equal(0)
      }
      expect(misses).to.be.at.most(distances.length / 20)
      // Seldom two readings go side by side for long.
      const median = distances.sort((a, b) => a - b)[distances.length >>> 1]
      expect(median).to.be.within(128, 1500)
    })

    it(`gives nothing that is too large, too short, or leads nowhere: ${codec}`, () => {
      const { length } = block
      expect(resumeBlock(block, { start: 3000, end: length }, read, 100)).to.equal(null)
      for (const start of [length, length + 10])
        expect(resumeBlock(block, { start, end: length }, read, 1e6)).to.equal(null)
      // An end that is none, in the middle of something long.
      const cut = concat(block.subarray(0, 4000), new Uint8Array(900).fill(0xff))
      expect(resumeBlock(cut, { start: 1000, end: cut.length }, read, 1e6)).to.equal(null)
    })

    it(`never throws, and never reads past the end: ${codec}`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 900 }), fc.nat(950), (bytes, start) => {
          const found = resumeBlock(bytes, { start, end: bytes.length }, read, 5000)
          expect(found?.bytes.length ?? 0).to.be.at.most(5000)
          expect(found?.input.end ?? bytes.length).to.equal(bytes.length)
        }),
        { numRuns: 200 },
      )
    })
  }

  for (const [name, read, bytes, expected] of [
    ['literals only', readLz4Sequence, [0x20, 1, 2], [2, 0, 0, 3]],
    ['a match and what follows', readLz4Sequence, [0x11, 1, 2, 0, 9], [1, 2, 5, 4]],
    ['long literals', readLz4Sequence, [0xf0, 1, ...new Array<number>(16).fill(7)], [16, 0, 0, 18]],
    ['a long match', readLz4Sequence, [0x0f, 1, 0, 255, 3, 0], [0, 1, 277, 5]],
    ['a match that ends the block', readLz4Sequence, [0x11, 1, 2, 0], null],
    ['a match from nowhere', readLz4Sequence, [0x11, 1, 0, 0, 9], null],
    ['a length without end', readLz4Sequence, [0xf0, 255, 255], null],
    ['a match length without end', readLz4Sequence, [0x0f, 1, 0, 255, 255], null],
    ['a last sequence that announces a match', readLz4Sequence, [0x21, 1, 2], null],
    ['a literal', readSnappyElement, [0x04, 1, 2, 0], [2, 0, 0, 3]],
    ['a long literal', readSnappyElement, [0xf0, 2, 1, 2, 3], [3, 0, 0, 5]],
    ['a near copy', readSnappyElement, [0x21, 5], [0, 0x105, 4, 2]],
    ['a copy', readSnappyElement, [0x0a, 5, 1], [0, 0x105, 3, 3]],
    ['a copy from further than anyone looks', readSnappyElement, [0x0b, 5, 1, 0, 0], null],
    ['a literal longer than anyone writes', readSnappyElement, [0xf8, 1, 0, 0, 1, 2], null],
    ['half a length', readSnappyElement, [0xf4, 1], null],
    ['a literal past the end', readSnappyElement, [0x08, 1, 2], null],
    ['a copy from nowhere', readSnappyElement, [0x0a, 0, 0], null],
    ['half a copy', readSnappyElement, [0x0a, 5], null],
  ] as const)
    it(`reads ${name}: ${read === readLz4Sequence ? 'LZ4' : 'snappy'}`, () => {
      const input = Uint8Array.from(bytes)
      const element = read(input, 0, input.length)
      const found = element && [
        element.literalBytes,
        element.distance,
        element.copyBytes,
        element.next,
      ]
      expect(found ?? null).to.deep.equal(expected)
    })
})
