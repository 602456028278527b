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

function repairs(damaged: () => string): Row[] {
  const out = join(folder, 'out')
  const copy = join(folder, 'copy')
  const clean = `rm -rf ${out} ${copy}`
  const copied = (): string => `cp ${damaged()} ${copy} && sync ${copy} && cat ${copy}`
  const deep = (): string => `node ${CLI} scan --deep --quiet ${dirname(damaged())}`
  const against = (options: string, name: string, line: () => string, atMost: number): Row => ({
    what: `repair${options}, ten damaged places, against ${name}`,
    atMost,
    commands: () => ({
      ours: {
        ...kmend(`repair${options} --quiet ${dirname(damaged())} --out ${out}`),
        prepare: clean,
      },
      theirs: { name, line: `sh -c '${line()}'`, prepare: clean },
    }),
  })
  return [
    against(' --shallow', 'cp, sync, cat', copied, 1.3),
    against('', 'scan --deep, cp, sync, cat', () => `${deep()}; ${copied()}`, 1.1),
  ]
}

/** A row of the table; its files are made when it is measured, those that rows share once. */
interface Row extends Pick<Comparison, 'what' | 'atMost'> {
  readonly commands: () => Pick<Comparison, 'ours' | 'theirs'>
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

async function rows(): Promise<Row[]> {
  const sizeInBytes = Number(values.mib) * MIB
  const from = join(CORPUS, 'orders-none-0')
  const batches = (name: string, batchBytes: number): (() => string) =>
    once(() => buildSegment(join(folder, name), { from, batchBytes, sizeInBytes }))
  const noBatches = (name: string, part: () => Uint8Array): (() => string) =>
    once(() => buildOf(part, join(folder, name), sizeInBytes))
  const large = batches('large-0', 16_384)
  const damaged = once(() => buildDamaged(large(), join(folder, 'damaged-0'), sizeInBytes))
  const scan = (path: string): Command => kmend(`scan --quiet ${path}`)
  const againstCat = (what: string, path: () => string, atMost: number): Row => ({
    what: `scan, ${what}, against cat`,
    atMost,
    commands: () => ({ ours: scan(path()), theirs: cat(path()) }),
  })
  const found: Row[] = [
    againstCat('16 KiB batches', large, 1.5),
    againstCat('1 KiB batches', batches('small-0', 1024), 3),
    againstCat(
      'random bytes',
      noBatches('random-0', () => randomFillSync(new Uint8Array(MIB))),
      10,
    ),
    againstCat(
      'zeros',
      noBatches('zeros-0', () => new Uint8Array(MIB)),
      10,
    ),
    ...repairs(damaged),
    {
      what: '--version against node -e 0',
      atMost: 1.5,
      commands: () => ({
        ours: kmend('--version'),
        theirs: { name: 'node', line: 'node -e 0' },
      }),
    },
  ]
  const dump = await dumpLog()
  if (dump === null) process.stderr.write('no Java or Maven here: kafka-dump-log is left out\n')
  else
    found.push({
      what: 'scan, 16 KiB batches, against kafka-dump-log',
      atMost: 0.25,
      commands: () => ({ ours: scan(large()), theirs: dump(large(), '') }),
    })
  return [...found, ...decodings(dump)]
}

/** Every codec, against whom there is. */
function decodings(dump: Awaited<ReturnType<typeof dumpLog>>): Row[] {
  const read = goReader()
  if (read === null)
    process.stderr.write('no Go here, or not the modules it takes: the reader in Go is left out\n')
  return Object.entries(CODECS).flatMap(([codec, partition]) => {
    const path = once(() =>
      buildSegment(join(folder, `${codec}-0`), {
        from: join(CORPUS, partition),
        batchBytes: null,
        sizeInBytes: Number(values['codec-mib']) * MIB,
      }),
    )
    const against = (peer: string, theirs: (path: string) => Command, atMost: number): Row => ({
      what: `scan --deep, ${codec}, against ${peer}`,
      atMost,
      commands: () => ({
        ours: kmend(`scan --deep --quiet ${path()}`),
        theirs: theirs(path()),
      }),
    })
    return [
      ...(dump === null
        ? []
        : [
            against(
              'kafka-dump-log --deep-iteration',
              (log) => dump(log, '--deep-iteration'),
              0.33,
            ),
          ]),
      ...(read === null ? [] : [against('a reader in Go on one thread', read, 2)]),
    ]
  })
}

try {
  process.stdout.write(
    `Node ${process.version}, ${availableParallelism()} processors, ${values.mib} MiB, median of ${runs} pairs\n\n`,
  )
  process.stdout.write('| what | ratio | at most | kmend, s | the other, s | kmend, MiB |\n')
  process.stdout.write('|---|---|---|---|---|---|\n')
  const only = new RegExp(values.only)
  for (const { what, atMost, commands } of await rows()) {
    if (!only.test(what)) continue
    const { ours, theirs } = commands()
    const { ratio, oursSeconds, theirsSeconds } = compare({ what, ours, theirs, atMost }, runs)
    const memory = peakMemory(ours)
    const cells = [
      what,
      ratio.toFixed(2),
      String(atMost),
      oursSeconds.toFixed(2),
      theirsSeconds.toFixed(2),
      memory === null ? '' : String(memory),
    ]
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
