import { expect } from 'chai'
import { memorySource } from '../../../src/bytes/byte-source.ts'
import { Window } from '../../../src/bytes/window.ts'
import { defaultCodecs } from '../../../src/codec/default-codecs.ts'
import { NO_EVIDENCE } from '../../../src/recover/evidence.ts'
import { undoStretch } from '../../../src/recover/undo/undo-stretch.ts'
import type { BatchHeader } from '../../../src/segment/record-batch.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import { v2Batch } from '../../segment/build.ts'

const MEBIBYTE = 1024 * 1024

/** A batch of zeros that claims as much as there is. */
function claimOf(sizeInBytes: number): { window: Window; header: BatchHeader } {
  const bytes = new Uint8Array(sizeInBytes)
  bytes.set(v2Batch({ records: [{ value: 'a' }] }))
  new DataView(bytes.buffer).setInt32(8, sizeInBytes - 12)
  return { window: new Window(memorySource(bytes)), header: decodeBatchHeader(bytes, 0)! }
}

describe('undoStretch', () => {
  const cases = [
    { mebibytes: 16, isBounded: false, isLookedInto: true },
    { mebibytes: 17, isBounded: false, isLookedInto: false },
    { mebibytes: 17, isBounded: true, isLookedInto: true },
    { mebibytes: 65, isBounded: true, isLookedInto: false },
  ]
  for (const { mebibytes, isBounded, isLookedInto } of cases)
    it(`${isLookedInto ? 'takes' : 'leaves'} ${mebibytes} MiB ${isBounded ? 'between whole batches' : 'that only a header claims'}`, () => {
      const { window, header } = claimOf(mebibytes * MEBIBYTE)
      const neighbour = isBounded ? header : null
      const { entry, why } = undoStretch(
        window,
        {
          position: 0,
          end: header.sizeInBytes,
          header,
          expectedOffset: null,
          nextOffset: null,
          offsetLimit: null,
          copies: [],
          before: neighbour,
          after: neighbour,
        },
        { accepted: [], holes: [] },
        {
          evidence: NO_EVIDENCE,
          codecs: defaultCodecs,
          maxDecompressedBytes: MEBIBYTE,
          maxFalseMatch: 1e-6,
          maxFalseMatchExplicit: false,
          repairEffort: 1,
          withoutGaps: true,
        },
        0,
      )
      expect(entry).to.equal(null)
      if (isLookedInto) expect(why).to.include('too large to look for')
      else
        expect(why).to.match(
          /^\d+\.0 MiB are more than is looked into \((16|64).0 MiB at most here\)$/,
        )
    })
})
