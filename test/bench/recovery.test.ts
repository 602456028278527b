import { expect } from 'chai'
import { caseIds, cells, makeCase, struckBatches } from '../../bench/recovery/cases.ts'
import { epochContradictions, offsetContradictions } from '../../bench/recovery/contradictions.ts'
import { complaints, render } from '../../bench/recovery/document.ts'
import { judgeCase } from '../../bench/recovery/run-case.ts'
import type { Verdict } from '../../bench/recovery/run-case.ts'
import { runCases } from '../../bench/recovery/run-cases.ts'
import type { RunOptions } from '../../bench/recovery/run-cases.ts'
import { benchSegments } from '../../bench/recovery/segments.ts'
import { isFailure } from '../../bench/recovery/summary.ts'
import type { RepairOutcome } from '../../bench/recovery/workbench.ts'
import { DamagedSegment } from '../support/damage.ts'
import { freshenCrc } from '../support/walk-batches.ts'

const options: RunOptions = {
  cases: 24,
  hits: null,
  seed: 5,
  jobs: 1,
  kinds: null,
  codecs: ['none', 'gzip'],
  only: null,
}

/** An outcome that nobody's repair made. */
const outcomeOf = (output: Uint8Array): RepairOutcome => ({
  report: { segments: [{ damage: [{}] }] } as unknown as RepairOutcome['report'],
  errors: [],
  output,
  salvage: [],
})

const timeless = (verdicts: readonly Verdict[]): unknown[] =>
  verdicts.map((verdict) => ({ ...verdict, elapsedMs: 0 }))

describe('bench: recovery', function () {
  // The first to ask reads every segment.
  this.timeout(60_000)

  it('makes a case again from its id and the seed', () => {
    const all = cells(null, null)
    for (const id of caseIds(all, all.length * 2).filter((_, index) => index % 7 === 0)) {
      const [one, same] = [makeCase(all, id, 3), makeCase(all, id, 3)]
      expect(Buffer.compare(one.damaged.bytes, same.damaged.bytes), id).to.equal(0)
      expect(Buffer.compare(one.damaged.bytes, one.damaged.original), id).to.not.equal(0)
      expect(struckBatches(one), id).to.not.deep.equal([])
    }
  })

  it('gives every cell as many cases as any other', () => {
    const all = cells(['bit', 'removed'], ['none', 'gzip'])
    const ids = caseIds(all, 12)
    expect(new Set(ids).size).to.equal(12)
    expect(ids.filter((id) => id.startsWith('removed/gzip/'))).to.have.length(3)
  })

  it('says that an output like the original lost nothing', () => {
    const test = makeCase(cells(['bit'], ['none']), 'bit/none/0', 1)
    const verdict = judgeCase(test, outcomeOf(test.damaged.original), 0)
    expect(verdict.damagedRecords).to.be.greaterThan(0)
    expect(verdict.returned).to.equal(verdict.damagedRecords)
    expect(verdict.kept).to.equal(verdict.allRecords)
    expect(verdict.promisedReturned).to.equal(verdict.promised)
    expect(isFailure(verdict)).to.equal(false)
  })

  it('complains of a wrong record, with the command that makes it again', () => {
    const all = cells(['bit-in-records'], ['none'])
    const test = makeCase(all, 'bit-in-records/none/1', 1)
    // What a false match would leave: the damaged bytes under a CRC that holds.
    const output = test.damaged.bytes.slice()
    const { position, sizeInBytes } = test.target
    const victim = output.subarray(position, position + sizeInBytes)
    victim.set(test.damaged.original.subarray(position, position + sizeInBytes))
    victim[sizeInBytes - 2] = victim[sizeInBytes - 2]! ^ 1
    freshenCrc(victim)
    const verdict = judgeCase(test, outcomeOf(output), 0)
    expect(verdict.wrongRecords).to.be.greaterThan(0)
    expect(isFailure(verdict)).to.equal(true)
    const [complaint] = complaints({ options: { ...options, seed: 1 }, verdicts: [verdict] }, false)
    expect(complaint).to.match(/^WRONG bit-in-records\/none\/1/)
    expect(complaint).to.include(
      "npm run bench:recovery -- --seed 1 --case 'bit-in-records/none/1'",
    )
  })

  it('complains of an offset left wrong where something contradicts it', () => {
    const all = cells(['baseOffset-bit'], ['none'])
    const test = caseIds(all, 40)
      .map((id) => makeCase(all, id, 1))
      .find(({ target, segment }) => target !== segment.truth.batches.at(-1))!
    const output = test.damaged.bytes.slice()
    const verdict = judgeCase(test, outcomeOf(output), 0)
    expect(verdict.undetectable).to.deep.equal([])
    expect(verdict.wrong[0]).to.match(/left as it was against/)
  })

  for (const { name, problems, wrong } of [
    {
      name: 'complains of an offset that the index contradicts in silence',
      problems: [],
      wrong: 1,
    },
    {
      name: 'takes it for unseen where the report names both',
      problems: ['entry 0 names offset 5048, 5049 is there: the entry is wrong or the batch is'],
      wrong: 0,
    },
  ])
    it(name, () => {
      const segment = benchSegments().find((one) => one.name.startsWith('compacted, gaps'))!
      const target = segment.truth.batches.find(({ baseOffset }) => baseOffset === 5048n)!
      const damaged = new DamagedSegment(segment.segment.bytes).flipBit(target.position + 7, 0)
      const { kind } = cells(['baseOffset-bit'], null)[0]!
      const test = { id: '', kind, column: 'none' as const, segment, target, damaged }
      const report = { segments: [{ damage: [], indexes: { offsetIndex: { problems } } }] }
      const outcome = { ...outcomeOf(damaged.bytes), report: report as never }
      const verdict = judgeCase(test, outcome, 0)
      expect(verdict.wrong).to.have.lengthOf(wrong)
      expect(verdict.undetectable).to.have.lengthOf(1 - wrong)
    })

  it('runs the library on real files, and gives the same again', async () => {
    const verdicts = await runCases(options)
    expect(verdicts).to.have.length(24)
    for (const verdict of verdicts) {
      const { damagedRecords, returned, salvaged } = verdict
      expect(returned + salvaged, verdict.id).to.be.at.most(damagedRecords)
      expect(verdict.kept, verdict.id).to.be.at.most(verdict.allRecords)
    }
    expect(timeless(await runCases(options))).to.deep.equal(timeless(verdicts))
    const document = render({ options, verdicts })
    for (const heading of ['Returned', 'Salvaged', 'Kept', 'Promised', 'What cannot be seen'])
      expect(document).to.include(`\n## ${heading}\n`)
  })

  it('gives the same with several jobs', async () => {
    const few = { ...options, cases: 3 }
    const [one, two] = [await runCases(few), await runCases({ ...few, jobs: 2 })]
    expect(timeless(two)).to.deep.equal(timeless(one))
  })
})

