/** Several batches of one log with damage outside their CRCs: what comes back, and what must stay out. */
import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../../bench/recovery/block-plan.ts'
import type { RepairPlan } from '../../../src/recover/plan.ts'
import { concat, joinedBatches, noise } from '../../segment/build.ts'
import { walkBatches } from '../../support/walk-batches.ts'
import type { LogCase } from './outside-crc-cases.ts'
import { epoch, plain, RETURNS, sparse, STAYS_OUT, upTo, wrappers } from './outside-crc-cases.ts'

function struck({ log, strike }: Pick<LogCase, 'log' | 'strike'>): Uint8Array {
  return concat(
    ...log.map((batch, at) => {
      const copy = batch.slice()
      strike[at]?.(new DataView(copy.buffer))
      return copy
    }),
  )
}

async function repaired(
  test: Omit<LogCase, 'name'>,
): Promise<{ readonly plan: RepairPlan; readonly output: Uint8Array }> {
  const damaged = struck(test)
  const plan = await planInMemory(damaged, {}, test.beside)
  return { plan, output: plannedBytes(plan, damaged) }
}

const inferredIn = ({ placed }: RepairPlan): readonly string[] =>
  placed.flatMap(({ damage }) => damage.repair?.inferred ?? [])

describe('undo of damage outside the CRC', () => {
  for (const test of STAYS_OUT)
    it(`stays out: what ${test.name}`, async () => {
      const { output } = await repaired(test)
      const written = Buffer.from(output).toString('latin1')
      const missing = test.log.flatMap((batch, at) =>
        written.includes(Buffer.from(batch.subarray(21)).toString('latin1')) ? [] : [at],
      )
      expect(missing).to.deep.equal(test.out)
    })

  it('changes no offset of batches that have changed places, one bit away from one another', async () => {
    const log = joinedBatches(9, 4)
    const swapped = [...log.slice(0, 4), log[5]!, log[4]!, ...log.slice(6)]
    const { output } = await repaired({ log: swapped, strike: {} })
    expect(Buffer.from(output).equals(Buffer.concat(log))).to.equal(true)
  })

  for (const { name, log, reach } of [
    { name: 'half of the offset', log: joinedBatches(300, 3), reach: 7 },
    { name: 'the offset', log: joinedBatches(300, 3), reach: 8 },
    { name: 'the length too', log: joinedBatches(300, 3), reach: 12 },
    { name: 'all before the CRC', log: joinedBatches(300, 3), reach: 17 },
    { name: 'the offset of a message', log: plain(upTo(300)), reach: 8 },
    { name: 'the offset of a wrapper', log: wrappers(300), reach: 8 },
  ])
    it(`zeros that end a batch and reach over ${name} of the next cost only the first`, async () => {
      const position = log.slice(0, 290).reduce((sum, batch) => sum + batch.length, 0)
      const zeros = (bytes: Uint8Array): Uint8Array =>
        bytes.fill(0, position - 30, position + reach)
      const damaged = zeros(concat(...log))
      const plan = await planInMemory(damaged, {})
      const output = Buffer.from(plannedBytes(plan, damaged))
      expect(output.includes(Buffer.from(concat(...log.slice(290)))), 'the rest').to.equal(true)
      expect(output.includes(Buffer.from(concat(...log.slice(0, 289)))), 'the start').to.equal(true)
    })

  it('changes no offset of batches that have changed places far from one another', async () => {
    const log = plain(upTo(50).map((at) => at + 10))
    const swapped = [...log]
    ;[swapped[10], swapped[42]] = [log[42]!, log[10]!]
    const { output } = await repaired({
      log: swapped,
      strike: {},
      beside: { segmentBaseOffset: 10n },
    })
    expect(Buffer.from(output).equals(Buffer.concat(log))).to.equal(true)
  })

  it('leaves a batch alone that came with a sector between gaps, a bit away', async () => {
    const log = sparse([0, 7, 30, 31, 52, 80, 81, 548, 549])
    const bytes = concat(
      ...log.slice(0, 4),
      noise(7),
      log[7]!,
      noise(9),
      ...log.slice(5, 7),
      log[8]!,
    )
    const plan = await planInMemory(bytes, {}, { nextSegmentBaseOffset: 550n })
    // 548 is 36 + 512: the only bit that leads between 31 and 80.
    expect(plan.placed.map(({ damage }) => damage.outcome)).to.not.include('repaired')
  })

  it('takes a piece of the log’s own end for what was put in, not the end itself', async () => {
    const log = joinedBatches(6)
    const [damaged, end] = [log[3]!, concat(...log.slice(4))]
    const bytes = concat(
      ...log.slice(0, 3),
      damaged.subarray(0, 70),
      damaged.subarray(40),
      end,
      damaged.subarray(70),
      end,
    )
    const plan = await planInMemory(bytes, {})
    expect(Buffer.compare(plannedBytes(plan, bytes), concat(...log))).to.equal(0)
  })

  it('knows of a few elections more than the checkpoint, after a crash', async () => {
    const { plan } = await repaired({
      log: joinedBatches(6),
      strike: { 5: epoch(16) },
      beside: { epochAt: () => 0 },
    })
    expect(plan.placed).to.deep.equal([])
  })

  for (const { name, epochAt, epochs } of [
    { name: 'not where one flipped bit explains them', epochAt: () => null, epochs: [0, 8] },
    {
      name: 'where the checkpoint says so',
      epochAt: (at: bigint) => (at < 9n ? 0 : 64),
      epochs: [64, 64],
    },
  ])
    it(`takes more records for 64 elections ${name}`, async () => {
      const log = [...joinedBatches(3), ...joinedBatches(1, 40, 9n), ...joinedBatches(1, 30, 49n)]
      const strike = { 2: epoch(1 << 22), 3: epoch(64), 4: epoch(8) }
      const { output } = await repaired({ log, strike, beside: { epochAt } })
      expect(walkBatches(output).map(({ bytes }) => bytes[15])).to.deep.equal([0, 0, 0, ...epochs])
    })

  for (const test of RETURNS)
    it(`comes back whole: ${test.name}`, async () => {
      const { plan, output } = await repaired(test)
      expect(plan.placed.map(({ damage }) => damage.outcome)).to.not.include('skipped')
      expect(Buffer.compare(output, concat(...test.log))).to.equal(0)
    })

  it('lists what was chosen among several', async () => {
    const { plan } = await repaired(RETURNS.find(({ name }) => name.startsWith('three epochs'))!)
    expect(new Set(inferredIn(plan))).to.deep.equal(new Set(['partitionLeaderEpoch']))
  })
})
