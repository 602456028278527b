import { expect } from 'chai'
import { DEFAULT_MAX_DECOMPRESSED_BYTES } from '../../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import type { SalvageEntry } from '../../../src/recover/salvage/entry.ts'
import { entryOf } from '../../../src/recover/salvage/entry.ts'
import { salvageRecords } from '../../../src/recover/salvage/salvage-records.ts'
import { prng } from '../../support/prng.ts'
import { v2Batch } from '../../segment/build.ts'
import { textRecords } from './built.ts'
import { HEADER_BYTES, SECTOR, damageSector, decodeWhole } from './measure.ts'

const entry = (bytes: Uint8Array, position: number): SalvageEntry =>
  entryOf(bytes, decodeBatchHeader(bytes, position)!, DEFAULT_MAX_DECOMPRESSED_BYTES)

describe('the times of a header that a sector ends in', () => {
  for (const attributes of [0, 8])
    for (const damage of ['zero', 'random'] as const)
      it(`gives no times that a ${damage} sector may have taken with it, attributes ${attributes}`, () => {
        const random = prng(attributes + 1)
        for (let boundary = 17; boundary <= HEADER_BYTES; boundary++) {
          const batch = v2Batch({
            records: textRecords(60, 14),
            attributes,
            baseTimestamp: 1_700_000_000_000n,
            maxTimestamp: 1_700_000_000_177n,
          })
          const position = 10 * SECTOR - boundary
          const right = entry(batch, position)
          const damaged = damageSector(batch, position, 10, damage, random)
          const { baseOffset, lastOffset, recordsCount } = right
          const found = salvageRecords({
            ...entry(damaged, position),
            baseOffset,
            lastOffset,
            recordsCount,
          })
          // maxTimestamp ends at 43.
          expect(found.headerStands, `boundary ${boundary}`).to.equal(boundary >= 43)
          const times = decodeWhole(batch, position).map(({ timestamp }) => timestamp)
          for (const { offset, timestamp } of found.records)
            if (timestamp !== null) expect(timestamp).to.equal(times[Number(offset)])
          const later = damageSector(batch, position, 11, damage, random)
          const whole = salvageRecords(entry(later, position))
          expect(whole.headerStands, `boundary ${boundary}, later`).to.equal(true)
          expect(whole.records[0]?.timestamp).to.equal(times[0])
        }
      })
})
