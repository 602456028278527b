/** What the benches that damage segments case by case have in common: the words they take, and how they run and end. */
import { writeFileSync } from 'node:fs'
import { hasCorpus } from '../../test/support/corpus.ts'
import type { Verdict } from './run-case.ts'
import { runCases } from './run-cases.ts'
import type { RunOptions } from './run-cases.ts'

export const SHARED_OPTIONS = {
  seed: { type: 'string', default: '1' },
  case: { type: 'string' },
  jobs: { type: 'string', default: '1' },
  write: { type: 'string' },
  strict: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export const SHARED_USAGE = `  --case ID     only this one, with what was found
  --jobs N      processes (default 1)
  --write FILE  the document, beside the printed tables
  --strict      a promise that was missed is a failure too`

/** Throws an Error with `usage` where the value is no whole number above 0. */
export function wholeNumber(name: string, value: string, usage: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} ${value}?\n${usage}`)
  return number
}

export interface BenchOfCases {
  readonly options: RunOptions
  /** What a case is called. */
  readonly noun: 'cases' | 'hits'
  readonly strict: boolean
  /** Where the page goes; undefined for the terminal only. */
  readonly write: string | undefined
  /** Said where the options leave nothing to run. */
  readonly nothing: string
  readonly page: (verdicts: readonly Verdict[]) => string
  readonly complaints: (verdicts: readonly Verdict[]) => readonly string[]
  readonly isFailure: (verdict: Verdict) => boolean
}

/** Runs all cases, prints the page, or the verdict of the only case, and gives the exit code. */
export async function runBench(bench: BenchOfCases): Promise<number> {
  if (!hasCorpus) throw new Error('the corpus of real Kafka segments is not beside the repository')
  const { options, noun } = bench
  const started = performance.now()
  let done = 0
  const verdicts = await runCases(options, () => {
    done++
    if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done} ${noun}`)
  })
  if (verdicts.length === 0) throw new Error(bench.nothing)
  const page = bench.page(verdicts)
  console.log(options.only === null ? page : verdicts[0])
  const found = bench.complaints(verdicts)
  for (const line of found) console.error(line)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.error(`${verdicts.length} ${noun} in ${seconds} s`)
  if (bench.write !== undefined) writeFileSync(bench.write, `${page}\n`)
  return verdicts.some(bench.isFailure) || (bench.strict && found.length > 0) ? 1 : 0
}
