import { expect } from 'chai'
import fc from 'fast-check'
import { gunzipSync } from 'node:zlib'
import { COMPRESSION_TYPES } from '../../../src/codec/codec.ts'
import type { SalvagedBatchContext } from '../../../src/recover/salvage/encode-batch.ts'
import { encodeSalvagedBatch } from '../../../src/recover/salvage/encode-batch.ts'
import type { Record } from '../../../src/segment/record.ts'
import { decodeBatchHeader, isControl } from '../../../src/segment/record-batch.ts'
import { hasCorpus, loadSegment } from '../../support/corpus.ts'
import { prng } from '../../support/prng.ts'
import { crc32c } from '../../support/walk-batches.ts'
import { text } from '../../segment/build.ts'
import { decodeWhole, sameRecord } from './measure.ts'

const context: SalvagedBatchContext = {
  baseOffset: 100n,
  lastOffsetDelta: 20,
  partitionLeaderEpoch: 4,
  codec: 'none',
  isLogAppendTime: false,
  isTransactional: true,
  baseTimestamp: 1000n,
  maxTimestamp: 1900n,
  producerId: 7n,
  producerEpoch: 3,
  baseSequence: 55,
}

const records: Record[] = [3, 4, 11].map((delta) => ({
  offset: 100n + BigInt(delta),
  timestamp: 1000n + BigInt(delta * 7) - 20n,
  key: delta === 4 ? null : text(`k${delta}`),
  value: delta === 11 ? null : text('value '.repeat(delta * 10)),
  headers: delta === 3 ? [{ key: text('h'), value: null }] : [],
}))

function expectSame(batch: Uint8Array, expected: readonly Record[]): void {
  const decoded = decodeWhole(batch, 0)
  expect(decoded).to.have.length(expected.length)
  for (const [index, record] of decoded.entries()) {
    expect(sameRecord(record, expected[index]!)).to.be.true
    expect(record.offset).to.equal(expected[index]!.offset)
    expect(record.timestamp).to.equal(expected[index]!.timestamp)
  }
}

describe('encodeSalvagedBatch', () => {
  for (const codec of COMPRESSION_TYPES) {
    it(`writes a batch that decodes to the same records: ${codec}`, () => {
      const batch = encodeSalvagedBatch(records, { ...context, codec })
      const header = decodeBatchHeader(batch, 0)!
      const written = codec === 'zstd' ? 'gzip' : codec
      expect(header).to.include({
        sizeInBytes: batch.length,
        magic: 2,
        baseOffset: 100n,
        lastOffsetDelta: 20,
        recordsCount: 3,
        partitionLeaderEpoch: 4,
        attributes: COMPRESSION_TYPES.indexOf(written) | 0x10,
        baseTimestamp: 1000n,
        maxTimestamp: 1900n,
        producerId: 7n,
        producerEpoch: 3,
        baseSequence: 55,
        crc: crc32c(batch.subarray(21)),
      })
      expect(isControl(header)).to.be.false
      expectSame(batch, records)
      expect(encodeSalvagedBatch(records, { ...context, codec })).to.deep.equal(batch)
    })

    it(`writes many records, and what cannot be compressed: ${codec}`, () => {
      const random = prng(5)
      const many = Array.from({ length: 300 }, (_, index): Record => {
        const value = index % 2 === 0 ? random.bytes(700) : text('text '.repeat(200))
        return { offset: BigInt(index), timestamp: 5n, key: null, value, headers: [] }
      })
      const large = { ...context, codec, baseOffset: 0n, lastOffsetDelta: 299 }
      expectSame(encodeSalvagedBatch(many, large), many)
    })
  }

  it('writes gzip that others read', () => {
    const batch = encodeSalvagedBatch(records, { ...context, codec: 'gzip' })
    const plain = encodeSalvagedBatch(records, context)
    expect(new Uint8Array(gunzipSync(batch.subarray(61)))).to.deep.equal(plain.subarray(61))
  })

  it('gives records the time that the broker stamped', () => {
    const stamped = records.map((record) => ({ ...record, timestamp: 1900n }))
    const batch = encodeSalvagedBatch(stamped, { ...context, isLogAppendTime: true })
    expect(decodeBatchHeader(batch, 0)?.attributes).to.equal(0x18)
    expectSame(batch, stamped)
  })

  const refused: {
    name: string
    given: readonly Record[]
    changes?: Partial<SalvagedBatchContext>
  }[] = [
    { name: 'no records', given: [] },
    { name: 'offsets that do not ascend', given: [records[1]!, records[0]!] },
    { name: 'an offset below the batch', given: records, changes: { baseOffset: 104n } },
    { name: 'an offset above the batch', given: records, changes: { lastOffsetDelta: 10 } },
    {
      name: 'a time other than the stamped one',
      given: records,
      changes: { isLogAppendTime: true },
    },
  ]
  for (const { name, given, changes } of refused) {
    it(`refuses ${name}`, () => {
      expect(() => encodeSalvagedBatch(given, { ...context, ...changes })).to.throw(RangeError)
    })
  }

  it('keeps any records', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 40 }))
    const header = fc.record({ key: fc.uint8Array({ maxLength: 9 }), value: bytes })
    const body = fc.record({
      gap: fc.integer({ min: 1, max: 1000 }),
      timestamp: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
      key: bytes,
      value: bytes,
      headers: fc.array(header, { maxLength: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...COMPRESSION_TYPES),
        (bodies, codec) => {
          let offset = 99n
          const given = bodies.map(({ gap, ...rest }) => ({
            ...rest,
            offset: (offset += BigInt(gap)),
          }))
          const lastOffsetDelta = Number(offset - 100n)
          expectSame(encodeSalvagedBatch(given, { ...context, codec, lastOffsetDelta }), given)
        },
      ),
    )
  })

  it('writes records of real batches again', function () {
    if (!hasCorpus) this.skip()
    for (const [name, codec] of [
      ['orders-lz4-0', 'lz4'],
      ['orders-snappy-0', 'snappy'],
      ['orders-zstd-0', 'zstd'],
    ] as const) {
      const { bytes, batches } = loadSegment(`kafka-4.1.0/${name}/00000000000000000000`)
      const { position, sizeInBytes } = batches[0]!
      const original = bytes.subarray(position, position + sizeInBytes)
      const header = decodeBatchHeader(original, position)!
      const real = decodeWhole(original, position)
      const given = { ...context, ...header, codec, isLogAppendTime: false }
      expectSame(encodeSalvagedBatch(real, given), real)
    }
  })
})
