/* From a case to its two directories: the damaged copy, and what `kmend repair` made of it. */
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import type { Placement } from './broker.ts'
import type { Case } from './cases.ts'
import { copyDirectory, corpus, differingFiles, logStartOffsetOf, topicOf } from './corpus.ts'
import { run } from './processes.ts'
import { readReport } from './report.ts'
import type { RepairReport } from './report.ts'
import { seededRandom } from './targets.ts'
import type { DamageDone } from './targets.ts'

const REPAIR_TIMEOUT_MS = 120_000

/** A case that came through `kmend repair`. */
export interface Prepared {
  readonly case: Case
  readonly damage: DamageDone
  readonly report: RepairReport
  /** Names of `.log` files that are not, byte for byte, those of the undamaged partition. */
  readonly changedLogs: readonly string[]
  readonly sourceTopic: string
  readonly damaged: Placement
  readonly repaired: Placement
}

/** A case that did not. */
export interface Unprepared {
  readonly name: string
  readonly complaints: readonly string[]
}

/** In the order of the cases; as many repairs run at once as there are processors. */
export async function prepareAll(
  cases: readonly Case[],
  cli: string,
  directory: string,
): Promise<(Prepared | Unprepared)[]> {
  const outcomes: (Prepared | Unprepared)[] = []
  const waiting = cases.entries()
  const work = async (): Promise<void> => {
    for (const [index, each] of waiting) {
      outcomes[index] = await prepare(each, index, cli, join(directory, `${index}`))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return outcomes
}

/** Copies, damages and repairs one partition. */
async function prepare(
  each: Case,
  index: number,
  cli: string,
  directory: string,
): Promise<Prepared | Unprepared> {
  const source = join(corpus, each.source)
  const damagedDirectory = join(directory, 'damaged', basename(source))
  copyDirectory(source, damagedDirectory)
  const damage = each.damage(damagedDirectory, seededRandom(seedOf(each.name)))
  if (differingFiles(source, damagedDirectory).length === 0) {
    throw new Error(`${each.name}: the damage changed nothing`)
  }
  const out = join(directory, 'out')
  const salvage = each.missing === 'part' ? ['--salvage', 'data'] : []
  const args = [cli, 'repair', damagedDirectory, '--out', out, '--json', ...salvage]
  const { exitCode, stderr } = await run(process.execPath, args, REPAIR_TIMEOUT_MS)
  if (exitCode !== 0 && exitCode !== 3) {
    const message = `kmend repair failed (exit ${exitCode ?? 'by signal'}): ${stderr.trim()}`
    return { name: each.name, complaints: [message] }
  }
  let report: RepairReport
  try {
    report = readReport(out, exitCode)
  } catch (error) {
    return { name: each.name, complaints: [`kmend's output: ${String(error)}`] }
  }
  const repairedDirectory = join(out, 'data', basename(source))
  const logStartOffset = logStartOffsetOf(each.source)
  const number = String(index).padStart(2, '0')
  const place = (topic: string, path: string) => ({ topic, directory: path, logStartOffset })
  return {
    case: each,
    damage,
    report,
    changedLogs: differingFiles(source, repairedDirectory, '.log'),
    sourceTopic: topicOf(each.source),
    damaged: place(`damaged-${number}`, damagedDirectory),
    repaired: place(`repaired-${number}`, repairedDirectory),
  }
}

function seedOf(name: string): number {
  return Buffer.from(name).reduce((seed, byte) => Math.imul(seed, 31) + byte, 0)
}
