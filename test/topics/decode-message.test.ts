import { expect } from 'chai'
import fc from 'fast-check'
import { Cursor } from '../../src/bytes/cursor.ts'
import { decodeControlRecord } from '../../src/topics/control-records.ts'
import { decodeMessage, MessageError, redact } from '../../src/topics/decode-message.ts'
import { decodedText, INTERNAL_TOPICS } from '../../src/topics/internal-topics.ts'
import type { InternalTopic } from '../../src/topics/internal-topics.ts'
import { defineMessage } from '../../src/topics/message-schema.ts'
import { Float64, javaDouble, messageJson } from '../../src/topics/message-value.ts'

const TABLE = defineMessage(
  'Example',
  '0-2',
  1,
  `
  id int32
  name string null 1+
  note string 1+ tag 0 default none
  parts []
    size int16
  `,
)

const decode = (version: number, bytes: readonly number[]): string =>
  messageJson(decodeMessage(TABLE, version, new Cursor(Uint8Array.from(bytes))))

describe('decodeMessage', () => {
  const cases = [
    {
      name: 'fixed lengths before the first flexible version',
      version: 0,
      bytes: [0, 0, 0, 7, 0, 1, 0x61, 0, 0, 0, 1, 0, 9],
      expected: '{"id":7,"name":"a","parts":[{"size":9}]}',
    },
    {
      name: 'compact lengths and tag sections from it on',
      version: 1,
      bytes: [0, 0, 0, 7, 2, 0x61, 2, 0, 9, 0, 0],
      expected: '{"id":7,"name":"a","parts":[{"size":9}]}',
    },
    {
      name: 'null where the table allows it',
      version: 1,
      bytes: [0, 0, 0, 7, 0, 1, 0],
      expected: '{"id":7,"name":null,"parts":[]}',
    },
    {
      name: "a tagged field in the table's place, not at the end",
      version: 2,
      bytes: [0, 0, 0, 7, 1, 1, 1, 0, 2, 2, 0x78],
      expected: '{"id":7,"name":"","note":"x","parts":[]}',
    },
    {
      name: 'without a tagged field that says what its absence says',
      version: 1,
      bytes: [0, 0, 0, 7, 1, 1, 1, 0, 5, 5, 0x6e, 0x6f, 0x6e, 0x65],
      expected: '{"id":7,"name":"","parts":[]}',
    },
    {
      name: 'past tags of later releases',
      version: 1,
      bytes: [0, 0, 0, 7, 1, 1, 1, 9, 2, 0xff, 0xff],
      expected: '{"id":7,"name":"","parts":[]}',
    },
  ]
  for (const { name, version, bytes, expected } of cases)
    it(`reads ${name}`, () => {
      expect(decode(version, bytes)).to.equal(expected)
    })

  const damaged = [
    { name: 'a version that is not known', version: 3, bytes: [], message: /no version 3/ },
    {
      name: 'a null that is not allowed',
      version: 0,
      bytes: [0, 0, 0, 7, 255, 255],
      message: /name has the length -1/,
    },
    {
      name: 'a length beyond the bytes',
      version: 0,
      bytes: [0, 0, 0, 7, 9, 9],
      message: /name claims 2313/,
    },
    {
      name: 'a count beyond the bytes',
      version: 0,
      bytes: [0, 0, 0, 7, 0, 0, 127, 255, 255, 255],
      message: /parts claims/,
    },
    { name: 'bytes that run out', version: 0, bytes: [0, 0], message: /4 bytes wanted, 2 left/ },
    {
      name: 'a text that is no UTF-8',
      version: 0,
      bytes: [0, 0, 0, 7, 0, 1, 0xff],
      message: /no UTF-8/,
    },
    {
      name: 'a tag that does not fill its size',
      version: 1,
      bytes: [0, 0, 0, 7, 1, 1, 1, 0, 9, 2, 0x78],
      message: /does not fill/,
    },
  ]
  for (const { name, version, bytes, message } of damaged)
    it(`refuses ${name}`, () => {
      expect(() => decode(version, bytes)).to.throw(MessageError, message)
    })

  it('refuses a table that is wrong', () => {
    expect(() => defineMessage('X', '0', null, 'a int33')).to.throw('no type int33')
    expect(() => defineMessage('X', '0', null, 'a int32 sekret')).to.throw('sekret')
    expect(() => defineMessage('X', 'all', null, 'a int32')).to.throw('versions all')
  })

  it('hides what the table marks as secret, and nothing else', () => {
    const table = defineMessage('X', '0', null, 'user string\nsalt bytes null secret')
    const salt = Uint8Array.of(1)
    expect(redact(table, { user: 'u', salt })).to.deep.equal({ user: 'u', salt: '(redacted)' })
    expect(redact(table, { user: 'u', salt: null })).to.deep.equal({ user: 'u', salt: null })
  })
})

