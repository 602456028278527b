/** Damage of whole fields in the header of gzip batches, which no bit or byte rung can undo. */
import { expect } from 'chai'
import type { BrokenEntry, Undo } from '../../../src/recover/rungs/rung.ts'
import { V2_FIELDS, FIELD_BYTES } from '../../../src/segment/layout.ts'
import { prng, seedOf } from '../../support/prng.ts'
import { concat, noise, v2Batch } from '../../segment/build.ts'
import { gzipped } from '../../segment/codecs.ts'
import {
  broken,
  corpusBatches,
  flip,
  healthyBatches,
  overwrite,
  pick,
  repaired,
  undo,
} from './entries.ts'
import type { Healthy } from './entries.ts'

function expectRebuilt(batch: Healthy, damaged: Uint8Array, more: Partial<BrokenEntry> = {}): Undo {
  const entry = broken(batch, damaged, more)
  const result = undo(entry)
  expect(result.why).to.equal('')
  expect(Buffer.compare(repaired(entry, result) ?? new Uint8Array(), batch.bytes)).to.equal(0)
  if (result.undo === null) throw new Error('nothing undone')
  return result.undo
}

const fieldAt = (name: string): { at: number; size: number } => {
  const field = V2_FIELDS.find((candidate) => candidate.name === name)
  if (field === undefined) throw new Error(name)
  return { at: field.offset, size: FIELD_BYTES[field.type] }
}

/** Three batches of one idempotent producer, ten records each. */
const built = healthyBatches(
  concat(
    ...[0, 1, 2].map((index) =>
      v2Batch({
        baseOffset: BigInt(index * 10),
        records: Array.from({ length: 10 }, (_, record) => ({
          value: `value ${index} ${record} ${'abcdefgh'.repeat(20)}`,
          timestampDelta: BigInt(record * 3),
        })),
        attributes: 1,
        compress: gzipped,
        baseTimestamp: 1_700_000_000_000n + BigInt(index * 100),
        maxTimestamp: 1_700_000_000_027n + BigInt(index * 100),
        producerId: 4711n,
        producerEpoch: 3,
        baseSequence: 100 + index * 10,
        partitionLeaderEpoch: 2,
      }),
    ),
  ),
  'built',
)
const batch = built[1]
if (batch === undefined) throw new Error('no batch')

describe('the header before a gzip payload that proves itself', () => {
  for (const name of [
    'attributes',
    'lastOffsetDelta',
    'baseTimestamp',
    'maxTimestamp',
    'producerId',
    'producerEpoch',
    'baseSequence',
    'recordsCount',
  ]) {
    it(`rebuilds ${name} after random bytes and after zeros`, () => {
      const { at, size } = fieldAt(name)
      for (const bytes of [prng(3).bytes(size), new Uint8Array(size)]) {
        const damaged = overwrite(batch.bytes, at, bytes)
        const { changes, rung } = expectRebuilt(batch, damaged)
        expect(changes.map(({ field }) => field)).to.deep.equal([name])
        expect(rung).to.be.oneOf(['gzip-header', 'one-byte', 'one-bit', 'two-bits', 'short-burst'])
      }
    })
  }

  it('rebuilds everything from the producer to the count', () => {
    const damaged = overwrite(batch.bytes, 43, prng(9).bytes(18))
    const found = expectRebuilt(batch, damaged)
    expect(found.rung).to.equal('gzip-header')
    expect(found.evidence).to.include.members(['crc', 'codec', 'records'])
    expect(found.falseMatchProbability).to.be.lessThan(1e-4)
  })

  it('rebuilds attributes and lastOffsetDelta together with the maximal timestamp', () => {
    let damaged = overwrite(batch.bytes, 21, new Uint8Array(6))
    damaged = overwrite(damaged, 35, new Uint8Array(8))
    expectRebuilt(batch, damaged)
  })

  it('finds one byte or two bits in the header of a batch too large to look for them everywhere', () => {
    const records = Array.from({ length: 1500 }, (_, index) => ({
      value: Buffer.from(noise(190, index + 1)).toString('hex'),
    }))
    const [large] = healthyBatches(v2Batch({ records, attributes: 1, compress: gzipped }), 'built')
    if (large === undefined) throw new Error('no batch')
    expect(large.bytes.length).to.be.greaterThan(160_000)
    const byte = expectRebuilt(large, flip(large.bytes, 48, 0x5a))
    expect(byte.rung).to.equal('gzip-header')
    const twoBits = expectRebuilt(large, flip(flip(large.bytes, 28, 0x04), 46, 0x40))
    expect(twoBits.rung).to.equal('gzip-header')
    expect(twoBits.changes.map(({ field }) => field)).to.deep.equal(['baseTimestamp', 'producerId'])
    // With the count that the payload proves, what is left is again one byte.
    const both = expectRebuilt(large, flip(overwrite(large.bytes, 57, noise(4)), 48, 0x5a))
    expect(both.rung).to.equal('gzip-header')
  })

  it('does not invent a time when both timestamps are gone', () => {
    const damaged = overwrite(batch.bytes, 27, new Uint8Array(16))
    expect(undo(broken(batch, damaged)).undo).to.equal(null)
  })

  it('does not rebuild a header under a stored CRC that is damaged as well', () => {
    const damaged = flip(overwrite(batch.bytes, 43, new Uint8Array(8)), 18, 0x10)
    expect(undo(broken(batch, damaged)).undo).to.equal(null)
  })

  it('does not touch the header when the payload fails its own check', () => {
    const damaged = flip(overwrite(batch.bytes, 43, new Uint8Array(8)), 100, 0x10)
    expect(undo(broken(batch, damaged)).undo).to.equal(null)
  })

  it('does not rebuild a producer that no neighbour has', () => {
    const damaged = overwrite(batch.bytes, 43, prng(1).bytes(14))
    const alone = { before: null, after: null }
    expect(undo(broken(batch, damaged, alone)).undo).to.equal(null)
  })

  it('stops where the decompressed bytes exceed the effort', () => {
    const damaged = overwrite(batch.bytes, 43, new Uint8Array(8))
    const { undo: found, steps } = undo(broken(batch, damaged), { effort: 4000 })
    expect(found).to.equal(null)
    expect(steps).to.be.lessThan(40_000)
  })

  it('rebuilds the producer fields of batches of real brokers from their neighbours', () => {
    const random = prng(seedOf('gzip', 1))
    const candidates = (corpusBatches().get('2 gzip') ?? []).filter(
      ({ header, before }) =>
        before?.magic === 2 &&
        before.producerId === header.producerId &&
        before.producerEpoch === header.producerEpoch &&
        (header.baseSequence === -1 ||
          before.baseSequence + before.lastOffsetDelta + 1 === header.baseSequence),
    )
    expect(candidates.length).to.be.greaterThan(10)
    for (const real of pick(candidates, 10, random))
      expectRebuilt(real, overwrite(real.bytes, 43, random.bytes(18)))
  })

  it('rebuilds times and counts of batches of real brokers from their records', () => {
    const random = prng(seedOf('gzip', 2))
    const createTime = (corpusBatches().get('2 gzip') ?? []).filter(
      ({ header }) => (header.attributes & 8) === 0,
    )
    for (const real of pick(createTime, 10, random)) {
      expectRebuilt(real, overwrite(real.bytes, 27, random.bytes(8)))
      expectRebuilt(real, overwrite(real.bytes, 35, random.bytes(8)))
      expectRebuilt(real, overwrite(real.bytes, 57, random.bytes(4)))
    }
  })
})
