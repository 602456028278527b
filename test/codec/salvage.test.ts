import { expect } from 'chai'
import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import SnappyJS from 'snappyjs'
import { encoders } from '../../src/codec/encode.ts'
import { lz4 } from '../../src/codec/lz4.ts'
import type { ByteRange, SalvageFragment } from '../../src/codec/salvage.ts'
import { differences, firstAfter, flipped, overlapsAny } from '../../src/codec/salvage.ts'
import { findCompressed, recogniseCodec, salvageCodecs } from '../../src/codec/salvage-codecs.ts'
import { xxhash32 } from '../../src/bytes/xxhash32.ts'
import { zstdFixtures } from './fixtures.ts'
import { concat, noise, options, sameBytes, text } from './support.ts'
import { frame, raw } from './zstd-frames.ts'

type Codec = keyof typeof salvageCodecs

const BLOCK = 64 * 1024
const CHUNK = 32 * 1024
const content = text(4 * BLOCK + 5000)
const streams: Readonly<Record<'lz4' | 'snappy', Uint8Array>> = {
  lz4: encoders.lz4(content),
  snappy: encoders.snappy(content),
}

const salvage = (
  codec: Codec,
  bytes: Uint8Array,
  suspect: readonly ByteRange[] = [],
): readonly SalvageFragment[] =>
  salvageCodecs[codec](bytes, { maxOutputBytes: options.maxOutputBytes, suspect })

/** Whether a fragment ends as the content does, but for what it says is not to be trusted. */
const isTail = ({ bytes, untrusted }: SalvageFragment): boolean =>
  differences(bytes, content.subarray(content.length - bytes.length)).every(({ start, end }) => {
    const range = firstAfter(untrusted, start)
    return range !== undefined && range.start <= start && end <= range.end
  })

/** Where each length stands, the end last. */
function lengthPlaces(codec: 'lz4' | 'snappy'): number[] {
  const stream = streams[codec]
  const view = new DataView(stream.buffer, stream.byteOffset)
  const places = [codec === 'lz4' ? 7 : 16]
  for (;;) {
    const at = places.at(-1)!
    const length = at < stream.length ? view.getUint32(at, codec === 'lz4') : 0
    if (length === 0) return places
    places.push(at + 4 + length)
  }
}

const describeFragments = (fragments: readonly SalvageFragment[]): unknown[] =>
  fragments.map(({ bytes, outputStart, ending }) => [bytes.length, outputStart, ending])

const isAt = (fragment: SalvageFragment, start: number): boolean =>
  sameBytes(fragment.bytes, content.subarray(start, start + fragment.bytes.length))

