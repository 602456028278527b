import { expect } from 'chai'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError } from '../../src/errors.ts'
import type { DumpArguments } from '../../src/commands/dump-arguments.ts'
import {
  batchBytes,
  concat,
  EXAMPLE,
  healthyBatches,
  newFolder,
  writeHealthy,
  writePartition,
} from '../commands/support.ts'
import { walkBatches } from '../support/walk-batches.ts'
import { runDump } from './support.ts'

const SEGMENTS = join(import.meta.dirname, '../segments')
const PAYMENTS = join(SEGMENTS, 'kafka-4.1.0/payments-txn-0')
const CUSTOMERS = join(SEGMENTS, 'kafka-4.1.0/customers-compacted-0')
const OLD = join(SEGMENTS, 'kafka-2.8.2/legacy-v1-gzip-appendtime-0')

interface Row {
  readonly type: string
  readonly offset: number
  readonly timestamp: number
  readonly producerId: number
  readonly isControl: boolean
  readonly isTransactional: boolean
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
}

async function rows(path: string, changes: Partial<DumpArguments> = {}): Promise<Row[]> {
  const { lines } = await runDump(path, { json: true, ...changes })
  return lines.map((line) => JSON.parse(line) as Row).filter(({ type }) => type === 'record')
}

describe('dump shows the records that were asked for, and all of them', () => {
  const cases: readonly {
    name: string
    path: string
    ask: Partial<DumpArguments>
    is: (row: Row) => boolean
  }[] = [
    {
      name: '--from-offset',
      path: PAYMENTS,
      ask: { fromOffset: '2000' },
      is: ({ offset }) => offset >= 2000,
    },
    {
      name: '--to-offset',
      path: PAYMENTS,
      ask: { toOffset: '41' },
      is: ({ offset }) => offset <= 41,
    },
    {
      name: 'a range of offsets within old wrappers',
      path: OLD,
      ask: { fromOffset: '70', toOffset: '130' },
      is: ({ offset }) => offset >= 70 && offset <= 130,
    },
    {
      name: '--from-time',
      path: PAYMENTS,
      ask: { fromTime: '1790000050000' },
      is: ({ timestamp }) => timestamp >= 1790000050000,
    },
    {
      name: '--to-time',
      path: EXAMPLE,
      ask: { toTime: '2026-09-21T14:13:25Z' },
      is: ({ timestamp }) => timestamp <= Date.parse('2026-09-21T14:13:25Z'),
    },
    {
      name: '--producer-id',
      path: PAYMENTS,
      ask: { producerId: '20' },
      is: ({ producerId }) => producerId === 20,
    },
    { name: '--key', path: PAYMENTS, ask: { key: 'pay-3' }, is: ({ key }) => key === 'pay-3' },
    {
      name: '--key-regex',
      path: PAYMENTS,
      ask: { keyRegex: '[12]$' },
      is: ({ key, isControl }) => !isControl && /[12]$/.test(key ?? ''),
    },
    {
      name: '--tombstones',
      path: CUSTOMERS,
      ask: { tombstones: true },
      is: ({ value, key, isControl }) => value === null && key !== null && !isControl,
    },
    { name: '--control', path: PAYMENTS, ask: { control: true }, is: ({ isControl }) => isControl },
    {
      name: '--header',
      path: EXAMPLE,
      ask: { header: 'trace-id' },
      is: ({ headers }) => headers.some(([name]) => name === 'trace-id'),
    },
    {
      name: 'several at once',
      path: PAYMENTS,
      ask: { producerId: '19', key: 'pay-0', fromOffset: '100' },
      is: ({ producerId, key, offset }) => producerId === 19 && key === 'pay-0' && offset >= 100,
    },
  ]
  for (const { name, path, ask, is } of cases)
    it(name, async () => {
      const all = await rows(path)
      const wanted = all.filter(is)
      expect(wanted.length).to.be.above(0).and.below(all.length)
      expect(await rows(path, ask)).to.deep.equal(wanted)
    })

  it('--header with a value', async () => {
    const all = await rows(EXAMPLE)
    const [name, value] = all.flatMap(({ headers }) => headers)[0]!
    const found = await rows(EXAMPLE, { header: `${name}=${value}` })
    expect(found.length).to.be.above(0)
    expect(
      found.every(({ headers }) => headers.some(([n, v]) => n === name && v === value)),
    ).to.equal(true)
    expect(await rows(EXAMPLE, { header: [`${name}=${value}`, 'no-such-header'] })).to.deep.equal(
      [],
    )
  })

  it('--aborted and --committed agree with the .txnindex and split the closed transactions', async () => {
    const all = (await rows(PAYMENTS)).filter(({ isControl }) => !isControl)
    const aborted = await rows(PAYMENTS, { aborted: true })
    const committed = await rows(PAYMENTS, { committed: true })
    const index = await runDump(join(PAYMENTS, '00000000000000000040.txnindex'), { json: true })
    const transactions = index.lines.map(
      (line) => JSON.parse(line) as { producerId: number; firstOffset: number; lastOffset: number },
    )
    const isAborted = (row: Row): boolean =>
      transactions.some(
        (txn) =>
          txn.producerId === row.producerId &&
          txn.firstOffset <= row.offset &&
          row.offset <= txn.lastOffset,
      )
    expect(aborted).to.deep.equal(all.filter(isAborted))
    // The last transaction of producer 21 was left open.
    const open = all.filter(({ offset, producerId }) => producerId === 21 && offset >= 2544)
    expect(open.length).to.be.above(0)
    expect(committed).to.deep.equal(all.filter((row) => !isAborted(row) && !open.includes(row)))
  })

  it('--aborted does not depend on the order in which the files are given', async () => {
    const bytes = readFileSync(join(PAYMENTS, '00000000000000000040.log'))
    const middle = walkBatches(bytes).find(({ baseOffset }) => baseOffset > 1000n)!
    const path = writePartition(newFolder(), 'payments-txn-0', [
      [40n, bytes.subarray(0, middle.position)],
      [middle.baseOffset, bytes.subarray(middle.position)],
    ])
    const [first, second] = [40n, middle.baseOffset].map((base) =>
      join(path, `${base.toString().padStart(20, '0')}.log`),
    ) as [string, string]
    const { lines } = await runDump([second, first], { json: true, aborted: true })
    const offsets = lines.map((line) => (JSON.parse(line) as Row).offset).sort((a, b) => a - b)
    const wanted = (await rows(PAYMENTS, { aborted: true })).map(({ offset }) => offset)
    expect(offsets).to.deep.equal(wanted.filter((offset) => offset >= 40))
  })

  it('--aborted asks later segments when one file is given', async () => {
    const first = join(PAYMENTS, '00000000000000000000.log')
    const alone = (await rows(first, { aborted: true })).map(({ offset }) => offset)
    const all = (await rows(PAYMENTS, { aborted: true })).map(({ offset }) => offset)
    expect(alone).to.deep.equal(all.filter((offset) => offset < 40))
    expect(alone.length).to.be.above(0)
  })

  for (const path of [PAYMENTS, OLD, CUSTOMERS])
    for (const amount of [0, 1, 7, 100_000])
      it(`--limit and --tail ${amount} of ${path.split('/').at(-1)}`, async () => {
        const all = await rows(path)
        expect(await rows(path, { limit: amount.toString() })).to.deep.equal(all.slice(0, amount))
        const last = amount === 0 ? [] : all.slice(-amount)
        expect(await rows(path, { tail: amount.toString() })).to.deep.equal(last)
      })

  it('--tail of what a filter lets through', async () => {
    const all = await rows(PAYMENTS, { key: 'pay-3' })
    expect(await rows(PAYMENTS, { key: 'pay-3', tail: '5' })).to.deep.equal(all.slice(-5))
  })

  it('--limit counts batches where records are not decoded, and --max-bytes bounds the log', async () => {
    const path = writeHealthy(newFolder())
    const three = await runDump(path, { limit: '3' })
    expect(three.lines.filter((line) => line.startsWith('baseOffset'))).to.have.length(3)
    const size = healthyBatches(0n, 1)[0]!.length
    const bounded = await runDump(join(path, '00000000000000000000.log'), {
      maxBytes: (2 * size + 1).toString(),
    })
    expect(bounded.lines.slice(2)).to.have.length(2)
    expect(bounded.out).not.to.contain('invalid bytes')
  })

  it('finds a record by key without printing keys, as text', async () => {
    const found = await runDump(PAYMENTS, { key: 'pay-3', limit: '2' })
    const shown = found.lines.filter((line) => line.startsWith('| '))
    expect(shown).to.have.length(2)
    expect(shown[0]).not.to.contain('payload')
  })
})

