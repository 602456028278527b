/** Real folders for the cases: each partition is copied once, and then only the damaged `.log` is written again. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repairSegment } from '../../src/kmend.ts'
import type { Report } from '../../src/kmend.ts'
import { placeSource } from '../../test/support/workspace.ts'
import type { SalvagedRecord } from './judge.ts'
import type { BenchSegment } from './segments.ts'

export interface RepairOutcome {
  readonly report: Report
  /** What the run could not do, without the bench's own folders. */
  readonly errors: readonly string[]
  /** The repaired `.log`; null where nothing was written. */
  readonly output: Uint8Array | null
  readonly salvage: readonly SalvagedRecord[]
}

export interface Workbench {
  repair(segment: BenchSegment, damaged: Uint8Array): Promise<RepairOutcome>
  close(): void
}

/**
 * A repair syncs each file it writes, and a run is thousands of repairs: in a file system in memory that costs nothing.
 * TMPDIR overrides it.
 */
const IN_MEMORY = '/dev/shm'

const temporaryFolder = (): string =>
  process.env['TMPDIR'] === undefined && existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir()

/** `close` removes everything it wrote. */
export function openWorkbench(): Workbench {
  const root = mkdtempSync(join(temporaryFolder(), 'kmend-bench-'))
  const places = new Map<BenchSegment, string>()
  const place = (segment: BenchSegment, damaged: Uint8Array): string => {
    const known = places.get(segment)
    if (known !== undefined) {
      writeFileSync(known, damaged)
      return known
    }
    const folder = join(root, String(places.size))
    mkdirSync(folder)
    const path = placeSource(folder, segment.segment, damaged, segment.row.layout)
    places.set(segment, path)
    return path
  }
  return {
    async repair(segment, damaged) {
      const source = place(segment, damaged)
      const out = join(root, 'out')
      try {
        const report = await repairSegment(source, { out })
        const written = report.segments[0]?.output
        return {
          report,
          // The folder is another one in each run.
          errors: report.errors.map((line) => line.replaceAll(`${root}/`, '')),
          output: written == null ? null : new Uint8Array(readFileSync(join(out, written))),
          salvage: readSalvage(join(out, 'salvaged')),
        }
      } finally {
        rmSync(out, { recursive: true, force: true })
      }
    },
    close() {
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function readSalvage(folder: string): SalvagedRecord[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean))
    .map(parseSalvaged)
}

interface SalvagedLine {
  readonly offset: number | string
  readonly timestamp: number | string | null
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
  readonly suspect: boolean
}

const fromBase64 = (encoded: string | null): Uint8Array | null =>
  encoded === null ? null : new Uint8Array(Buffer.from(encoded, 'base64'))

/** Throws for a line that is not what the contract says: an unmarked record is no salvage. */
export function parseSalvaged(line: string): SalvagedRecord {
  const parsed = JSON.parse(line) as SalvagedLine
  if (!parsed.suspect) throw new Error(`a salvaged record that is not marked suspect: ${line}`)
  return {
    offset: BigInt(parsed.offset),
    timestamp: parsed.timestamp === null ? null : BigInt(parsed.timestamp),
    key: fromBase64(parsed.key),
    value: fromBase64(parsed.value),
    headers: parsed.headers.map(([key, value]) => ({
      key: fromBase64(key) ?? new Uint8Array(),
      value: fromBase64(value),
    })),
  }
}
