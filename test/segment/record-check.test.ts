import { expect } from 'chai'
import fc from 'fast-check'
import { areRecords } from '../../src/segment/record-check.ts'
import { decodeRecords } from '../../src/segment/record.ts'
import { concat, encodeRecord } from './build.ts'
import type { RecordSpec } from './build.ts'

/** The verdict of making all of the records. */
function decodes(bytes: Uint8Array, count: number, lastOffsetDelta: number): boolean {
  const context = { baseOffset: 5n, lastOffsetDelta, baseTimestamp: 0n, logAppendTime: null }
  try {
    return [...decodeRecords(bytes, count, context)].length === count
  } catch {
    return false
  }
}

describe('areRecords', () => {
  const value = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null })
  const header = fc.tuple(fc.option(fc.string({ maxLength: 3 }), { nil: null }), value)
  const record: fc.Arbitrary<RecordSpec> = fc.record(
    {
      attributes: fc.constantFrom(0, 0, 0, 1),
      timestampDelta: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      offsetDelta: fc.nat(8),
      key: value,
      value,
      headers: fc.array(header, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  const records = fc.array(record, { maxLength: 5 })
  const encode = (specs: readonly RecordSpec[]): Uint8Array =>
    concat(...specs.map((spec, index) => encodeRecord(spec, index)))

  it('accepts what decodes', () => {
    const plain = encode([{ key: 'k', value: 'v' }, { value: null }, { headers: [['h', null]] }])
    expect(areRecords(plain, 3, 2)).to.equal(true)
    expect(areRecords(new Uint8Array(), 0, 0)).to.equal(true)
  })

  it('gives the verdict of decoding for any records and any damage to them', () => {
    const change = fc.tuple(fc.nat(300), fc.nat(255))
    fc.assert(
      fc.property(
        records,
        fc.array(change, { maxLength: 3 }),
        fc.nat(6),
        fc.integer({ min: -1, max: 9 }),
        fc.nat(3),
        (specs, changes, count, lastOffsetDelta, cut) => {
          const bytes = encode(specs)
          const few = changes.slice(0, bytes.length === 0 ? 0 : undefined)
          for (const [at, byte] of few) bytes[at % bytes.length] = byte
          for (const part of [bytes, bytes.subarray(0, Math.max(0, bytes.length - cut))])
            for (const claimed of [count, specs.length])
              for (const last of [lastOffsetDelta, 8])
                expect(areRecords(part, claimed, last)).to.equal(decodes(part, claimed, last))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('gives the verdict of decoding for any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(12), fc.nat(255)), { maxLength: 40 }), (list) => {
        const bytes = Uint8Array.from(list)
        for (const count of [0, 1, 2])
          expect(areRecords(bytes, count, 5)).to.equal(decodes(bytes, count, 5))
      }),
      { numRuns: 5000 },
    )
  })
})
