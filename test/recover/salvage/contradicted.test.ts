/** Wrappers of a compacted log whose own offsets are not to be believed: nothing is salvaged of them at those. */
import { expect } from 'chai'
import { join } from 'node:path'
import { repairSegment } from '../../../src/kmend.ts'
import { loadSegment } from '../../support/corpus.ts'
import { DamagedSegment } from '../../support/damage.ts'
import { placeSource, withWorkspace } from '../../support/workspace.ts'

/** Of magic 1: three wrappers, gaps between them. */
const segment = loadSegment('kafka-2.8.2/legacy-v1-compacted-0/00000000000000000000')

/** The salvage file of each damaged place. */
async function salvagedOf(damaged: DamagedSegment): Promise<(string | null)[]> {
  return await withWorkspace(async (folder) => {
    const source = placeSource(folder, segment, damaged.bytes, 'partition')
    const { segments, errors } = await repairSegment(source, { out: join(folder, 'out') })
    expect(errors).to.deep.equal([])
    return segments[0]!.damage.map(({ salvaged }) => salvaged ?? null)
  })
}

describe('salvage between gaps', () => {
  it('takes the offsets of neither of two that contradict each other', async () => {
    const last = segment.batches.at(-1)!
    const damaged = new DamagedSegment(segment.bytes).flipBit(last.position + 7, 0)
    expect(await salvagedOf(damaged)).to.deep.equal([null, null])
  })

  it('takes zeros over offset and size for no offset of 0', async () => {
    const damaged = new DamagedSegment(segment.bytes).zeroRange(0, 12)
    expect(await salvagedOf(damaged)).to.deep.equal([null])
  })
})
