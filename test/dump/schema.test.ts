import { expect } from 'chai'
import { parquetReadObjects } from 'hyparquet'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DumpArguments } from '../../src/commands/dump-arguments.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { encodeSalvagedBatch } from '../../src/recover/salvage/encode-batch.ts'
import { newFolder } from '../commands/support.ts'
import { runDump } from './support.ts'

const folder = newFolder()
const log = join(folder, '00000000000000000000.log')
const schemas = { schema: join(folder, 'value.avsc'), keySchema: join(folder, 'key.avsc') }

/** Framed by schemas 5 and 7; a value cut off; nothing framed; a key alone. */
const RECORDS: readonly (readonly [
  key: readonly number[] | null,
  value: readonly number[] | null,
])[] = [
  [
    [0, 0, 0, 0, 5, 4, 0x6b, 0x31],
    [0, 0, 0, 0, 7, 2, 0x61, 0xfe, 0xff, 0xff, 0xff, 0x0f],
  ],
  [
    [0, 0, 0, 0, 5, 2, 0x6b, 0x00],
    [0, 0, 0, 0, 7, 40, 0x61],
  ],
  [null, [2, 0x62, 4]],
  [[0, 0, 0, 0, 5, 6, 0x6b, 0x32, 0x33], null],
]

before(() => {
  const bytes = (values: readonly number[] | null): Uint8Array | null =>
    values === null ? null : Uint8Array.from(values)
  const records = RECORDS.map(([key, value], index) => ({
    offset: BigInt(index),
    timestamp: 1000n,
    key: bytes(key),
    value: bytes(value),
    headers: [],
  }))
  const batch = encodeSalvagedBatch(records, {
    baseOffset: 0n,
    lastOffsetDelta: 3,
    partitionLeaderEpoch: 0,
    codec: 'none',
    isLogAppendTime: false,
    isTransactional: false,
    baseTimestamp: 1000n,
    maxTimestamp: 1000n,
    producerId: -1n,
    producerEpoch: -1,
    baseSequence: -1,
  })
  writeFileSync(log, batch)
  const fields = [
    { name: 's', type: 'string' },
    { name: 'n', type: 'int' },
  ]
  writeFileSync(schemas.schema, JSON.stringify({ type: 'record', name: 'V', fields }))
  writeFileSync(schemas.keySchema, '"string"')
})

const CUT = 'a length of 20, and 1 bytes left, at byte 1'

