import { expect } from 'chai'
import { writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { batchBytes, concat, healthyBatches, newFolder } from '../commands/support.ts'
import type { DumpArguments } from '../../src/commands/dump-arguments.ts'
import type { Dumped } from './support.ts'
import { runDump } from './support.ts'

const NAME = '00000000000000000000.log'

async function dumpBytes(
  bytes: Uint8Array,
  changes: Partial<DumpArguments> = {},
  name = NAME,
): Promise<Dumped> {
  const path = join(newFolder(), name)
  writeFileSync(path, bytes)
  return await runDump(path, changes)
}

const damageLines = ({ lines }: Dumped): string[] => lines.filter((line) => line.startsWith('!'))

describe('dump of a damaged log', () => {
  const batches = (): Uint8Array[] => healthyBatches(0n, 5)

  it('shows a batch whose CRC fails as not valid, says why, and goes on', async () => {
    const all = batches()
    all[2]![80]! ^= 1
    const dumped = await dumpBytes(concat(...all), { printDataLog: true })
    expect(dumped.code).to.equal(0)
    const shown = dumped.lines.filter((line) => line.startsWith('baseOffset'))
    expect(shown.map((line) => /isvalid: (.*)/.exec(line)?.[1])).to.deep.equal([
      'true',
      'true',
      'false',
      'true',
      'true',
    ])
    const size = all[2]!.length
    expect(damageLines(dumped)).to.have.length(1)
    expect(damageLines(dumped)[0]).to.match(
      new RegExp(
        `^! damage: crc-mismatch position: ${2 * size} size: ${size} claimedOffsets: 6 to 8 goodOffsets: up to 5, from 9: .*stored, 0x`,
      ),
    )
    expect(dumped.lines.filter((line) => line.startsWith('| '))).to.have.length(12)
  })

  it('finds its way again after garbage, a wrong length and zeros', async () => {
    const [a, b, c, d, e] = batches() as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    new DataView(c.buffer).setInt32(8, 0x7fffff)
    const garbage = new TextEncoder().encode('this is no batch at all')
    const dumped = await dumpBytes(concat(a, garbage, b, c, d, new Uint8Array(500), e))
    expect(damageLines(dumped).map((line) => line.split(' ')[2])).to.deep.equal([
      'unrecognised-bytes',
      'batch-length-invalid',
      'zero-fill',
    ])
    expect(dumped.lines.filter((line) => line.endsWith('isvalid: true'))).to.have.length(4)
  })

  it('says how many bytes at the end are no batch, in the words of kafka-dump-log', async () => {
    const all = batches()
    const cut = concat(...all).subarray(0, -10)
    const dumped = await dumpBytes(cut)
    expect(damageLines(dumped)[0]).to.match(/^! damage: torn-tail .*from none/)
    expect(dumped.lines.at(-1)).to.equal(
      `Found ${all[4]!.length - 10} invalid bytes at the end of ${NAME}`,
    )
  })

  it('says of a batch that does not decode why, after its line, and goes on', async () => {
    const [a, , c] = batches() as [Uint8Array, Uint8Array, Uint8Array]
    const lz4 = batchBytes({ baseOffset: 3n, values: ['x', 'y', 'z'], attributes: 3 })
    const deep = await dumpBytes(concat(a, lz4, c), { deepIteration: true })
    expect(damageLines(deep)[0]).to.match(
      /^! damage: decompression-failed position: \d+ size: \d+ offsets: 3 to 5: lz4: /,
    )
    expect(deep.lines.filter((line) => line.startsWith('| '))).to.have.length(6)
    const shallow = await dumpBytes(concat(a, lz4, c))
    expect(damageLines(shallow)).to.deep.equal([])
  })

  it('names a whole batch whose offsets go back', async () => {
    const [a, b] = batches() as [Uint8Array, Uint8Array]
    const dumped = await dumpBytes(concat(a, b, a))
    expect(damageLines(dumped)[0]).to.match(/offset-not-increasing .* offsets: 0 to 2: /)
  })

  it('keeps to the damage when asked to', async () => {
    const all = batches()
    all[1]![80]! ^= 1
    const lz4 = batchBytes({ baseOffset: 15n, values: ['x', 'y', 'z'], attributes: 3 })
    const bytes = concat(...all, lz4)
    const shallow = await dumpBytes(bytes, { where: 'damaged' })
    expect(shallow.lines.slice(2).map((line) => line.split(' ')[0])).to.deep.equal([
      'baseOffset:',
      '!',
    ])
    const deep = await dumpBytes(bytes, { where: 'damaged', json: true })
    const reasons = deep.lines.map((line) => (JSON.parse(line) as { reason: string }).reason)
    expect(reasons).to.deep.equal(['crc-mismatch', 'decompression-failed'])
    const first = await dumpBytes(bytes, { where: 'damaged', json: true, limit: '1' })
    expect(first.lines).to.have.length(1)
  })

  it('has nothing to say of an empty log', async () => {
    const dumped = await dumpBytes(
      new Uint8Array(),
      { printDataLog: true },
      '00000000000000000007.log',
    )
    expect(dumped.lines.slice(1)).to.deep.equal(['Log starting offset: 7'])
    expect(dumped.code).to.equal(0)
  })
})

describe('dump of a damaged file beside a log', () => {
  const entry = (...numbers: number[]): number[] =>
    numbers.flatMap((number) =>
      [number >>> 24, number >>> 16, number >>> 8, number].map((byte) => byte & 255),
    )
  const cases = [
    {
      name: 'an index out of order',
      file: '00000000000000000100.index',
      bytes: [...entry(5, 100), ...entry(9, 90)],
      expected: [
        'offset: 105 position: 100',
        'offset: 109 position: 90',
        '! damage: position: 8: offset and position do not both lie above those of the entry before',
      ],
    },
    {
      name: 'zeros inside an index',
      file: '00000000000000000000.index',
      bytes: [...entry(5, 100), ...entry(0, 0), ...entry(0, 0), ...entry(9, 200)],
      expected: [
        'offset: 5 position: 100',
        '! damage: position: 8: 2 empty entries (all zero) with entries after them',
        'offset: 9 position: 200',
      ],
    },
    {
      name: 'the zeros that a broker preallocates',
      file: '00000000000000000000.index',
      bytes: [...entry(5, 100), ...new Uint8Array(80)],
      expected: ['offset: 5 position: 100'],
    },
    {
      name: 'a cut index',
      file: '00000000000000000000.index',
      bytes: [...entry(5, 100), 1, 2],
      expected: [
        'offset: 5 position: 100',
        '! damage: position: 8: the last 2 bytes are no whole entry of 8',
      ],
    },
    {
      name: 'a time index out of order',
      file: '00000000000000000000.timeindex',
      bytes: [...entry(0, 50, 5), ...entry(0, 40, 9)],
      expected: [
        'timestamp: 50 offset: 5',
        'timestamp: 40 offset: 9',
        '! damage: position: 12: the timestamp is not above, or the offset below, that of the entry before',
      ],
    },
    {
      name: 'a snapshot whose CRC fails',
      file: '00000000000000000000.snapshot',
      bytes: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      expected: [/^! damage: position: 2: the CRC in the file is 0, but/],
    },
    {
      name: 'a cut transaction index',
      file: '00000000000000000000.txnindex',
      bytes: [0, 0, 1],
      expected: ['! damage: position: 0: the last 3 bytes are no whole entry of 34'],
    },
    {
      name: 'a transaction index of a version nobody knows',
      file: '00000000000000000000.txnindex',
      bytes: [0, 7, ...new Uint8Array(32)],
      expected: [
        'version: 7 producerId: 0 firstOffset: 0 lastOffset: 0 lastStableOffset: 0',
        '! damage: position: 0: no such entry is ever written',
      ],
    },
    {
      name: 'leader epochs',
      file: 'leader-epoch-checkpoint',
      bytes: [...new TextEncoder().encode('0\n3\n0 0\n4 17\nx y\n')],
      expected: [
        'epoch: 0 startOffset: 0',
        'epoch: 4 startOffset: 17',
        /^! damage: position: 13: line 5 should be/,
      ],
    },
    {
      name: 'offsets of partitions',
      file: 'replication-offset-checkpoint',
      bytes: [...new TextEncoder().encode('0\n1\norders 3 17\n')],
      expected: ['partition: orders-3 offset: 17'],
    },
    {
      name: 'partition.metadata',
      file: 'partition.metadata',
      bytes: [...new TextEncoder().encode('version: 0\ntopic_id: abc')],
      expected: ['line: version: 0', 'line: topic_id: abc'],
    },
    {
      name: 'an index that waits for its deletion',
      file: '00000000000000000000.index.deleted',
      bytes: entry(5, 100),
      expected: ['offset: 5 position: 100'],
    },
  ]
  for (const { name, file, bytes, expected } of cases)
    it(`shows ${name}`, async () => {
      const dumped = await dumpBytes(Uint8Array.from(bytes), {}, file)
      const lines = dumped.lines.slice(1)
      expect(lines.length).to.equal(expected.length)
      for (const [index, line] of lines.entries()) {
        const wanted = expected[index]!
        if (typeof wanted === 'string') expect(line).to.equal(wanted)
        else expect(line).to.match(wanted)
      }
      const rows = await dumpBytes(Uint8Array.from(bytes), { json: true }, file)
      const types = rows.lines.map((line) => (JSON.parse(line) as { type: string }).type)
      expect(types).to.deep.equal(lines.map((line) => (line.startsWith('!') ? 'damage' : 'entry')))
    })

  it('says where an index and its log differ, after the run', async () => {
    const folder = join(newFolder(), 'orders-0')
    mkdirSync(folder)
    const [a, b] = healthyBatches(0n, 2) as [Uint8Array, Uint8Array]
    writeFileSync(join(folder, NAME), concat(a, b))
    const index = join(folder, '00000000000000000000.index')
    writeFileSync(index, Uint8Array.from([...entry(5, a.length), ...entry(9, a.length + b.length)]))
    const times = join(folder, '00000000000000000000.timeindex')
    const stamp = 1_700_000_000_000
    const time = [...entry(Math.floor(stamp / 2 ** 32), stamp % 2 ** 32), ...entry(2)]
    writeFileSync(times, Uint8Array.from([...time, ...entry(0, 1, 5), ...entry(0, 2, 99)]))
    const dumped = await runDump([index, times])
    expect(dumped.err.split('\n')).to.deep.equal([
      `Mismatches in :${index}`,
      '  Index offset: 9, log offset: none',
      `Found timestamp mismatch in :${times}`,
      `  Index timestamp: 1, log timestamp: ${stamp + 3}`,
      `Found out of order timestamp in :${times}`,
      `  Index timestamp: 1, Previously indexed timestamp: ${stamp}`,
      'The following indexed offsets are not found in the log.',
      'Indexed offset: 99, found log offset: -1',
      '',
    ])
    expect(dumped.code).to.equal(0)
  })
})
