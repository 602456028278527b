/** Whole processes, timed from outside and in turn, so that a machine whose speed drifts does not decide. */
import { spawnSync } from 'node:child_process'

export interface Command {
  readonly name: string
  /** A line for the shell. */
  readonly line: string
  /** Run before each time, and not measured. */
  readonly prepare?: string
}

export interface Comparison {
  readonly what: string
  readonly ours: Command
  readonly theirs: Command
  /** The most that `ours` may take, in units of `theirs`. */
  readonly atMost: number
}

export interface Measured {
  readonly ratio: number
  readonly oursSeconds: number
  readonly theirsSeconds: number
}

/** Exit 3 says that damage was found; whoever measures damaged files expects it. */
const EXPECTED_EXITS = new Set([0, 3])

function seconds({ name, line, prepare }: Command): number {
  if (prepare !== undefined) spawnSync('sh', ['-c', prepare], { stdio: 'ignore' })
  const start = performance.now()
  const { status } = spawnSync('sh', ['-c', `exec ${line}`], { stdio: 'ignore' })
  const elapsed = (performance.now() - start) / 1000
  if (status === null || !EXPECTED_EXITS.has(status)) throw new Error(`${name} failed: ${line}`)
  return elapsed
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Runs both in turn, once for warming up, and gives the median of the ratios of each pair. */
export function compare({ ours, theirs }: Comparison, runs: number): Measured {
  const pairs: [ours: number, theirs: number][] = []
  for (let run = 0; run <= runs; run++) pairs.push([seconds(ours), seconds(theirs)])
  const counted = pairs.slice(1)
  return {
    ratio: median(counted.map(([a, b]) => a / b)),
    oursSeconds: median(counted.map(([a]) => a)),
    theirsSeconds: median(counted.map(([, b]) => b)),
  }
}

/** The largest resident memory of a command in MiB; null where GNU time is not there to tell. */
export function peakMemory({ line, prepare }: Command): number | null {
  if (prepare !== undefined) spawnSync('sh', ['-c', prepare], { stdio: 'ignore' })
  const { stderr, error } = spawnSync('/usr/bin/time', ['-f', '%M', 'sh', '-c', `exec ${line}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kib = Number(stderr.trim().split('\n').at(-1))
  return error === undefined && Number.isFinite(kib) ? Math.round(kib / 1024) : null
}
