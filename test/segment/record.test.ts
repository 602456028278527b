import { expect } from 'chai'
import fc from 'fast-check'
import type { Record, RecordContext } from '../../src/segment/record.ts'
import { decodeRecords, RecordError } from '../../src/segment/record.ts'
import type { RecordSpec } from './build.ts'
import { concat, encodeRecord, text } from './build.ts'

const context: RecordContext = {
  baseOffset: 100n,
  lastOffsetDelta: 9,
  baseTimestamp: 1000n,
  logAppendTime: null,
}

const decode = (bytes: Uint8Array, count: number, more: Partial<RecordContext> = {}): Record[] => [
  ...decodeRecords(bytes, count, { ...context, ...more }),
]

const plain: RecordSpec = { key: 'k', value: 'v' }

describe('decodeRecords', () => {
  it('reads key, value, headers, offset and time', () => {
    const bytes = concat(
      encodeRecord(
        {
          ...plain,
          headers: [
            ['trace', 'abc'],
            ['empty', ''],
            ['null', null],
          ],
        },
        0,
      ),
      encodeRecord({ timestampDelta: -5n, value: null, key: '' }, 4),
    )
    expect(decode(bytes, 2)).to.deep.equal([
      {
        offset: 100n,
        timestamp: 1000n,
        key: text('k'),
        value: text('v'),
        headers: [
          { key: text('trace'), value: text('abc') },
          { key: text('empty'), value: text('') },
          { key: text('null'), value: null },
        ],
      },
      { offset: 104n, timestamp: 995n, key: text(''), value: null, headers: [] },
    ])
  })

  it('gives every record the time of a batch that the broker stamped', () => {
    const bytes = encodeRecord({ ...plain, timestampDelta: 77n })
    expect(decode(bytes, 1, { logAppendTime: 5000n })[0]?.timestamp).to.equal(5000n)
  })

  it('reads deltas below a delete horizon', () => {
    const bytes = encodeRecord({ timestampDelta: -(2n ** 45n) })
    expect(decode(bytes, 1, { baseTimestamp: 2n ** 45n + 9n })[0]?.timestamp).to.equal(9n)
  })

  it('reads 300 headers', () => {
    const headers = Array.from({ length: 300 }, (_, n) => [`h${n}`, n % 2 ? null : `${n}`] as const)
    const [record] = decode(encodeRecord({ ...plain, headers }), 1)
    expect(record?.headers).to.have.lengthOf(300)
    expect(record?.headers[298]).to.deep.equal({ key: text('h298'), value: text('298') })
    expect(record?.headers[299]).to.deep.equal({ key: text('h299'), value: null })
  })

  it('reads no record out of no bytes', () => {
    expect(decode(new Uint8Array(), 0)).to.deep.equal([])
  })

  it('accepts offsets that skip after compaction', () => {
    const bytes = concat(encodeRecord(plain, 2), encodeRecord(plain, 9))
    expect(decode(bytes, 2).map(({ offset }) => offset)).to.deep.equal([102n, 109n])
  })

  it('yields what is whole before it throws', () => {
    const bytes = concat(encodeRecord(plain, 0), encodeRecord(plain, 1), Uint8Array.of(0x40))
    const found: bigint[] = []
    expect(() => {
      for (const record of decodeRecords(bytes, 3, context)) found.push(record.offset)
    }).to.throw(RecordError)
    expect(found).to.deep.equal([100n, 101n])
  })

  const nullable = fc.option(fc.uint8Array({ maxLength: 20 }))
  const specs = fc.array(
    fc.record({
      timestampDelta: fc.bigInt(-(2n ** 40n), 2n ** 40n),
      key: nullable,
      value: nullable,
      headers: fc.array(fc.tuple(fc.uint8Array({ maxLength: 8 }), nullable), { maxLength: 4 }),
    }),
    { maxLength: 8 },
  )

  it('reads back whatever records are written', () => {
    fc.assert(
      fc.property(specs, (records) => {
        const bytes = concat(...records.map((record, index) => encodeRecord(record, index)))
        const expected = records.map(({ timestampDelta, key, value, headers }, index) => ({
          offset: 100n + BigInt(index),
          timestamp: 1000n + timestampDelta,
          key,
          value,
          headers: headers.map(([headerKey, headerValue]) => ({
            key: headerKey,
            value: headerValue,
          })),
        }))
        expect(decode(bytes, records.length)).to.deep.equal(expected)
      }),
    )
  })

  it('throws RecordError and nothing else for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(10), (bytes, count) => {
        try {
          decode(bytes, count)
        } catch (error) {
          expect(error).to.be.instanceOf(RecordError)
        }
      }),
    )
  })
})
