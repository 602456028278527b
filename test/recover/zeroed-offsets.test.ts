/** Whole batches behind others whose offset field is all zeros, in segments that begin at offset 0. */
import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../bench/recovery/block-plan.ts'
import type { Evidence } from '../../src/recover/evidence.ts'
import type { RepairPlan } from '../../src/recover/plan.ts'
import { concat, message, v2Batch } from '../segment/build.ts'
import { prng } from '../support/prng.ts'
import type { BatchAt } from './batches-at.ts'
import { batchAt, batchesIn, offsetOf } from './batches-at.ts'
import { zeroedLog } from './gapped-logs.ts'

/** Of magic 1, as many bytes as offsets are asked for. */
const plainMessage = ({ at, offsets }: BatchAt): Uint8Array =>
  message({ magic: 1, offset: BigInt(at), value: 'v'.repeat(offsets) })

/** More than those of which each batch is a run of its own. */
const MANY_GAPS = 10_010

const LOGS = 300

interface Zeroed {
  /** The place in the log of the batch whose offset is zeros. */
  readonly struck: number
  /** How many bytes in front of it are zeros as well. */
  readonly taken?: number
  readonly beside?: Partial<Evidence> | undefined
}

async function planOf(
  log: readonly Uint8Array[],
  { struck, taken = 0, beside }: Zeroed,
): Promise<[RepairPlan, number[]]> {
  const damaged = concat(...log)
  const position = concat(...log.slice(0, struck)).length
  damaged.fill(0, position - taken, position + 8)
  const plan = await planInMemory(damaged, {}, beside)
  return [plan, batchesIn(plannedBytes(plan, damaged)).map(offsetOf)]
}

/** Gaps between all of them; the one at the place is the heaviest. */
const gapped = (heavy: number): BatchAt[] =>
  [0, 20, 60, 110, 170, 240].map((at, index) => ({ at, offsets: index === heavy ? 30 : 2 }))

const named = (position: number, lastOffset: number): Partial<Evidence> => ({
  offsetIndex: {
    entryCount: 1,
    trustedCount: 1,
    relativeOffsets: Int32Array.of(lastOffset),
    positions: Int32Array.of(position),
    zeroTailBytes: 0,
    problems: [],
  },
})

describe('a whole batch behind others whose offset is zeros', () => {
  for (const [magic, build] of [
    [1, plainMessage],
    [2, batchAt],
  ] as const)
    for (const struck of [1, 2, 5])
      for (const taken of [0, 20])
        it(`is skipped: magic ${magic}, place ${struck}, ${taken} zeros in front`, async () => {
          const log = gapped(struck)
          const [{ placed }, output] = await planOf(log.map(build), { struck, taken })
          const isLost = (index: number): boolean =>
            index === struck || (taken > 0 && index === struck - 1)
          expect(output).to.deep.equal(log.filter((_, index) => !isLost(index)).map(({ at }) => at))
          const { outcome, reason, message: words } = placed.at(-1)!.damage
          expect({ outcome, reason }).to.deep.equal({
            outcome: 'skipped',
            reason: 'offset-not-increasing',
          })
          expect(words).to.match(/offset field is all zeros/)
        })

  it('is skipped where nothing but zeros is left in front of it', async () => {
    const log = gapped(1).map(batchAt)
    const [, output] = await planOf(log, { struck: 1, taken: log[0]!.length })
    expect(output).to.deep.equal([60, 110, 170, 240])
  })

  it('is skipped behind a batch that is itself damaged', async () => {
    const log = gapped(1).map(batchAt)
    log[0]!.fill(0xa5, 64)
    const [, output] = await planOf(log, { struck: 1 })
    expect(output).to.deep.equal([60, 110, 170, 240])
  })

  it('is skipped in a log without gaps, where nothing behind it tells its offset', async () => {
    const log = [2, 2, 2, 2, 30].map((offsets, index) => batchAt({ at: index * 2, offsets }))
    const [, output] = await planOf(log, { struck: 4, taken: 20 })
    expect(output).to.deep.equal([0, 2, 4])
  })

  it('is given no power of two because just that one leaves it room', async () => {
    const log = [
      { at: 0, offsets: 3 },
      { at: 5, offsets: 20 },
      ...[25, 80, 100, 120].map((at) => ({ at, offsets: 3 })),
    ]
    const [, output] = await planOf(log.map(batchAt), { struck: 1 })
    expect(output).to.deep.equal([0, 25, 80, 100, 120])
  })

  it('is not counted back to where no two batches join', async () => {
    const log = [
      { at: 0, offsets: 22 },
      { at: 26, offsets: 1 },
      { at: 30, offsets: 1 },
    ]
    const [, output] = await planOf(log.map(batchAt), { struck: 1, taken: 20 })
    expect(output).to.deep.equal([30])
  })

  it('is not taken for the first one behind bytes that were put in', async () => {
    const log = [
      { at: 1, offsets: 60 },
      { at: 61, offsets: 7 },
      { at: 68, offsets: 2 },
    ].map(batchAt)
    const taken = concat(...log.slice(0, 2)).length
    const beside = { nextSegmentBaseOffset: 70n }
    const [, output] = await planOf(log, { struck: 2, taken, beside })
    expect(output).to.not.include(0)
  })

  it('is put right where its offsets are just those that are missing', async () => {
    const log = [0, 20, 60, 110, 140, 240].map((at) => ({ at, offsets: at === 110 ? 30 : 2 }))
    log[2] = { at: 60, offsets: 50 }
    const [, output] = await planOf(log.map(batchAt), { struck: 3 })
    expect(output).to.deep.equal(log.map(({ at }) => at))
  })

  it('is cut off from a run that reaches across very many gaps', async () => {
    const log = Array.from({ length: MANY_GAPS + 40 }, (_, index) => ({
      at: index * 2,
      offsets: 1,
    }))
    const struck = MANY_GAPS + 20
    const [{ placed }, output] = await planOf(log.map(batchAt), { struck })
    expect(placed).to.have.lengthOf(1)
    expect(output).to.have.lengthOf(log.length - 1)
  })
})

