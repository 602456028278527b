/** Whole batches in the wrong place of the file: that they are put back, and what is said of it. */
import { expect } from 'chai'
import fc from 'fast-check'
import { decodeOffsetIndex } from '../../../src/index/offset-index.ts'
import { createIndexBuilder } from '../../../src/index/index-builder.ts'
import { scanSegment } from '../../../src/kmend.ts'
import { checkUndo } from '../../support/check-undo.ts'
import type { CorpusSegment } from '../../support/corpus.ts'
import { DamagedSegment } from '../../support/damage.ts'
import { walkBatches } from '../../support/walk-batches.ts'
import { sources } from '../sources.ts'
import { logOf, repairBytes, rotate, swap, together } from './in-memory.ts'

const batchesOf = ({ bytes, batches }: CorpusSegment): Uint8Array[] =>
  batches.map(({ position, sizeInBytes }) => bytes.subarray(position, position + sizeInBytes))

const arrangements: readonly {
  readonly name: string
  readonly of: <T>(items: readonly T[]) => T[]
  readonly moved?: number
}[] = [
  {
    name: 'two neighbours swapped',
    of: (items) => swap(items, items.length >> 1, (items.length >> 1) + 1),
    moved: 1,
  },
  { name: 'the first two swapped', of: (items) => swap(items, 0, 1), moved: 1 },
  {
    name: 'the last two swapped',
    of: (items) => swap(items, items.length - 2, items.length - 1),
    moved: 1,
  },
  { name: 'two far apart swapped', of: (items) => swap(items, 1, items.length - 2) },
  { name: 'the halves swapped', of: (items) => rotate(items, items.length >> 1) },
  { name: 'the thirds rotated', of: (items) => rotate(items, Math.floor(items.length / 3)) },
  { name: 'all in reverse', of: (items) => items.toReversed() },
]

describe('batches of a log without gaps, in another order', () => {
  for (const source of sources.filter(
    ({ load, slow }) => slow !== true && load().truth.withoutGaps,
  )) {
    const { segment, truth } = source.load()
    const evidence = {
      segmentBaseOffset: truth.segmentBaseOffset,
      nextSegmentBaseOffset: truth.nextSegmentBase,
    }
    for (const { name, of, moved } of arrangements)
      it(`${source.name}: ${name}`, async () => {
        const { output, diagnosis } = await repairBytes(together(of(batchesOf(segment))), evidence)
        expect(Buffer.compare(output, segment.bytes), 'everything is as it was').to.equal(0)
        expect(diagnosis.ranges).to.deep.equal([])
        expect(diagnosis.damage.length).to.be.at.least(1)
        if (moved !== undefined) expect(diagnosis.damage).to.have.lengthOf(moved)
        for (const { outcome, repair } of diagnosis.damage) {
          expect(outcome).to.equal('repaired')
          expect(repair).to.deep.include({ edits: [], inferred: [], falseMatchProbability: 0 })
          expect(repair!.evidence).to.include.members(['crc', 'neighbours', 'moved'])
        }
      })
  }

  for (const source of sources.filter(({ name }) =>
    /^(lz4, in|transactional|magic 1, wrapped)/.test(name),
  ))
    it(`is as it was after any shuffling: ${source.name}`, async () => {
      const { segment, truth } = source.load()
      const parts = batchesOf(segment).slice(0, 24)
      const whole = together(parts)
      const order = fc.shuffledSubarray([...parts.keys()], { minLength: parts.length })
      await fc.assert(
        fc.asyncProperty(order, async (indexes) => {
          const bytes = together(indexes.map((index) => parts[index]!))
          const { segmentBaseOffset } = truth
          const { output } = await repairBytes(bytes, { segmentBaseOffset }, { deep: false })
          expect(Buffer.compare(output, whole)).to.equal(0)
        }),
        { numRuns: 25 },
      )
    })

  it('writes files that hold, and finds no fault with the indexes beside the source', async () => {
    const source = sources.find(({ name }) => name === 'lz4, in its partition')!
    const { segment, truth } = source.load()
    const damaged = new DamagedSegment(segment.bytes)
    damaged.overwrite(0, together(rotate(swap(batchesOf(segment), 3, 4), 20)))
    const original = segment.bytes
    const repaired = await checkUndo({
      ...source,
      segment,
      truth,
      damaged,
      original,
      mustReturn: true,
    })
    expect(repaired.report.summary.exitCode).to.equal(0)
    expect(repaired.segment.indexes.offsetIndex.source).to.equal('ok')
    expect(repaired.segment.indexes.timeIndex.source).to.equal('ok')
  })
})

