/** What the ladder refuses: everything that is not proven. */
import { expect } from 'chai'
import { crc32c } from '../../../src/bytes/crc.ts'
import { countBits, locateByte } from '../../../src/bytes/crc-locate.ts'
import { crcAlgebra } from '../../../src/bytes/crc-algebra.ts'
import { prng, seedOf } from '../../support/prng.ts'
import { joinedBatches, concat, noise, v2Batch } from '../../segment/build.ts'
import { gzipped } from '../../segment/codecs.ts'
import {
  broken,
  corpusBatches,
  flip,
  healthyBatches,
  overwrite,
  repaired,
  undo,
} from './entries.ts'
import type { Healthy } from './entries.ts'

const only = (bytes: Uint8Array): Healthy => {
  const [batch] = healthyBatches(bytes, 'built')
  if (batch === undefined) throw new Error('no batch')
  return batch
}

/** The whole file that a batch is a view of. */
const fileOf = ({ bytes }: Healthy): Uint8Array => new Uint8Array(bytes.buffer)

/** Uncompressed, `count` values of `size` bytes. */
const plain = (count: number, size: number): Healthy =>
  only(
    v2Batch({ records: Array.from({ length: count }, (_, i) => ({ value: noise(size, i + 1) })) }),
  )

describe('undoEntry', () => {
  it('does nothing to an entry whose CRC is right', () => {
    const result = undo(broken(plain(3, 50), plain(3, 50).bytes))
    expect(result.undo).to.equal(null)
    expect(result.why).to.equal('the CRC is right')
    expect(result.candidatesTried).to.equal(0)
  })

  it('survives entries of any few bytes', () => {
    const { bytes } = plain(1, 3)
    for (let size = 0; size < bytes.length; size++) {
      const cut = bytes.slice(0, size)
      expect(undo(broken(plain(1, 3), cut)).undo).to.equal(null)
      if (size >= 12) new DataView(cut.buffer).setInt32(8, size - 12)
      expect(undo(broken(plain(1, 3), cut)).undo).to.equal(null)
    }
  })

  it('gives the same answer to the same entry, and leaves its bytes alone', () => {
    const batch = plain(10, 50)
    const entry = broken(batch, flip(batch.bytes, 100, 4))
    const before = entry.bytes.slice()
    expect(undo(entry)).to.deep.equal(undo(entry))
    expect(entry.bytes).to.deep.equal(before)
  })
})

describe('the sector rule', () => {
  const batch = plain(1, 2000)
  const entry = broken(batch, flip(batch.bytes, 1500, 4))

  it('forbids to change bits where a whole sector lies inside one value', () => {
    const { undo: found, why } = undo(entry)
    expect(found).to.equal(null)
    expect(why).to.include('one flipped bit').and.to.include('whole sector')
  })

  it('is waived by whoever gives a chance', () => {
    const result = undo(entry, { maxFalseMatchExplicit: true })
    expect(result.undo?.rung).to.equal('one-bit')
    expect(repaired(entry, result)).to.deep.equal(batch.bytes)
  })

  it('allows a large value in which no whole sector lies', () => {
    const [narrow] = healthyBatches(concat(v2Batch({ records: [{ value: noise(700) }] })), 'built')
    if (narrow === undefined) throw new Error('no batch')
    const damaged = flip(narrow.bytes, 300, 4)
    // Its value begins at 70: the sector from 512 on is not whole in it.
    expect(undo(broken(narrow, damaged)).undo?.rung).to.equal('one-bit')
    // Now it is the one from 512 on in the file, at 112 of the entry.
    expect(undo(broken(narrow, damaged, { position: 400 })).undo).to.equal(null)
  })

  it('does not forbid to put the stored CRC right', () => {
    const damaged = flip(batch.bytes, 18, 4)
    expect(undo(broken(batch, damaged)).undo?.rung).to.equal('crc-field')
  })
})

describe('two candidates that survive', () => {
  it('are a reason to change nothing: two bytes', () => {
    const batch = plain(1000, 300)
    const size = batch.bytes.length - 21
    const algebra = crcAlgebra(crc32c)
    const at = batch.bytes.length - 50
    // Damage of a byte in the last value that has a second explanation, in another value.
    const refused = Array.from({ length: 255 }, (_, index) => index + 1).filter((mask) => {
      const syndrome = algebra.advance(algebra.table[mask] ?? 0, batch.bytes.length - 1 - at)
      if (locateByte(crc32c, syndrome, size).length < 2) return false
      const result = undo(broken(batch, flip(batch.bytes, at, mask)), { maxFalseMatch: 0.5 })
      expect(result.undo).to.equal(null)
      return result.why.includes('two different repairs')
    })
    expect(refused).not.to.deep.equal([])
  })

  it('are a reason to change nothing: the CRC field and a bit', () => {
    const batch = plain(4000, 250)
    const { polynomial } = crcAlgebra(crc32c)
    let refused = 0
    let effect = polynomial
    for (let place = 0; place < 8 * (batch.bytes.length - 100) && refused < 2; place++) {
      if (countBits(effect) <= 3) {
        const at = batch.bytes.length - 1 - Math.floor(place / 8)
        const { undo: found, why } = undo(
          broken(batch, flip(batch.bytes, at, 0x80 >>> (place % 8))),
        )
        // Where the bit hits a record's framing, the batch as it stands does not decode: then it is no candidate.
        expect(found).to.equal(null)
        if (why.includes('nothing tells which')) refused++
      }
      effect = (effect >>> 1) ^ (-(effect & 1) & polynomial)
    }
    expect(refused).to.be.greaterThan(0)
  })
})