describe('internal topics', () => {
  const topics = Object.keys(INTERNAL_TOPICS) as InternalTopic[]

  it('never throw, whatever the bytes', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 60 }))
    fc.assert(
      fc.property(fc.constantFrom(...topics), bytes, bytes, (topic, key, value) => {
        const { payload } = decodedText(topic, { offset: 1n, key, value }, { showSecrets: false })
        expect(payload === null || typeof payload === 'string').to.equal(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('of a coordinator: say which type is not known, and why a record does not decode', () => {
    const text = (topic: InternalTopic, key: number[] | null, value: number[] | null): string => {
      const record = {
        offset: 5n,
        key: key && Uint8Array.from(key),
        value: value && Uint8Array.from(value),
      }
      const decoded = decodedText(topic, record, { showSecrets: false })
      return decoded.key ?? decoded.payload ?? ''
    }
    expect(text('offsets', [0, 99], [])).to.equal('Unknown record type 99 at offset 5, skipping.')
    expect(text('offsets', null, [])).to.equal('Error at offset 5, skipping. the record has no key')
    expect(text('transaction-log', [0, 0, 0], null)).to.match(/^Error at offset 5, skipping\. /)
    expect(text('cluster-metadata', null, [0])).to.match(/^Error at 5, skipping\. frame version 0/)
    expect(text('cluster-metadata', null, null)).to.match(/no value/)
    expect(text('cluster-metadata', null, [1, 24, 0, 0, 7])).to.match(
      /1 byte left over after END_T/,
    )
    expect(text('remote-log-metadata', null, [1, 77, 0])).to.match(/record type 77 is not known/)
  })
})

describe('decodeControlRecord', () => {
  const decodeBytes = (key: readonly number[], value: readonly number[]): unknown =>
    decodeControlRecord(Uint8Array.from(key), Uint8Array.from(value))

  it('reads markers, also with a longer key and value', () => {
    expect(decodeBytes([0, 0, 0, 0, 9], [0, 0, 0, 0, 0, 4, 1])).to.deep.equal({
      kind: 'end-transaction',
      outcome: 'ABORT',
      coordinatorEpoch: 4,
    })
  })
  it('names types that are not known', () => {
    expect(decodeBytes([0, 0, 0, 44], [])).to.deep.equal({ kind: 'unknown', type: 44 })
  })
  it('refuses a key without a type, and a value that is cut off', () => {
    expect(() => decodeBytes([0, 0], [])).to.throw(MessageError)
    expect(() => decodeBytes([0, 0, 0, 1], [0, 0])).to.throw(MessageError)
    expect(() => decodeBytes([0, 0, 0, 3], [])).to.throw(MessageError)
  })
})

describe('messageJson', () => {
  for (const [value, expected] of [
    [0.5, '0.5'],
    [0, '0.0'],
    [-0, '-0.0'],
    [1048576, '1048576.0'],
    [1e7, '1.0E7'],
    [1.25e-5, '1.25E-5'],
    [1e21, '1.0E21'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ] as const)
    it(`writes the double ${value} as Java does`, () => {
      expect(javaDouble(value)).to.equal(expected)
    })

  it('keeps 64-bit integers in full and puts bytes in base64', () => {
    const value = {
      a: 2n ** 63n - 1n,
      b: Uint8Array.of(1, 2),
      c: new Float64(NaN),
      d: [true, null],
    }
    expect(messageJson(value)).to.equal(
      '{"a":9223372036854775807,"b":"AQI=","c":"NaN","d":[true,null]}',
    )
  })
})
