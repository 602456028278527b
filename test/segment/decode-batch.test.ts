import { expect } from 'chai'
import fc from 'fast-check'
import type { Codecs, DecompressOptions } from '../../src/codec/codec.ts'
import { CodecError } from '../../src/codec/codec.ts'
import type { DecodeFailure, DecodeResult } from '../../src/segment/decode-batch.ts'
import { decodeBatch, DEFAULT_MAX_DECOMPRESSED_BYTES } from '../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../src/segment/record-batch.ts'
import { RecordError } from '../../src/segment/record.ts'
import type { BatchSpec } from './build.ts'
import { concat, encodeRecord, fromHex, message, text, v2Batch } from './build.ts'
import { gzipped, refusing, testCodecs } from './codecs.ts'
import { GOLDEN } from './golden.ts'

function decode(
  bytes: Uint8Array,
  codecs: Partial<Codecs> = {},
  maxDecompressedBytes = DEFAULT_MAX_DECOMPRESSED_BYTES,
): DecodeResult {
  const header = decodeBatchHeader(bytes, 0)
  if (header === null) throw new Error('no header')
  return decodeBatch(bytes, header, { codecs: testCodecs(codecs), maxDecompressedBytes })
}

function valuesOf(result: DecodeResult): [offset: bigint, value: string | null][] {
  if (!result.ok) throw new Error(result.message)
  return result.records.map(({ offset, value }) => [offset, value && Buffer.from(value).toString()])
}

const three: BatchSpec = {
  baseOffset: 10n,
  records: [{ value: 'a' }, { value: 'b' }, { value: null }],
}
const expected = [
  [10n, 'a'],
  [11n, 'b'],
  [12n, null],
]

