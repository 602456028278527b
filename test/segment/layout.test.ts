import { expect } from 'chai'
import * as layout from '../../src/segment/layout.ts'
import type { Field } from '../../src/segment/layout.ts'

const sizes = (fields: readonly Field[]): number =>
  fields.reduce((sum, { type }) => sum + layout.FIELD_BYTES[type], 0)

const offsets = (fields: readonly Field[]): Record<string, number> =>
  Object.fromEntries(fields.map(({ name, offset }) => [name, offset]))

describe('layout', () => {
  it('has a magic-2 header of 61 bytes', () => {
    expect(sizes(layout.V2_FIELDS)).to.equal(61)
    expect(layout.V2_HEADER_BYTES).to.equal(61)
  })

  it('has the fields of magic 2 where Kafka has them', () => {
    expect(offsets(layout.V2_FIELDS)).to.deep.equal({
      baseOffset: 0,
      batchLength: 8,
      partitionLeaderEpoch: 12,
      magic: 16,
      crc: 17,
      attributes: 21,
      lastOffsetDelta: 23,
      baseTimestamp: 27,
      maxTimestamp: 35,
      producerId: 43,
      producerEpoch: 51,
      baseSequence: 53,
      recordsCount: 57,
    })
  })

  it('has the fields of magic 0 and 1 where Kafka has them', () => {
    expect(offsets(layout.V1_FIELDS)).to.deep.equal({
      offset: 0,
      size: 8,
      crc: 12,
      magic: 16,
      attributes: 17,
      timestamp: 18,
    })
    expect(sizes(layout.V1_FIELDS)).to.equal(26)
  })

  it('agrees with itself about the places it names', () => {
    const v2 = offsets(layout.V2_FIELDS)
    const v1 = offsets(layout.V1_FIELDS)
    expect(v2['magic']).to.equal(layout.MAGIC_POSITION)
    expect(v1['magic']).to.equal(layout.MAGIC_POSITION)
    expect(v2['crc']).to.equal(layout.V2_CRC_POSITION)
    expect(v2['attributes']).to.equal(layout.V2_CRC_START)
    expect(v1['crc']).to.equal(layout.LEGACY_CRC_POSITION)
    expect(layout.LEGACY_CRC_START).to.equal(layout.MAGIC_POSITION)
    expect(layout.IDENTIFYING_BYTES).to.equal(layout.MAGIC_POSITION + 1)
    expect(layout.LOG_OVERHEAD).to.equal(12)
  })

  it('knows the smallest entries', () => {
    expect(layout.V0_MIN_BYTES).to.equal(26)
    expect(layout.V1_MIN_BYTES).to.equal(34)
  })
})
