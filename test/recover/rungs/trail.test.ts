/** What the ladder tells of itself, and that being asked changes nothing. */
import { expect } from 'chai'
import { prng, seedOf } from '../../support/prng.ts'
import { LADDER } from '../../../src/recover/rungs/trail.ts'
import { concat, noise, v2Batch } from '../../segment/build.ts'
import { broken, corpusBatches, flip, healthyBatches, pick, undo } from './entries.ts'
import type { Healthy } from './entries.ts'

const plain = (count: number, size: number): Healthy => {
  const records = Array.from({ length: count }, (_, at) => ({ value: noise(size, at + 1) }))
  const [batch] = healthyBatches(v2Batch({ records }), 'built')
  if (batch === undefined) throw new Error('no batch')
  return batch
}

describe('the trail of the ladder', () => {
  it('changes nothing, and accounts for every candidate', () => {
    const seed = seedOf('trail', 0)
    const random = prng(seed)
    for (const [group, batches] of corpusBatches()) {
      for (const healthy of pick(batches, 3, random)) {
        for (const bits of [1, 2, 40]) {
          const damaged = healthy.bytes.slice()
          for (let bit = 0; bit < bits; bit++)
            damaged[random.below(damaged.length)]! ^= 1 << random.below(8)
          const entry = broken(healthy, damaged)
          const { rungs: untold, ...quiet } = undo(entry)
          const { rungs, ...asked } = undo(entry, { isTraced: true })
          const name = `${group}, ${bits} bits, seed ${seed}`
          expect(asked, name).to.deep.equal(quiet)
          expect(untold).to.deep.equal([])
          const tried = rungs.reduce((sum, { candidatesTried }) => sum + candidatesTried, 0)
          expect(tried, name).to.equal(asked.candidatesTried)
          expect(rungs.at(-1)?.result === 'undone', name).to.equal(asked.undo !== null)
          for (const { candidates } of rungs) expect(candidates.length).to.be.at.most(4)
        }
      }
    }
  })

  const healthy = plain(3, 50)
  const struck = flip(healthy.bytes, 90, 4)

  it('shows a candidate with its place, old and new bytes, and the chance of what fits', () => {
    const { rungs } = undo(broken(healthy, struck), { isTraced: true })
    const [crcField, oneBit, ...others] = rungs
    expect(others).to.deep.equal([])
    expect(crcField).to.deep.include({ rung: 'crc-field', result: 'nothing-fits', candidates: [] })
    expect(oneBit).to.deep.include({ rung: 'one-bit', result: 'undone', candidatesLeft: 0 })
    expect(oneBit?.falseMatchProbability).to.equal(oneBit?.falseMatchTried)
    const [candidate] = oneBit?.candidates ?? []
    expect(candidate).to.deep.include({ position: healthy.position + 90, verdict: 'fits' })
    expect(candidate?.changes).to.have.length(1)
    expect(candidate?.changes[0]?.before).to.match(/^byte 90 bit \d: 0x/)
  })

  const ends: readonly (readonly [
    string,
    Parameters<typeof undo>[1],
    rung: string,
    result: string,
  ])[] = [
    ['the chance', { maxFalseMatch: 1e-8 }, 'one-bit', 'too-many-candidates'],
    ['the effort', { effort: healthy.bytes.length + 10 }, 'one-bit', 'effort-too-small'],
    ['a limit of decompression', { maxDecompressedBytes: 0 }, 'one-bit', 'undone'],
    [
      'a sector that nothing proves',
      { opaqueSpans: () => [{ start: 0, end: 2000 }] },
      'one-bit',
      'sector-not-proven',
    ],
  ]
  for (const [name, options, rung, result] of ends)
    it(`says what ${name} makes of a rung`, () => {
      const { rungs } = undo(broken(healthy, struck), { isTraced: true, ...options })
      expect(rungs.find((step) => step.rung === rung)?.result).to.equal(result)
    })

  it('shows what fits among many that do not', () => {
    // No CRC covers the offset, so that it is right wherever in it the byte is taken out.
    const inserted = concat(
      healthy.bytes.subarray(0, 3),
      Uint8Array.of(9),
      healthy.bytes.subarray(3),
    )
    const { rungs } = undo(broken(healthy, inserted), { isTraced: true })
    const step = rungs.find(({ rung }) => rung === 'inserted-bytes')
    expect(step?.result).to.equal('undone')
    expect(step?.candidates.map(({ verdict }) => verdict)).to.include('fits')
    expect(step?.candidates.map(({ verdict }) => verdict)).to.include('neighbours-contradict')
  })

  it('has each rung once in its order', () => {
    expect(new Set(LADDER).size).to.equal(LADDER.length)
    expect(LADDER).to.have.length(9)
  })
})
