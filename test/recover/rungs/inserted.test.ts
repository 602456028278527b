/** Bytes put into batches of real brokers, anywhere in the entry. */
import { expect } from 'chai'
import type { Undo } from '../../../src/recover/rungs/rung.ts'
import { crcCoverage } from '../../../src/segment/record-batch.ts'
import { joinedBatches, concat, noise } from '../../segment/build.ts'
import { prng, seedOf } from '../../support/prng.ts'
import type { Prng } from '../../support/prng.ts'
import { broken, corpusBatches, healthyBatches, insert, pick, repaired, undo } from './entries.ts'
import type { Healthy } from './entries.ts'

function expectTakenOut(batch: Healthy, damaged: Uint8Array): Undo {
  const entry = broken(batch, damaged)
  const result = undo(entry)
  expect(result.why).to.equal('')
  expect(result.undo?.rung).to.equal('inserted-bytes')
  expect(Buffer.compare(repaired(entry, result) ?? new Uint8Array(), batch.bytes)).to.equal(0)
  expect(result.undo?.falseMatchProbability).to.be.within(1e-13, 1e-4)
  if (result.undo === null) throw new Error('nothing undone')
  return result.undo
}

/** Mostly a few, sometimes thousands. */
const sizeOf = (random: Prng): number =>
  1 + random.below([8, 100, 2000, 65_536][random.below(4)] ?? 1)

for (const [group, all] of corpusBatches()) {
  // What stands before tells where a wrapper of magic 0 and 1 begins only when it ends where the next begins.
  const batches = all.filter(({ bytes }) => bytes.length <= 65_536)

  describe(`bytes inserted into batches of magic and codec ${group}`, () => {
    const contents = {
      random: (random: Prng, size: number): Uint8Array => random.bytes(size),
      zero: (_random: Prng, size: number): Uint8Array => new Uint8Array(size),
    }
    for (const [name, content] of Object.entries(contents)) {
      it(`takes ${name} bytes out again, under the CRC`, () => {
        const random = prng(seedOf(group + name, 1))
        for (const batch of pick(batches, 12, random)) {
          const { start } = crcCoverage(batch.header.magic)
          const at = start + random.below(batch.bytes.length - start)
          expectTakenOut(batch, insert(batch.bytes, at, content(random, sizeOf(random))))
        }
      })
    }

    it('takes copies of the bytes before or behind out again', () => {
      const random = prng(seedOf(group, 2))
      for (const batch of pick(batches, 12, random)) {
        const { start } = crcCoverage(batch.header.magic)
        const at = start + random.below(batch.bytes.length - start)
        const from = random.below(2) === 0 ? at : start
        const copy = batch.bytes.slice(from, Math.min(from + sizeOf(random), batch.bytes.length))
        expectTakenOut(batch, insert(batch.bytes, at, copy))
      }
    })

    it('takes bytes out of each place of the header, the length field and the offset included', () => {
      const random = prng(seedOf(group, 3))
      // In a compacted log nothing tells the base offset of a batch before which records are missing.
      const placed = batches.filter(({ header, before, after, withoutGaps }) => {
        const joins = after !== null && header.lastOffset + 1n === after.baseOffset
        return joins && after.baseOffsetKnown && (withoutGaps || before !== null)
      })
      for (let at = 1; at < 61; at++) {
        const [batch] = pick(placed.length > 0 ? placed : batches, 1, random)
        if (batch === undefined || at >= batch.bytes.length) continue
        const inserted = random.bytes(sizeOf(random))
        const found = expectTakenOut(batch, insert(batch.bytes, at, inserted))
        // Between two leader epochs nothing confirms which one it was.
        const unsure = batch.before?.partitionLeaderEpoch !== batch.after?.partitionLeaderEpoch
        if (!unsure) expect(found.inferred).to.deep.equal([])
        if (at <= 8) expect(found.evidence).to.include('neighbours')
      }
    })
  })
}

describe('bytes inserted into a batch', () => {
  const batches = healthyBatches(concat(...joinedBatches(3, 20)), 'built')
  const batch = batches[1]
  if (batch === undefined) throw new Error('no batch')

  it('says where and how many', () => {
    const found = expectTakenOut(batch, insert(batch.bytes, 100, noise(7)))
    expect(found.changes).to.deep.equal([
      { field: 'records', before: '7 bytes too many at byte 100', after: 'removed' },
    ])
    expect(found.edits).to.deep.equal([{ at: 100, removed: 7, inserted: new Uint8Array() }])
  })

  it('names the header field in which they stood', () => {
    const found = expectTakenOut(batch, insert(batch.bytes, 45, noise(7)))
    expect(found.changes[0]?.field).to.equal('producerId')
  })

  it('takes places that give the same bytes for one', () => {
    // A copy of the 30 bytes before: taken out from any of 31 places it is the same.
    const copy = batch.bytes.slice(100, 130)
    const found = expectTakenOut(batch, insert(batch.bytes, 130, copy))
    expect(found.edits[0]?.at).to.be.at.most(100)
  })

  it('takes more than 64 KiB for something else', () => {
    const { undo: found } = undo(broken(batch, insert(batch.bytes, 100, noise(65_537))))
    expect(found).to.equal(null)
  })

  it('takes nothing out where bytes are missing', () => {
    const { undo: found, why } = undo(broken(batch, batch.bytes.slice(0, -5)))
    expect(found).to.equal(null)
    expect(why).not.to.equal('')
  })

  it('does not look without effort', () => {
    const { undo: found, why } = undo(broken(batch, insert(batch.bytes, 100, noise(7))), {
      effort: 1000,
    })
    expect(found).to.equal(null)
    expect(why).to.include('effort of 1000 steps')
  })

  it('leaves a torn offset alone when nothing tells what it was', () => {
    const damaged = insert(batch.bytes, 6, noise(5))
    const unknown = { expectedBaseOffset: null, nextBaseOffset: null }
    expect(undo(broken(batch, damaged, unknown)).undo).to.equal(null)
    expect(undo(broken(batch, damaged)).undo).not.to.equal(null)
  })

  it('says that the leader epoch is inferred when no neighbour confirms it', () => {
    const damaged = insert(batch.bytes, 4, noise(5))
    const entry = broken(batch, damaged, { before: null, after: null })
    expect(undo(entry).undo?.inferred).to.deep.equal(['partitionLeaderEpoch'])
  })

  it('refuses a repair whose epoch would lie outside those of its neighbours', () => {
    const damaged = insert(batch.bytes, 4, noise(5))
    const after = batches[2]?.header ?? null
    if (after === null) throw new Error('no neighbour')
    const later = { ...after, partitionLeaderEpoch: 7 }
    const entry = broken(batch, damaged, {
      before: { ...later, partitionLeaderEpoch: 5 },
      after: later,
    })
    expect(undo(entry).undo).to.equal(null)
  })
})
