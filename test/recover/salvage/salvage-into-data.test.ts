/** `--salvage data`: salvaged records in the place of their broken batch, wherever in the log that lies. */
import { expect } from 'chai'
import { join } from 'node:path'
import type { SegmentReport } from '../../../src/kmend.ts'
import { readBatches, repairSegment } from '../../../src/kmend.ts'
import { collect } from '../../library/segments.ts'
import { loadSegment } from '../../support/corpus.ts'
import { DamagedSegment } from '../../support/damage.ts'
import { placeSource, withWorkspace } from '../../support/workspace.ts'

const SECTOR = 512
const segment = loadSegment('kafka-2.8.2/legacy-v2-none-0/00000000000000000000')
const { batches } = segment

interface Salvaged {
  readonly report: SegmentReport
  /** Offsets of the records in the output. */
  readonly offsets: readonly bigint[]
  readonly logEndOffset: bigint
}

/** Loses one sector, by default in the middle of a batch's records, and repairs. */
async function salvageBatch(
  index: number,
  layout: 'lone' | 'partition',
  at = batches[index]!.sizeInBytes / 2,
): Promise<Salvaged> {
  const sector = Math.ceil((batches[index]!.position + at) / SECTOR) * SECTOR
  const { bytes } = new DamagedSegment(segment.bytes).zeroRange(sector, SECTOR)
  return await withWorkspace(async (folder) => {
    const out = join(folder, 'out')
    const source = placeSource(folder, segment, bytes, layout)
    const { segments, errors } = await repairSegment(source, { out, salvage: 'data' })
    expect(errors).to.deep.equal([])
    const [report] = segments
    const written = await collect(readBatches(join(out, report!.output!)))
    return {
      report: report!,
      offsets: written.flatMap((batch) => [...batch.records()].map(({ offset }) => offset)),
      logEndOffset: written.at(-1)!.lastOffset + 1n,
    }
  })
}

describe('salvage into the data', () => {
  const last = batches.length - 1
  for (const layout of ['lone', 'partition'] as const)
    for (const [place, index] of [
      ['first', 0],
      ['middle', last >> 1],
      ['last', last],
    ] as const)
      it(`puts records of the ${place} batch back and leaves the log end alone, ${layout}`, async () => {
        const { baseOffset, lastOffset } = batches[index]!
        const { report, offsets, logEndOffset } = await salvageBatch(index, layout)
        const back = offsets.filter((offset) => offset >= baseOffset && offset <= lastOffset)
        expect(back).to.have.lengthOf(report.records.salvaged).and.to.not.be.empty
        expect(logEndOffset, 'log end').to.equal(batches[last]!.lastOffset + 1n)
        expect(report.nextOffset, 'reported end').to.equal(logEndOffset)
        const missing = report.skippedOffsetRanges.flatMap((range) =>
          Array.from(
            { length: Number(range.offsetCount) },
            (_, n) => range.firstOffset + BigInt(n),
          ),
        )
        const every = Array.from({ length: Number(logEndOffset) }, (_, n) => BigInt(n))
        const present = new Set(offsets)
        expect(missing, 'missing').to.deep.equal(every.filter((offset) => !present.has(offset)))
      })

  it('puts none back under a header of which a sector took the times', async () => {
    const index = batches.findIndex(
      ({ position }) => position % SECTOR > SECTOR - 43 && position % SECTOR < SECTOR - 35,
    )
    const { baseOffset, lastOffset } = batches[index]!
    const { report, offsets } = await salvageBatch(index, 'partition', 0)
    expect(report.records.salvaged).to.be.greaterThan(0)
    const back = offsets.filter((offset) => offset >= baseOffset && offset <= lastOffset)
    expect(back.length).to.equal(0)
  })
})
