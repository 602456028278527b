import { expect } from 'chai'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import {
  InvalidArgumentError,
  OutputExistsError,
  readBatches,
  repairSegment,
} from '../../src/kmend.ts'
import type { RepairOptions } from '../../src/kmend.ts'
import { useTemporaryDirectory } from '../bytes/temporary.ts'
import { bases, collect, CORRUPT, HEALTHY, SIZE } from './segments.ts'

const NAME = '00000000000000000000.log'

describe('repairSegment', () => {
  const path = useTemporaryDirectory()
  beforeEach(() => {
    mkdirSync(path('orders-0'))
    writeFileSync(path('orders-0', NAME), CORRUPT)
  })

  it('writes a copy that reads without an error, and says what is missing', async () => {
    const report = await repairSegment(path('orders-0', NAME), { out: path('out') })
    const batches = await collect(readBatches(path('out', 'data', 'orders-0', NAME)))
    expect(bases(batches)).to.deep.equal([0, 3, 6, 9, 12])
    expect(batches.map(({ recordsCount }) => recordsCount)).to.deep.equal([3, 3, 0, 3, 3])
    const [segment] = report.segments
    expect(segment?.damage[0]).to.deep.include({
      position: 2 * SIZE,
      reason: 'crc-mismatch',
      outcome: 'skipped',
    })
    expect(report.summary).to.include({ exitCode: 3 })
  })

  it('returns the report that it writes', async () => {
    const report = await repairSegment(path('orders-0'), { out: path('out') })
    const written = JSON.parse(readFileSync(path('out', 'report.json'), 'utf8')) as object
    expect(written).to.include({
      tool: 'kmend',
      command: 'repair',
      reportVersion: 1,
      startedAt: report.startedAt,
    })
    expect(written).to.have.property('segments').with.lengthOf(report.segments.length)
  })

  it('reports the options that change the result, the defaults too', async () => {
    const plain = await repairSegment(path('orders-0'), { out: path('out'), jobs: 1 })
    expect(plain.options).to.deep.equal({
      shallow: false,
      keepUndecodable: false,
      undo: true,
      salvage: 'side',
      lostMarker: 'leave',
      fill: 'empty-batch',
      onlyChanged: false,
      allowMetadataLoss: false,
      maxDecompressed: 2 ** 30,
    })
    const asked = { undo: false, maxFalseMatch: 0.5, repairEffort: 9, fill: 'none' } as const
    const other = await repairSegment(path('orders-0'), { out: path('other'), ...asked })
    expect(other.options).to.include(asked)
  })

  it('refuses what its types rule out, before it writes', async () => {
    const out = path('out')
    for (const [source, options, says] of [
      [
        path('orders-0'),
        { out, fill: 'zeros' },
        /^fill is zeros; it must be one of empty-batch, none$/,
      ],
      [path('orders-0'), { out, salvage: 'all' }, /^salvage is all/],
      [path('orders-0'), { out, lostMarker: 'x' }, /^lostMarker is x/],
      [path('orders-0'), {}, /^out must name a folder/],
      [7, { out }, /^the path must be a string/],
    ] as const) {
      const error: unknown = await repairSegment(source as string, options as RepairOptions).catch(
        (reason: unknown) => reason,
      )
      expect(error).to.be.instanceOf(InvalidArgumentError)
      expect((error as Error).message).to.match(says)
    }
    expect(existsSync(out)).to.equal(false)
  })

  it('never touches the source', async () => {
    await repairSegment(path('orders-0'), { out: path('out') })
    expect(readFileSync(path('orders-0', NAME))).to.deep.equal(Buffer.from(CORRUPT))
    expect(readdirSync(path('orders-0'))).to.deep.equal([NAME])
  })

  it('copies a healthy segment byte for byte', async () => {
    writeFileSync(path('orders-0', NAME), HEALTHY)
    const report = await repairSegment(path('orders-0'), { out: path('out') })
    expect(readFileSync(path('out', 'data', 'orders-0', NAME))).to.deep.equal(Buffer.from(HEALTHY))
    expect(report.summary).to.include({ exitCode: 0 })
  })

  it('writes nothing in a dry run', async () => {
    const report = await repairSegment(path('orders-0'), { out: path('out'), dryRun: true })
    expect(report).to.have.property('dryRun', true)
    expect(report.segments[0]?.damage).to.have.lengthOf(1)
    expect(existsSync(path('out'))).to.be.false
  })

  it('leaves a hole by request, which reading the copy then meets', async () => {
    await repairSegment(path('orders-0'), { out: path('out'), fill: 'none' })
    const copy = path('out', 'data', 'orders-0', NAME)
    const batches = await collect(readBatches(copy, { onCorruption: () => 'skip' }))
    expect(bases(batches)).to.deep.equal([0, 3, 9, 12])
  })

  const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'none',
      (error: unknown) => error,
    )

  it('throws before it writes when there is no such path', async () => {
    const error = await rejection(repairSegment(path('none'), { out: path('out') }))
    expect(error).to.be.instanceOf(InvalidArgumentError).with.property('code', 'INVALID_ARGUMENT')
    expect(existsSync(path('out'))).to.be.false
  })

  it('throws before it writes when the folder holds something', async () => {
    mkdirSync(path('out'))
    writeFileSync(path('out', 'mine'), 'x')
    const error = await rejection(repairSegment(path('orders-0'), { out: path('out') }))
    expect(error).to.be.instanceOf(OutputExistsError).with.property('code', 'OUTPUT_EXISTS')
    expect(readdirSync(path('out'))).to.deep.equal(['mine'])
  })

  it('throws before it writes into the source', async () => {
    const error = await rejection(repairSegment(path('orders-0'), { out: path('orders-0', 'out') }))
    expect(error).to.have.property('code').that.is.oneOf(['OUTPUT_EXISTS', 'INVALID_ARGUMENT'])
    expect(readdirSync(path('orders-0'))).to.deep.equal([NAME])
  })
})
