/** Two batches side by side, one of which begins where the other has not ended yet. */
import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../bench/recovery/block-plan.ts'
import type { Evidence } from '../../src/recover/evidence.ts'
import type { RepairPlan } from '../../src/recover/plan.ts'
import { concat } from '../segment/build.ts'
import { prng } from '../support/prng.ts'
import type { BatchAt } from './batches-at.ts'
import { batchAt, batchesIn, offsetOf } from './batches-at.ts'
import { flippedLog } from './gapped-logs.ts'

/** More than those of which each batch is a run of its own. */
const MANY_GAPS = 10_010

/** Of three, two show their damage. */
const LOGS = 400

const offsetsIn = (output: Uint8Array): number[] => batchesIn(output).map(offsetOf)

interface Case {
  readonly name: string
  /** As it was written: gaps are normal in it. */
  readonly log: readonly BatchAt[]
  /** What the batch at this place in the log says instead. */
  readonly says: readonly [place: number, at: number]
  readonly beside?: (log: readonly Uint8Array[]) => Partial<Evidence>
  /** The offsets in the output. */
  readonly output: readonly number[]
}

type Says = Case['says']

async function planOf(
  log: readonly BatchAt[],
  struck: readonly Says[],
  beside?: Case['beside'],
): Promise<[RepairPlan, Uint8Array]> {
  const bytes = log.map(batchAt)
  for (const [place, at] of struck) new DataView(bytes[place]!.buffer).setBigInt64(0, BigInt(at))
  const damaged = concat(...bytes)
  const plan = await planInMemory(damaged, {}, beside?.(bytes))
  return [plan, plannedBytes(plan, damaged)]
}

const planOfCase = ({ log, says, beside }: Case): ReturnType<typeof planOf> =>
  planOf(log, [says], beside)

/** Gaps before and behind those that the cases are about. */
const between = (...batches: readonly BatchAt[]): BatchAt[] => [
  ...[2, 20, 41, 60, 97].map((at) => ({ at, offsets: 3 })),
  ...batches,
]
const BEFORE = [2, 20, 41, 60, 97]

const named =
  (place: number, lastOffset: number) =>
  (log: readonly Uint8Array[]): Partial<Evidence> => ({
    offsetIndex: {
      entryCount: 1,
      trustedCount: 1,
      relativeOffsets: Int32Array.of(lastOffset),
      positions: Int32Array.of(concat(...log.slice(0, place)).length),
      zeroTailBytes: 0,
      problems: [],
    },
  })

/** Either of the two leads, by a bit, to where both fit. */
const EITHER = between({ at: 110, offsets: 20 }, { at: 130, offsets: 2 }, { at: 190, offsets: 1 })
const OF_A_PRODUCER = EITHER.map((one, index) =>
  index === 4 || index === 5 ? { ...one, baseSequence: one.at } : one,
)