describe('too little effort', () => {
  const batch = only(
    v2Batch({
      records: Array.from({ length: 50 }, (_, index) => ({ value: `value ${index}`.repeat(30) })),
      attributes: 1,
      compress: gzipped,
    }),
  )
  const entry = broken(batch, flip(batch.bytes, 200, 8))

  it('is a reason to change nothing', () => {
    const enough = undo(entry)
    expect(enough.undo?.rung).to.equal('one-bit')
    for (let effort = 0; effort < enough.steps - 4 * 20_000; effort += 997) {
      const { undo: found, steps, why } = undo(entry, { effort })
      expect(found).to.equal(null)
      expect(why).not.to.equal('')
      expect(steps).to.be.at.most(effort + 10 * batch.bytes.length)
    }
  })

  it('is the limit of decompressed bytes as well', () => {
    const { undo: found, why } = undo(entry, { maxDecompressedBytes: 1000 })
    expect(found).to.equal(null)
    expect(why).to.include('limit of decompressed bytes')
  })

  it('leaves two bits of a large batch alone', () => {
    const large = plain(3000, 300)
    const damaged = flip(flip(large.bytes, 1000, 1), 500_000, 1)
    const options = { maxFalseMatch: 1, maxFalseMatchExplicit: true, effort: 20_000_000 }
    const { undo: found, why } = undo(broken(large, damaged), options)
    expect(found).to.equal(null)
    expect(why).not.to.equal('')
  })
})

describe('destroyed sectors in batches of real brokers', () => {
  /** Damage of 512 bytes to 4 KiB at sectors of the file, wherever it meets the batch. */
  for (const [group, batches] of corpusBatches()) {
    it(`are never turned into another batch: ${group}`, () => {
      const random = prng(seedOf(group, 1))
      let damages = 0
      for (let run = 0; run < 300; run++) {
        const batch = batches[random.below(batches.length)]
        if (batch === undefined || batch.bytes.length > 300_000) continue
        const size = 512 * ([1, 1, 2, 8][random.below(4)] ?? 1)
        const sectors = Math.ceil(batch.bytes.length / 512)
        const at =
          (Math.floor(batch.position / 512) + random.below(sectors + 1)) * 512 - batch.position
        const file = run % 3 === 2 ? fileOf(batch) : null
        const from = 512 * random.below(Math.floor((file?.length ?? 0) / 512))
        const block =
          file?.subarray(from, from + size) ??
          (run % 3 === 1 ? new Uint8Array(size) : random.bytes(size))
        const damaged =
          at >= 0
            ? overwrite(batch.bytes, at, block)
            : overwrite(batch.bytes, 0, block.subarray(-at))
        // Half of the time the fields outside the CRC are put right, as the caller does when neighbours tell them.
        if (run % 2 === 0) damaged.set(batch.bytes.subarray(0, batch.header.magic < 2 ? 12 : 17))
        const entry = broken(batch, damaged)
        const result = repaired(entry, undo(entry))
        damages++
        if (result !== null) expect(result).to.deep.equal(batch.bytes)
      }
      expect(damages).to.be.greaterThan(100)
    }).timeout(60_000)
  }
})

describe('a batch in a log without gaps', () => {
  it('is not undone to one that does not join the next', () => {
    const batch = healthyBatches(concat(...joinedBatches(3, 20)), 'built')[1]
    if (batch === undefined) throw new Error('no batch')
    // The bit that is found makes lastOffsetDelta 19 again; the next batch says that it never was.
    const damaged = flip(batch.bytes, 25, 0x10)
    expect(undo(broken(batch, damaged)).undo?.changes[0]?.field).to.equal('lastOffsetDelta')
    expect(undo(broken(batch, damaged)).undo?.evidence).to.include('neighbours')
    const other = { nextBaseOffset: 41n }
    expect(undo(broken(batch, damaged, other)).undo).to.equal(null)
  })
})