describe('salvage of blocks that stand for themselves', () => {
  for (const [codec, blockBytes] of [
    ['lz4', BLOCK],
    ['snappy', CHUNK],
  ] as const) {
    const places = lengthPlaces(codec)
    const stream = streams[codec]

    it(`gives all of what is whole: ${codec}`, () => {
      const [fragment] = salvage(codec, stream)
      expect(fragment).to.include({ outputStart: 0, ending: 'whole' })
      expect(sameBytes(fragment!.bytes, content)).to.be.true
      expect(fragment!.pieces).to.have.length(places.length - 1)
      for (const { start, input, outputBefore } of fragment!.pieces) {
        expect(start % blockBytes).to.equal(0)
        expect(outputBefore(input.start)).to.equal(0)
        expect(outputBefore(input.end)).to.be.at.most(blockBytes)
        expect(outputBefore(input.start + 100)).to.be.within(50, 3000)
      }
    })

    it(`goes on behind a block that does not decode: ${codec}`, () => {
      const damaged = stream.slice().fill(0, places[1]! + 600, places[1]! + 1112)
      const [before, after] = salvage(codec, damaged)
      expect(before).to.include({ outputStart: 0, ending: 'failure' })
      expect(before!.bytes.length).to.be.within(blockBytes, 2 * blockBytes)
      expect(isAt({ ...before!, bytes: before!.bytes.subarray(0, blockBytes) }, 0)).to.be.true
      expect(after!.ending).to.equal('whole')
      // The rest of the damaged block comes before the others.
      const rest = after!.bytes.length - (content.length - 2 * blockBytes)
      expect(rest).to.be.within(1, blockBytes - 600)
      expect(after!.outputStart).to.equal(codec === 'lz4' ? 2 * BLOCK - rest : null)
      expect(isTail(after!)).to.be.true
    })

    it(`stops right before input that is not believed: ${codec}`, () => {
      const start = places[1]! + 600
      const damaged = stream.slice().fill(0, start, start + 512)
      const [before, after] = salvage(codec, damaged, [{ start, end: start + 512 }])
      expect(before!.ending).to.equal('suspect')
      expect(isAt(before!, 0)).to.be.true
      expect(before!.bytes.length).to.be.greaterThan(blockBytes + 600)
      expect(after!.bytes.length).to.be.greaterThan(content.length - 2 * blockBytes)
      expect(isTail(after!)).to.be.true
    })

    it(`finds the next block when a length is damaged: ${codec}`, () => {
      for (const value of [0, 1, 0xff]) {
        const damaged = stream.slice().fill(value, places[1], places[1]! + 4)
        const fragments = salvage(codec, damaged)
        expect(isAt(fragments.at(-1)!, 2 * blockBytes), `${value}`).to.be.true
        expect(fragments.at(-1)!.outputStart).to.equal(null)
        expect(isAt({ ...fragments[0]!, bytes: fragments[0]!.bytes.subarray(0, blockBytes) }, 0)).to
          .be.true
      }
    })

    it(`does without its header when the usual one fits: ${codec}`, () => {
      const damaged = stream.slice().fill(0xaa, 0, places[0])
      const [fragment] = salvage(codec, damaged)
      expect(sameBytes(fragment!.bytes, content)).to.be.true
    })

    it(`goes on over damage inside literals, and tells what depends on it: ${codec}`, () => {
      const literal = noise(3000)
      const whole = concat(
        text(500),
        literal,
        text(400, 2),
        literal.subarray(1000, 2000),
        text(300, 3),
      )
      const compressed = encoders[codec](whole)
      const start = Buffer.from(compressed).indexOf(literal.subarray(1000, 1100)) + 24
      const damaged = compressed.slice().fill(0, start, start + 512)
      const [fragment, ...more] = salvage(codec, damaged, [{ start, end: start + 512 }])
      expect(more).to.deep.equal([])
      expect(fragment!.bytes.length).to.equal(whole.length)
      expect(fragment!.untrusted.length).to.be.greaterThan(1)
      for (let at = 0; at < whole.length; at++) {
        if (fragment!.bytes[at] === whole[at]) continue
        expect(overlapsAny({ start: at, end: at + 1 }, fragment!.untrusted), `${at}`).to.be.true
      }
      const untrusted = fragment!.untrusted.reduce((sum, range) => sum + range.end - range.start, 0)
      expect(untrusted).to.be.within(1000, 1024)
    })

    it(`keeps its limit: ${codec}`, () => {
      const limit = { maxOutputBytes: 100_000, suspect: [] }
      const fragments = salvageCodecs[codec](stream, limit)
      const total = fragments.reduce((sum, { bytes }) => sum + bytes.length, 0)
      expect(total).to.be.within(CHUNK, 100_000)
      expect(fragments.at(-1)!.ending).to.not.equal('whole')
    })
  }

  it('gives nothing of an LZ4 block whose checksum does not hold, and the others', () => {
    const literal = noise(1000)
    const block = (bytes: Uint8Array): Uint8Array => {
      const numbers = Uint32Array.of(bytes.length + 2 ** 31, xxhash32(bytes))
      const [length, checksum] = [numbers.subarray(0, 1), numbers.subarray(1)]
      const asBytes = (part: Uint32Array): Uint8Array =>
        new Uint8Array(part.buffer, part.byteOffset, 4)
      return concat(asBytes(length), bytes, asBytes(checksum))
    }
    const descriptor = Uint8Array.of(0x70, 0x40)
    const header = concat([4, 0x22, 0x4d, 0x18], descriptor, [(xxhash32(descriptor) >>> 8) & 255])
    const stream = concat(header, block(literal), block(text(500)), new Uint8Array(4))
    expect(lz4(stream, options).bytes).to.have.length(1500)
    stream[100] = (stream[100] ?? 0) ^ 1
    const fragments = salvage('lz4', stream)
    expect(fragments.map(({ bytes }) => bytes)).to.deep.equal([text(500)])
  })

  it('gives only the prefix of an LZ4 frame with linked blocks', () => {
    const stream = streams.lz4.slice()
    stream[4] = 0x40
    stream[6] = (xxhash32(stream, 4, 6) >>> 8) & 255
    const places = lengthPlaces('lz4')
    stream.fill(0xff, places[1], places[1]! + 4)
    const fragments = salvage('lz4', stream)
    expect(describeFragments(fragments)).to.deep.equal([[BLOCK, 0, 'failure']])
  })

  it('gives the prefix of raw snappy', () => {
    const block = SnappyJS.compress(content)
    const start = 3000
    const fragments = salvage('snappy', block, [{ start, end: start + 512 }])
    expect(fragments).to.have.length(1)
    expect(fragments[0]).to.include({ outputStart: 0, ending: 'suspect' })
    expect(isAt(fragments[0]!, 0)).to.be.true
    expect(fragments[0]!.bytes.length).to.be.greaterThan(3000)
  })
})

