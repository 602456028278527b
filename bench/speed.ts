/**
 * How fast kmend is, in ratios to what else could be run over the same file: `npm run bench -- [--runs N] [--mib N]`.
 * Builds its segments in a temporary folder from what brokers wrote, and removes them. Prints a table.
 */
import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildClassPath } from '../test/kafka/kafka-jars.ts'
import type { Command, Comparison } from './measure.ts'
import { compare, peakMemory } from './measure.ts'
import { buildSegment } from './segments.ts'

const MIB = 1024 * 1024
const CORPUS = join(import.meta.dirname, '../../shared/corpus/kafka-4.1.0')
const CLI = join(import.meta.dirname, '../dist/cli.js')
const GO_READER = join(import.meta.dirname, 'peers/go-reader')
const CODECS: Readonly<Record<string, string>> = {
  none: 'orders-none-0',
  lz4: 'orders-lz4-0',
  snappy: 'orders-snappy-0',
  gzip: 'franzgo-gzip-0',
  zstd: 'orders-zstd-0',
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    mib: { type: 'string', default: '1024' },
    'codec-mib': { type: 'string', default: '128' },
    /** Only the rows whose words this regular expression finds. */
    only: { type: 'string', default: '' },
  },
})
const runs = Number(values.runs)
const folder = mkdtempSync(join(tmpdir(), 'kmend-bench-'))

const kmend = (rest: string): Command => ({ name: `kmend ${rest}`, line: `node ${CLI} ${rest}` })
const cat = (path: string): Command => ({ name: 'cat', line: `cat ${path}` })

/** A segment in which nothing is a batch: random bytes, or zeros. */
function buildOf(part: () => Uint8Array, directory: string, sizeInBytes: number): string {
  mkdirSync(directory)
  const path = join(directory, '00000000000000000000.log')
  const descriptor = openSync(path, 'w')
  for (let written = 0; written < sizeInBytes; written += MIB) writeSync(descriptor, part())
  closeSync(descriptor)
  return path
}

/** A copy with ten sectors zeroed, evenly spread. */
function buildDamaged(path: string, directory: string, sizeInBytes: number): string {
  cpSync(dirname(path), directory, { recursive: true })
  const damaged = join(directory, '00000000000000000000.log')
  const descriptor = openSync(damaged, 'r+')
  for (let place = 0; place < 10; place++) {
    const sector = Math.floor(((place + 0.5) * sizeInBytes) / 10 / 512) * 512
    writeSync(descriptor, new Uint8Array(512), 0, 512, sector)
  }
  closeSync(descriptor)
  return damaged
}

/** kafka-dump-log, where Java and Maven are. */
async function dumpLog(): Promise<((path: string, options: string) => Command) | null> {
  const classPath = await buildClassPath().catch(() => null)
  if (classPath === null) return null
  const java = `java -cp ${classPath.join(':')} kafka.tools.DumpLogSegments`
  return (path, options) => ({
    name: `kafka-dump-log ${options}`.trim(),
    line: `${java} --files ${path} ${options}`,
  })
}

