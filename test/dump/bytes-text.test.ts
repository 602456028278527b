import { expect } from 'chai'
import fc from 'fast-check'
import { compactJson, encodeBytes, lenientText, plainText } from '../../src/dump/bytes-text.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('lenientText', () => {
  const cases: readonly [string, Uint8Array, string][] = [
    ['a byte that begins nothing', bytes(0x61, 0xff, 0x62), 'a\ufffdb'],
    ['a sequence that is cut off', bytes(0xe2, 0x82), '\ufffd'],
    ['a surrogate as UTF-8, once, as Java does', bytes(0xed, 0xa0, 0x80, 0x61), '\ufffda'],
    ['half a surrogate', bytes(0xed, 0xb0), '\ufffd'],
    ['half a surrogate and a letter', bytes(0xed, 0xa0, 0x61), '\ufffda'],
    ['a letter that begins like one', utf8('\ud7ff'), '\ud7ff'],
    ['a byte order mark, kept', bytes(0xef, 0xbb, 0xbf, 0x61), '\ufeffa'],
  ]
  for (const [name, input, expected] of cases)
    it(`reads ${name}`, () => {
      expect(lenientText(input)).to.equal(expected)
    })

  it('reads back every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(lenientText(utf8(text))).to.equal(text)
      }),
    )
  })
})

describe('compactJson', () => {
  it('takes the space out between tokens, and nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        expect(compactJson(utf8(JSON.stringify(value, null, indent)))).to.equal(
          JSON.stringify(value),
        )
      }),
    )
  })

  it('keeps numbers that no double holds, and strings of any size', () => {
    expect(compactJson(utf8('[ 12345678901234567890.10 ]'))).to.equal('[12345678901234567890.10]')
    const long = JSON.stringify('x "\\ '.repeat(500_000))
    expect(compactJson(utf8(` ${long} `))).to.equal(long)
  })

  it('is null for what is no JSON', () => {
    for (const text of ['', '{', 'plain', '\ufeff{}'])
      expect(compactJson(utf8(text))).to.equal(null)
    expect(compactJson(bytes(0x22, 0xff, 0x22))).to.equal(null)
  })
})

describe('forms of bytes', () => {
  const binary = bytes(0xff, 0x00)
  it('in text', () => {
    expect(plainText(binary, 'hex')).to.equal('ff00')
    expect(plainText(binary, 'base64')).to.equal('/wA=')
    expect(plainText(binary, 'auto')).to.equal('\ufffd\u0000')
    expect(plainText(binary, 'json')).to.equal('\ufffd\u0000')
    expect(plainText(utf8('{ "a": 1 }'), 'json')).to.equal('{"a":1}')
  })
  it('in rows', () => {
    expect(encodeBytes(binary, 'auto')).to.deep.equal({ form: 'base64', text: '/wA=' })
    expect(encodeBytes(binary, 'json')).to.deep.equal({ form: 'base64', text: '/wA=' })
    expect(encodeBytes(binary, 'text')).to.deep.equal({ form: 'text', text: '\ufffd\u0000' })
    expect(encodeBytes(utf8('x'), 'json')).to.deep.equal({ form: 'text', text: 'x' })
    expect(encodeBytes(utf8('x'), 'hex')).to.deep.equal({ form: 'hex', text: '78' })
    expect(encodeBytes(utf8('[ ]'), 'json')).to.deep.equal({ form: 'json', text: '[]' })
  })
})
