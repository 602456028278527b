import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../bench/recovery/block-plan.ts'
import { runShare, runWork } from '../../bench/recovery/block-jobs.ts'
import type { BlockTally, MakePlanned } from '../../bench/recovery/block-run.ts'
import { judgeBlocks, runBlocks } from '../../bench/recovery/block-run.ts'
import { BLOCK_GROUPS, buildBlockSegment } from '../../bench/recovery/block-segments.ts'
import { isKept, renderPage, row, total } from '../../bench/recovery/block-table.ts'
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

  for (const only of [4817, 6942]) {
    it(`case ${only}: a sector of the batch itself does not pass for the true one`, async () => {
      const tally = await runBlocks(BLOCK_GROUPS[0]!, { ...options, seed: 1, only })
      expect(tally).to.deep.include({ wrong: [], undos: 0 })
    })
  }

  it('sums what the searches risked, whatever the number of jobs', async () => {
    const [group] = BLOCK_GROUPS.slice(6)
    const work = { cases: 6, seed: 2, chance: 0.01, groups: [6], only: null, jobs: 1 }
    const whole: BlockTally[] = []
    const [alone] = await runWork(work, (tally) => whole.push(tally))
    expect(whole).to.deep.equal([alone])
    expect(alone!.risked).to.be.within(1e-6, 6e-2)
    const parts: BlockTally[] = []
    for (const share of [0, 1])
      await runShare({ work: { ...work, jobs: 2 }, share }, (tally) => parts.push(tally))
    const { risked, ...sum } = total(group!.name, parts)
    expect(sum).to.deep.include({ cases: 6, wrong: alone!.wrong, undos: alone!.undos })
    expect(risked).to.be.closeTo(alone!.risked, 1e-12)
  })

  it('takes bytes that are no batch, and a batch that is there twice, for wrong', () => {
    const segment = buildBlockSegment(BLOCK_GROUPS[4]!, 1, 2)
    const twice = Buffer.concat([segment.bytes, segment.batches[2]!.bytes])
    expect(judgeBlocks(segment, twice).wrong).to.match(/never was there/)
    expect(judgeBlocks(segment, segment.bytes.subarray(0, -1)).wrong).to.match(/no batch/)
  })
})

describe('bench: the tables of block damage', () => {
  const tally = (wrong: number, risked: number, variance: number): BlockTally => ({
    group: 'victims',
    cases: 1000,
    right: 3,
    wrong: Array.from({ length: wrong }, (_, index) => `case ${index}: bad`),
    undos: 4,
    risked,
    variance,
  })

  const cases = [
    { chance: null, wrong: 0, kept: true, words: '| 0 | 4 | 5.0 | 2.0 | none wrong |' },
    { chance: null, wrong: 1, kept: false, words: 'WRONG REPAIRS' },
    { chance: 0.01, wrong: 11, kept: true, words: '| 11 | 4 | 5.0 | 2.0 | calibrated |' },
    { chance: 0.01, wrong: 12, kept: false, words: 'NOT calibrated' },
  ]
  for (const { chance, wrong, kept, words } of cases) {
    it(`${words.replaceAll('|', '')}: ${wrong} wrong where 5 ± 2 were risked`, () => {
      const one = tally(wrong, 5, 4)
      expect(isKept(one, chance)).to.equal(kept)
      expect(row(one, chance)).to.include(words)
    })
  }

  it('say that nothing is shown where nothing was risked', () => {
    expect(row(tally(0, 0, 0), 0.01)).to.match(/\| 0 \| 0 \| nothing was risked/)
    expect(row(tally(0, 0.0012, 0.0012), 0.01)).to.include('| 1.2e-3 | 3.5e-2 | calibrated |')
  })

  it('are a page with the command and the sums', () => {
    const page = renderPage('npm run it', [
      { chance: null, tallies: [tally(0, 1, 1), tally(0, 2, 3)] },
      { chance: 0.01, tallies: [tally(1, 1, 1)] },
    ])
    for (const words of [
      'Made by `npm run it --write',
      '## At the defaults',
      '| all | 2000 | 6 | 0 | 8 | 3.0 | 2.0 | none wrong |',
      '## At `--max-false-match 0.01`',
    ])
      expect(page).to.include(words)
  })
})