describe('what is said of a batch that is put back', () => {
  it('where it stood, where it belongs, and why', async () => {
    const parts = logOf(6)
    const indexes = createIndexBuilder(0n, 1)
    for (const { position, bytes, lastOffset } of walkBatches(together(parts)))
      indexes.onBatch({ position, sizeInBytes: bytes.length, lastOffset, maxTimestamp: 0n })
    const offsetIndex = decodeOffsetIndex(indexes.finish().offsetIndex)
    const { diagnosis, placed } = await repairBytes(together(swap(parts, 2, 3)), {
      segmentBaseOffset: 0n,
      offsetIndex,
    })
    const [entry] = diagnosis.damage
    const front = parts[0]!.length + parts[1]!.length
    const [left, right] = [front + parts[2]!.length, front + parts[3]!.length]
    const moved = entry!.baseOffset === 20n ? [right, front] : [front, left]
    expect(entry).to.deep.include({ position: moved[0], reason: 'offset-not-increasing' })
    expect(entry!.repair!.changes).to.deep.equal([
      { field: 'position', before: `${moved[0]}`, after: `${moved[1]}` },
    ])
    expect(entry!.repair!.evidence).to.include.members([
      'crc',
      'neighbours',
      'sequence',
      'index',
      'moved',
    ])
    expect(placed[0]).to.deep.include({
      outputPosition: moved[1],
      outputSizeInBytes: entry!.sizeInBytes,
    })
  })

  it('an entry for each batch, each where it stands', async () => {
    const parts = logOf(10)
    const { diagnosis, placed } = await repairBytes(together(rotate(parts, 7)), {
      segmentBaseOffset: 0n,
    })
    expect(diagnosis.damage.map(({ baseOffset }) => baseOffset)).to.deep.equal([70n, 80n, 90n])
    const moved = diagnosis.kept.filter(({ movedTo }) => movedTo !== undefined)
    expect(moved, 'but one run').to.have.lengthOf(1)
    const front = together(parts.slice(0, 7)).length
    expect(placed.map(({ outputPosition }) => outputPosition)).to.deep.equal([
      front,
      front + parts[7]!.length,
      front + parts[7]!.length + parts[8]!.length,
    ])
    expect(diagnosis.damage[0]!.repair!.evidence).to.not.include('index')
  })

  it('names of files speak for it', async () => {
    const { diagnosis } = await repairBytes(together(rotate(logOf(9), 3)), {
      segmentBaseOffset: 0n,
    })
    expect(diagnosis.damage.map(({ baseOffset }) => baseOffset)).to.deep.equal([0n, 10n, 20n])
    expect(diagnosis.damage[0]!.repair!.evidence).to.include('segmentName')
  })

  it('is an event of a scan, and nothing is put back without undo', async () => {
    const bytes = together(swap(logOf(6), 2, 3))
    const found = async (undo: boolean): Promise<string[]> => {
      const events: string[] = []
      for await (const event of scanSegment(bytes, { segmentBaseOffset: 0n, undo }))
        if (event.type === 'corruption') events.push(`${event.outcome} ${event.reason}`)
      return events
    }
    expect(await found(true)).to.deep.equal(['repaired offset-not-increasing'])
    const left = await found(false)
    expect(left).to.have.lengthOf(2)
    expect(left.join()).to.not.include('repaired')
  })
})
