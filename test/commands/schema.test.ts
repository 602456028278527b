import { expect } from 'chai'
import type { AnySchemaObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SegmentReport } from '../../src/recover/report.ts'
import { repair } from '../../src/commands/repair.ts'
import { scan } from '../../src/commands/scan.ts'
import { CORRUPTION_REASONS } from '../../src/segment/events.ts'
import { repairArguments, scanArguments } from './arguments.ts'
import {
  batchBytes,
  concat,
  EXAMPLE,
  healthyBatches,
  newFolder,
  parseReport,
  recordingTerminal,
  ROOT,
  writeDamaged,
  writeHealthy,
  writePartition,
} from './support.ts'

const schema = JSON.parse(
  readFileSync(join(ROOT, 'schema/report.schema.json'), 'utf8'),
) as AnySchemaObject & { readonly $defs: Record<string, { readonly enum?: string[] }> }
// `then` names fields that the definition it refines already declares.
const validate: ValidateFunction = new Ajv2020({
  strict: true,
  strictRequired: false,
  strictTypes: false,
  allErrors: true,
}).compile(schema)

function expectValid(report: unknown): void {
  const valid = validate(report)
  const faults = validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`)
  expect(valid, faults?.join('\n')).to.equal(true)
}

/** What the counters of a segment promise about its entries. */
function expectAccounted(segment: SegmentReport): void {
  const { bytes, batches, damage, sizeInBytes, skippedOffsetRanges } = segment
  expect(Object.values(bytes).reduce((a, b) => a + b)).to.equal(sizeInBytes)
  const counted = damage.filter(({ outcome }) => outcome !== 'repaired').length
  expect(batches.skipped + batches.dropped + batches.kept).to.equal(counted)
  damage.forEach(({ position }, index) => {
    const before = damage[index - 1]
    if (before !== undefined) expect(position).to.be.at.least(before.position + before.sizeInBytes)
  })
  for (const { position, sizeInBytes: size } of skippedOffsetRanges)
    expect(
      damage.some((entry) => entry.position === position && entry.sizeInBytes <= size),
    ).to.equal(true)
}

const damages: readonly { name: string; write: (folder: string) => string }[] = [
  { name: 'the example', write: () => EXAMPLE },
  { name: 'a healthy partition', write: (folder) => writeHealthy(folder) },
  { name: 'a damaged partition', write: (folder) => writeDamaged(folder) },
  {
    name: 'a lone file of text',
    write: (folder) => {
      writeFileSync(join(folder, 'copy.log'), 'no batch here '.repeat(50))
      return join(folder, 'copy.log')
    },
  },
  {
    name: 'an empty file',
    write: (folder) => {
      writeFileSync(join(folder, 'empty.log'), '')
      return join(folder, 'empty.log')
    },
  },
  {
    name: 'a zero tail, damaged indexes and a broken snapshot',
    write: (folder) => {
      const path = writeHealthy(folder)
      const base = '30'.padStart(20, '0')
      const batches = concat(...healthyBatches(30n, 10), new Uint8Array(4096))
      writeFileSync(join(path, `${base}.log`), batches)
      writeFileSync(join(path, `${'0'.repeat(20)}.index`), new Uint8Array(16).fill(1))
      writeFileSync(join(path, `${base}.timeindex`), new Uint8Array(12).fill(1))
      writeFileSync(join(path, `${base}.snapshot`), 'broken')
      writeFileSync(join(path, 'copy.log'), 'not a segment')
      return path
    },
  },
  {
    name: 'a header beyond 2^53, garbage and a batch with a huge offset',
    write: (folder) => {
      const batches = healthyBatches(0n, 6)
      const far = batchBytes({ baseOffset: 2n ** 60n, values: ['far'], timestamp: 2n ** 60n })
      const bytes = concat(
        ...batches.slice(0, 3),
        far,
        new Uint8Array(50).fill(9),
        ...batches.slice(3),
      )
      return writePartition(folder, 'orders-0', [[0n, bytes]])
    },
  },
  {
    name: 'a lost transaction marker',
    write: (folder) => {
      const transactional = batchBytes({ baseOffset: 0n, values: ['a', 'b'], attributes: 0x10 })
      const marker = batchBytes({ baseOffset: 2n, values: ['m'], attributes: 0x30 })
      marker[64]! ^= 1
      const after = batchBytes({ baseOffset: 3n, values: ['c'], producerId: 8n })
      return writePartition(folder, 'orders-0', [[0n, concat(transactional, marker, after)]])
    },
  },
]

describe('schema/report.schema.json', () => {
  for (const { name, write } of damages) {
    it(`describes the reports about ${name}`, async () => {
      const folder = newFolder()
      const path = write(folder)
      const printed: string[] = []
      const run = async (
        command: (terminal: ReturnType<typeof recordingTerminal>) => Promise<number>,
      ) => {
        const terminal = recordingTerminal()
        const exitCode = await command(terminal)
        printed.push(terminal.out())
        expect(parseReport(terminal.out()).summary.exitCode).to.equal(exitCode)
      }
      await run((terminal) => scan(scanArguments([path], { json: true }), terminal))
      await run((terminal) => scan(scanArguments([path], { json: true, deep: true }), terminal))
      await run((terminal) => scan(scanArguments([path], { json: true, digests: true }), terminal))
      await run((terminal) =>
        repair(repairArguments([path], { json: true, dryRun: true }), terminal),
      )
      const out = join(folder, 'out')
      await run((terminal) => repair(repairArguments([path], { json: true, out }), terminal))
      const shallow = { json: true, out: join(folder, 'shallow'), shallow: true, onlyChanged: true }
      await run((terminal) => repair(repairArguments([path], shallow), terminal))
      for (const text of printed) {
        expectValid(JSON.parse(text))
        for (const segment of parseReport(text).segments) expectAccounted(segment)
      }
      expect(readFileSync(join(out, 'report.json'), 'utf8')).to.equal(printed[4])
    })
  }

  it('names the reasons that there are', () => {
    expect(schema.$defs['reason']?.enum).to.have.members([...CORRUPTION_REASONS])
  })

  it('finds fault with a report that is none', async () => {
    const terminal = recordingTerminal()
    await scan(scanArguments([EXAMPLE], { json: true }), terminal)
    const spoil = (
      change: (report: Record<string, unknown>, segment: Record<string, unknown>) => void,
    ) => {
      const report = JSON.parse(terminal.out()) as Record<string, unknown> & {
        segments: Record<string, unknown>[]
      }
      change(report, report.segments[0]!)
      return validate(report)
    }
    expect(spoil(() => undefined)).to.equal(true)
    expect(
      spoil((report) => (report['added'] = 1)),
      'fields may be added',
    ).to.equal(true)
    expect(spoil((report) => delete report['summary'])).to.equal(false)
    expect(spoil((_, segment) => (segment['output'] = 'data/x.log'))).to.equal(false)
    expect(spoil((_, segment) => (segment['sizeInBytes'] = '12'))).to.equal(false)
    expect(spoil((_, segment) => (segment['firstOffset'] = 2 ** 60))).to.equal(false)
    expect(spoil((report) => (report['command'] = 'repair'))).to.equal(false)
    expect(
      spoil((_, segment) => {
        const [entry] = segment['damage'] as Record<string, unknown>[]
        entry!['reason'] = 'bad-luck'
      }),
    ).to.equal(false)
  })
})