describe('bench: contradictions', () => {
  const named = (name: string): ReturnType<typeof benchSegments>[number] =>
    benchSegments().find((segment) => segment.name === name)!
  const plain = named('none, Kafka 2.8')
  const last = plain.truth.batches.length - 1

  for (const { name, index, offset, against } of [
    { name: 'below the base', index: 3, offset: -1n, against: 'the segment base' },
    { name: 'over a neighbour', index: 3, offset: 200n, against: 'the neighbours' },
    { name: 'beyond the others', index: 3, offset: 5000n, against: 'the neighbours' },
    { name: 'in the place of the last', index: last, offset: 0n, against: 'the neighbours' },
  ])
    it(`sees an offset ${name}`, () => {
      expect(offsetContradictions(plain, index, offset)).to.include(against)
    })

  it('sees nothing against the true offsets', () => {
    for (const segment of benchSegments())
      segment.truth.batches.forEach((batch, index) => {
        const leading = batch.magic === 2 ? batch.baseOffset : batch.lastOffset
        expect(offsetContradictions(segment, index, leading), segment.name).to.deep.equal([])
        if (batch.magic === 2)
          expect(
            epochContradictions(segment, index, batch.partitionLeaderEpoch),
            segment.name,
          ).to.deep.equal([])
      })
  })

  it('sees nothing against a last offset that rises in a file alone', () => {
    const alone = { ...plain, row: { ...plain.row, layout: 'lone' as const } }
    const { baseOffset } = plain.truth.batches[last]!
    expect(offsetContradictions(alone, last, baseOffset + 1024n)).to.deep.equal([])
    expect(offsetContradictions(plain, last, baseOffset + 1024n)).to.include('the offset index')
    expect(epochContradictions(alone, last, 9)).to.deep.equal([])
    expect(epochContradictions(plain, last, 9)).to.deep.equal(['leader-epoch-checkpoint'])
    expect(epochContradictions(plain, 3, 9)).to.include('the neighbours')
  })
})
