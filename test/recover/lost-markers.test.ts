/** What is told of markers that stay lost, and what --lost-marker writes. */
import { expect } from 'chai'
import { abort, ABORTED, commit, crc, data, LOG, run, wholly } from './undo/marker-cases.ts'

describe('lost markers', () => {
  const v1 = LOG.map((step) => ({ ...step, e: 0 }))

  it('of two possible producers neither is named', async () => {
    const outcome = await run({ steps: v1, strike: wholly })
    expect(outcome.report.transactions.lostMarkers).to.deep.equal([
      {
        offset: 6n,
        position: outcome.report.damage[0]!.position,
        producerId: null,
        producerEpoch: null,
        candidates: ['ABORT', 'COMMIT'],
        openFromOffset: 4n,
        effect: 'takes-next-outcome',
        written: null,
      },
    ])
  })

  it('the only possible producer is named', async () => {
    const steps = [data(5n, 0), commit(5n, 0), data(5n, 0), commit(5n, 0), data(5n, 0)]
    const outcome = await run({ steps, target: 3, strike: wholly })
    expect(outcome.report.transactions.lostMarkers[0]).to.deep.include({
      producerId: 5n,
      producerEpoch: 0,
      openFromOffset: 2n,
      effect: 'stays-open',
    })
  })

  it('are told by their own bytes where these say so', async () => {
    const outcome = await run({ steps: v1, strike: crc })
    expect(outcome.report.transactions.lostMarkers[0]).to.deep.include({
      producerId: 5n,
      openFromOffset: 4n,
      effect: 'takes-next-outcome',
    })
  })

  it('are not looked for where nothing is open', async () => {
    const steps = [data(5n, 0), commit(5n, 0), data(-1n, 0, { value: 10 }), data(-1n, 0)]
    const outcome = await run({ steps, target: 2, strike: wholly })
    expect(outcome.report.transactions.lostMarkers).to.deep.equal([])
  })

  it('are told by the .txnindex where other batches are lost with them', async () => {
    const outcome = await run({
      target: 8,
      strike: wholly,
      more: 1,
      beside: { aborted: ABORTED },
      options: { lostMarker: 'abort' },
    })
    expect(outcome.report.damage).to.have.length(1)
    expect(outcome.report.transactions.lostMarkers).to.have.length(1)
    expect(outcome.report.transactions.lostMarkers[0]).to.deep.include({
      offset: 9n,
      producerId: 6n,
      candidates: ['ABORT'],
      openFromOffset: 5n,
      effect: 'takes-next-outcome',
      written: null,
    })
  })

  it('and other records at the end of a log are told by the .txnindex, though only zeros are left', async () => {
    const steps = [...LOG.slice(0, 8), data(6n, 1), abort(6n, 2)]
    const outcome = await run({
      steps,
      target: 8,
      more: 1,
      strike: wholly,
      beside: { aborted: ABORTED },
      options: { undo: false },
    })
    expect(outcome.exitCode).to.equal(3)
    expect(outcome.report.nextOffset).to.equal(10n)
    expect(outcome.report.skippedOffsetRanges[0]).to.deep.include({
      firstOffset: 8n,
      lastOffset: 9n,
      lastBasis: 'index',
      verified: false,
      exact: false,
    })
    expect(outcome.report.transactions.lostMarkers[0]).to.deep.include({
      offset: 9n,
      producerId: 6n,
      candidates: ['ABORT'],
    })
  })

  it('have one candidate left where the .txnindex tells it', async () => {
    const options = { undo: false }
    const beside = { aborted: ABORTED }
    const aborted = await run({ target: 9, strike: wholly, beside, options })
    expect(aborted.report.transactions.lostMarkers[0]).to.deep.include({
      producerId: 6n,
      candidates: ['ABORT'],
      openFromOffset: 5n,
    })
    const committed = await run({ strike: wholly, beside, options })
    expect(committed.report.transactions.lostMarkers[0]).to.deep.include({
      producerId: 5n,
      candidates: ['COMMIT'],
    })
  })
})