describe('dump options that make no sense', () => {
  const cases: readonly [Partial<DumpArguments>, RegExp][] = [
    [{ fromOffset: 'x' }, /--from-offset wants a whole number, not x/],
    [{ toTime: 'yesterday' }, /--to-time wants milliseconds/],
    [{ fromTime: '5/5' }, /--from-time wants milliseconds/],
    [{ fromTime: '2026-13-45' }, /--from-time wants milliseconds/],
    [{ limit: '-1' }, /--limit wants a number from 0 on/],
    [{ limit: '1', tail: '1' }, /exclude each other/],
    [{ aborted: true, committed: true }, /exclude each other/],
    [{ keyRegex: '(' }, /--key-regex: /],
    [{ offsetsDecoder: true, transactionLogDecoder: true }, /one decoder at a time/],
  ]
  for (const [ask, message] of cases)
    it(JSON.stringify(ask), async () => {
      const error: unknown = await runDump(PAYMENTS, ask).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(InvalidArgumentError)
      expect((error as Error).message).to.match(message)
    })

  it('csv is for logs', async () => {
    const error: unknown = await runDump(join(PAYMENTS, '00000000000000000040.index'), {
      format: 'csv',
    }).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(InvalidArgumentError)
  })

  it('a name that no broker gives', async () => {
    const path = join(newFolder(), 'notes.txt')
    writeFileSync(path, 'x')
    const error: unknown = await runDump(path).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(InvalidArgumentError)
  })
})

