import avsc from 'avsc'
import { expect } from 'chai'
import fc from 'fast-check'
import { avroJson } from '../../src/dump/avro-json.ts'
import { parseAvroSchema } from '../../src/dump/avro-type.ts'
import { likelySchemaId, viewBySchema } from '../../src/dump/schema-view.ts'
import { InvalidArgumentError } from '../../src/errors.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const parse = async (schema: unknown): ReturnType<typeof parseAvroSchema> =>
  await parseAvroSchema(JSON.stringify(schema), 'test.avsc')

const ORDER = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'count', type: 'int' },
    { name: 'price', type: 'double' },
    { name: 'note', type: ['null', 'string', { type: 'array', items: 'boolean' }] },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'PAID'] } },
    { name: 'digest', type: { type: 'fixed', name: 'Digest', size: 3 } },
    { name: 'raw', type: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 } },
    { name: 'tags', type: { type: 'map', values: 'string' } },
    { name: 'part', type: ['null', 'Order'] },
  ],
}

const octets = (size: fc.SizeForArbitrary | number): fc.Arbitrary<Buffer> =>
  (typeof size === 'number'
    ? fc.uint8Array({ minLength: size, maxLength: size })
    : fc.uint8Array({ size })
  ).map((array) => Buffer.from(array))

const { order } = fc.letrec((tie) => ({
  order: fc.record({
    id: fc.maxSafeInteger().map((value) => Math.trunc(value / 2)),
    count: fc.integer(),
    // Zero has one sign in avsc's JSON.
    price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    note: fc.oneof(
      fc.constant(null),
      fc.record({ string: fc.string({ unit: 'grapheme' }) }),
      fc.record({ array: fc.array(fc.boolean()) }),
    ),
    state: fc.constantFrom('OPEN', 'PAID'),
    digest: octets(3),
    raw: octets('small'),
    tags: fc.dictionary(
      // avsc loses this key; that it is kept here has a test of its own.
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      fc.string(),
      { noNullPrototype: true },
    ),
    part: fc.option(fc.record({ 'shop.Order': tie('order') }), { depthSize: 'small' }),
  }),
}))

describe('avroJson', () => {
  const byAvsc = avsc.Type.forSchema(ORDER as never, { wrapUnions: true })

  it('says of every value what avsc says', async () => {
    const schema = await parse(ORDER)
    fc.assert(
      fc.property(order, (value) => {
        const encoded = byAvsc.toBuffer(value)
        const result = avroJson(encoded, schema)
        if (!result.ok) throw new Error(result.message)
        expect(JSON.parse(result.json)).to.deep.equal(JSON.parse(byAvsc.toString(value)))
      }),
    )
  })

  it('never takes a value that is cut off for a whole one', async () => {
    const schema = await parse(ORDER)
    fc.assert(
      fc.property(order, fc.nat(), (value, cut) => {
        const encoded = byAvsc.toBuffer(value)
        expect(avroJson(encoded.subarray(0, cut % encoded.length), schema).ok).to.equal(false)
      }),
    )
  })

  const shown: readonly [string, unknown, number[], string][] = [
    ['the largest long', 'long', [0xfe, ...Array<number>(8).fill(0xff), 1], '9223372036854775807'],
    ['a float, no longer than it need be', 'float', [0xcd, 0xcc, 0xcc, 0x3d], '0.1'],
    ['a float of many digits', 'float', [0x01, 0x00, 0x80, 0x3f], '1.0000001'],
    ['a float of all nine digits', 'float', [118, 88, 232, 66], '116.172775'],
    ['a float that is no number', 'float', [0, 0, 0xc0, 0x7f], '"NaN"'],
    ['an infinite double', 'double', [0, 0, 0, 0, 0, 0, 0xf0, 0xff], '"-Infinity"'],
    ['bytes', 'bytes', [4, 0xff, 0x41], '"ÿA"'],
    [
      'blocks that tell their size',
      { type: 'array', items: 'int' },
      [3, 4, 2, 4, 2, 6, 0],
      '[1,2,3]',
    ],
    ['nulls, which take no bytes', { type: 'array', items: 'null' }, [6, 0], '[null,null,null]'],
    ['no record at all', { type: 'record', name: 'toString', fields: [] }, [], '{}'],
    ['a null of a union', ['null', 'int'], [0], 'null'],
    [
      'a map key that is a word of JavaScript',
      { type: 'map', values: 'int' },
      [2, 18, ...Buffer.from('__proto__'), 2, 0],
      '{"__proto__":1}',
    ],
  ]
  for (const [name, schema, value, json] of shown)
    it(`shows ${name}`, async () => {
      expect(avroJson(bytes(...value), await parse(schema))).to.deep.equal({ ok: true, json })
    })

  const array = (items: unknown): unknown => ({ type: 'array', items })
  /** 2^48 as a zig-zag varint. */
  const huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
  const endless = { type: 'record', name: 'R', fields: [{ name: 'r', type: 'R' }] }
  const list = { type: 'record', name: 'L', fields: [{ name: 'l', type: ['null', 'L'] }] }
  const broken: readonly [string, unknown, number[], RegExp][] = [
    ['a count of strings', array('string'), [...huge, 2, 97], /runs past the end, at byte 10/],
    ['a count of nulls', array('null'), huge, /more values than its bytes can hold/],
    ['a count of map entries', { type: 'map', values: 'null' }, huge, /runs past the end/],
    [
      'a length',
      'string',
      [...huge, 97],
      /a length of 281474976710656?, and 1 bytes left|a length of/,
    ],
    ['a negative length', 'bytes', [1], /a length of -1, and 0 bytes left/],
    ['a block that is longer than it says', array('int'), [1, 0, 2, 0], /not as long as it says/],
    ['a record in itself, without end', endless, [], /over 500 deep/],
    ['a list deeper than the stack', list, Array<number>(600).fill(2), /over 500 deep/],
    ['bytes behind the value', 'int', [2, 0], /ends at byte 1, and 1 more follow/],
    ['an int of more than 32 bits', 'int', [0x80, 0x80, 0x80, 0x80, 0x10], /no int of 32 bits/],
    [
      'a symbol that is not there',
      { type: 'enum', name: 'E', symbols: ['A'] },
      [2],
      /symbol 1 of 1/,
    ],
    ['a type that is not there', ['null'], [1], /type -1 of 1/],
    ['a boolean of another sort', 'boolean', [2], /2 is no boolean/],
    ['a string that is no UTF-8', 'string', [2, 0xff], /no UTF-8/],
    ['a fixed value cut off', { type: 'fixed', name: 'F', size: 4 }, [1], /4 bytes wanted, 1 left/],
  ]
  for (const [name, schema, value, message] of broken)
    it(`does not take ${name}`, async () => {
      const result = avroJson(bytes(...value), await parse(schema))
      expect(result).to.have.property('message').that.matches(message)
    })

  it('leaves what is too large to be shown', async () => {
    const large = avroJson(new Uint8Array(32 * 1024 * 1024 + 1), await parse('bytes'))
    expect(large)
      .to.have.property('message')
      .that.matches(/33554433 bytes are more than 33554432/)
    // Each item takes a byte and becomes a name of 65 536 characters.
    const symbols = ['x'.repeat(65_536)]
    const many = new Uint8Array(5003)
    many.set([0x90, 0x4e])
    const enums = await parse(array({ type: 'enum', name: 'E', symbols }))
    const result = avroJson(many, enums)
    expect(result)
      .to.have.property('message')
      .that.matches(/JSON is longer than 268435456/)
  })
})

