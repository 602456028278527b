/**
 * Real segments × damage × seeds. What must hold for each cell is in test/support/check-repair.ts. KMEND_TEST_SEEDS
 * sets how many seeds a cell gets, KMEND_TEST_FIRST_SEED where they start.
 */
import { expect } from 'chai'
import { checkRepair } from '../support/check-repair.ts'
import { DamagedSegment } from '../support/damage.ts'
import { truthOf } from '../support/lost-groups.ts'
import { prng, seedOf } from '../support/prng.ts'
import { damages, fieldFlips } from './damages.ts'
import { sources } from './sources.ts'

const seeds = Number(process.env['KMEND_TEST_SEEDS'] ?? 1)
const firstSeed = Number(process.env['KMEND_TEST_FIRST_SEED'] ?? 1)

describe('repair of damaged segments', () => {
  for (const source of sources.filter(({ slow }) => seeds > 1 || slow !== true)) {
    describe(source.name, () => {
      const { segment, truth, sister } = source.load()
      const flips = source.flipFields === true ? fieldFlips(segment.batches[0]!.magic) : []
      it('leaves an undamaged segment as it is', async () => {
        const damaged = new DamagedSegment(segment.bytes)
        const { output, report } = await checkRepair({ ...source, segment, truth, damaged })
        expect(Buffer.compare(output, segment.bytes)).to.equal(0)
        expect(report.summary.exitCode).to.equal(0)
        expect(report.segments[0]!.damage).to.deep.equal([])
      })
      for (const { name, apply } of [...damages, ...flips])
        for (let seed = firstSeed; seed < firstSeed + seeds; seed++)
          it(`${name} (seed ${seed})`, async () => {
            const damaged = new DamagedSegment(segment.bytes)
            const start = seedOf(`${source.name}/${name}`, seed)
            const random = prng(start)
            const again = seeds > 1 || start % 3 === 0
            const unseen = apply({ damaged, truth, sister, random })
            await checkRepair({ ...source, segment, truth, damaged, unseen, again })
          })
    })
  }
})

describe('repair of files that hold no batch', () => {
  const none = (bytes: Uint8Array, base: bigint) => ({
    segment: { name: `none/topic-0/${base.toString().padStart(20, '0')}`, directory: '' },
    truth: truthOf([], base, null, null),
    damaged: new DamagedSegment(bytes),
    layout: 'lone' as const,
  })

  it('calls an empty file no damage', async () => {
    const { report, segment } = await checkRepair(none(new Uint8Array(), 7n))
    expect(segment.damage).to.deep.equal([])
    expect(segment.notes).to.have.lengthOf(1)
    expect(report.summary.exitCode).to.equal(0)
  })

  const contents: readonly [name: string, bytes: Uint8Array][] = [
    ['zeros', new Uint8Array(8192)],
    ['random bytes', prng(1).bytes(9000)],
    [
      'text',
      new TextEncoder().encode('2026-01-01 INFO this is some other kind of log\n'.repeat(90)),
    ],
    ['one byte', Uint8Array.of(1)],
  ]
  for (const [name, bytes] of contents)
    for (const base of [0n, 4003n])
      it(`reports everything from ${base} on as skipped in a file of ${name}`, async () => {
        const { report, segment, output } = await checkRepair(none(bytes, base))
        expect(
          segment.skippedOffsetRanges.map((range) => [range.firstOffset, range.lastOffset]),
        ).to.deep.equal([[base, null]])
        expect(segment.bytes.skipped).to.equal(bytes.length)
        expect(output).to.have.lengthOf(0)
        expect(report.summary.exitCode).to.equal(3)
      })
})
