/** Batches that are whole but for their offset, which no CRC covers: what is salvaged of them, and at which offsets. */
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repairSegment } from '../../../src/kmend.ts'
import { loadSegment } from '../../support/corpus.ts'
import { DamagedSegment } from '../../support/damage.ts'
import { placeSource, withWorkspace } from '../../support/workspace.ts'
import { SECTOR } from './measure.ts'

const segment = loadSegment('kafka-4.1.0/customers-compacted-0/00000000000000000000')

/** The offsets salvaged of each damaged place, by its position. */
async function salvagedOf(damaged: DamagedSegment): Promise<ReadonlyMap<number, number[]>> {
  return await withWorkspace(async (folder) => {
    const source = placeSource(folder, segment, damaged.bytes, 'partition')
    const { segments, errors } = await repairSegment(source, { out: join(folder, 'out') })
    expect(errors).to.deep.equal([])
    return new Map(
      segments[0]!.damage.map(({ position, salvaged }) => [
        position,
        salvaged === null ? [] : offsetsIn(join(folder, 'out', salvaged)),
      ]),
    )
  })
}

const offsetsIn = (path: string): number[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly offset: number }).offset)

describe('salvage of whole batches that say a wrong offset', () => {
  it('takes the only offset that is left where a lost sector took its own', async () => {
    const { position, records, baseOffset, lastOffset } = segment.batches.find(
      ({ position: at, records }) =>
        records > 1 && at % SECTOR > SECTOR - 12 && at % SECTOR < SECTOR - 7,
    )!
    const sector = Math.floor(position / SECTOR) * SECTOR
    const salvaged = await salvagedOf(new DamagedSegment(segment.bytes).zeroRange(sector, SECTOR))
    const offsets = salvaged.get(position)!
    expect(offsets).to.have.lengthOf(records)
    expect([offsets[0], offsets.at(-1)]).to.deep.equal([baseOffset, lastOffset].map(Number))
  })

  it('takes the offset of one that has changed places', async () => {
    const [here, there] = [10 * SECTOR, 19 * SECTOR]
    const { bytes } = segment
    const damaged = new DamagedSegment(bytes)
      .overwrite(here, bytes.slice(there, there + SECTOR))
      .overwrite(there, bytes.slice(here, here + SECTOR))
    const salvaged = await salvagedOf(damaged)
    expect([...salvaged.values()].some(({ length }) => length > 0)).to.equal(true)
  })
})