describe('decodeBatch', () => {
  it('decodes the golden batches', () => {
    expect(valuesOf(decode(fromHex(GOLDEN.oneRecord)))).to.deep.equal([[5n, 'v']])
    expect(decode(fromHex(GOLDEN.empty))).to.deep.equal({ ok: true, records: [], variants: [] })
    expect(decode(fromHex(GOLDEN.abortMarker))).to.have.nested.property('records.length', 1)
  })

  it('decodes magic 2 without and with compression', () => {
    expect(valuesOf(decode(v2Batch(three)))).to.deep.equal(expected)
    expect(valuesOf(decode(v2Batch({ ...three, attributes: 1, compress: gzipped })))).to.deep.equal(
      expected,
    )
    expect(valuesOf(decode(v2Batch({ ...three, attributes: 3 })))).to.deep.equal(expected)
    expect(valuesOf(decode(v2Batch({ ...three, attributes: 4 })))).to.deep.equal(expected)
  })

  it('gives records the time of a batch that the broker stamped', () => {
    const result = decode(
      v2Batch({ ...three, attributes: 8, baseTimestamp: 1n, maxTimestamp: 99n }),
    )
    expect(result.ok && result.records.map(({ timestamp }) => timestamp)).to.deep.equal([
      99n,
      99n,
      99n,
    ])
  })

  it('decodes plain messages of magic 0 and 1', () => {
    expect(valuesOf(decode(message({ magic: 0, offset: 4n, value: 'x' })))).to.deep.equal([
      [4n, 'x'],
    ])
    expect(valuesOf(decode(message({ magic: 1, offset: 4n, value: 'x' })))).to.deep.equal([
      [4n, 'x'],
    ])
  })

  const wrapper = (magic: 0 | 1, attributes: number, ...offsets: bigint[]): Uint8Array => {
    const inner = concat(...offsets.map((offset) => message({ magic, offset, value: `${offset}` })))
    return message({ magic, offset: 12n, attributes, timestamp: 99n, value: gzipped(inner) })
  }

  it('decodes compressed wrappers of magic 0 and 1', () => {
    expect(valuesOf(decode(wrapper(0, 1, 11n, 12n)))).to.deep.equal([
      [11n, '11'],
      [12n, '12'],
    ])
    expect(valuesOf(decode(wrapper(1, 1, 0n, 1n)))).to.deep.equal([
      [11n, '0'],
      [12n, '1'],
    ])
  })

  it('gives messages the time of a wrapper that the broker stamped, in magic 1 only', () => {
    const times = (result: DecodeResult): unknown =>
      result.ok && result.records.map(({ timestamp }) => timestamp)
    expect(times(decode(wrapper(1, 9, 0n, 1n)))).to.deep.equal([99n, 99n])
    expect(times(decode(wrapper(1, 1, 0n, 1n)))).to.deep.equal([1000n, 1000n])
    expect(times(decode(wrapper(0, 9, 12n)))).to.deep.equal([-1n])
  })

  it('lets the codec read the old LZ4 checksum in magic 0 only, and passes the limit on', () => {
    const seen: DecompressOptions[] = []
    const lz4: Codecs['lz4'] = (compressed, options) => {
      seen.push(options)
      return { bytes: compressed, variants: ['raw-snappy'] }
    }
    const inner = message({ magic: 0, offset: 12n, value: 'x' })
    for (const bytes of [
      message({ magic: 0, offset: 12n, attributes: 3, value: inner }),
      v2Batch({ ...three, attributes: 3 }),
    ]) {
      const result = decode(bytes, { lz4 }, 1234)
      expect(result.ok && result.variants).to.deep.equal(['raw-snappy'])
    }
    expect(seen).to.deep.equal([
      { maxOutputBytes: 1234, allowOldLz4HeaderChecksum: true },
      { maxOutputBytes: 1234, allowOldLz4HeaderChecksum: false },
    ])
  })

  it('has nothing to decompress in an empty batch, whatever its codec', () => {
    const bytes = v2Batch({ attributes: 2, records: [], recordsCount: 0, lastOffsetDelta: 4 })
    expect(decode(bytes)).to.deep.equal({ ok: true, records: [], variants: [] })
  })

  it('accepts a compacted batch with fewer records than offsets', () => {
    const bytes = v2Batch({ ...three, lastOffsetDelta: 50 })
    expect(valuesOf(decode(bytes))).to.deep.equal(expected)
  })

  const good = encodeRecord({ value: 'a' })
  const gzipOf = (...parts: Uint8Array[]): BatchSpec => ({
    attributes: 1,
    payload: gzipped(concat(...parts)),
  })
  const control = (key: Uint8Array | null): BatchSpec => ({
    attributes: 0x30,
    records: [{ key, value: 'end' }],
  })
  const failures: {
    name: string
    bytes: Uint8Array
    codecs?: Partial<Codecs>
    limit?: number
    reason: DecodeFailure['reason']
    message: string
    cause?: new (...args: never[]) => Error
  }[] = [
    {
      name: 'codec 5',
      bytes: v2Batch({ attributes: 5 }),
      reason: 'unknown-codec',
      message: 'codec 5 is none that Kafka knows',
    },
    {
      name: 'codec 7',
      bytes: v2Batch({ attributes: 7 }),
      reason: 'unknown-codec',
      message: 'codec 7',
    },
    {
      name: 'zstd in magic 1',
      bytes: message({ magic: 1, attributes: 4, value: 'z' }),
      reason: 'unknown-codec',
      message: 'codec 4',
    },
    {
      name: 'compressed bytes that are none',
      bytes: v2Batch({ attributes: 1 }),
      reason: 'decompression-failed',
      message: 'gzip: no gzip',
      cause: CodecError,
    },
    {
      name: 'a checksum that fails',
      bytes: v2Batch({ attributes: 2 }),
      codecs: { snappy: refusing('checksum-mismatch') },
      reason: 'decompression-failed',
      message: 'refused as checksum-mismatch',
      cause: CodecError,
    },
    {
      name: 'more than the limit',
      bytes: v2Batch({ records: [{ value: 'x'.repeat(1000) }], attributes: 1, compress: gzipped }),
      limit: 100,
      reason: 'limit-exceeded',
      message: 'gzip',
      cause: CodecError,
    },
    {
      name: 'an empty compressed payload',
      bytes: v2Batch({ attributes: 1, payload: new Uint8Array() }),
      reason: 'decompression-failed',
      message: 'gzip',
      cause: CodecError,
    },
    {
      name: 'a negative recordsCount',
      bytes: v2Batch({ recordsCount: -1 }),
      reason: 'record-count-mismatch',
      message: 'recordsCount -1 with lastOffsetDelta 0',
    },
    {
      name: 'more records than offsets',
      bytes: v2Batch({ ...three, lastOffsetDelta: 1 }),
      reason: 'record-count-mismatch',
      message: 'recordsCount 3 with lastOffsetDelta 1',
    },
    {
      name: 'a record that is malformed',
      bytes: v2Batch({ payload: good.slice(1) }),
      reason: 'record-malformed',
      message: 'record',
      cause: RecordError,
    },
    {
      name: 'bytes after the last record',
      bytes: v2Batch(gzipOf(good, Uint8Array.of(0))),
      reason: 'record-malformed',
      message: '1 byte left over after 1 record',
      cause: RecordError,
    },
    {
      name: 'a control record without a key',
      bytes: v2Batch(control(null)),
      reason: 'record-malformed',
      message: 'the control record at offset 0 has no type',
      cause: RecordError,
    },
    {
      name: 'a control key of 3 bytes',
      bytes: v2Batch(control(Uint8Array.of(0, 0, 0))),
      reason: 'record-malformed',
      message: 'has no type',
      cause: RecordError,
    },
    {
      name: 'a control key of a negative version',
      bytes: v2Batch(control(Uint8Array.of(0xff, 0xff, 0, 0))),
      reason: 'record-malformed',
      message: 'negative version',
      cause: RecordError,
    },
    {
      name: 'a message of magic 0 that is malformed',
      bytes: message({ magic: 0, value: 'v' }).fill(0xf0, 22, 23),
      reason: 'record-malformed',
      message: 'length',
      cause: RecordError,
    },
    {
      name: 'a wrapper without a value',
      bytes: message({ magic: 1, attributes: 1, value: null }),
      reason: 'record-malformed',
      message: 'without a value',
      cause: RecordError,
    },
    {
      name: 'a wrapper without messages',
      bytes: message({ magic: 1, attributes: 1, value: gzipped(new Uint8Array()) }),
      reason: 'record-malformed',
      message: 'without messages',
      cause: RecordError,
    },
  ]
  for (const { name, bytes, codecs, limit, reason, message: part, cause } of failures) {
    it(`gives ${reason} for ${name}`, () => {
      const result = decode(bytes, codecs, limit)
      if (result.ok) throw new Error('it decoded')
      expect(result.reason).to.equal(reason)
      expect(result.message).to.contain(part)
      if (cause !== undefined) expect(result.cause).to.be.instanceOf(cause)
    })
  }

  it('says that too few records are claimed as a mismatch of the count', () => {
    const result = decode(v2Batch({ ...three, recordsCount: 2 }))
    expect(result.ok).to.be.false
  })

  it('accepts longer control keys and types that are not known', () => {
    for (const key of [Uint8Array.of(0, 0, 0, 1, 9), Uint8Array.of(0, 1, 0x7f, 0xff)])
      expect(decode(v2Batch(control(key))).ok).to.be.true
  })

  it('lets a bug in a codec through, rather than call it damage', () => {
    const lz4 = (): never => {
      throw new TypeError('a bug')
    }
    expect(() => decode(v2Batch({ attributes: 3 }), { lz4 })).to.throw(TypeError, 'a bug')
  })

  it('has a value for any payload, whatever the magic', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(0, 1, 2),
        fc.nat(7),
        (tail, magic, codec) => {
          const bytes = concat(v2Batch({ records: [{}, {}] }), tail)
          bytes[16] = magic
          bytes[magic === 2 ? 22 : 17] = codec
          expect(decode(bytes)).to.have.property('ok')
        },
      ),
    )
  })

  it('gives views of the decompressed bytes, which are their own', () => {
    const bytes = v2Batch({ ...three, attributes: 1, compress: gzipped })
    const result = decode(bytes)
    bytes.fill(0)
    expect(result.ok && result.records[0]?.value).to.deep.equal(text('a'))
  })
})