const CASES: readonly Case[] = [
  {
    name: 'puts the larger one back where only one bit of it leads',
    log: between({ at: 110, offsets: 20 }, { at: 130, offsets: 2 }, { at: 147, offsets: 1 }),
    says: [5, 110 ^ 16],
    output: [...BEFORE, 110, 130, 147],
  },
  {
    name: 'puts the larger one back that went below the smaller',
    log: between({ at: 110, offsets: 20 }, { at: 190, offsets: 1 }),
    says: [5, 110 ^ 64],
    output: [...BEFORE, 110, 190],
  },
  {
    name: 'takes neither place of two for the larger one, and leaves the smaller one its own',
    log: between({ at: 110, offsets: 10 }, { at: 130, offsets: 2 }),
    says: [5, 110 ^ 16],
    beside: () => ({ nextSegmentBaseOffset: 138n }),
    output: [...BEFORE, 130],
  },
  {
    name: 'takes neither one where a bit of either is the reason',
    log: EITHER,
    says: [5, 110 ^ 16],
    output: [...BEFORE, 190],
  },
  {
    name: 'takes neither one at the end of the log',
    log: between({ at: 110, offsets: 20 }, { at: 130, offsets: 2 }),
    says: [5, 110 ^ (1 << 20)],
    output: BEFORE,
  },
  {
    name: 'believes an index entry that names the place of the one',
    log: EITHER,
    says: [5, 110 ^ 16],
    beside: named(5, 129),
    output: [...BEFORE, 110, 130, 190],
  },
  {
    name: 'believes an index entry that has the other where it is',
    log: EITHER,
    says: [5, 110 ^ 16],
    beside: named(6, 131),
    output: [...BEFORE, 110, 130, 190],
  },
  {
    name: 'believes the sequence that leads to the place of the one',
    log: OF_A_PRODUCER,
    says: [5, 110 ^ 16],
    output: [...BEFORE, 110, 130, 190],
  },
  {
    name: 'lets the chain of more records win where no single bit is the reason',
    log: EITHER,
    says: [6, 117],
    output: [...BEFORE, 110, 190],
  },
  {
    name: 'asks the same of a log that is too short to show its gaps',
    log: [
      { at: 2, offsets: 1 },
      { at: 5, offsets: 2 },
      { at: 8, offsets: 1 },
    ],
    says: [1, 7],
    output: [2],
  },
]

describe('batches that contradict each other', () => {
  for (const test of CASES)
    it(test.name, async () => {
      const [, output] = await planOfCase(test)
      expect(offsetsIn(output)).to.deep.equal(test.output)
    })

  it('says what was chosen, and on what grounds', async () => {
    const [{ placed }] = await planOfCase(CASES[0]!)
    expect(placed.map(({ damage }) => damage.repair)).to.containSubset([
      {
        changes: [{ field: 'baseOffset', before: '126', after: '110' }],
        evidence: ['crc', 'neighbours'],
        inferred: ['baseOffset'],
      },
    ])
  })

  it('names both where neither is believed', async () => {
    const [{ placed }] = await planOfCase(CASES.find(({ log }) => log === EITHER)!)
    expect(placed.map(({ damage }) => damage.outcome)).to.deep.equal(['skipped', 'skipped'])
    const [one, other] = placed.map(({ damage }) => damage.message)
    expect(one).to.match(/126 to 145, contradict .* 130 to 131; .* neither is believed/)
    expect(other).to.match(/130 to 131, contradict .* 126 to 145; .* neither is believed/)
  })

  it('are cut off from runs that reach across very many gaps', async () => {
    const end = MANY_GAPS * 2
    const log = Array.from({ length: MANY_GAPS }, (_, at) => ({ at: at * 2, offsets: 1 }))
    log.push({ at: end + 97, offsets: 3 }, { at: end + 110, offsets: 20 })
    log.push(...[130, 132, 160, 170].map((at) => ({ at: end + at, offsets: 2 })))
    log.push({ at: end + 208, offsets: 20 })
    log.push(...[228, 230, 250].map((at) => ({ at: end + at, offsets: 2 })))
    const struck = [MANY_GAPS + 1, MANY_GAPS + 7].map((place, index): Says => {
      return [place, log[place]!.at ^ [16, 8][index]!]
    })
    const [{ placed }, output] = await planOf(log, struck)
    expect(placed).to.have.lengthOf(2)
    expect(offsetsIn(output)).to.deep.equal(log.map((one) => one.at))
  })

  it('leave no batch at a wrong offset where one flipped bit shows', async () => {
    const random = prng(11)
    for (let made = 0; made < LOGS; made++) {
      const { log, damaged, shows, ...beside } = flippedLog(random)
      if (!shows) continue
      const output = plannedBytes(await planInMemory(damaged, {}, beside), damaged)
      const written = new Set(log.map((bytes) => Buffer.from(bytes).toString('latin1')))
      const wrong = batchesIn(output).filter(
        (bytes) => !written.has(Buffer.from(bytes).toString('latin1')),
      )
      expect(wrong, `log ${made}`).to.deep.equal([])
    }
  })
})
