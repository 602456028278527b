import { expect } from 'chai'
import fc from 'fast-check'
import { Cursor, CursorError } from '../../src/bytes/cursor.ts'
import { pushVarint, unzigzag32, unzigzag64 } from '../../src/bytes/varint.ts'

const encode = (value: bigint | number): Uint8Array => {
  const bytes: number[] = []
  pushVarint(bytes, value)
  return Uint8Array.from(bytes)
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const cursorOf = (encoded: string): Cursor =>
  new Cursor(new Uint8Array(Buffer.from(encoded, 'hex')))

// As Kafka's ByteUtilsTest has them.
const cases: { value: bigint; encoded: string; fits32: boolean }[] = [
  { value: 0n, encoded: '00', fits32: true },
  { value: -1n, encoded: '01', fits32: true },
  { value: 1n, encoded: '02', fits32: true },
  { value: 63n, encoded: '7e', fits32: true },
  { value: -64n, encoded: '7f', fits32: true },
  { value: 64n, encoded: '8001', fits32: true },
  { value: -65n, encoded: '8101', fits32: true },
  { value: 8191n, encoded: 'fe7f', fits32: true },
  { value: 8192n, encoded: '808001', fits32: true },
  { value: -8193n, encoded: '818001', fits32: true },
  { value: 1048576n, encoded: '80808001', fits32: true },
  { value: 134217727n, encoded: 'feffff7f', fits32: true },
  { value: 134217728n, encoded: '8080808001', fits32: true },
  { value: 2147483647n, encoded: 'feffffff0f', fits32: true },
  { value: -2147483648n, encoded: 'ffffffff0f', fits32: true },
  { value: 2147483648n, encoded: '8080808010', fits32: false },
  { value: 17179869183n, encoded: 'feffffff7f', fits32: false },
  { value: 9223372036854775807n, encoded: 'feffffffffffffffff01', fits32: false },
  { value: -9223372036854775808n, encoded: 'ffffffffffffffffff01', fits32: false },
]

describe('varint', () => {
  for (const { value, encoded, fits32 } of cases) {
    it(`writes and reads ${value} as ${encoded}`, () => {
      expect(hex(encode(value))).to.equal(encoded)
      const long = cursorOf(encoded)
      expect(long.varlong()).to.equal(value)
      expect(long.remaining).to.equal(0)
      if (fits32) expect(cursorOf(encoded).varint()).to.equal(Number(value))
    })
  }

  it('reads back every 32-bit integer that it writes', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const cursor = new Cursor(encode(value))
        expect(cursor.varint()).to.equal(value)
        expect(cursor.remaining).to.equal(0)
      }),
    )
  })

  it('reads back every 64-bit integer that it writes', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        const bytes = encode(value)
        expect(bytes.length).to.be.at.most(10)
        const cursor = new Cursor(bytes)
        expect(cursor.varlong()).to.equal(value)
        expect(cursor.remaining).to.equal(0)
      }),
    )
  })

  it('takes zig-zag off at both ends of the range', () => {
    expect(unzigzag32(-1)).to.equal(-2147483648)
    expect(unzigzag32(-2)).to.equal(2147483647)
    expect(unzigzag64(2n ** 64n - 1n)).to.equal(-(2n ** 63n))
  })

  it('accepts leading zero groups, as Kafka does', () => {
    expect(cursorOf('8000').varint()).to.equal(0)
    expect(cursorOf('8280808000').varint()).to.equal(1)
    expect(cursorOf('82808080808080808000').varlong()).to.equal(1n)
  })

  const errors: {
    name: string
    encoded: string
    read: (c: Cursor) => unknown
    position: number
  }[] = [
    {
      name: 'a varint of six bytes',
      encoded: '808080808001',
      read: (c) => c.varint(),
      position: 0,
    },
    {
      name: 'a varint that runs past the end',
      encoded: '8080',
      read: (c) => c.varint(),
      position: 2,
    },
    {
      name: 'a varlong of eleven bytes',
      encoded: `${'80'.repeat(10)}01`,
      read: (c) => c.varlong(),
      position: 0,
    },
    {
      name: 'a varlong that ends within four bytes',
      encoded: 'ffff',
      read: (c) => c.varlong(),
      position: 2,
    },
    {
      name: 'a varlong that ends after four bytes',
      encoded: 'ffffffffff',
      read: (c) => c.varlong(),
      position: 5,
    },
    { name: 'a varint in no bytes', encoded: '', read: (c) => c.varint(), position: 0 },
  ]
  for (const { name, encoded, read, position } of errors) {
    it(`refuses ${name}`, () => {
      expect(() => read(cursorOf(encoded)))
        .to.throw(CursorError)
        .with.property('position', position)
    })
  }
})