/** A sector of zeros ends behind seven bytes of the last but one's offset field. */
function tornLog(last: BatchAt, baseSequence?: number): Uint8Array[] {
  const front = [0, 20, 60].map((at) => batchAt({ at, offsets: 2, baseSequence: at }))
  const size = 512 - 7 - concat(...front).length
  const torn = v2Batch({
    baseOffset: 0x164n,
    records: Array.from({ length: 30 }, (_, index) => ({ value: `${index}` })),
    ...(baseSequence === undefined ? {} : { producerId: 5n, producerEpoch: 0, baseSequence }),
  })
  return [...front, new Uint8Array(size), torn.fill(0, 0, 7), batchAt(last)]
}

describe('a whole batch behind zeros that reach into its offset', () => {
  for (const { name, last, baseSequence, output } of [
    {
      name: 'is skipped where it may be higher',
      last: { at: 0x190, offsets: 1 },
      output: [0, 20, 60, 0x190],
    },
    {
      name: 'stays where only the offset that it says has room',
      last: { at: 0x160, offsets: 1 },
      output: [0, 20, 60, 0x64, 0x160],
    },
    {
      name: 'stays where the sequence leads to what it says',
      last: { at: 0x190, offsets: 1 },
      baseSequence: 0x64,
      output: [0, 20, 60, 0x64, 0x190],
    },
  ])
    it(name, async () => {
      const log = tornLog(last, baseSequence)
      const damaged = concat(...log)
      const plan = await planInMemory(damaged, {})
      expect(batchesIn(plannedBytes(plan, damaged)).map(offsetOf)).to.deep.equal(output)
    })

  it('is skipped where it is not above the one in front', async () => {
    const log = [0, 20, 300, 330, 0x164, 500].map((at, index) =>
      batchAt({ at, offsets: index === 4 ? 30 : 2 }),
    )
    log[3]!.fill(0, 20)
    log[4]!.fill(0, 0, 7)
    const damaged = concat(...log)
    const plan = await planInMemory(damaged, {})
    expect(batchesIn(plannedBytes(plan, damaged)).map(offsetOf)).to.deep.equal([0, 20, 300, 500])
  })
})

describe('a batch of offset 0 that does not stand at the front', () => {
  const behindZeros = (log: readonly BatchAt[]): Uint8Array[] => [
    new Uint8Array(512),
    ...log.map(batchAt),
  ]
  const GAPPED = gapped(5)

  for (const { name, log, beside } of [
    {
      name: 'the next one joins it',
      log: [GAPPED[0]!, { at: 2, offsets: 1 }, ...GAPPED.slice(2)],
    },
    {
      name: "its producer's sequence goes on from it",
      log: GAPPED.map((one) => ({ ...one, baseSequence: one.at })),
    },
    { name: 'an index entry names it', log: GAPPED, beside: named(512, 1) },
  ])
    it(`stays where ${name}`, async () => {
      const [, output] = await planOf(behindZeros(log), { struck: 1, beside })
      expect(output).to.deep.equal(log.map(({ at }) => at))
    })

  it('is put back to the front where the sequences say so', async () => {
    const log = GAPPED.map((one) => ({ ...one, baseSequence: one.at }))
    const swapped = [...log.slice(1, 3), log[0]!, ...log.slice(3)]
    const [, output] = await planOf(swapped.map(batchAt), { struck: 2 })
    expect(output).to.deep.equal(log.map(({ at }) => at))
  })

  it('stays behind other bytes than zeros', async () => {
    const log = [new Uint8Array(100).fill(0xa5), ...GAPPED.map(batchAt)]
    const [, output] = await planOf(log, { struck: 1 })
    expect(output).to.deep.equal(GAPPED.map(({ at }) => at))
  })
})

describe('short logs with gaps and zeros over one offset', () => {
  it('keep every whole batch and none at a wrong offset', async () => {
    const random = prng(5)
    const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
    for (let made = 0; made < LOGS; made++) {
      const { log, whole, damaged, ...beside } = zeroedLog(random)
      const plan = await planInMemory(damaged, {}, beside)
      const output = batchesIn(plannedBytes(plan, damaged)).map(keyOf)
      expect(log.map(keyOf), `log ${made}`).to.include.members(output)
      expect(output, `log ${made}`).to.include.members(whole.map(keyOf))
    }
  })
})
