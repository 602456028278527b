import { expect } from 'chai'
import { createHash } from 'node:crypto'
import type { Record } from '../../src/segment/record.ts'
import { createRecordsDigest, digestRecords } from '../../src/segment/records-digest.ts'
import { fromHex, text } from './build.ts'

const sha256 = (hex: string): string => createHash('sha256').update(fromHex(hex)).digest('hex')

const record: Record = { offset: 5n, timestamp: -1n, key: null, value: text('v'), headers: [] }
const withHeaders: Record = {
  offset: 6n,
  timestamp: 1000n,
  key: text(''),
  value: null,
  headers: [
    { key: text('h'), value: text('ab') },
    { key: text(''), value: null },
  ],
}
// offset, timestamp, key, value, header count, then each header's key and value
const recordHex = `0000000000000005ffffffffffffffffffffffff00000001760000000000000000`
const withHeadersHex =
  `000000000000000600000000000003e800000000ffffffff0000000000000002` +
  `000000016800000002616200000000ffffffff`

describe('records digest', () => {
  const cases: { name: string; records: Record[]; hex: string }[] = [
    { name: 'no records', records: [], hex: '' },
    { name: 'nulls and a missing timestamp', records: [record], hex: recordHex },
    { name: 'headers', records: [withHeaders], hex: withHeadersHex },
    {
      name: 'records one after the other',
      records: [record, withHeaders],
      hex: recordHex + withHeadersHex,
    },
  ]
  for (const { name, records, hex } of cases) {
    it(`is SHA-256 over the documented form: ${name}`, () => {
      expect(digestRecords(records)).to.equal(sha256(hex))
    })
  }

  it('can be fed record by record', () => {
    const digest = createRecordsDigest()
    digest.update(record)
    digest.update(withHeaders)
    expect(digest.finish()).to.equal(digestRecords([record, withHeaders]))
  })

  it('tells null from empty', () => {
    expect(digestRecords([{ ...record, key: text('') }])).to.not.equal(digestRecords([record]))
  })
})
