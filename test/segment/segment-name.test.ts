import { expect } from 'chai'
import fc from 'fast-check'
import {
  baseOffsetDigits,
  leadingBaseOffset,
  parseTopicPartition,
  segmentBaseOffset,
  snapshotOffset,
} from '../../src/segment/segment-name.ts'
import { CORRUPTION_REASONS } from '../../src/segment/events.ts'

describe('segmentBaseOffset', () => {
  const cases: [name: string, expected: bigint | null][] = [
    ['00000000000000000000.log', 0n],
    ['00000000000000000042.log', 42n],
    ['09223372036854775807.log', 9223372036854775807n],
    ['09223372036854775808.log', null], // beyond 64 bits; a broker would not start
    ['99999999999999999999.log', null],
    ['0000000000000000042.log', null],
    ['000000000000000000042.log', null],
    ['copy.log', null],
    ['00000000000000000042.log.deleted', null],
    ['00000000000000000042.log.swap', null],
    ['00000000000000000042.orig.log', null],
    ['00000000000000000042-uuid.log', null],
    ['-0000000000000000042.log', null],
    ['00000000000000000042.LOG', null],
    ['00000000000000000042.index', null],
    ['a00000000000000000042.log', null],
    ['00000000000000000042xlog', null],
    ['', null],
  ]
  for (const [name, expected] of cases) {
    it(`is ${expected} for '${name}'`, () => {
      expect(segmentBaseOffset(name)).to.equal(expected)
    })
  }

  it('reads back every offset that it is named by', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 63n - 1n), (offset) => {
        expect(baseOffsetDigits(offset)).to.have.lengthOf(20)
        expect(segmentBaseOffset(`${baseOffsetDigits(offset)}.log`)).to.equal(offset)
        expect(snapshotOffset(`${baseOffsetDigits(offset)}.snapshot`)).to.equal(offset)
      }),
    )
  })
})

describe('leadingBaseOffset', () => {
  const cases: [name: string, expected: bigint | null][] = [
    ['00000000000000000042.log', 42n],
    ['00000000000000000042-tLQOSzQ1TZ6mXrUMKcBn2A.log', 42n],
    ['00000000000000000042', 42n],
    ['my-00000000000000000042.log', null],
    ['copy.log', null],
  ]
  for (const [name, expected] of cases) {
    it(`is ${expected} for '${name}'`, () => {
      expect(leadingBaseOffset(name)).to.equal(expected)
    })
  }
})

describe('snapshotOffset', () => {
  it('takes producer snapshots and nothing else', () => {
    expect(snapshotOffset('00000000000000000180.snapshot')).to.equal(180n)
    expect(snapshotOffset('00000000000000000180.snapshot.deleted')).to.equal(null)
    expect(snapshotOffset('x.snapshot')).to.equal(null)
    expect(snapshotOffset('00000000000000000180-0000000003.checkpoint')).to.equal(null)
  })
})

describe('parseTopicPartition', () => {
  const cases: [directory: string, expected: [topic: string, partition: number] | null][] = [
    ['orders-0', ['orders', 0]],
    ['my-topic.v_2-17', ['my-topic.v_2', 17]],
    ['__consumer_offsets-49', ['__consumer_offsets', 49]],
    ['a--1', ['a-', 1]],
    ['orders-0.4f1e8a7c0d2b4e6f9a3c5d7e8f0a1b2c-delete', null],
    ['orders-0.4f1e8a7c0d2b4e6f9a3c5d7e8f0a1b2c-future', null],
    ['orders-0.bak', null],
    ['orders', null],
    ['orders-', null],
    ['-0', null],
    ['', null],
  ]
  for (const [directory, expected] of cases) {
    it(`is ${expected?.join(' ') ?? 'null'} for '${directory}'`, () => {
      const parsed = expected === null ? null : { topic: expected[0], partition: expected[1] }
      expect(parseTopicPartition(directory)).to.deep.equal(parsed)
    })
  }
})

describe('CORRUPTION_REASONS', () => {
  it('is the closed set of the report', () => {
    expect(CORRUPTION_REASONS).to.deep.equal([
      'crc-mismatch',
      'decompression-failed',
      'record-malformed',
      'record-count-mismatch',
      'batch-length-invalid',
      'unknown-magic',
      'unknown-codec',
      'offset-not-increasing',
      'offset-out-of-range',
      'leader-epoch-implausible',
      'unrecognised-bytes',
      'zero-fill',
      'torn-tail',
      'duplicate-batch',
      'foreign-batch',
      'offset-conflict',
      'unreadable',
      'limit-exceeded',
    ])
  })
})
