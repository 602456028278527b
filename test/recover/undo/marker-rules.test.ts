/** When a marker may be built again, and when not. */
import { expect } from 'chai'
import type { Case, Outcome } from './marker-cases.ts'
import {
  abort,
  ABORTED,
  commit,
  crc,
  data,
  LOG,
  run,
  TARGET,
  times,
  wholly,
} from './marker-cases.ts'
import { build } from './markers.ts'

const repairOf = ({ report }: Outcome) => report.damage[0]!.repair

describe('rules for rebuilt markers', () => {
  it('the CRC tells which of the possible markers it was, times included', async () => {
    const outcome = await run({ strike: times })
    expect(outcome.isExact).to.equal(true)
    expect(outcome.exitCode).to.equal(0)
    expect(repairOf(outcome)!.evidence).to.include.members(['crc', 'neighbours'])
    expect(repairOf(outcome)!.inferred).to.deep.equal([])
    expect(repairOf(outcome)!.falseMatchProbability).to.be.within(1e-9, 1e-4)
  })

  it('the .txnindex is named where it agrees', async () => {
    const outcome = await run({ strike: times, beside: { aborted: ABORTED } })
    expect(outcome.isExact).to.equal(true)
    expect(repairOf(outcome)!.evidence).to.include('index')
  })

  it('nothing is built when the candidates are too many for the accepted chance', async () => {
    const outcome = await run({ strike: times, options: { maxFalseMatch: 1e-9 } })
    expect(outcome.marker).to.equal(null)
    expect(outcome.report.transactions.lostMarkers).to.have.length(1)
  })

  it('nothing is built with --no-undo', async () => {
    const outcome = await run({ strike: times, options: { undo: false } })
    expect(outcome.marker).to.equal(null)
    expect(outcome.report.transactions.lostMarkers[0]!.producerId).to.equal(5n)
  })

  it('nothing is built where the .txnindex contradicts the CRC', async () => {
    const aborted = [[6n, 1n, 2n] as const, [5n, 4n, 6n] as const, [6n, 5n, 9n] as const]
    const outcome = await run({ strike: times, beside: { aborted } })
    expect(outcome.marker).to.equal(null)
  })

  it('an entry of the .txnindex proves an ABORT and its producer', async () => {
    const outcome = await run({ target: 9, strike: wholly, beside: { aborted: ABORTED } })
    expect(outcome.marker).to.deep.include({ type: 'ABORT', producerId: 6n, producerEpoch: 2 })
    expect(repairOf(outcome)!.evidence).to.include.members(['index', 'neighbours'])
    expect(repairOf(outcome)!.evidence).to.not.include('crc')
    expect(repairOf(outcome)!.inferred).to.include.members([
      'baseTimestamp',
      'maxTimestamp',
      'coordinatorEpoch',
    ])
    expect(outcome.report.transactions.lostMarkers).to.deep.equal([])
  })

  it('a COMMIT is proven by the new epoch after it and by no entry in the .txnindex', async () => {
    const outcome = await run({ strike: wholly, beside: { aborted: ABORTED } })
    expect(outcome.marker).to.deep.include({ type: 'COMMIT', producerId: 5n, producerEpoch: 2 })
    expect(repairOf(outcome)!.evidence).to.include('index')
  })

  it('a marker that lost only its CRC is as it was', async () => {
    for (const target of [TARGET, 9]) {
      const outcome = await run({ target, strike: crc, beside: { aborted: ABORTED } })
      expect(outcome.isExact, `at ${target}`).to.equal(true)
      expect(repairOf(outcome)!.inferred).to.deep.equal([])
    }
  })

  const refusals: readonly (Case & { readonly why: string })[] = [
    { why: 'there is no .txnindex', strike: wholly },
    { why: 'the .txnindex is empty', strike: wholly, beside: { aborted: [] } },
    {
      why: 'the .txnindex has no entry that was written later',
      strike: wholly,
      beside: { aborted: ABORTED.slice(0, 1) },
      steps: [...LOG.slice(0, 9), commit(6n, 2), ...LOG.slice(10)],
    },
    {
      why: 'the .txnindex misses a kept ABORT marker',
      strike: wholly,
      beside: { aborted: ABORTED.slice(1) },
    },
    {
      why: 'the .txnindex gives a kept ABORT marker to another producer',
      strike: wholly,
      beside: { aborted: [[5n, 1n, 2n], ABORTED[1]] },
    },
    {
      why: 'the .txnindex lists a kept COMMIT marker',
      strike: wholly,
      beside: { aborted: [ABORTED[0], [5n, 0n, 3n], ABORTED[1]] },
    },
    {
      why: 'the .txnindex lists a transaction that began elsewhere',
      target: 9,
      strike: wholly,
      beside: { aborted: [ABORTED[0], [6n, 7n, 9n]] },
    },
    {
      why: 'the .txnindex names a producer whose transaction is not open',
      target: 9,
      strike: wholly,
      beside: { aborted: [ABORTED[0], [77n, 5n, 9n]] },
    },
    {
      why: 'only the CRC is gone and the type says otherwise than the .txnindex',
      strike: crc,
      beside: { aborted: [ABORTED[0], [5n, 4n, 6n], ABORTED[1]] },
    },
    {
      why: 'nothing tells that the transaction ended there',
      strike: wholly,
      beside: {
        aborted: [
          [6n, 1n, 2n],
          [6n, 5n, 9n],
        ],
      },
      // Transaction version 1: epochs stay.
      steps: LOG.map((step) => ({ ...step, e: 0 })),
    },
    {
      why: 'the place may have been a small batch of records',
      strike: wholly,
      beside: { aborted: ABORTED },
      steps: [...LOG.slice(0, 6), data(-1n, 0, { value: 10 }), data(5n, 1), ...LOG.slice(8)],
    },
  ]
  for (const { why, ...test } of refusals)
    it(`nothing is built where ${why}`, async () => {
      const outcome = await run(test)
      expect(outcome.marker).to.equal(null)
      expect(outcome.report.batches).to.deep.include({ repaired: 0, skipped: 1 })
      expect(outcome.exitCode).to.equal(3)
    })

  it('a small batch in the test above is of a marker’s size', () => {
    const { bytes } = build([data(-1n, 0, { value: 10 })])
    expect(bytes.length).to.equal(78)
  })

  it('a marker of a transaction from the segment before needs the .txnindex for its producer’s name', async () => {
    const steps = [abort(6n, 1), data(6n, 1), data(5n, 1), abort(6n, 2), data(6n, 2), commit(6n, 3)]
    const aborted = [[6n, 31n, 40n] as const, [6n, 41n, 43n] as const]
    const test = { steps, target: 0, strike: wholly, base: 40n }
    expect((await run(test)).marker).to.equal(null)
    const outcome = await run({ ...test, beside: { aborted } })
    expect(outcome.marker).to.deep.include({ type: 'ABORT', producerId: 6n, producerEpoch: 1 })
  })
})

describe('a marker whose offset is damaged', () => {
  const strike = (batch: Uint8Array): void => {
    batch.set([0x5a, 0x99], 5)
  }

  it('goes back where its transaction can have ended', async () => {
    const outcome = await run({ strike })
    expect(outcome.isExact).to.equal(true)
    expect(repairOf(outcome)!.evidence).to.include('neighbours')
  })

  it('stays out where its producer has nothing open', async () => {
    const steps = [...LOG.slice(0, 6), commit(9n, 2), ...LOG.slice(7)]
    expect((await run({ steps, strike })).marker).to.equal(null)
  })

  it('stays out where it is a second copy of another', async () => {
    const built = build(LOG)
    const other = built.bytes.slice(built.positions[3], built.positions[3]! + 78)
    const outcome = await run({
      strike: (batch) => {
        batch.set(other)
      },
    })
    expect(outcome.marker).to.equal(null)
  })
})
