/** What the tests of the commands share: the built command line, a terminal that records, and small partitions. */
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32c } from '../../src/bytes/crc.ts'
import type { Terminal } from '../../src/commands/common.ts'
import { encodeProducerSnapshot } from '../../src/index/producer-snapshot.ts'
import type { Report } from '../../src/recover/report.ts'
import { baseOffsetDigits } from '../../src/segment/segment-name.ts'

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url))
export const CLI: string = join(ROOT, 'dist', 'cli.js')
/** A partition with four kinds of damage; see examples/README.md. */
export const EXAMPLE: string = join(ROOT, 'examples', 'orders-0')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Run {
  readonly pid: number
  readonly ended: Promise<Ended>
}

export function start(command: string, args: readonly string[], cwd: string = ROOT): Run {
  if (!existsSync(CLI))
    throw new Error('dist/cli.js is not there: run `npm run build` first (`npm test` does)')
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, stdout, stderr })
    })
  })
  return { pid: child.pid ?? -1, ended }
}

/** Runs the built command line to its end. */
export const kmend = async (args: readonly string[], cwd?: string): Promise<Ended> =>
  await start(process.execPath, [CLI, ...args], cwd).ended

export const parseReport = (text: string): Report => JSON.parse(text) as Report
export const readReport = (out: string): Report =>
  parseReport(readFileSync(join(out, 'report.json'), 'utf8'))

const temporary: string[] = []
process.on('exit', () => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true })
})

/** In memory where there is such a place: a repair syncs every file, and a busy disk makes that the longest part. */
const TEMPORARY_ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A new folder, removed when the tests end. */
export function newFolder(): string {
  const path = mkdtempSync(join(TEMPORARY_ROOT, 'kmend-test-'))
  temporary.push(path)
  return path
}

/** Every file below a folder, relative, sorted. */
export const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(
          (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true,
        )
        .sort()
    : []

/** Path and content of every file below a folder. */
export const contentBelow = (folder: string): Map<string, string> =>
  new Map(
    filesBelow(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value * 2; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) + 128)
  }
}

export interface BatchFields {
  readonly baseOffset: bigint
  readonly values: readonly string[]
  readonly timestamp?: bigint
  readonly producerId?: bigint
  /** 0x10 transactional, 0x20 control, and the codec. */
  readonly attributes?: number
}

/** An uncompressed magic-2 batch of records without key; its sequence numbers are its offsets. */
export function batchBytes(fields: BatchFields): Uint8Array {
  const { baseOffset, values, timestamp = 1_700_000_000_000n, producerId = 7n } = fields
  const attributes = fields.attributes ?? 0
  const records = values.flatMap((value, offsetDelta) => {
    const bytes = [...new TextEncoder().encode(value)]
    // attributes, timestampDelta, offsetDelta, no key, the value, no headers
    const body = [0, 0, ...varint(offsetDelta), 1, ...varint(bytes.length), ...bytes, 0]
    return [...varint(body.length), ...body]
  })
  const bytes = new Uint8Array(61 + records.length)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, baseOffset)
  view.setInt32(8, bytes.length - 12)
  view.setInt8(16, 2)
  view.setInt16(21, attributes)
  view.setInt32(23, values.length - 1)
  view.setBigInt64(27, timestamp)
  view.setBigInt64(35, timestamp)
  view.setBigInt64(43, producerId)
  view.setInt16(51, producerId < 0n ? -1 : 0)
  view.setInt32(53, producerId < 0n || (attributes & 0x20) !== 0 ? -1 : Number(baseOffset))
  view.setInt32(57, values.length)
  bytes.set(records, 61)
  view.setUint32(17, crc32c.update(0, bytes, 21))
  return bytes
}

export const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

/** `count` batches of three records each, from `first` on. */
export const healthyBatches = (first: bigint, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => {
    const baseOffset = first + BigInt(index * 3)
    const values = ['a', 'b', 'c'].map((name) => `${name}${baseOffset} `.repeat(20))
    return batchBytes({ baseOffset, values, timestamp: 1_700_000_000_000n + baseOffset })
  })

/** A partition directory below `parent`; each segment is its base offset and its bytes. */
export function writePartition(
  parent: string,
  name: string,
  segments: readonly (readonly [base: bigint, bytes: Uint8Array])[],
): string {
  const path = join(parent, name)
  mkdirSync(path, { recursive: true })
  for (const [base, bytes] of segments)
    writeFileSync(join(path, `${baseOffsetDigits(base)}.log`), bytes)
  writeFileSync(join(path, 'leader-epoch-checkpoint'), '0\n1\n0 0\n')
  writeFileSync(join(path, 'partition.metadata'), 'version: 0\ntopic_id: ule0iMquQqqis02TqONzVQ')
  writeFileSync(
    join(path, `${baseOffsetDigits(segments.at(-1)?.[0] ?? 0n)}.snapshot`),
    encodeProducerSnapshot([]),
  )
  return path
}

/** Two whole segments: offsets 0 to 29 and 30 to 59. */
export const writeHealthy = (parent: string, name = 'orders-0'): string =>
  writePartition(parent, name, [
    [0n, concat(...healthyBatches(0n, 10))],
    [30n, concat(...healthyBatches(30n, 10))],
  ])

/** One segment whose fifth batch (offsets 12 to 14) has a flipped bit. */
export function writeDamaged(parent: string, name = 'orders-0'): string {
  const batches = healthyBatches(0n, 10)
  destroyRecords(batches[4]!)
  return writePartition(parent, name, [[0n, concat(...batches)]])
}

export interface RecordingTerminal extends Terminal {
  readonly out: () => string
  readonly err: () => string
}

/** More damage than can be undone, inside the records of a batch. */
export const destroyRecords = (batch: Uint8Array): void => {
  batch.fill(0xa5, 66, 106)
}

/** A terminal that keeps what is written to it. */
export function recordingTerminal(
  options: {
    isTTY?: boolean
    columns?: number
    environment?: Record<string, string>
    signal?: AbortSignal
  } = {},
): RecordingTerminal {
  const {
    isTTY = false,
    columns,
    environment = {},
    signal = new AbortController().signal,
  } = options
  let out = ''
  let err = ''
  return {
    stdout: { write: (text) => (out += text), isTTY },
    stderr: {
      write: (text) => (err += text),
      isTTY,
      ...(columns === undefined ? {} : { columns }),
    },
    signal,
    environment,
    out: () => out,
    err: () => err,
  }
}
