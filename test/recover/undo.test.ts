/**
 * The damage matrix once more, with everything undone that can be: what is called repaired must be what was there, and
 * damage outside the CRC that anything contradicts must come back whole.
 */
import { DamagedSegment } from '../support/damage.ts'
import { checkUndo } from '../support/check-undo.ts'
import { prng, seedOf } from '../support/prng.ts'
import { damages, fieldFlips } from './damages.ts'
import { sources } from './sources.ts'

const seeds = Number(process.env['KMEND_TEST_SEEDS'] ?? 1)
const firstSeed = Number(process.env['KMEND_TEST_FIRST_SEED'] ?? 1)

/** One seed is for every change: a third of the matrix, another third for each kind of damage. All of it: test:slow. */
const isTaken = (start: number): boolean => seeds > 1 || start % 3 === 0

describe('undo of damage in segments', () => {
  for (const source of sources.filter(({ slow }) => seeds > 1 || slow !== true)) {
    describe(source.name, () => {
      const { segment, truth, sister } = source.load()
      const flips = fieldFlips(segment.batches[0]!.magic)
      for (const { name, apply } of [...damages, ...flips])
        for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
          if (!isTaken(seedOf(`${source.name}/${name}`, seed))) continue
          it(`${name} (seed ${seed})`, async () => {
            const damaged = new DamagedSegment(segment.bytes)
            const start = seedOf(`${source.name}/${name}`, seed)
            const random = prng(start)
            const again = start % 5 === 0
            const unseen = apply({ damaged, truth, sister, random })
            const original = segment.bytes
            const outside = /in (baseOffset|batchLength|magic|size|partitionLeaderEpoch)$/.test(
              name,
            )
            await checkUndo({
              ...source,
              segment,
              truth,
              damaged,
              unseen,
              again,
              original,
              mustReturn: outside && unseen === null && truth.withoutGaps,
            })
          })
        }
    })
  }
})
