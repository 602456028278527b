import { expect } from 'chai'
import fc from 'fast-check'
import lz4js from 'lz4js'
import { gzipSync } from 'node:zlib'
import SnappyJS from 'snappyjs'
import { crc32 } from '../../src/bytes/crc.ts'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import type { Codecs, Decompress } from '../../src/codec/codec.ts'
import { DEFAULT_MAX_DECOMPRESSED_BYTES, decodeBatch } from '../../src/segment/decode-batch.ts'
import type { OpaqueSpan } from '../../src/segment/opaque-spans.ts'
import { opaqueSpans, opaqueSpansSoFar } from '../../src/segment/opaque-spans.ts'
import { codecBits, decodeBatchHeader } from '../../src/segment/record-batch.ts'
import { hasCorpus, listSegments, loadSegment } from '../support/corpus.ts'
import { prng } from '../support/prng.ts'
import { concat, encodeRecord, fixCrc, fromHex, message, text, v2Batch } from './build.ts'

const options = { codecs: defaultCodecs, maxDecompressedBytes: DEFAULT_MAX_DECOMPRESSED_BYTES }

function spansOf(entry: Uint8Array, minimumBytes?: number): readonly OpaqueSpan[] {
  const header = decodeBatchHeader(entry, 0)
  if (header === null) throw new Error('no header')
  const limits = minimumBytes === undefined ? options : { ...options, minimumBytes }
  return opaqueSpans(entry, header, limits)
}

const random = prng(7)
const value = random.bytes(1500)
const records = [{ value: 'short' }, { key: 'k', value }, { value: 'also short' }]
const plain = concat(...records.map((record, index) => encodeRecord(record, index)))

/** Where some bytes stand in an entry. */
const placeOf = (entry: Uint8Array, bytes: Uint8Array): OpaqueSpan => {
  const start = Buffer.from(entry).indexOf(bytes)
  return { start, end: start + bytes.length }
}

const uint32Bytes = (number: number, isLittleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, number, isLittleEndian)
  return bytes
}
const xerialHeader = fromHex('82534e41505059000000000100000001')
const xerial = (block: Uint8Array): Uint8Array =>
  concat(xerialHeader, uint32Bytes(block.length, false), block)
const lz4Header = fromHex('04224d18604082')
const lz4Stored = (bytes: Uint8Array): Uint8Array =>
  concat(lz4Header, uint32Bytes(bytes.length + 2 ** 31, true), bytes, new Uint8Array(4))
const zstdHeader = fromHex('28b52ffd0058')
const zstdBlock = (type: number, size: number, body: Uint8Array): Uint8Array =>
  concat(zstdHeader, uint32Bytes((size << 3) | (type << 1) | 1, true).subarray(0, 3), body)
const rawLiterals = (bytes: Uint8Array): Uint8Array => {
  const section = concat(
    uint32Bytes((bytes.length << 4) | (3 << 2), true).subarray(0, 3),
    bytes,
    Uint8Array.of(0),
  )
  return zstdBlock(2, section.length, section)
}

/** Compressions under which the whole payload, or at least the large value, stands as it is. */
const cases: {
  name: string
  codec: number
  compress: (bytes: Uint8Array) => Uint8Array
  whole: boolean
}[] = [
  {
    name: 'a deflate stored block',
    codec: 1,
    compress: (bytes) => gzipSync(bytes, { level: 0 }),
    whole: true,
  },
  { name: 'a snappy literal', codec: 2, compress: SnappyJS.compress, whole: false },
  {
    name: 'a snappy literal in a chunk',
    codec: 2,
    compress: (bytes) => xerial(SnappyJS.compress(bytes)),
    whole: false,
  },
  { name: 'an LZ4 stored block', codec: 3, compress: lz4Stored, whole: true },
  { name: 'an LZ4 literal run', codec: 3, compress: lz4js.compress, whole: false },
  {
    name: 'a zstd raw block',
    codec: 4,
    compress: (bytes) => zstdBlock(0, bytes.length, bytes),
    whole: true,
  },
  { name: 'a zstd raw literals section', codec: 4, compress: rawLiterals, whole: true },
]

