import { expect } from 'chai'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError, OutputExistsError } from '../../src/errors.ts'
import type { OutputFile } from '../../src/bytes/file-output.ts'
import type { DumpArguments } from '../../src/commands/dump-arguments.ts'
import { parseDumpArguments } from '../../src/commands/dump-arguments.ts'
import { dump } from '../../src/commands/dump.ts'
import { resolveDumpFiles } from '../../src/dump/dump-file.ts'
import {
  batchBytes,
  concat,
  EXAMPLE,
  healthyBatches,
  newFolder,
  recordingTerminal,
} from '../commands/support.ts'
import { dumpArguments, runDump } from './support.ts'

const SEGMENTS = join(import.meta.dirname, '../segments')

const bufferOf = (path: string): ArrayBuffer => Uint8Array.from(readFileSync(path)).buffer

async function write(path: string, changes: Partial<DumpArguments> = {}): Promise<string> {
  const out = join(newFolder(), 'out.parquet')
  const { code, lines } = await runDump(path, { format: 'parquet', out, ...changes })
  expect(code).to.equal(0)
  expect(lines).to.deep.equal([])
  return out
}

const readRows = async (path: string): Promise<Record<string, unknown>[]> =>
  await parquetReadObjects({ file: bufferOf(path), utf8: false })

/** A row of NDJSON in the types of Parquet, as far as both have the field. */
function comparable(row: Record<string, unknown>): unknown[] {
  const number = (value: unknown): unknown => (value == null ? null : Number(value))
  const { type, topic, partition, timestampType, compression, isControl, isTransactional } = row
  const numbers = ['offset', 'timestamp', 'producerId', 'producerEpoch', 'sequence', 'position']
  const words = [type, topic, partition, timestampType, compression, isControl, isTransactional]
  return [...words, ...numbers.map((name) => number(row[name]))]
}

