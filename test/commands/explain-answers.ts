/** What explain answers about a log that a test writes. */
import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '../../src/commands/explain.ts'
import type { ExplainArguments } from '../../src/commands/explain.ts'
import { concat, newFolder, recordingTerminal } from './support.ts'

const LOG = '00000000000000000000.log'

/** What it prints. */
export async function run(
  paths: readonly string[],
  changes: Partial<ExplainArguments>,
): Promise<string> {
  const terminal = recordingTerminal()
  const common = { paths, json: false, quiet: false, color: false, maxDecompressed: '1GiB' }
  expect(await explain({ ...common, ...changes }, terminal)).to.equal(0)
  return terminal.out()
}

/** Writes a log, and returns its path. */
export function write(...parts: Uint8Array[]): string {
  const path = join(newFolder(), LOG)
  writeFileSync(path, concat(...parts))
  return path
}

export interface Answer {
  readonly position: number
  readonly reason: string | null
  readonly storedCrc: number | null
  readonly computedCrc: number | null
  readonly fields: readonly {
    readonly name: string
    readonly value: string
    readonly meaning: string
  }[]
  readonly records: readonly string[]
  readonly recordsAreVerified: boolean
  readonly hexDump: readonly string[]
  readonly verdict: {
    readonly reason: string
    readonly outcome: string
    readonly changes: readonly object[]
    readonly falseMatchProbability: number | null
    readonly attempt: { readonly why: string; readonly falseMatchTried: number } | null
    readonly taken: string
    readonly salvagedRecords: number | null
    readonly skippedOffsets: object | null
    readonly ladder: {
      readonly outerFields: readonly { readonly proposed: string; readonly verdict: string }[]
      readonly searches: readonly {
        readonly position: number
        readonly end: number
        readonly notLookedInto: string | null
        readonly readings: readonly {
          readonly assumed: readonly object[]
          readonly result: string
          readonly rungs: readonly { readonly rung: string; readonly result: string }[]
        }[]
        readonly marker: { readonly result: string } | null
      }[]
    } | null
  } | null
}

/** Its `--json`. */
export const ask = async (path: string, target: Partial<ExplainArguments>): Promise<Answer> =>
  JSON.parse(await run([path], { ...target, json: true })) as Answer
