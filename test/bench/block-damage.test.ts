import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../bench/recovery/block-plan.ts'
import { judgeBlocks, runBlocks } from '../../bench/recovery/block-run.ts'
import type { MakePlanned } from '../../bench/recovery/block-run.ts'
import { BLOCK_GROUPS, buildBlockSegment } from '../../bench/recovery/block-segments.ts'
import { freshenCrc } from '../support/walk-batches.ts'

const options = { cases: 4, seed: 2, undo: {}, only: null }

describe('bench: block damage', () => {
  for (const group of BLOCK_GROUPS) {
    describe(group.name, () => {
      const segment = buildBlockSegment(group, 1, 2)

      it('is whole before it is damaged', async () => {
        const plan = await planInMemory(segment.bytes, {})
        expect(plan.diagnosis.damage).to.deep.equal([])
        expect(Buffer.compare(plannedBytes(plan, segment.bytes), segment.bytes)).to.equal(0)
        expect(judgeBlocks(segment, segment.bytes)).to.deep.equal({ right: true, wrong: null })
      })

      it('is not put right wrongly', async () => {
        const tally = await runBlocks(group, options)
        expect(tally.cases).to.equal(4)
        expect(tally.wrong).to.deep.equal([])
      })

      it('counts what is put right wrongly', async () => {
        const fake: MakePlanned = async (damaged) => {
          const output = damaged.slice()
          // Only the victim is damaged everywhere: it alone is left, under a CRC that holds.
          const victim = segment.bytes.slice(
            segment.victim.position,
            segment.victim.position + segment.victim.sizeInBytes,
          )
          victim[victim.length - 1] = victim.at(-1)! ^ 1
          freshenCrc(victim)
          return await Promise.resolve({
            output: output.length > 0 ? victim : output,
            risks: { undos: 1, risked: [0.25, 0] },
          })
        }
        const tally = await runBlocks(group, { ...options, only: 1 }, fake)
        expect(tally.right).to.equal(0)
        expect(tally.wrong).to.have.length(1)
        expect(tally.wrong[0]).to.match(/^case 1: the batch at output position 0 never was there/)
        expect([tally.undos, tally.risked, tally.variance]).to.deep.equal([1, 0.25, 0.1875])
      })
    })
  }

  it('takes bytes that are no batch, and a batch that is there twice, for wrong', () => {
    const segment = buildBlockSegment(BLOCK_GROUPS[4]!, 1, 2)
    const twice = Buffer.concat([segment.bytes, segment.batches[2]!.bytes])
    expect(judgeBlocks(segment, twice).wrong).to.match(/never was there/)
    expect(judgeBlocks(segment, segment.bytes.subarray(0, -1)).wrong).to.match(/no batch/)
  })
})