describe('--lost-marker', () => {
  for (const [lostMarker, type] of [
    ['abort', 'ABORT'],
    ['commit', 'COMMIT'],
  ] as const)
    it(`${lostMarker} writes that marker in the place of one whose producer is certain`, async () => {
      const outcome = await run({ strike: wholly, options: { lostMarker } })
      const { report, marker, exitCode } = outcome
      expect(marker).to.deep.include({ baseOffset: 6n, producerId: 5n, producerEpoch: 2, type })
      expect(report.damage[0]).to.deep.include({ outcome: 'skipped', repair: null })
      expect(report.transactions.lostMarkers[0]).to.deep.include({ effect: 'none', written: type })
      expect(exitCode).to.equal(3)
    })

  it('leave, the default, writes a placeholder', async () => {
    const outcome = await run({ strike: wholly })
    expect(outcome.marker).to.equal(null)
    expect(outcome.report.damage[0]!.outputSizeInBytes).to.equal(61)
    expect(outcome.report.transactions.lostMarkers[0]!.written).to.equal(null)
  })

  it('writes nothing where the producer is not known, or it may have been no marker', async () => {
    const v1 = LOG.map((step) => ({ ...step, e: 0 }))
    const unknown = await run({ steps: v1, strike: wholly, options: { lostMarker: 'abort' } })
    expect(unknown.marker).to.equal(null)
    const steps = [
      data(5n, 0),
      commit(5n, 0),
      data(5n, 0),
      data(-1n, 0, { value: 10 }),
      data(5n, 0),
    ]
    const records = await run({
      steps,
      target: 3,
      strike: wholly,
      options: { lostMarker: 'abort' },
    })
    expect(records.marker).to.equal(null)
    expect(records.report.transactions.lostMarkers[0]!.written).to.equal(null)
  })

  it('does not overrule what the .txnindex says', async () => {
    const outcome = await run({
      target: 9,
      strike: wholly,
      beside: { aborted: ABORTED },
      options: { undo: false, lostMarker: 'commit' },
    })
    expect(outcome.marker).to.deep.include({ type: 'ABORT', producerId: 6n })
  })

  it('ends the log as high as it was where the last batch is lost', async () => {
    const steps = [...LOG.slice(0, 6), commit(5n, 2)]
    const outcome = await run({ steps, strike: crc, options: { lostMarker: 'abort' } })
    const [lost] = outcome.report.transactions.lostMarkers
    expect(lost).to.deep.include({ offset: 6n, producerId: 5n })
    expect(outcome.report.nextOffset).to.equal(7n)
  })
})

describe('transactions whose end may be in a hole', () => {
  // Producer 5 begins at 4; its marker at 6 goes with the data at 7.
  const steps = [
    data(6n, 0),
    abort(6n, 0),
    data(6n, 0),
    commit(6n, 0),
    data(5n, 0),
    data(6n, 0),
    commit(5n, 0),
    data(6n, 0),
    abort(6n, 0),
    data(6n, 0),
    abort(6n, 0),
  ]
  const hole = { steps, target: 6, more: 1, strike: wholly }
  const open = { producerId: 5n, producerEpoch: 0, firstOffset: 4n }
  const range = { firstOffset: 6n, lastOffset: 7n }

  it('are told with the offsets, and not as a lost marker', async () => {
    const { report } = await run(hole)
    expect(report.transactions).to.deep.equal({
      lostMarkers: [],
      openAtEnd: [{ ...open, endMayBeIn: [{ ...range, candidates: ['ABORT', 'COMMIT'] }] }],
    })
  })

  it('can only have been committed where the .txnindex knows of no abort', async () => {
    const aborted = [
      [6n, 0n, 1n],
      [6n, 5n, 8n],
      [6n, 9n, 10n],
    ] as const
    const { report } = await run({ ...hole, beside: { aborted } })
    expect(report.transactions.openAtEnd).to.deep.equal([
      { ...open, endMayBeIn: [{ ...range, candidates: ['COMMIT'] }] },
    ])
  })

  it('are not told twice where the .txnindex names the marker', async () => {
    const aborted = [
      [6n, 0n, 1n],
      [5n, 4n, 6n],
      [6n, 5n, 8n],
      [6n, 9n, 10n],
    ] as const
    const { report } = await run({ ...hole, beside: { aborted } })
    expect(report.transactions.lostMarkers).to.have.length(1)
    expect(report.transactions.lostMarkers[0]).to.deep.include({ offset: 6n, producerId: 5n })
    expect(report.transactions.openAtEnd).to.deep.equal([{ ...open, endMayBeIn: [] }])
  })

  it('are only open where the hole lies before them, or nothing is missing', async () => {
    const later = [...steps, data(5n, 0)]
    const { report } = await run({ ...hole, steps: later, target: 0, more: 0 })
    expect(report.transactions.openAtEnd).to.deep.equal([
      { ...open, firstOffset: 11n, endMayBeIn: [] },
    ])
  })

  it('may have ended behind a log whose end nothing tells', async () => {
    const garbled = (batch: Uint8Array): void => {
      batch.fill(0x7f)
    }
    const { report } = await run({ steps: steps.slice(0, 8), target: 6, more: 1, strike: garbled })
    const mayBeIn = [{ firstOffset: 6n, lastOffset: null, candidates: ['ABORT', 'COMMIT'] }]
    expect(report.transactions.openAtEnd).to.have.deep.members([
      { ...open, endMayBeIn: mayBeIn },
      { producerId: 6n, producerEpoch: 0, firstOffset: 5n, endMayBeIn: mayBeIn },
    ])
  })
})