describe('dump of what a schema registry framed', () => {
  const ndjson = async (ask: Partial<DumpArguments>): Promise<Record<string, unknown>[]> => {
    const { code, lines } = await runDump(log, { json: true, ...ask })
    expect(code).to.equal(0)
    return lines.map((line) => {
      const row = JSON.parse(line) as Record<string, unknown>
      const { key, keyForm, keySchemaId, value, valueForm, valueSchemaId, message } = row
      return { key, keyForm, keySchemaId, value, valueForm, valueSchemaId, message }
    })
  }
  const base64 = (index: number, which: 0 | 1): string =>
    Buffer.from(RECORDS[index]![which]!).toString('base64')
  const ids = ({ keySchemaId, valueSchemaId }: Record<string, unknown>): unknown[] => [
    keySchemaId,
    valueSchemaId,
  ]

  it('NDJSON tells the ids by itself', async () => {
    const rows = await ndjson({})
    // The first two keys have eight bytes: by themselves they could be numbers.
    expect(rows.map(ids)).to.deep.equal([
      [undefined, 7],
      [undefined, 7],
      [undefined, undefined],
      [5, undefined],
    ])
    expect(rows[0]).to.include({ value: base64(0, 1), valueForm: 'base64', message: undefined })
    expect((await ndjson({ keyFormat: 'hex', valueFormat: 'text' })).flatMap(ids)).to.deep.equal(
      Array<undefined>(8).fill(undefined),
    )
  })

  it('NDJSON decodes by schemas, and says what does not decode', async () => {
    const none = { keySchemaId: undefined, valueSchemaId: undefined, message: undefined }
    const first = { key: 'k1', keyForm: 'avro', keySchemaId: 5 }
    const [whole, cut, bare, keyOnly] = await ndjson(schemas)
    expect(whole).to.deep.equal({
      ...none,
      ...first,
      value: { s: 'a', n: 2147483647 },
      valueForm: 'avro',
      valueSchemaId: 7,
    })
    expect(cut).to.deep.include({
      value: RECORDS[1]![1]!.map((b) => String.fromCharCode(b)).join(''),
    })
    expect(cut).to.include({ keyForm: 'text', valueForm: 'text', valueSchemaId: 7 })
    expect(cut!['message']).to.equal(
      `key shown as text: no Avro of the schema given: the value ends at byte 2, and 1 more follow; value shown as text: no Avro of the schema given: ${CUT}`,
    )
    expect(bare).to.deep.equal({
      ...none,
      key: null,
      keyForm: null,
      value: { s: 'b', n: 2 },
      valueForm: 'avro',
    })
    expect(keyOnly).to.deep.equal({
      ...none,
      key: 'k23',
      keyForm: 'avro',
      keySchemaId: 5,
      value: null,
      valueForm: null,
    })
  })

  it('text', async () => {
    const { lines } = await runDump(log, schemas)
    const shown = lines
      .filter((line) => /^[|!]/.test(line))
      .map((line) => line.replace(/.*\] ?/, ''))
    const raw = (index: 0 | 1): string => String.fromCharCode(...RECORDS[1]![index]!)
    expect(shown).to.deep.equal([
      'key: "k1" keySchemaId: 5 payload: {"s":"a","n":2147483647} valueSchemaId: 7',
      `key: ${raw(0)} payload: ${raw(1)} valueSchemaId: 7`,
      '! not decoded: offset: 1 key: no Avro of the schema given: the value ends at byte 2, and 1 more follow',
      `! not decoded: offset: 1 value: no Avro of the schema given: ${CUT}`,
      'payload: {"s":"b","n":2}',
      'key: "k23" keySchemaId: 5',
    ])
    // Without a schema the line is kafka-dump-log's own.
    const plain = await runDump(log, { printDataLog: true })
    expect(plain.out).not.to.contain('SchemaId')
  })

  it('CSV', async () => {
    const { lines } = await runDump(log, { format: 'csv', ...schemas })
    expect(lines[0]).to.match(/,reason,message,keySchemaId,valueSchemaId$/)
    expect(lines[1]).to.match(/,"""k1""",avro,"\{""s"":""a"",""n"":2147483647\}",avro,\[\],,,5,7$/)
    expect(lines[2]).to.match(/,text,\[\],,"key shown as text: .*",,7$/)
  })

  it('Parquet', async () => {
    const read = async (name: string, ask: Partial<DumpArguments>): Promise<unknown[][]> => {
      const out = join(folder, name)
      await runDump(log, { format: 'parquet', out, ...ask })
      const file = Uint8Array.from(readFileSync(out)).buffer
      const rows: Record<string, unknown>[] = await parquetReadObjects({ file, utf8: false })
      return rows.map(({ value, keySchemaId, valueSchemaId, message }) => [
        value,
        keySchemaId,
        valueSchemaId,
        message,
      ])
    }
    const plain = await read('plain.parquet', {})
    expect(plain[0]).to.deep.equal([Uint8Array.from(RECORDS[0]![1]!), null, 7, null])
    const decoded = await read('decoded.parquet', { schema: schemas.schema })
    expect(decoded[0]).to.deep.equal(['{"s":"a","n":2147483647}', null, 7, null])
    expect(decoded[1]!.slice(1)).to.deep.equal([
      null,
      7,
      `value shown as text: no Avro of the schema given: ${CUT}`,
    ])
  })

  const wrong: readonly [Partial<DumpArguments>, RegExp][] = [
    [{ schema: join(folder, 'missing.avsc') }, /missing\.avsc: no such file/],
    [{ schema: log }, /is no Avro schema/],
    [{ ...schemas, offsetsDecoder: true }, /--schema and the decoder of offsets exclude/],
    [{ keySchema: schemas.keySchema, keyFormat: 'hex' }, /--key-schema and --key-format hex/],
    [{ schema: schemas.schema, batches: true }, /--schema and --batches exclude/],
  ]
  for (const [ask, message] of wrong)
    it(`refuses what does not fit: ${message.source}`, async () => {
      const error: unknown = await runDump(log, ask).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(InvalidArgumentError)
      expect((error as Error).message).to.match(message)
    })
})
