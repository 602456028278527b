/** Sectors of real batches that hold other bytes, while the true ones lie elsewhere among others. */
import { expect } from 'chai'
import type { SectorSource, Undo } from '../../../src/recover/rungs/rung.ts'
import { applyEdits } from '../../../src/recover/rungs/edits.ts'
import { prng, seedOf } from '../../support/prng.ts'
import type { Prng } from '../../support/prng.ts'
import { broken, corpusBatches, overwrite, pick, repaired, undo } from './entries.ts'
import type { Healthy } from './entries.ts'

const SECTOR = 512
/** Where in the file the true bytes are found; a multiple of a page. */
const ELSEWHERE = 1_000 * 4096

/** Overwrites whole sectors of the file, as far as they touch the batch, and gives the true ones among others. */
function move(
  batch: Healthy,
  firstSector: number,
  sectors: number,
  random: Prng,
): { damaged: Uint8Array; others: SectorSource } {
  const file = new Uint8Array(batch.bytes.buffer)
  const from = firstSector * SECTOR
  const size = sectors * SECTOR
  const truth = new Uint8Array(size)
  truth.set(file.subarray(from, from + size))
  const noise = random.bytes(size)
  const relative = from - batch.position
  const damaged =
    relative >= 0
      ? overwrite(batch.bytes, relative, noise)
      : overwrite(batch.bytes, 0, noise.subarray(-relative))
  // Eight sectors of others before, so that alignment is kept, and as many behind.
  const bytes = Uint8Array.from([
    ...random.bytes(8 * SECTOR),
    ...truth,
    ...random.bytes(8 * SECTOR),
  ])
  return {
    damaged,
    others: {
      stretches: [
        { position: 0, bytes: random.bytes(3000) },
        { position: ELSEWHERE, bytes },
      ],
    },
  }
}

function expectMovedBack(batch: Healthy, damaged: Uint8Array, others: SectorSource): Undo {
  const entry = broken(batch, damaged)
  const result = undo(entry, { otherSectors: () => others })
  expect(result.why).to.equal('')
  expect(result.undo?.rung).to.equal('moved-bytes')
  expect(Buffer.compare(repaired(entry, result) ?? new Uint8Array(), batch.bytes)).to.equal(0)
  expect(result.undo?.evidence).to.include('moved')
  if (result.undo === null) throw new Error('nothing undone')
  return result.undo
}

for (const [group, all] of corpusBatches()) {
  const large = all.filter(({ bytes }) => bytes.length >= 3000 && bytes.length < 65_536)
  if (large.length === 0) continue

  describe(`moved sectors in batches of magic and codec ${group}`, () => {
    it('finds one to eight sectors inside', () => {
      const random = prng(seedOf(group, 1))
      for (const batch of pick(large, 8, random)) {
        const first = Math.ceil((batch.position + 61) / SECTOR)
        const inside = Math.floor((batch.position + batch.bytes.length) / SECTOR) - first
        const sectors = 1 + random.below(Math.min(8, inside))
        const at = first + random.below(inside - sectors + 1)
        const { damaged, others } = move(batch, at, sectors, random)
        expectMovedBack(batch, damaged, others)
      }
    })

    it('finds the sector that reaches behind the batch', () => {
      const random = prng(seedOf(group, 2))
      for (const batch of pick(large, 4, random)) {
        const last = Math.floor((batch.position + batch.bytes.length - 1) / SECTOR)
        const { damaged, others } = move(batch, last - 1, 2, random)
        expectMovedBack(batch, damaged, others)
      }
    })

    it('finds the sectors that begin before the batch and hold its header', () => {
      const random = prng(seedOf(group, 3))
      const placed = large.filter(
        ({ header, after }) =>
          after?.baseOffsetKnown && header.lastOffset + 1n === after.baseOffset,
      )
      for (const batch of pick(placed, 4, random)) {
        const { damaged, others } = move(batch, Math.floor(batch.position / SECTOR), 2, random)
        if (Buffer.compare(damaged, batch.bytes) !== 0) expectMovedBack(batch, damaged, others)
      }
    })
  })
}

describe('moved sectors', () => {
  const batches = corpusBatches().get('2 lz4') ?? []
  const batch = batches.find(({ bytes }) => bytes.length > 5000 && bytes.length < 8000)
  if (batch === undefined) throw new Error('no batch of that size')
  const first = Math.ceil((batch.position + 61) / SECTOR)

  it('asks for other sectors only when nothing cheaper fits', () => {
    let asked = 0
    const otherSectors = (): null => {
      asked++
      return null
    }
    const bit = overwrite(batch.bytes, 1000, Uint8Array.of((batch.bytes[1000] ?? 0) ^ 4))
    expect(undo(broken(batch, bit), { otherSectors }).undo?.rung).to.equal('one-bit')
    expect(asked).to.equal(0)
    const { damaged } = move(batch, first, 2, prng(1))
    expect(undo(broken(batch, damaged), { otherSectors }).undo).to.equal(null)
    expect(asked).to.equal(1)
  })

  it('does not believe the magic that stands in a lost header', () => {
    for (const magic of [0, 1]) {
      const { damaged, others } = move(batch, Math.floor(batch.position / SECTOR), 2, prng(4))
      if (damaged[16] === batch.bytes[16]) throw new Error('the header is not lost')
      damaged[16] = magic
      expectMovedBack(batch, damaged, others)
    }
  })

  it('does not take sectors that are off the grid', () => {
    const { damaged, others } = move(batch, first, 2, prng(1))
    const shifted = others.stretches.map(({ position, bytes }) => ({
      position,
      bytes: Uint8Array.from([0, ...bytes]),
    }))
    const { undo: found } = undo(broken(batch, damaged), {
      otherSectors: () => ({ stretches: shifted }),
    })
    expect(found).to.equal(null)
  })

  it('takes the same bytes found twice for one', () => {
    const { damaged, others } = move(batch, first, 2, prng(1))
    const twice = { stretches: [...others.stretches, ...others.stretches] }
    expectMovedBack(batch, damaged, twice)
  })

  it('leaves out what would be compared with too much', () => {
    const { damaged, others } = move(batch, first, 1, prng(1))
    const random = prng(2)
    const many = { position: 8192, bytes: random.bytes(512 * 200) }
    const entry = broken(batch, damaged)
    const options = { otherSectors: () => ({ stretches: [many, ...others.stretches] }) }
    const refused = undo(entry, { ...options, maxFalseMatch: 1.3e-6 })
    expect(refused.undo).to.equal(null)
    const found = undo(entry, options)
    expect(found.undo?.rung).to.equal('moved-bytes')
    expect(found.candidatesTried).to.be.greaterThan(2000)
    const poor = undo(entry, { ...options, effort: 60_000 })
    expect(poor.undo).to.equal(null)
    expect(poor.why).to.include('effort')
  })

  it('finds 64 KiB in a batch of megabytes', function () {
    const [huge] = [...(corpusBatches().get('2 none') ?? [])].sort(
      (a, b) => b.bytes.length - a.bytes.length,
    )
    if (huge === undefined || huge.bytes.length < 1_000_000) return this.skip()
    const page = Math.ceil((huge.position + 500_000) / 4096)
    const { damaged, others } = move(huge, page * 8, 128, prng(3))
    const { edits } = expectMovedBack(huge, damaged, others)
    expect(edits[0]?.removed).to.equal(65_536)
    expect(applyEdits(damaged, edits).length).to.equal(huge.bytes.length)
  })
})