describe('dump --format parquet', () => {
  for (const name of [
    'kafka-4.1.0/payments-txn-0',
    'kafka-2.8.2/legacy-v0-lz4-0',
    'kafka-4.1.0/customers-compacted-0',
  ])
    it(`holds the same records as NDJSON: ${name}`, async () => {
      const path = join(SEGMENTS, name)
      const { lines } = await runDump(path, { json: true })
      const wanted = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      const rows = await readRows(await write(path))
      expect(rows.map(comparable)).to.deep.equal(wanted.map(comparable))
    })

  it('keeps keys and values byte for byte, and null apart from empty', async () => {
    const path = join(newFolder(), '00000000000000000000.log')
    writeFileSync(path, batchBytes({ baseOffset: 0n, values: ['\u0000\u00ff', ''] }))
    const rows = await readRows(await write(path))
    expect(rows.map(({ key }) => key)).to.deep.equal([null, null])
    expect(rows.map(({ value }) => [...(value as Uint8Array)])).to.deep.equal([[0, 0xc3, 0xbf], []])
    const hex = await readRows(await write(path, { valueFormat: 'hex' }))
    expect(hex.map(({ value }) => value)).to.deep.equal(['00c3bf', ''])
  })

  it('has rows for damage, and one a batch when asked', async () => {
    const rows = await readRows(await write(EXAMPLE))
    const damage = rows.filter(({ type }) => type === 'damage')
    expect(damage.map(({ reason }) => reason)).to.deep.equal([
      'decompression-failed',
      'crc-mismatch',
      'crc-mismatch',
      'torn-tail',
    ])
    expect(damage[1]).to.include({ position: 64125n, offset: 595n, lastOffset: 654n })
    const batches = await readRows(await write(EXAMPLE, { batches: true }))
    expect(batches.filter(({ type }) => type === 'batch')).to.have.length(42)
  })

  it('holds decoded records of internal topics as text', async () => {
    const path = join(SEGMENTS, 'kafka-4.1.0/__consumer_offsets-0')
    const [first] = await readRows(await write(path, { offsetsDecoder: true }))
    expect(first!['key']).to.equal('{"type":"2","data":{"group":"g-classic"}}')
  })

  it('leaves offsets empty where nothing in the damaged bytes claims any', async () => {
    const path = join(newFolder(), '00000000000000000000.log')
    const [first, second] = healthyBatches(0n, 2)
    writeFileSync(path, concat(first!, new Uint8Array(100).fill(0xa5), second!))
    const rows = await readRows(await write(path))
    const damage = rows.find(({ type }) => type === 'damage')
    expect(damage).to.include({ offset: null, lastOffset: null, sizeInBytes: 100n })
  })

  it('has no smallest and largest of long values in its footer', async () => {
    const { row_groups: groups } = parquetMetadata(bufferOf(await write(EXAMPLE)))
    const known = groups[0]!.columns.filter((column) => column.meta_data?.statistics !== undefined)
    const names = known.map((column) => column.meta_data!.path_in_schema[0])
    expect(names).to.include.members(['offset', 'timestamp', 'producerId'])
    expect(names).not.to.include.oneOf(['key', 'value', 'headers', 'message'])
  })

  it('writes row groups of a bounded size, and what filters and --tail let through', async () => {
    const path = join(newFolder(), '00000000000000000000.log')
    const values = Array.from({ length: 1000 }, () => '')
    const batches = Array.from({ length: 70 }, (_, index) =>
      batchBytes({ baseOffset: BigInt(index * 1000), values }),
    )
    writeFileSync(path, concat(...batches))
    const { num_rows: rows, row_groups: groups } = parquetMetadata(bufferOf(await write(path)))
    expect(rows).to.equal(70_000n)
    expect(groups.map((group) => group.num_rows)).to.deep.equal([65_536n, 4464n])
    const tail = await readRows(await write(path, { tail: '3', fromOffset: '10' }))
    expect(tail.map(({ offset }) => offset)).to.deep.equal([69_997n, 69_998n, 69_999n])
  })

  it('writes a whole file where nothing matches', async () => {
    expect(await readRows(await write(EXAMPLE, { limit: '0' }))).to.deep.equal([])
  })

  it('needs a new file, and is for logs', async () => {
    const taken = join(newFolder(), 'taken')
    writeFileSync(taken, 'x')
    const index = join(EXAMPLE, '00000000000000000000.index')
    for (const [path, changes, type] of [
      [EXAMPLE, { format: 'parquet' }, InvalidArgumentError],
      [EXAMPLE, { format: 'csv', out: 'x' }, InvalidArgumentError],
      [EXAMPLE, { format: 'parquet', out: taken }, OutputExistsError],
      [EXAMPLE, { format: 'parquet', out: join(EXAMPLE, 'new') }, InvalidArgumentError],
      [index, { format: 'parquet', out: join(newFolder(), 'o') }, InvalidArgumentError],
    ] as const) {
      const error: unknown = await runDump(path, changes).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(type)
    }
    expect(readFileSync(taken, 'utf8')).to.equal('x')
  })

  it('does not become whole when a write has failed, whatever follows', async () => {
    // As the command loads it, so that both have one instance.
    const { createParquetTable } = await import('../../src/dump/parquet-rows.ts')
    let writes = 0
    const output = {
      path: 'out',
      write: () => {
        if (writes++ === 0) throw new Error('no space left')
      },
    } as unknown as OutputFile
    const { options } = parseDumpArguments(dumpArguments([EXAMPLE], { batches: true }))
    const table = createParquetTable(options, output)
    const message = 'x'.repeat(16 * 1024 * 1024)
    const rows = table.rowsFor(resolveDumpFiles(EXAMPLE)[0]!)
    const add = (): string =>
      rows.damage({
        position: 0,
        sizeInBytes: 1,
        message,
        reason: 'torn-tail',
        claim: null,
      } as never)
    const finish = (): void => {
      table.finish()
    }
    for (const attempt of [add, add, finish]) expect(attempt).to.throw('no space left')
    expect(writes).to.equal(1)
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const folder = newFolder()
    const signal = AbortSignal.abort(new Error('enough'))
    const args = dumpArguments([EXAMPLE], { format: 'parquet', out: join(folder, 'out.parquet') })
    const error: unknown = await dump(args, recordingTerminal({ signal })).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as Error).message).to.equal('enough')
    expect(readdirSync(folder)).to.deep.equal([])
  })
})
