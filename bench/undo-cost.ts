/**
 * `npm run bench:undo-cost`: what the search for an undo costs, in seconds of whole processes: one damaged batch of
 * 1 MB for each codec and kind of damage, above the repair of the same segment undamaged; a thousand damaged batches of
 * 16 KiB; a thousand damaged transaction markers. Exit 1 where it is more than is promised.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from '../test/recover/undo/markers.ts'
import type { Step } from '../test/recover/undo/markers.ts'
import { v2Batch } from '../test/segment/build.ts'
import type { Prng } from '../test/support/prng.ts'
import { prng } from '../test/support/prng.ts'
import { median } from './measure.ts'
import { CODECS, prose } from './recovery/block-segments.ts'

const MIB = 1024 * 1024
/** A batch of 1 MB may cost this much more than an undamaged one. */
const MOST_FOR_ONE = 2
/** "A few minutes at most." */
const MOST_FOR_MANY = 180
const MANY = 1000
const CLI = join(import.meta.dirname, '../dist/cli.js')

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    /** large, batches or markers */
    only: { type: 'string' },
  },
})
const runs = Number(values.runs)
const folder = mkdtempSync(join(tmpdir(), 'kmend-undo-cost-'))

interface Codec {
  readonly name: string
  readonly bits: number
  readonly compress: (plain: Uint8Array) => Uint8Array
  /** Plain bytes for one of the batch, about. */
  readonly shrinks: number
}

const codecs: readonly Codec[] = [
  { name: 'none', ...CODECS.none, shrinks: 1 },
  { name: 'gzip', bits: 1, compress: (plain) => gzipSync(plain), shrinks: 3 },
  { name: 'snappy', ...CODECS.snappy, shrinks: 2 },
  { name: 'lz4', ...CODECS.lz4, shrinks: 2 },
  // No encoder in Node 20: raw blocks.
  { name: 'zstd, raw', ...CODECS.zstd, shrinks: 1 },
]

const KINDS: Readonly<Record<string, (batch: Uint8Array, random: Prng) => Uint8Array>> = {
  'one bit': (batch, random) => changed(batch, [[place(batch, random), 1 << random.below(8)]]),
  'one byte': (batch, random) => changed(batch, [[place(batch, random), 0x5a]]),
  'two bits': (batch, random) =>
    changed(batch, [
      [place(batch, random), 4],
      [place(batch, random), 32],
    ]),
  'a burst': (batch, random) => {
    const at = place(batch, random)
    return changed(batch, [
      [at, 0x13],
      [at + 1, 0xa1],
    ])
  },
  scattered: (batch, random) =>
    changed(
      batch,
      Array.from({ length: 4 }, () => [place(batch, random), 1 + random.below(255)] as const),
    ),
  'a sector': (batch, random) => {
    const at = place(batch, random)
    return Uint8Array.from(batch).fill(0, at, at + 512)
  },
  inserted: (batch, random) => {
    const at = place(batch, random)
    return new Uint8Array(
      Buffer.concat([batch.subarray(0, at), random.bytes(300), batch.subarray(at)]),
    )
  },
}

const place = (batch: Uint8Array, random: Prng): number => 70 + random.below(batch.length - 600)

function changed(batch: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const damaged = batch.slice()
  for (const [at, mask] of changes) damaged[at] = (damaged[at] ?? 0) ^ mask
  return damaged
}

function batchOf(codec: Codec, sizeInBytes: number, baseOffset: number, random: Prng): Uint8Array {
  const count = Math.ceil((sizeInBytes * codec.shrinks) / 260)
  const records = Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    value: prose(245, random),
    timestampDelta: BigInt(index),
  }))
  const { bits: attributes, compress } = codec
  const baseTimestamp = 1_750_000_000_000n
  const maxTimestamp = baseTimestamp + BigInt(count - 1)
  const options = { baseTimestamp, maxTimestamp, attributes, compress, records }
  return v2Batch({ ...options, baseOffset: BigInt(baseOffset) })
}

const lastOf = (batch: Uint8Array): number =>
  Buffer.from(batch.buffer, batch.byteOffset).readInt32BE(23)

/** `count` batches, their offsets joining. */
function batchesOf(
  count: number,
  sizeInBytes: number,
  codecAt: (index: number) => Codec,
): Uint8Array[] {
  const random = prng(Number(values.seed))
  let offset = 0
  return Array.from({ length: count }, (_, index) => {
    const batch = batchOf(codecAt(index), sizeInBytes, offset, random)
    offset += lastOf(batch) + 1
    return batch
  })
}