/** A reader in Go by franz-go (peers/go-reader), where Go and the modules are that it takes. */
function goReader(): ((path: string) => Command) | null {
  const program = join(folder, 'go-reader')
  const { status } = spawnSync('go', ['build', '-C', GO_READER, '-o', program, '.'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0 ? (path) => ({ name: 'go-reader', line: `${program} ${path}` }) : null
}

function repairs(damaged: string): Comparison[] {
  const out = join(folder, 'out')
  const copy = join(folder, 'copy')
  const copied = `cp ${damaged} ${copy} && sync ${copy} && cat ${copy}`
  const clean = `rm -rf ${out} ${copy}`
  const repair = (options: string): Command => ({
    ...kmend(`repair ${options} --quiet ${dirname(damaged)} --out ${out}`),
    prepare: clean,
  })
  const deep = `node ${CLI} scan --deep --quiet ${dirname(damaged)}`
  return [
    {
      what: 'repair --shallow, ten damaged places, against cp, sync, cat',
      ours: repair('--shallow'),
      theirs: { name: 'cp, sync, cat', line: `sh -c '${copied}'`, prepare: clean },
      atMost: 1.3,
    },
    {
      what: 'repair, ten damaged places, against scan --deep, cp, sync, cat',
      ours: repair(''),
      theirs: { name: 'scan, cp, sync, cat', line: `sh -c '${deep}; ${copied}'`, prepare: clean },
      atMost: 1.1,
    },
  ]
}

async function comparisons(): Promise<Comparison[]> {
  const size = Number(values.mib) * MIB
  const from = join(CORPUS, 'orders-none-0')
  const large = buildSegment(join(folder, 'large-0'), {
    from,
    batchBytes: 16_384,
    sizeInBytes: size,
  })
  const small = buildSegment(join(folder, 'small-0'), { from, batchBytes: 1024, sizeInBytes: size })
  const random = buildOf(() => randomFillSync(new Uint8Array(MIB)), join(folder, 'random-0'), size)
  const zeros = buildOf(() => new Uint8Array(MIB), join(folder, 'zeros-0'), size)
  const damaged = buildDamaged(large, join(folder, 'damaged-0'), size)
  const scan = (path: string): Command => kmend(`scan --quiet ${path}`)
  const rows: Comparison[] = [
    {
      what: 'scan, 16 KiB batches, against cat',
      ours: scan(large),
      theirs: cat(large),
      atMost: 1.5,
    },
    { what: 'scan, 1 KiB batches, against cat', ours: scan(small), theirs: cat(small), atMost: 3 },
    {
      what: 'scan, random bytes, against cat',
      ours: scan(random),
      theirs: cat(random),
      atMost: 10,
    },
    { what: 'scan, zeros, against cat', ours: scan(zeros), theirs: cat(zeros), atMost: 10 },
    ...repairs(damaged),
    {
      what: '--version against node -e 0',
      ours: kmend('--version'),
      theirs: { name: 'node', line: 'node -e 0' },
      atMost: 1.5,
    },
  ]
  const dump = await dumpLog()
  if (dump === null) process.stderr.write('no Java or Maven here: kafka-dump-log is left out\n')
  else
    rows.push({
      what: 'scan, 16 KiB batches, against kafka-dump-log',
      ours: scan(large),
      theirs: dump(large, ''),
      atMost: 0.25,
    })
  return [...rows, ...decodings(dump)]
}

/** Every codec, against whom there is. */
function decodings(dump: Awaited<ReturnType<typeof dumpLog>>): Comparison[] {
  const read = goReader()
  if (read === null)
    process.stderr.write('no Go here, or not the modules it takes: the reader in Go is left out\n')
  if (dump === null && read === null) return []
  return Object.entries(CODECS).flatMap(([codec, partition]) => {
    const path = buildSegment(join(folder, `${codec}-0`), {
      from: join(CORPUS, partition),
      batchBytes: null,
      sizeInBytes: Number(values['codec-mib']) * MIB,
    })
    const ours = kmend(`scan --deep --quiet ${path}`)
    const rows: Comparison[] = []
    if (dump !== null)
      rows.push({
        what: `scan --deep, ${codec}, against kafka-dump-log --deep-iteration`,
        ours,
        theirs: dump(path, '--deep-iteration'),
        atMost: 0.33,
      })
    if (read !== null)
      rows.push({
        what: `scan --deep, ${codec}, against a reader in Go on one thread`,
        ours,
        theirs: read(path),
        atMost: 2,
      })
    return rows
  })
}

try {
  process.stdout.write(
    `Node ${process.version}, ${availableParallelism()} processors, ${values.mib} MiB, median of ${runs} pairs\n\n`,
  )
  process.stdout.write('| what | ratio | at most | kmend, s | the other, s | kmend, MiB |\n')
  process.stdout.write('|---|---|---|---|---|---|\n')
  const only = new RegExp(values.only)
  const rows = (await comparisons()).filter(({ what }) => only.test(what))
  for (const comparison of rows) {
    const { ratio, oursSeconds, theirsSeconds } = compare(comparison, runs)
    const memory = peakMemory(comparison.ours)
    const cells = [
      comparison.what,
      ratio.toFixed(2),
      String(comparison.atMost),
      oursSeconds.toFixed(2),
      theirsSeconds.toFixed(2),
      memory === null ? '' : String(memory),
    ]
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