/** Gives the gzip stream the CRC-32 that its one stored block has now, and the batch its own. */
function freshenGzipCrc(entry: Uint8Array): void {
  // 61 bytes of batch header, 10 of gzip header, 5 of block header.
  const content = entry.slice(61 + 10 + 5, entry.length - 8)
  entry.set(uint32Bytes(crc32.update(0, content), true), entry.length - 8)
  fixCrc(entry)
}

function decompressed(entry: Uint8Array): Buffer {
  let content = entry
  const keeping =
    (decompress: Decompress): Decompress =>
    (compressed, given) => {
      const result = decompress(compressed, given)
      content = result.bytes
      return result
    }
  const { gzip, snappy, lz4, zstd } = defaultCodecs
  const codecs: Codecs = {
    gzip: keeping(gzip),
    snappy: keeping(snappy),
    lz4: keeping(lz4),
    zstd: keeping(zstd),
  }
  expect(decodeBatch(entry, decodeBatchHeader(entry, 0)!, { ...options, codecs }).ok).to.be.true
  return Buffer.from(content)
}

function isSubsequence(part: Uint8Array, whole: Uint8Array): boolean {
  let at = -1
  return part.every((byte) => (at = whole.indexOf(byte, at + 1)) >= 0)
}

describe('opaqueSpans', () => {
  it('gives the keys, values and header values of a batch without compression', () => {
    const [key, header] = [random.bytes(512), random.bytes(700)]
    const entry = v2Batch({
      records: [{ key, value }, { value: random.bytes(511) }, { headers: [['name', header]] }],
    })
    expect(spansOf(entry)).to.deep.equal([key, value, header].map((bytes) => placeOf(entry, bytes)))
  })

  it('leaves out spans below the minimum', () => {
    const entry = v2Batch({ records: [{ key: 'abc', value: 'defgh' }] })
    expect(spansOf(entry)).to.deep.equal([])
    expect(spansOf(entry, 4)).to.deep.equal([placeOf(entry, text('defgh'))])
    expect(spansOf(entry, 3)).to.have.length(2)
  })

  for (const magic of [0, 1] as const) {
    it(`gives the value of a plain message of magic ${magic}`, () => {
      const entry = message({ magic, key: 'k', value })
      expect(spansOf(entry)).to.deep.equal([placeOf(entry, value)])
    })
  }

  it('takes positions from the entry, wherever it stands in a larger array', () => {
    const entry = v2Batch({ records })
    const larger = concat(new Uint8Array(77), entry, new Uint8Array(9))
    expect(spansOf(larger.subarray(77, 77 + entry.length))).to.deep.equal(spansOf(entry))
  })

  for (const { name, codec, compress, whole } of cases) {
    it(`gives ${name}`, () => {
      const entry = v2Batch({ records, attributes: codec, compress })
      const spans = spansOf(entry)
      expect(spans).to.have.length(1)
      const [span] = spans
      const inner = placeOf(entry, whole ? plain : value)
      if (whole) expect(span).to.deep.equal(inner)
      else {
        expect(span!.start).to.be.at.most(inner.start)
        expect(span!.end).to.be.at.least(inner.end)
      }
    })

    if (codec < 4) {
      it(`gives ${name} of a compressed wrapper`, () => {
        const inner = concat(
          message({ magic: 1, offset: 0n, value: 'a' }),
          message({ magic: 1, offset: 1n, value }),
        )
        const entry = message({ magic: 1, offset: 9n, attributes: codec, value: compress(inner) })
        const spans = spansOf(entry)
        const place = placeOf(entry, value)
        expect(spans).to.have.length(1)
        expect(spans[0]!.start).to.be.at.most(place.start)
        expect(spans[0]!.end).to.be.at.least(place.end)
      })
    }
  }

  it('gives each of several stored blocks', () => {
    const large = random.bytes(150_000)
    const entry = v2Batch({
      records: [{ value: large }],
      attributes: 1,
      compress: (bytes) => gzipSync(bytes, { level: 0 }),
    })
    const spans = spansOf(entry)
    expect(spans.length).to.be.greaterThan(2)
    const joined = concat(...spans.map(({ start, end }) => entry.subarray(start, end)))
    expect(Buffer.compare(joined, encodeRecord({ value: large }))).to.equal(0)
  })

  it('has nothing where bytes are coded', () => {
    const words = Array.from({ length: 400 }, (_, index) => `word ${index % 50}`).join(' ')
    for (const [attributes, compress] of [
      [1, gzipSync],
      [2, SnappyJS.compress],
      [3, lz4js.compress],
    ] as const) {
      const entry = v2Batch({ records: [{ value: words }], attributes, compress })
      expect(spansOf(entry), `codec ${attributes}`).to.deep.equal([])
    }
  })

  it('takes all of a batch that does not decode', () => {
    const entry = v2Batch({ attributes: 1, payload: random.bytes(600) })
    expect(spansOf(entry)).to.deep.equal([{ start: 61, end: 661 }])
    const legacy = message({ magic: 1, attributes: 2, value: random.bytes(600) })
    expect(spansOf(legacy)).to.deep.equal([{ start: 16, end: legacy.length }])
  })

  for (const { name, codec, compress } of cases) {
    it(`gives ${name} of a batch that does not decode, where only what was met counts`, () => {
      const entry = v2Batch({ records, attributes: codec, compress })
      const damaged = v2Batch({ records, attributes: codec, compress, recordsCount: 99 })
      const header = decodeBatchHeader(damaged, 0)!
      expect(decodeBatch(damaged, header, options).ok).to.equal(false)
      expect(opaqueSpansSoFar(damaged, header, options)).to.deep.equal(spansOf(entry))
    })
  }

  it('names exactly bytes whose change no decoder notices', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        fc.nat(),
        fc.nat(),
        ({ codec, compress }, at, seed) => {
          const entry = v2Batch({ records, attributes: codec, compress })
          const changed = entry.slice()
          // Inside the one large value every place is opaque whatever the codec.
          const start = placeOf(entry, value).start + (at % (value.length - 512))
          changed.set(prng(seed).bytes(512), start)
          fixCrc(changed)
          if (codec === 1) freshenGzipCrc(changed)
          const header = decodeBatchHeader(changed, 0)!
          expect(decodeBatch(changed, header, options).ok).to.be.true
          expect(spansOf(entry).some((span) => span.start <= start && start + 512 <= span.end)).to
            .be.true
        },
      ),
      { numRuns: 60 },
    )
  })

  it('costs nothing unless asked: a codec is called without a callback by decodeBatch', () => {
    let seen: unknown = 'not called'
    const gzip: Codecs['gzip'] = (compressed, given) => {
      seen = given.onOpaque
      return defaultCodecs.gzip(compressed, given)
    }
    const entry = v2Batch({ records, attributes: 1, compress: gzipSync })
    decodeBatch(entry, decodeBatchHeader(entry, 0)!, {
      ...options,
      codecs: { ...defaultCodecs, gzip },
    })
    expect(seen).to.equal(undefined)
  })
})

