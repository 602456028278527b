/**
 * `npm run bench:recovery`: how much of a damaged log comes back, measured from outside. Exit 1 when one record came
 * back wrong or a run failed; with `--strict` also when a promise was missed.
 */
import { parseArgs } from 'node:util'
import { runBench, SHARED_OPTIONS, SHARED_USAGE, wholeNumber } from './bench-of-cases.ts'
import { complaints, render } from './document.ts'
import type { RunOptions } from './run-cases.ts'
import { isFailure } from './summary.ts'

const USAGE = `npm run bench:recovery -- [options]
  --cases N     how many (default 2400)
  --seed S      default 1
  --kinds A,B   only these kinds of damage (names as in a case's id)
  --codecs A,B  only these columns: none, gzip, snappy, lz4, zstd, 'magic 0/1'
${SHARED_USAGE}`

const { values } = parseArgs({
  options: {
    ...SHARED_OPTIONS,
    cases: { type: 'string', default: '2400' },
    kinds: { type: 'string' },
    codecs: { type: 'string' },
  },
})

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const options: RunOptions = {
    cases: wholeNumber('cases', values.cases, USAGE),
    hits: null,
    seed: wholeNumber('seed', values.seed, USAGE),
    jobs: wholeNumber('jobs', values.jobs, USAGE),
    kinds: values.kinds?.split(',') ?? null,
    codecs: values.codecs?.split(',') ?? null,
    only: values.case ?? null,
  }
  const { strict, write } = values
  return await runBench({
    options,
    noun: 'cases',
    strict,
    write,
    nothing: `no such kind or codec\n${USAGE}`,
    page: (verdicts) => render({ options, verdicts }),
    complaints: (verdicts) => complaints({ options, verdicts }, strict),
    isFailure,
  })
}

process.exitCode = await main()