let written = 0
function write(parts: readonly Uint8Array[]): string {
  const directory = join(folder, `orders-${written++}`)
  mkdirSync(directory)
  const path = join(directory, '00000000000000000000.log')
  writeFileSync(path, Buffer.concat(parts))
  return path
}

interface Cost {
  readonly seconds: number
  /** Of processors: the same however much else runs on the machine. */
  readonly processorSeconds: number
}

function repairOnce(path: string): Cost {
  const out = join(folder, 'out')
  rmSync(out, { recursive: true, force: true })
  const line = `TIMEFORMAT='%R %U %S'; time node ${CLI} repair --quiet ${path} --out ${out}`
  const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' })
  const [seconds, user, system] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  if (![0, 3].includes(status ?? -1) || seconds === undefined)
    throw new Error(`repair of ${path} failed: ${stderr}`)
  return { seconds, processorSeconds: (user ?? NaN) + (system ?? NaN) }
}

function repairCost(path: string, times: number): Cost {
  const costs = Array.from({ length: times }, () => repairOnce(path))
  return {
    seconds: median(costs.map(({ seconds }) => seconds)),
    processorSeconds: median(costs.map(({ processorSeconds }) => processorSeconds)),
  }
}

let failed = false
const hasFailed = (): boolean => failed
/** Another's load on the machine does not make it slow: what counts is the lesser of the two. */
function row(what: string, cost: Cost, whole: Cost, most: number): void {
  const seconds = cost.seconds - whole.seconds
  const processorSeconds = cost.processorSeconds - whole.processorSeconds
  const missed = Math.min(seconds, processorSeconds) > most
  failed ||= missed
  const cells = [what, seconds.toFixed(2), processorSeconds.toFixed(2), most]
  console.log(`| ${cells.join(' | ')}${missed ? ', MISSED' : ''} |`)
}

function oneLargeBatch(): void {
  for (const codec of codecs) {
    const batches = batchesOf(3, MIB, () => codec)
    const whole = repairCost(write(batches), runs)
    for (const [kind, damage] of Object.entries(KINDS)) {
      const [first, victim, last] = batches
      if (first === undefined || victim === undefined || last === undefined)
        throw new Error('three')
      const damaged = damage(victim, prng(Number(values.seed)))
      const cost = repairCost(write([first, damaged, last]), runs)
      const what = `${codec.name}, ${(victim.length / MIB).toFixed(1)} MiB, ${kind}`
      row(what, cost, whole, MOST_FOR_ONE)
    }
  }
}

function manyBatches(): void {
  const kinds = Object.values(KINDS)
  const random = prng(Number(values.seed))
  const codecAt = (index: number): Codec => codecs[index % codecs.length] ?? codecs[0]!
  const batches = batchesOf(2 * MANY, 16 * 1024, codecAt)
  const whole = repairCost(write(batches), 1)
  const damaged = batches.map((batch, index) =>
    index % 2 === 0 ? batch : (kinds[(index >> 1) % kinds.length]?.(batch, random) ?? batch),
  )
  const cost = repairCost(write(damaged), 1)
  row(`${MANY} damaged batches of 16 KiB, all codecs and kinds`, cost, whole, MOST_FOR_MANY)
}

function manyMarkers(): void {
  const random = prng(Number(values.seed))
  const steps = Array.from({ length: MANY }, (_, index): Step[] => {
    const p = BigInt(index % 5)
    return [
      { p, e: 0, records: 3 },
      { p, e: 0, ends: random.below(3) === 0 ? 'ABORT' : 'COMMIT' },
    ]
  }).flat()
  const { bytes, positions } = build(steps)
  const whole = repairCost(write([bytes]), 1)
  const strikes: Readonly<Record<string, (marker: Uint8Array) => void>> = {
    'one byte': (marker) => (marker[50] = (marker[50] ?? 0) ^ 0x55),
    'the 61 bytes before its record zeroed': (marker) => marker.fill(0, 21, 61),
    'all of its bytes random': (marker) => {
      marker.set(random.bytes(marker.length))
    },
  }
  for (const [what, strike] of Object.entries(strikes)) {
    const damaged = bytes.slice()
    for (const [index, position] of positions.entries())
      if (steps[index]?.ends !== undefined) strike(damaged.subarray(position, position + 78))
    const cost = repairCost(write([damaged]), 1)
    row(`${MANY} damaged transaction markers, ${what}`, cost, whole, MOST_FOR_MANY)
  }
}

try {
  console.log(
    '| what | seconds above undamaged | of processors | at most |\n| --- | ---: | ---: | ---: |',
  )
  const parts = { large: oneLargeBatch, batches: manyBatches, markers: manyMarkers }
  for (const [name, measure] of Object.entries(parts))
    if (values.only === undefined || values.only === name) measure()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = hasFailed() ? 1 : 0
