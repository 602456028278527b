/** A log with gaps in which a sector took one batch and the beginning of the next: which offsets that one can have. */
import { expect } from 'chai'
import { concat, v2Batch } from '../../segment/build.ts'
import { prng } from '../../support/prng.ts'
import { CODECS, compressions, sizedBatch, textRecords } from './built.ts'
import { SECTOR } from './measure.ts'
import { repair } from './repaired.ts'

/** Of the segment: an offset of zeros is below it. */
const BASE = 100

interface Log {
  /** How much the sector takes of the batch that is looked for. */
  readonly taken: number
  readonly next?: bigint
  readonly attributes?: number
}

/** Offsets 100 to 149 with one record, 150, 151 to 170 with a record in three, and what follows. */
function logOf(
  { taken, next = 171n, attributes = 0 }: Log,
  sector: Uint8Array = new Uint8Array(SECTOR),
): Uint8Array {
  const first = sizedBatch(SECTOR, { baseOffset: 100n, lastOffsetDelta: 49 })
  const second = sizedBatch(SECTOR - taken, { baseOffset: 150n })
  const offsets = [0, 3, 6, 9, 12, 15, 18]
  const records = textRecords(offsets.length, 4)
  const victim = v2Batch({
    baseOffset: 151n,
    records: records.map((record, index) => ({ ...record, offsetDelta: offsets[index]! })),
    lastOffsetDelta: 19,
    attributes: attributes | CODECS.indexOf('snappy'),
    compress: compressions.snappy,
  })
  const bytes = concat(first, second, victim, v2Batch({ baseOffset: next }))
  bytes.set(sector, SECTOR)
  return bytes
}

const CONTROL = 0x20

describe('repair of a log with gaps that has lost the beginning of a batch', () => {
  const offsets = [151, 154, 157, 160, 163, 166, 169]
  for (const { name, log, expected } of [
    { name: 'its offset', log: { taken: 8 }, expected: offsets },
    { name: 'its length, too', log: { taken: 12 }, expected: offsets },
    { name: 'all but its CRC', log: { taken: 17 }, expected: offsets },
    { name: 'a part of its CRC', log: { taken: 18 }, expected: [] },
    { name: 'its offset, with room for others', log: { taken: 8, next: 172n }, expected: [] },
    { name: 'more, with room for others', log: { taken: 17, next: 172n }, expected: [] },
    { name: 'a control batch', log: { taken: 8, attributes: CONTROL }, expected: [] },
  ])
    for (const [damage, sector] of [
      ['zeros', new Uint8Array(SECTOR)],
      ['random bytes', prng(9).bytes(SECTOR)],
    ] as const)
      it(`gives ${expected.length} records: ${name}, ${damage}`, async () => {
        const { lines } = await repair(logOf(log, sector), { base: BASE })
        expect(lines.map(({ offset }) => offset)).to.deep.equal(expected)
      })

  it('gives the records of a batch whose zeros read like the first offset of the segment', async () => {
    const { lines } = await repair(logOf({ taken: 8 }), { base: 0 })
    expect(lines.map(({ offset }) => offset)).to.deep.equal(offsets)
  })

  it('takes no other offset for a batch that may have come here from elsewhere', async () => {
    const bytes = logOf({ taken: 0 })
    new DataView(bytes.buffer).setBigInt64(2 * SECTOR, 4000n)
    const { lines } = await repair(bytes, { base: BASE })
    expect(lines).to.deep.equal([])
  })
})
