/** Repairs a log that is given as bytes, and reads what was salvaged of it. */
import { expect } from 'chai'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repairSegment } from '../../../src/kmend.ts'
import type { SegmentReport } from '../../../src/kmend.ts'
import { withWorkspace } from '../../support/workspace.ts'

export interface Line {
  readonly offset: number
  readonly timestamp: number | null
}

export interface Repaired {
  readonly report: SegmentReport
  readonly lines: readonly Line[]
}

export interface Given {
  readonly salvage?: 'side' | 'data'
  readonly timeIndex?: Uint8Array
  /** Of the segment; what its file is named after. */
  readonly base?: number
}

export async function repair(bytes: Uint8Array, given: Given = {}): Promise<Repaired> {
  return await withWorkspace(async (folder) => {
    const [source, out] = [join(folder, 'in'), join(folder, 'out')]
    mkdirSync(source)
    const log = join(source, `${String(given.base ?? 0).padStart(20, '0')}.log`)
    writeFileSync(log, bytes)
    if (given.timeIndex !== undefined)
      writeFileSync(log.replace('.log', '.timeindex'), given.timeIndex)
    const { segments, errors } = await repairSegment(log, {
      out,
      salvage: given.salvage ?? 'side',
    })
    expect(errors).to.deep.equal([])
    const report = segments[0]!
    const lines = report.records.salvaged === 0 ? [] : readLines(join(out, 'salvaged'))
    return { report, lines }
  })
}

const readLines = (folder: string): Line[] =>
  readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line),
  )

export const upTo = (end: number, from: number): number[] =>
  Array.from({ length: end - from }, (_, index) => from + index)
