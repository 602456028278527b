import { expect } from 'chai'
import fc from 'fast-check'
import { RecordScanner } from '../../src/segment/record-scan.ts'
import { RecordError, decodeRecords } from '../../src/segment/record.ts'
import { concat, encodeRecord, varint } from './build.ts'

const context = {
  baseOffset: 0n,
  lastOffsetDelta: 0x7fffffff,
  baseTimestamp: 0n,
  logAppendTime: null,
}

/** Whether decodeRecords takes the bytes for exactly one record. */
function isRecord(bytes: Uint8Array): boolean {
  try {
    return [...decodeRecords(bytes, 1, context)].length === 1
  } catch (error) {
    if (error instanceof RecordError) return false
    throw error
  }
}

/** The same of a scanner: a record, and nothing after it. */
function scansAsRecord(bytes: Uint8Array): boolean {
  const scanner = new RecordScanner(bytes)
  return bytes.length > 0 && scanner.scan(0) && scanner.end === bytes.length
}

const record = encodeRecord({
  offsetDelta: 9,
  timestampDelta: -1234567890123n,
  key: null,
  value: 'value',
  headers: [
    ['a', 'b'],
    ['c', null],
  ],
})

describe('RecordScanner', () => {
  it('reads what a record says of itself', () => {
    const scanner = new RecordScanner(concat(Uint8Array.of(1, 2, 3), record, record))
    expect(scanner.scan(3)).to.be.true
    expect(scanner).to.include({
      end: 3 + record.length,
      offsetDelta: 9,
      timestampDelta: -1234567890123,
    })
    expect(scanner.scan(scanner.end)).to.be.true
    expect(scanner.scan(scanner.end)).to.be.false
  })

  it('says where a record contradicts the format, its start when bytes are missing', () => {
    const cut = new RecordScanner(record.subarray(0, record.length - 1))
    expect([cut.scan(0), cut.failedAt]).to.deep.equal([false, 0])
    const attributes = new RecordScanner(record.map((byte, index) => (index === 1 ? 8 : byte)))
    expect([attributes.scan(0), attributes.failedAt]).to.deep.equal([false, 1])
    const left = record.slice()
    left[left.indexOf('b'.charCodeAt(0)) - 1] = 0
    const over = new RecordScanner(left)
    expect(over.scan(0)).to.be.false
    expect(over.failedAt).to.be.greaterThan(10)
    const negative = new RecordScanner(concat(varint(-5), record))
    expect([negative.scan(0), negative.failedAt]).to.deep.equal([false, 1])
  })

  it('accepts what decodeRecords accepts: one byte changed', () => {
    for (let at = 0; at < record.length; at++) {
      for (let value = 0; value < 256; value++) {
        const changed = record.slice()
        changed[at] = value
        expect(scansAsRecord(changed), `${value} at ${at}`).to.equal(isRecord(changed))
      }
    }
  })

  it('accepts what decodeRecords accepts: any bytes', () => {
    const body = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 4, 6), fc.nat(255)), { maxLength: 24 })
    fc.assert(
      fc.property(body, (bytes) => {
        const framed = concat(varint(bytes.length + 1), Uint8Array.of(0, ...bytes))
        expect(scansAsRecord(framed)).to.equal(isRecord(framed))
      }),
      { numRuns: 3000 },
    )
  })
})