describe('salvage of streams', () => {
  const zipped = new Uint8Array(gzipSync(content))

  it('gives what gzip had before the damage', () => {
    const start = 20_000
    const suspect = [{ start, end: start + 512 }]
    const damaged = zipped.slice().fill(0, start, start + 512)
    const [fragment] = salvage('gzip', damaged, suspect)
    expect(fragment).to.include({ outputStart: 0, ending: 'suspect' })
    expect(isAt(fragment!, 0)).to.be.true
    expect(fragment!.bytes.length).to.be.greaterThan(40_000)
    const [unknown] = salvage('gzip', damaged)
    expect(unknown!.ending).to.be.oneOf(['failure', 'unproven'])
    expect(unknown!.pieces[0]!.outputBefore(start)).to.equal(fragment!.bytes.length)
  })

  it('believes gzip whose CRC-32 holds, whatever seems wrong, and says when it alone does not', () => {
    const suspect = [{ start: 1000, end: 1512 }]
    expect(describeFragments(salvage('gzip', zipped, suspect))).to.deep.equal([
      [content.length, 0, 'whole'],
    ])
    const damaged = zipped.slice()
    damaged[damaged.length - 8] = (damaged.at(-8) ?? 0) ^ 1
    expect(describeFragments(salvage('gzip', damaged))).to.deep.equal([
      [content.length, 0, 'unproven'],
    ])
  })

  it('gives the zstd blocks before the damage, and goes on over damage in a raw one', () => {
    const parts = [1, 2, 3].map((seed) => text(900, seed))
    const stream = frame(parts.map(raw))
    const start = 6 + 2 * 903 - 100
    const [fragment] = salvage('zstd', stream, [{ start, end: start + 50 }])
    expect(sameBytes(fragment!.bytes, concat(...parts))).to.be.true
    expect(fragment!.untrusted).to.deep.equal([{ start: start - 12, end: start + 38 }])
    const header = 6 + 903
    const [before] = salvage('zstd', stream, [{ start: header, end: header + 50 }])
    expect(describeFragments([before!])).to.deep.equal([[900, 0, 'suspect']])
    const fixture = zstdFixtures.find(({ name }) => name === 'smallBlocks')!
    for (let end = 10; end < fixture.bytes.length; end += 97) {
      const [cut] = salvage('zstd', fixture.bytes, [{ start: end, end: end + 1 }])
      const bytes = cut?.bytes ?? new Uint8Array()
      expect(sameBytes(bytes, fixture.content.subarray(0, bytes.length))).to.be.true
    }
  })

  it('never throws, and its pieces tile each fragment, whatever the bytes', () => {
    const starts = [...Object.values(streams), zipped].map((bytes) => bytes.subarray(0, 3000))
    fc.assert(
      fc.property(
        fc.constantFrom<Codec>('gzip', 'snappy', 'lz4', 'zstd'),
        fc.constantFrom(...starts, new Uint8Array()),
        fc.nat(3000),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(3000),
        (codec, start, at, bytes, suspectAt) => {
          const input = concat(start.subarray(0, at), bytes, start.subarray(at + bytes.length))
          const suspect = [{ start: suspectAt, end: suspectAt + 512 }]
          for (const fragment of [...salvage(codec, input), ...salvage(codec, input, suspect)]) {
            let end = 0
            for (const piece of fragment.pieces) {
              expect(piece.start).to.equal(end)
              end = piece.end
            }
            expect(end).to.equal(fragment.bytes.length)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('recogniseCodec', () => {
  it('knows each codec by its first bytes, and nothing else', () => {
    expect(recogniseCodec(streams.lz4)).to.equal('lz4')
    expect(recogniseCodec(streams.snappy)).to.equal('snappy')
    expect(recogniseCodec(gzipSync('x'))).to.equal('gzip')
    expect(recogniseCodec(zstdFixtures[0]!.bytes)).to.equal('zstd')
    for (const other of [content, new Uint8Array(), Uint8Array.of(0x28, 0xb5), new Uint8Array(9)])
      expect(recogniseCodec(other)).to.equal(undefined)
  })

  it('finds where others may begin', () => {
    const [one, two] = [gzipSync('x'), streams.lz4.subarray(0, 50)]
    const bytes = concat(noise(9), two, noise(3), one, two)
    const places = [9, 62, 62 + one.length]
    expect(findCompressed(bytes, 0, 4)).to.deep.equal(places)
    expect(findCompressed(bytes, 10, 1)).to.deep.equal([62])
    expect(findCompressed(noise(90), 0, 4)).to.deep.equal([])
  })
})

describe('ranges', () => {
  const ranges = [
    { start: 2, end: 4 },
    { start: 7, end: 9 },
  ]

  it('are found by position', () => {
    const found = [0, 3, 4, 8, 9].map((position) => firstAfter(ranges, position)?.start)
    expect(found).to.deep.equal([2, 2, 7, 7, undefined])
  })

  it('overlap when they share a byte', () => {
    const touched = [0, 1, 2, 3, 4, 5, 6].map((start) =>
      overlapsAny({ start, end: start + 2 }, ranges),
    )
    expect(touched).to.deep.equal([false, true, true, true, false, false, true])
  })

  it('are the places where bytes differ, and where they are turned', () => {
    const bytes = noise(12)
    expect(differences(bytes, flipped(bytes, ranges))).to.deep.equal(ranges)
    expect(differences(bytes, bytes)).to.deep.equal([])
  })
})
