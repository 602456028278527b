import { expect } from 'chai'
import { CursorError } from '../../src/bytes/cursor.ts'
import type { Record, RecordContext } from '../../src/segment/record.ts'
import { decodeRecords, RecordError } from '../../src/segment/record.ts'
import type { RecordSpec } from './build.ts'
import { concat, encodeRecord, recordBody, varint } from './build.ts'

const context: RecordContext = {
  baseOffset: 100n,
  lastOffsetDelta: 9,
  baseTimestamp: 1000n,
  logAppendTime: null,
}

const decode = (bytes: Uint8Array, count: number, more: Partial<RecordContext> = {}): Record[] => [
  ...decodeRecords(bytes, count, { ...context, ...more }),
]

const framed = (body: Uint8Array): Uint8Array => concat(varint(body.length), body)
const plain: RecordSpec = { key: 'k', value: 'v' }

describe('decodeRecords on malformed records', () => {
  const two = (bytes: Uint8Array): Uint8Array => concat(encodeRecord(plain, 0), bytes)
  const cases: {
    name: string
    bytes: Uint8Array
    count: number
    message: string
    position?: number
  }[] = [
    {
      name: 'bytes after the last record',
      bytes: two(Uint8Array.of(0)),
      count: 1,
      message: '1 byte left over after 1 record',
      position: 9,
    },
    {
      name: 'bytes where no record is claimed',
      bytes: two(new Uint8Array()),
      count: 0,
      message: '9 bytes left over after 0 records',
      position: 0,
    },
    {
      name: 'fewer records than claimed',
      bytes: two(new Uint8Array()),
      count: 2,
      message: '1 record, 2 claimed',
      position: 9,
    },
    {
      name: 'a record that is cut off',
      bytes: two(encodeRecord(plain, 1).subarray(0, 5)),
      count: 2,
      message: 'record length 8 with 4 bytes left',
      position: 9,
    },
    {
      name: 'a record length of -1',
      bytes: two(varint(-1)),
      count: 2,
      message: 'record length -1',
    },
    {
      name: 'a record length of 2147483647',
      bytes: two(varint(2147483647)),
      count: 2,
      message: 'record length 2147483647',
    },
    {
      name: 'a record of no bytes',
      bytes: two(varint(0)),
      count: 2,
      message: '1 byte wanted, 0 left',
    },
    {
      name: 'a length that runs out',
      bytes: two(Uint8Array.of(0x80)),
      count: 2,
      message: 'varint runs past the end',
    },
    {
      name: 'a length of six bytes',
      bytes: two(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 1)),
      count: 2,
      message: 'varint longer than 5 bytes',
    },
    {
      name: 'bytes left over in a record',
      bytes: framed(concat(recordBody(plain), Uint8Array.of(0))),
      count: 1,
      message: '1 byte left over in a record',
      position: 0,
    },
    {
      name: 'a body one byte short',
      bytes: framed(recordBody(plain).subarray(0, -1)),
      count: 1,
      message: 'varint runs past the end',
    },
    {
      name: 'attributes that are set',
      bytes: encodeRecord({ ...plain, attributes: 1 }),
      count: 1,
      message: 'record attributes 1',
    },
    {
      name: 'an offsetDelta of -1',
      bytes: encodeRecord({ ...plain, offsetDelta: -1 }),
      count: 1,
      message: 'offsetDelta -1 after -1',
    },
    {
      name: 'an offsetDelta that repeats',
      bytes: two(encodeRecord(plain, 0)),
      count: 2,
      message: 'offsetDelta 0 after 0',
    },
    {
      name: 'an offsetDelta that falls',
      bytes: concat(encodeRecord(plain, 5), encodeRecord(plain, 3)),
      count: 2,
      message: 'offsetDelta 3 after 5',
    },
    {
      name: 'an offsetDelta above lastOffsetDelta',
      bytes: encodeRecord(plain, 10),
      count: 1,
      message: 'offsetDelta 10 after -1, with lastOffsetDelta 9',
    },
    {
      name: 'a key length of -2',
      bytes: framed(Uint8Array.of(0, 0, 0, 3, 1, 0)),
      count: 1,
      message: 'key length -2',
    },
    {
      name: 'a key longer than the record',
      bytes: framed(Uint8Array.of(0, 0, 0, 20, 1, 0)),
      count: 1,
      message: 'key length 10 with 2 bytes left',
    },
    {
      name: 'a value length of -2',
      bytes: framed(Uint8Array.of(0, 0, 0, 1, 3, 0)),
      count: 1,
      message: 'value length -2',
    },
    {
      name: 'a value longer than the record',
      bytes: framed(Uint8Array.of(0, 0, 0, 1, 20, 0)),
      count: 1,
      message: 'value length 10 with 1 byte left',
    },
    {
      name: 'a negative number of headers',
      bytes: framed(Uint8Array.of(0, 0, 0, 1, 1, 1)),
      count: 1,
      message: '-1 headers',
    },
    {
      name: 'more headers than bytes',
      bytes: framed(Uint8Array.of(0, 0, 0, 1, 1, 4, 0, 0, 0)),
      count: 1,
      message: '2 headers in 3 bytes',
    },
    {
      name: 'a null header key',
      bytes: encodeRecord({ headers: [[null, 'v']] }),
      count: 1,
      message: 'a header key is null',
    },
    {
      name: 'a header key of negative length',
      bytes: framed(Uint8Array.of(0, 0, 0, 1, 1, 2, 3, 0)),
      count: 1,
      message: 'header key length -2',
    },
    {
      name: 'a header value of negative length',
      bytes: framed(Uint8Array.of(0, 0, 0, 1, 1, 2, 0, 3)),
      count: 1,
      message: 'header value length -2',
    },
  ]
  for (const { name, bytes, count, message, position } of cases) {
    it(`refuses ${name}`, () => {
      const error = expect(() => decode(bytes, count)).to.throw(RecordError, message)
      if (position !== undefined) error.with.property('position', position)
    })
  }

  it('keeps the cursor error that it met as cause', () => {
    expect(() => decode(two(varint(0)), 2))
      .to.throw(RecordError)
      .with.property('cause')
      .that.is.instanceOf(CursorError)
  })

  it('takes no byte of the next record for one of its own', () => {
    // The first record claims one byte less than it has; what is left is no record.
    const first = recordBody({ key: 'k', value: 'vv' })
    const bytes = concat(varint(first.length - 1), first, encodeRecord(plain, 1))
    expect(() => decode(bytes, 2)).to.throw(RecordError)
  })
})