describe('parseAvroSchema', () => {
  for (const text of ['', '{"type":"record"}', 'null', '"Order"'])
    it(`refuses ${JSON.stringify(text)}`, async () => {
      const error: unknown = await parseAvroSchema(text, 'x.avsc').catch((e: unknown) => e)
      expect(error).to.be.instanceOf(InvalidArgumentError)
      expect((error as Error).message).to.match(/^x\.avsc is no Avro schema/)
    })
})

describe('the framing of a schema registry', () => {
  const cases: readonly [string, number[], number | null][] = [
    ['an id and a value', [0, 0, 0, 1, 2, 0x41], 258],
    ['the largest id taken', [0, 0, 0xff, 0xff, 0xff, 1], 0xffffff],
    ['a larger one, taken for chance', [0, 1, 0, 0, 0, 1], null],
    ['another first byte', [1, 0, 0, 0, 7, 1], null],
    ['the id 0, which no registry gives', [0, 0, 0, 0, 0, 1], null],
    ['nothing behind the id', [0, 0, 0, 0, 7], null],
    ['a number of eight bytes', [0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0], null],
    ['a number of four', [0, 0, 0, 7], null],
    ['no bytes at all', [], null],
  ]
  for (const [name, value, id] of cases)
    it(`${id === null ? 'is not seen in' : 'is seen in'} ${name}`, () => {
      expect(likelySchemaId(bytes(...value))).to.equal(id)
      // Where another form was asked for, the bytes are the bytes.
      expect(viewBySchema(bytes(...value), 'auto', null).schemaId).to.equal(id)
      expect(viewBySchema(bytes(...value), 'hex', null).schemaId).to.equal(null)
    })

  it('with a schema: framed, bare, or neither', async () => {
    const schema = await parse('string')
    const view = (...value: number[]): unknown => viewBySchema(bytes(...value), 'auto', schema)
    expect(view(0, 0, 0, 0, 9, 2, 0x41)).to.deep.equal({ schemaId: 9, json: '"A"', problem: null })
    expect(view(2, 0x41)).to.deep.equal({ schemaId: null, json: '"A"', problem: null })
    expect(view(0, 0, 0, 0, 9, 2)).to.deep.include({ schemaId: 9, json: null })
    expect(view(0, 0, 0, 0, 9, 2))
      .to.have.property('problem')
      .that.contains('at byte 1')
    expect(view(4, 0x41)).to.have.property('problem').that.contains('a length of 2')
  })
})
