import { expect } from 'chai'
import fc from 'fast-check'
import { crc32c } from '../../src/bytes/crc.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import {
  decodeBatchHeader,
  encodeEmptyBatch,
  isPlausible,
  lengthFits,
} from '../../src/segment/record-batch.ts'
import { fixCrc, fromHex, message, toHex, v2Batch } from './build.ts'
import { GOLDEN } from './golden.ts'

const decode = (bytes: Uint8Array, position = 0): BatchHeader => {
  const header = decodeBatchHeader(bytes, position)
  if (header === null) throw new Error('no header')
  return header
}

describe('lengthFits', () => {
  const cases: {
    name: string
    bytes: Uint8Array
    size: number
    position?: number
    fileSize: number
    fits: boolean
  }[] = [
    {
      name: 'a batch that ends with the file',
      bytes: v2Batch({ records: [] }),
      size: 61,
      fileSize: 61,
      fits: true,
    },
    {
      name: 'one byte more than the file has',
      bytes: v2Batch({ records: [] }),
      size: 62,
      fileSize: 61,
      fits: false,
    },
    {
      name: 'a batch behind another',
      bytes: v2Batch({ records: [] }),
      size: 61,
      position: 40,
      fileSize: 100,
      fits: false,
    },
    { name: 'magic 2 below 61 bytes', bytes: v2Batch(), size: 60, fileSize: 1000, fits: false },
    {
      name: 'magic 1 below 34 bytes',
      bytes: message({ magic: 1 }),
      size: 33,
      fileSize: 1000,
      fits: false,
    },
    {
      name: 'magic 0 below 26 bytes',
      bytes: message({ magic: 0 }),
      size: 25,
      fileSize: 1000,
      fits: false,
    },
    {
      name: 'the smallest magic 0',
      bytes: message({ magic: 0 }),
      size: 26,
      fileSize: 1000,
      fits: true,
    },
    { name: 'a negative length', bytes: v2Batch(), size: -5, fileSize: 1000, fits: false },
    {
      name: 'the largest length',
      bytes: v2Batch(),
      size: 2147483647 + 12,
      fileSize: 1000,
      fits: false,
    },
  ]
  for (const { name, bytes, size, position, fileSize, fits } of cases) {
    it(`is ${fits} for ${name}`, () => {
      const copy = bytes.slice()
      new DataView(copy.buffer).setInt32(8, size - 12)
      expect(lengthFits(decode(copy, position), fileSize)).to.equal(fits)
    })
  }
})

describe('isPlausible', () => {
  const cases: { name: string; bytes: Uint8Array; plausible: boolean }[] = [
    { name: 'a batch', bytes: v2Batch(), plausible: true },
    { name: 'an empty batch', bytes: fromHex(GOLDEN.empty), plausible: true },
    { name: 'a compacted batch', bytes: v2Batch({ lastOffsetDelta: 99 }), plausible: true },
    { name: 'all attributes that exist', bytes: v2Batch({ attributes: 0x7f }), plausible: true },
    { name: 'an unused attribute', bytes: v2Batch({ attributes: 0x80 }), plausible: false },
    { name: 'an unused high attribute', bytes: v2Batch({ attributes: 0x100 }), plausible: false },
    {
      name: 'a negative lastOffsetDelta',
      bytes: v2Batch({ lastOffsetDelta: -1, recordsCount: 0 }),
      plausible: false,
    },
    { name: 'a negative recordsCount', bytes: v2Batch({ recordsCount: -1 }), plausible: false },
    { name: 'more records than offsets', bytes: v2Batch({ recordsCount: 2 }), plausible: false },
    { name: 'producerId -2', bytes: v2Batch({ producerId: -2n }), plausible: false },
    { name: 'producerEpoch -2', bytes: v2Batch({ producerEpoch: -2 }), plausible: false },
    { name: 'baseSequence -2', bytes: v2Batch({ baseSequence: -2 }), plausible: false },
    { name: 'a damaged baseOffset', bytes: v2Batch({ baseOffset: -(2n ** 63n) }), plausible: true },
    {
      name: 'a damaged leader epoch',
      bytes: v2Batch({ partitionLeaderEpoch: -99 }),
      plausible: true,
    },
    { name: 'magic 0 with snappy', bytes: message({ magic: 0, attributes: 2 }), plausible: true },
    { name: 'magic 0 with zstd', bytes: message({ magic: 0, attributes: 4 }), plausible: false },
    {
      name: 'magic 0 with a timestamp type',
      bytes: message({ magic: 0, attributes: 8 }),
      plausible: false,
    },
    {
      name: 'magic 1 with a timestamp type',
      bytes: message({ magic: 1, attributes: 9 }),
      plausible: true,
    },
    {
      name: 'magic 1 with a flag of magic 2',
      bytes: message({ magic: 1, attributes: 0x10 }),
      plausible: false,
    },
  ]
  for (const { name, bytes, plausible } of cases) {
    it(`is ${plausible} for ${name}`, () => {
      expect(isPlausible(decode(bytes))).to.equal(plausible)
    })
  }
})

describe('encodeEmptyBatch', () => {
  it('has the documented form, but for the producer that it never claims', () => {
    const expected = fromHex(GOLDEN.empty)
    const view = new DataView(expected.buffer)
    view.setBigInt64(43, -1n)
    view.setInt16(51, -1)
    view.setInt32(53, -1)
    const encoded = encodeEmptyBatch({
      baseOffset: 100n,
      lastOffset: 109n,
      maxTimestamp: 1000n,
      partitionLeaderEpoch: 3,
    })
    expect(toHex(encoded)).to.equal(toHex(fixCrc(expected)))
  })

  it('decodes to what it was made of', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 62n),
        fc.nat(2147483647),
        fc.bigInt(-1n, 2n ** 53n),
        fc.integer({ min: -1 }),
        (baseOffset, delta, maxTimestamp, partitionLeaderEpoch) => {
          const lastOffset = baseOffset + BigInt(delta)
          const bytes = encodeEmptyBatch({
            baseOffset,
            lastOffset,
            maxTimestamp,
            partitionLeaderEpoch,
          })
          const header = decode(bytes)
          expect(header).to.include({ baseOffset, lastOffset, maxTimestamp, partitionLeaderEpoch })
          expect(header).to.include({ sizeInBytes: 61, attributes: 0, recordsCount: 0 })
          expect(header).to.include({ producerId: -1n, baseTimestamp: -1n })
          expect(header.crc).to.equal(crc32c.update(0, bytes, 21))
          expect(isPlausible(header) && lengthFits(header, 61)).to.be.true
        },
      ),
    )
  })
})