describe('opaqueSpans of real segments', () => {
  before(function () {
    if (!hasCorpus) this.skip()
  })

  it('gives ascending spans whose bytes are in the decompressed records', () => {
    let spansOfCompressed = 0
    let spansOfPlain = 0
    for (const name of listSegments()) {
      const { bytes, batches } = loadSegment(name)
      for (const { position, sizeInBytes } of batches.filter((_, index) => index % 5 === 0)) {
        const entry = bytes.subarray(position, position + sizeInBytes)
        const header = decodeBatchHeader(entry, position)!
        const spans = opaqueSpans(entry, header, { ...options, minimumBytes: 64 })
        if (spans.length === 0) continue
        const content = decompressed(entry)
        let from = 0
        let end = 0
        for (const span of spans) {
          expect(span.start, `${name} at ${position}`).to.be.at.least(end)
          end = span.end
          const copied = entry.subarray(span.start, span.end)
          if (codecBits(header) === 4) {
            // Sequences may put matches between the literals of a block: in order, but not in one piece.
            expect(isSubsequence(copied, content), `${name} at ${position}`).to.be.true
            continue
          }
          const found = content.indexOf(copied, from)
          expect(found, `${name} at ${position}: ${span.start}`).to.be.at.least(0)
          from = found + span.end - span.start
        }
        if (codecBits(header) === 0) spansOfPlain += spans.length
        else spansOfCompressed += spans.length
      }
    }
    expect(spansOfCompressed).to.be.greaterThan(100)
    expect(spansOfPlain).to.be.greaterThan(100)
  })
})
