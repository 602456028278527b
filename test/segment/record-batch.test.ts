import { expect } from 'chai'
import fc from 'fast-check'
import { crc32, crc32c } from '../../src/bytes/crc.ts'
import * as batches from '../../src/segment/record-batch.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import { fromHex, message, v2Batch } from './build.ts'
import { GOLDEN } from './golden.ts'

const { decodeBatchHeader } = batches

const decode = (bytes: Uint8Array, position = 0): BatchHeader => {
  const header = decodeBatchHeader(bytes, position)
  if (header === null) throw new Error('no header')
  return header
}

describe('decodeBatchHeader', () => {
  it('reads the 70-byte golden batch', () => {
    expect(decode(fromHex(GOLDEN.oneRecord), 700)).to.deep.equal({
      position: 700,
      sizeInBytes: 70,
      magic: 2,
      baseOffset: 5n,
      baseOffsetKnown: true,
      lastOffset: 5n,
      lastOffsetDelta: 0,
      recordsCount: 1,
      partitionLeaderEpoch: 3,
      crc: 0x716a6189,
      attributes: 0,
      baseTimestamp: 1000n,
      maxTimestamp: 1000n,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
    })
  })

  it('reads the golden empty batch and the golden marker', () => {
    expect(decode(fromHex(GOLDEN.empty))).to.include({
      sizeInBytes: 61,
      baseOffset: 100n,
      lastOffset: 109n,
      recordsCount: 0,
      baseTimestamp: -1n,
      maxTimestamp: 1000n,
      producerId: 7n,
      producerEpoch: 1,
      baseSequence: 20,
    })
    const marker = decode(fromHex(GOLDEN.abortMarker))
    expect(marker).to.include({ sizeInBytes: 78, baseOffset: 200n, lastOffset: 200n })
    expect(batches.isControl(marker) && batches.isTransactional(marker)).to.be.true
  })

  for (const [name, hex] of Object.entries(GOLDEN)) {
    it(`finds the CRC of the golden ${name} right`, () => {
      const bytes = fromHex(hex)
      expect(crc32c.update(0, bytes, 21)).to.equal(decode(bytes).crc)
    })
  }

  it('agrees with a batch printed by a real kafka-dump-log', () => {
    const records = Array.from({ length: 10 }, (_, n) => ({ value: `hello kafka${n}` }))
    const bytes = v2Batch({ records, baseTimestamp: 1716780091840n })
    expect(bytes.length).to.equal(251)
    expect(decode(bytes)).to.include({ sizeInBytes: 251, crc: 997822510, lastOffset: 9n })
  })

  it('reads a magic-0 message as a batch of one', () => {
    const bytes = message({ magic: 0, offset: 42n, key: 'k', value: 'v' })
    expect(decode(bytes, 3)).to.deep.include({
      position: 3,
      sizeInBytes: 28,
      magic: 0,
      baseOffset: 42n,
      baseOffsetKnown: true,
      lastOffset: 42n,
      recordsCount: 1,
      maxTimestamp: -1n,
      partitionLeaderEpoch: -1,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      crc: crc32.update(0, bytes, 16),
    })
  })

  it('reads the timestamp of a magic-1 message', () => {
    const header = decode(message({ magic: 1, offset: 7n, timestamp: 1234n, attributes: 8 }))
    expect(header).to.include({ magic: 1, maxTimestamp: 1234n, baseTimestamp: 1234n })
    expect(batches.isLogAppendTime(header)).to.be.true
  })

  it('knows only the last offset of a compressed wrapper', () => {
    for (const magic of [0, 1] as const) {
      const header = decode(message({ magic, offset: 59n, attributes: 1, value: 'gzip' }))
      expect(header).to.include({ lastOffset: 59n, baseOffsetKnown: false, recordsCount: null })
    }
  })

  const none: { name: string; bytes: Uint8Array }[] = [
    { name: 'no bytes', bytes: new Uint8Array() },
    { name: '16 bytes', bytes: message({ magic: 0 }).subarray(0, 16) },
    { name: 'magic 0 in 25 bytes', bytes: message({ magic: 0 }).subarray(0, 25) },
    { name: 'magic 1 in 33 bytes', bytes: message({ magic: 1 }).subarray(0, 33) },
    { name: 'magic 2 in 60 bytes', bytes: v2Batch().subarray(0, 60) },
    { name: 'magic 3', bytes: v2Batch().fill(3, 16, 17) },
    { name: 'a negative magic', bytes: v2Batch().fill(0xff, 16, 17) },
  ]
  for (const { name, bytes } of none) {
    it(`is null for ${name}`, () => {
      expect(decodeBatchHeader(bytes, 0)).to.equal(null)
    })
  }

  it('throws on no bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0, 1, 2, 3), (bytes, magic) => {
        if (bytes.length > 16) bytes[16] = magic
        decodeBatchHeader(bytes, 0)
      }),
    )
  })
})

describe('flags of a batch', () => {
  const of = (attributes: number): BatchHeader => decode(v2Batch({ attributes }))

  it('are read from the attributes', () => {
    expect(batches.codecBits(of(0x7c))).to.equal(4)
    expect(batches.isLogAppendTime(of(0x08))).to.be.true
    expect(batches.isTransactional(of(0x10))).to.be.true
    expect(batches.isControl(of(0x20))).to.be.true
    expect(batches.hasDeleteHorizon(of(0x40))).to.be.true
    for (const flag of [
      'isLogAppendTime',
      'isTransactional',
      'isControl',
      'hasDeleteHorizon',
    ] as const)
      expect(batches[flag](of(0)), flag).to.be.false
  })

  it('do not exist in magic 0 and 1', () => {
    const header = decode(message({ magic: 1, attributes: 0x70 }))
    expect(batches.isTransactional(header)).to.be.false
    expect(batches.isControl(header)).to.be.false
    expect(batches.hasDeleteHorizon(header)).to.be.false
    expect(batches.isLegacy(header)).to.be.true
  })
})

describe('sequences', () => {
  const cases: [sequence: number, distance: number, expected: number][] = [
    [0, 0, 0],
    [5, 9, 14],
    [2147483647, 1, 0],
    [2147483646, 4, 2],
    [-1, 7, -1],
  ]
  for (const [sequence, distance, expected] of cases) {
    it(`${distance} after ${sequence} is ${expected}`, () => {
      expect(batches.addSequence(sequence, distance)).to.equal(expected)
    })
  }

  it('end by lastOffsetDelta, not by the number of records', () => {
    const header = decode(v2Batch({ baseSequence: 20, lastOffsetDelta: 9, recordsCount: 3 }))
    expect(batches.lastSequence(header)).to.equal(29)
  })
})
