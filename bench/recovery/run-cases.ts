/** Runs many cases, in this process or shared out among several. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { caseIds, cells, makeCase } from './cases.ts'
import type { DamageCase } from './cases.ts'
import { judgeCase } from './run-case.ts'
import type { Verdict } from './run-case.ts'
import { hitIds, makeHit } from './sector-hits.ts'
import { openWorkbench } from './workbench.ts'

export interface RunOptions {
  /** Of the kinds in the tables; or, with `hits`, of nothing. */
  readonly cases: number
  /** Lost sectors in each segment instead of cases; null: cases. */
  readonly hits: number | null
  readonly seed: number
  readonly jobs: number
  /** Null: all of them. */
  readonly kinds: readonly string[] | null
  readonly codecs: readonly string[] | null
  /** Only this one. */
  readonly only: string | null
}

/** In the order of the cases, whatever the number of jobs. */
export async function runCases(
  options: RunOptions,
  onVerdict: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> {
  if (options.jobs === 1) return await runShare(options, 0, onVerdict)
  const shares = await Promise.all(
    Array.from({ length: options.jobs }, (_, share) => runChild(options, share, onVerdict)),
  )
  const count = shares.reduce((sum, share) => sum + share.length, 0)
  return Array.from(
    { length: count },
    (_, index) => shares[index % options.jobs]![Math.floor(index / options.jobs)]!,
  )
}

/** Every `jobs`-th case from `share` on. */
export async function runShare(
  options: RunOptions,
  share: number,
  onVerdict: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const { ids, make } = planOf(options)
  const bench = openWorkbench()
  const verdicts: Verdict[] = []
  try {
    for (let index = share; index < ids.length; index += options.jobs) {
      const test = make(ids[index]!)
      const started = performance.now()
      const outcome = await bench.repair(test.segment, test.damaged.bytes)
      const elapsedMs = performance.now() - started
      const verdict = judgeCase(test, outcome, elapsedMs)
      verdicts.push(verdict)
      onVerdict(verdict)
    }
  } finally {
    bench.close()
  }
  return verdicts
}

interface CasePlan {
  readonly ids: readonly string[]
  readonly make: (id: string) => DamageCase
}

function planOf({ cases, hits, seed, kinds, codecs, only }: RunOptions): CasePlan {
  if (hits !== null)
    return {
      ids: only === null ? hitIds(hits) : [only],
      make: (id) => makeHit(id, hits, seed),
    }
  const all = cells(kinds, codecs)
  return {
    ids: only === null ? caseIds(all, cases) : [only],
    make: (id) => makeCase(all, id, seed),
  }
}

async function runChild(
  options: RunOptions,
  share: number,
  onVerdict: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const path = fileURLToPath(new URL('./share.ts', import.meta.url))
  return await new Promise((resolve, reject) => {
    const verdicts: Verdict[] = []
    const child = fork(path, [JSON.stringify({ options, share })], { execArgv: process.execArgv })
    child.on('message', (message) => {
      verdicts.push(message as Verdict)
      onVerdict(message as Verdict)
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve(verdicts)
      else reject(new Error(`job ${share} ended with ${code ?? 'a signal'}`))
    })
  })
}