describe('forms of keys and values', () => {
  const json = '{ "n": 12345678901234567890, "s": "a b" }'
  const path = (): string => {
    const file = join(newFolder(), '00000000000000000000.log')
    const batch = batchBytes({ baseOffset: 0n, values: [json, 'plain "text", with comma'] })
    // A byte that is no UTF-8, within the second value.
    const binary = batchBytes({ baseOffset: 2n, values: ['\u0001ab'] })
    writeFileSync(file, concat(batch, binary))
    return file
  }

  it('NDJSON: text by default, JSON digit for digit, hex and base64', async () => {
    const file = path()
    const values = async (ask: Partial<DumpArguments>): Promise<string[]> => {
      const { lines } = await runDump(file, { json: true, ...ask })
      return lines.map((line) => /"value":(.*),"valueForm":"(\w+)"/.exec(line)!.slice(1).join(' '))
    }
    expect(await values({})).to.deep.equal([
      `${JSON.stringify(json)} text`,
      '"plain \\"text\\", with comma" text',
      '"\\u0001ab" text',
    ])
    expect((await values({ valueFormat: 'json' }))[0]).to.equal(
      '{"n":12345678901234567890,"s":"a b"} json',
    )
    expect((await values({ valueFormat: 'hex' }))[2]).to.equal('"016162" hex')
    expect((await values({ valueFormat: 'base64' }))[2]).to.equal('"AWFi" base64')
  })

  it('CSV: a heading, and quotes where they are needed', async () => {
    const { lines } = await runDump(path(), { format: 'csv' })
    const columns = lines[0]!.split(',')
    expect(columns).to.include.members(['offset', 'key', 'value', 'headers', 'reason'])
    expect(lines[2]).to.contain('"plain ""text"", with comma",text,[]')
    expect(lines).to.have.length(4)
  })

  it('one batch a line, when records are not to be decoded', async () => {
    const { lines } = await runDump(path(), { json: true, batches: true })
    expect(lines.map((line) => JSON.parse(line) as object)).to.have.length(2)
    expect(JSON.parse(lines[0]!)).to.include({
      type: 'batch',
      baseOffset: 0,
      lastOffset: 1,
      recordsCount: 2,
    })
    const csv = await runDump(path(), { format: 'csv', batches: true })
    expect(csv.lines[1]).to.match(/^batch,/)
  })

  it('decoders put the record itself into NDJSON', async () => {
    const offsets = join(SEGMENTS, 'kafka-4.1.0/__consumer_offsets-0')
    const [first] = await rows(offsets, { offsetsDecoder: true })
    expect(first!.key).to.deep.equal({ type: '2', data: { group: 'g-classic' } })
  })

  it('secrets are hidden unless asked for', async () => {
    const records = join(import.meta.dirname, '../topics/records/__cluster_metadata-0')
    const scram = async (showSecrets: boolean): Promise<string[]> =>
      (await runDump(records, { clusterMetadataDecoder: true, showSecrets })).lines.filter((line) =>
        /SCRAM_CREDENTIAL_RECORD|DELEGATION_TOKEN/.test(line),
      )
    const hidden = await scram(false)
    expect(hidden.filter((line) => line.includes('"type":"USER_SCRAM'))).to.have.length(3)
    for (const line of hidden.filter((text) => text.includes('"type":"USER_SCRAM')))
      expect(line).to.contain(
        '"salt":"(redacted)","storedKey":"(redacted)","serverKey":"(redacted)"',
      )
    for (const line of hidden.filter((text) => text.includes('"type":"DELEGATION')))
      expect(line).to.contain('"tokenId":"(redacted)"')
    expect((await scram(true)).join()).not.to.contain('redacted')
  })
})
