/** Damage of a few bits in batches of real brokers: what must be undone is, and it is the batch that was. */
import { expect } from 'chai'
import type { RungName, Undo } from '../../../src/recover/rungs/rung.ts'
import { codecBits, crcCoverage } from '../../../src/segment/record-batch.ts'
import { prng, seedOf } from '../../support/prng.ts'
import { concat, encodeRecord, noise, v2Batch } from '../../segment/build.ts'
import { gzipped } from '../../segment/codecs.ts'
import {
  broken,
  CODEC_NAMES,
  corpusBatches,
  flip,
  healthyBatches,
  pick,
  repaired,
  undo,
} from './entries.ts'
import type { Healthy } from './entries.ts'

/** The only batch of its file. */
function only(bytes: Uint8Array): Healthy {
  const [batch] = healthyBatches(bytes, 'built')
  if (batch === undefined) throw new Error('no batch')
  return batch
}

function expectUndone(batch: Healthy, damaged: Uint8Array, rung: RungName): Undo {
  const entry = broken(batch, damaged)
  const result = undo(entry)
  expect(result.why).to.equal('')
  expect(result.undo?.rung).to.equal(rung)
  expect(Buffer.compare(repaired(entry, result) ?? new Uint8Array(), batch.bytes)).to.equal(0)
  expect(result.undo?.falseMatchProbability).to.be.within(1e-12, 1e-4)
  expect(result.undo?.evidence).to.include.members(['crc', 'records'])
  expect(result.undo?.inferred).to.deep.equal([])
  if (result.undo === null) throw new Error('nothing undone')
  return result.undo
}

/** Up to which size one bit can be undone at the default of --max-false-match. */
const ONE_BIT_BYTES = { none: 50_000, gzip: 2 ** 22, snappy: 75_000, lz4: 75_000, zstd: 100_000 }

const isUndoable = (batch: Healthy): boolean => {
  const codec = CODEC_NAMES[codecBits(batch.header)]
  // Values of a sector and more are the sector rule's.
  return (
    codec !== undefined && batch.bytes.length <= (codec === 'none' ? 500 : ONE_BIT_BYTES[codec])
  )
}

for (const [group, all] of corpusBatches()) {
  const batches = all.filter(isUndoable)

  describe(`few damaged bits in batches of magic and codec ${group}`, () => {
    it('undoes any one to three flipped bits of the stored CRC', () => {
      const random = prng(seedOf(group, 1))
      for (const batch of pick(all, 15, random)) {
        const { stored } = crcCoverage(batch.header.magic)
        let damaged = batch.bytes
        const bits = pick(
          Array.from({ length: 32 }, (_, bit) => bit),
          1 + random.below(3),
          random,
        )
        for (const bit of bits) damaged = flip(damaged, stored + (bit >> 3), 1 << (bit & 7))
        const { changes } = expectUndone(batch, damaged, 'crc-field')
        expect(changes).to.have.length(1)
        expect(changes[0]?.field).to.equal('crc')
      }
    })

    it('undoes one flipped bit anywhere under the CRC', () => {
      const random = prng(seedOf(group, 2))
      for (const batch of pick(batches, 15, random)) {
        const { start } = crcCoverage(batch.header.magic)
        const at = start + random.below(batch.bytes.length - start)
        expectUndone(batch, flip(batch.bytes, at, 1 << random.below(8)), 'one-bit')
      }
    })

    it('undoes one flipped bit in each header byte under the CRC', () => {
      const random = prng(seedOf(group, 3))
      const { start } = crcCoverage(batches[0]?.header.magic ?? 2)
      for (let at = start; at < (start < 21 ? 26 : 61); at++) {
        const batch = pick(batches, 1, random)[0]
        if (batch !== undefined && at < batch.bytes.length)
          expectUndone(batch, flip(batch.bytes, at, 1 << random.below(8)), 'one-bit')
      }
    })

    it('undoes one damaged byte where the batch is small enough for it', () => {
      const random = prng(seedOf(group, 4))
      const small = batches.filter(({ bytes }) => bytes.length < 1500)
      for (const batch of pick(small, 15, random)) {
        const { start } = crcCoverage(batch.header.magic)
        const at = start + random.below(batch.bytes.length - start)
        expectUndone(batch, flip(batch.bytes, at, 0x11 << random.below(4)), 'one-byte')
      }
    })
  })
}

