import { expect } from 'chai'
import type { Decompress, VariantCounts } from '../../src/codec/codec.ts'
import { isSoundBatch } from '../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../src/segment/record-batch.ts'
import { fixCrc, flipByte, v2Batch } from './build.ts'
import { testCodecs } from './codecs.ts'

describe('isSoundBatch', () => {
  const raw: Decompress = (compressed) => ({ bytes: compressed, variants: ['raw-snappy'] })
  const options = { codecs: testCodecs({ snappy: raw }), maxDecompressedBytes: 1000 }
  const isSound = (bytes: Uint8Array, variants: VariantCounts | null): boolean => {
    const header = decodeBatchHeader(bytes, 0)
    return header !== null && isSoundBatch(bytes, header, options, variants)
  }

  it('judges what only a variant decodes where such batches are counted', () => {
    const counts: VariantCounts = new Map()
    const whole = v2Batch({ attributes: 2, records: [{ value: 'a' }, { value: 'b' }] })
    expect([isSound(whole, null), isSound(whole, counts)]).to.deep.equal([false, true])
    // One header more than there are.
    const malformed = fixCrc(flipByte(whole, whole.length - 1, 2))
    expect(isSound(malformed, counts)).to.equal(false)
    expect(counts).to.deep.equal(new Map([['raw-snappy', 1]]))
  })
})
