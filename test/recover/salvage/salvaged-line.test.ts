import { expect } from 'chai'
import type { SalvagedRecord } from '../../../src/recover/salvage/entry.ts'
import { salvagedLine } from '../../../src/recover/salvage/salvaged-line.ts'

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('salvagedLine', () => {
  const record: SalvagedRecord = {
    offset: 41n,
    timestamp: 1_700_000_000_000n,
    key: bytes('k'),
    value: bytes('a value?'),
    headers: [
      { key: bytes('h'), value: bytes('"') },
      { key: new Uint8Array(), value: null },
    ],
    position: 7,
  }

  it('is one line of JSON with the fields of the contract, in order', () => {
    expect(salvagedLine(record, 1234)).to.equal(
      '{"offset":41,"timestamp":1700000000000,"key":"aw==","value":"YSB2YWx1ZT8=","headers":[["aA==","Ig=="],["",null]],"suspect":true,"position":1234}',
    )
  })

  it('keeps null, and an empty string apart from it', () => {
    const empty = { ...record, key: null, value: new Uint8Array(), headers: [], timestamp: null }
    expect(JSON.parse(salvagedLine(empty, 0))).to.deep.equal({
      offset: 41,
      timestamp: null,
      key: null,
      value: '',
      headers: [],
      suspect: true,
      position: 0,
    })
  })

  it('takes views of larger arrays for what they show', () => {
    const value = bytes('..abc..').subarray(2, 5)
    expect(JSON.parse(salvagedLine({ ...record, value }, 0))).to.include({ value: 'YWJj' })
  })
})