describe('few damaged bits in large batches', () => {
  // Records of hexadecimal digits of noise: they compress to about half.
  const records = (count: number): Uint8Array =>
    concat(
      ...Array.from({ length: count }, (_, index) =>
        encodeRecord({ value: Buffer.from(noise(190, index + 1)).toString('hex') }, index),
      ),
    )
  const build = (count: number, codec: number): Healthy =>
    only(
      v2Batch({
        payload: records(count),
        recordsCount: count,
        lastOffsetDelta: count - 1,
        attributes: codec,
        ...(codec === 1 ? { compress: gzipped } : {}),
      }),
    )

  it('undoes one bit in gzip close to 4 MiB', () => {
    const batch = build(19_500, 1)
    expect(batch.bytes.length).to.be.within(3.5 * 2 ** 20, 4 * 2 ** 20)
    expectUndone(batch, flip(batch.bytes, 2_000_001, 0x20), 'one-bit')
  })

  it('undoes one byte in gzip close to 160 KB', () => {
    const batch = build(780, 1)
    expect(batch.bytes.length).to.be.within(150_000, 160_000)
    expectUndone(batch, flip(batch.bytes, 140_001, 0x27), 'one-byte')
  })

  it('undoes one bit without compression close to 50 KB', () => {
    const batch = build(128, 0)
    expect(batch.bytes.length).to.be.within(48_000, 50_000)
    expectUndone(batch, flip(batch.bytes, 30_001, 0x80), 'one-bit')
  })

  it('refuses one bit without compression in a batch for which the chance is too large', () => {
    const batch = build(150, 0)
    const result = undo(broken(batch, flip(batch.bytes, 30_001, 0x80)))
    expect(result.undo).to.equal(null)
    expect(result.why).to.include('too large to look for one flipped bit')
    const asked = undo(broken(batch, flip(batch.bytes, 30_001, 0x80)), { maxFalseMatch: 2e-4 })
    expect(asked.undo?.rung).to.equal('one-bit')
  })

  it('still undoes the bit that made a large gzip batch look uncompressed', () => {
    const batch = build(2000, 1)
    const found = expectUndone(batch, flip(batch.bytes, 22, 0x01), 'one-bit')
    expect(found.changes).to.deep.equal([{ field: 'attributes', before: '0', after: '1' }])
  })

  it('does not reckon with gzip where only the damage says gzip', () => {
    const batch = build(300, 0)
    const { undo: found, why } = undo(broken(batch, flip(batch.bytes, 22, 0x01)))
    expect(found).to.equal(null)
    expect(why).to.include('would fit by chance')
  })

  it('still undoes the byte that made a gzip batch look like lz4', () => {
    const batch = build(300, 1)
    const found = expectUndone(batch, flip(batch.bytes, 22, 0x0a), 'one-byte')
    expect(found.changes).to.deep.equal([{ field: 'attributes', before: '11', after: '1' }])
  })
})

describe('several damaged bits in small batches', () => {
  const batch = only(
    v2Batch({
      records: [{ key: 'key', value: 'a value of some length, which is no sector' }],
      attributes: 1,
      compress: gzipped,
    }),
  )

  it('undoes two flipped bits far from each other', () => {
    const damaged = flip(flip(batch.bytes, 70, 0x10), 110, 0x02)
    const { changes } = expectUndone(batch, damaged, 'two-bits')
    expect(changes.map(({ before }) => before.slice(0, 14))).to.deep.equal([
      'byte 70 bit 4:',
      'byte 110 bit 1',
    ])
  })

  it('undoes a burst of 8 bits across two bytes', () => {
    const damaged = flip(flip(batch.bytes, 80, 0xe0), 81, 0x0d)
    expectUndone(batch, damaged, 'short-burst')
  })

  it('undoes a burst of 16 bits across three bytes', () => {
    const damaged = flip(flip(flip(batch.bytes, 80, 0xa0), 81, 0x5b), 82, 0x13)
    expectUndone(batch, damaged, 'long-burst')
  })
})
