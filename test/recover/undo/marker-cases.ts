/** One log of two transactional producers, and what a repair makes of a damaged marker in it. */
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RepairOptions, SegmentReport } from '../../../src/kmend.ts'
import { repairSegment } from '../../../src/kmend.ts'
import type { MarkerFields } from '../../../src/segment/end-transaction-marker.ts'
import { decodeMarker } from '../../../src/segment/end-transaction-marker.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import { withWorkspace } from '../../support/workspace.ts'
import type { Beside, Step } from './markers.ts'
import { build, place } from './markers.ts'

/** Producers 5 and 6, transaction version 2: a marker brings the next epoch. */
export const data = (p: bigint, e: number, more: Partial<Step> = {}): Step => ({ p, e, ...more })
export const commit = (p: bigint, e: number): Step => ({ p, e, ends: 'COMMIT' })
export const abort = (p: bigint, e: number): Step => ({ p, e, ends: 'ABORT' })

/** Offsets are places: one record a batch. The target is at 6. */
export const LOG = [
  data(5n, 0),
  data(6n, 0),
  abort(6n, 1),
  commit(5n, 1),
  data(5n, 1),
  data(6n, 1),
  commit(5n, 2),
  data(5n, 2),
  data(6n, 1),
  abort(6n, 2),
  data(6n, 2),
  commit(6n, 3),
  commit(5n, 3),
]
export const TARGET = 6
export const ABORTED = [
  [6n, 1n, 2n],
  [6n, 5n, 9n],
] as const

export const wholly = (batch: Uint8Array): void => {
  batch.fill(0)
}
export const crc = (batch: Uint8Array): void => {
  batch.fill(0, 17, 21)
}
export const times = (batch: Uint8Array): void => {
  batch.fill(0, 27, 43)
}

export interface Case {
  readonly steps?: readonly Step[]
  readonly target?: number
  readonly strike: (batch: Uint8Array) => void
  /** How many batches after the target are struck with it. */
  readonly more?: number
  readonly beside?: Beside
  readonly options?: Omit<RepairOptions, 'out'>
  readonly base?: bigint
}

export interface Outcome {
  readonly report: SegmentReport
  /** What stands at the target's offset in the output; null when it is no marker. */
  readonly marker: MarkerFields | null
  readonly isExact: boolean
  readonly exitCode: number
}

/** Damages the target, repairs, and reads what stands in its place. */
export async function run({ steps = LOG, target = TARGET, ...test }: Case): Promise<Outcome> {
  const built = build(steps, test.base)
  const position = built.positions[target]!
  const end = built.positions[target + 1 + (test.more ?? 0)] ?? built.bytes.length
  const original = built.bytes.slice(position, end)
  test.strike(built.bytes.subarray(position, end))
  return await withWorkspace(async (folder) => {
    const source = place(folder, built.bytes, test.beside ?? {}, test.base)
    const out = join(folder, 'out')
    const { segments, errors, summary } = await repairSegment(source, { ...test.options, out })
    expect(errors).to.deep.equal([])
    const report = segments[0]!
    const output = new Uint8Array(readFileSync(join(out, report.output!)))
    const [entry] = report.damage
    const from = entry!.outputPosition!
    const written = output.subarray(from, from + entry!.outputSizeInBytes!)
    const header = decodeBatchHeader(written, 0)
    return {
      report,
      marker: header === null ? null : decodeMarker(written, header),
      isExact: Buffer.compare(written, original) === 0,
      exitCode: summary.exitCode,
    }
  })
}
