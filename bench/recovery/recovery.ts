/**
 * `npm run bench:recovery`: how much of a damaged log comes back, measured from outside. Exit 1 when one record came
 * back wrong or a run failed; with `--strict` also when a promise was missed.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { hasCorpus } from '../../test/support/corpus.ts'
import { complaints, render } from './document.ts'
import { runCases } from './run-cases.ts'
import type { RunOptions } from './run-cases.ts'
import { isFailure } from './summary.ts'

const USAGE = `npm run bench:recovery -- [options]
  --cases N     how many (default 2400)
  --seed S      default 1
  --kinds A,B   only these kinds of damage (names as in a case's id)
  --codecs A,B  only these columns: none, gzip, snappy, lz4, zstd, 'magic 0/1'
  --case ID     only this one, with what was found
  --jobs N      processes (default 1)
  --write FILE  the document, beside the printed tables
  --strict      a promise that was missed is a failure too`

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2400' },
    seed: { type: 'string', default: '1' },
    kinds: { type: 'string' },
    codecs: { type: 'string' },
    case: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    write: { type: 'string' },
    strict: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const numberOf = (name: string, value: string): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} ${value}?\n${USAGE}`)
  return number
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  if (!hasCorpus) throw new Error('the corpus of real Kafka segments is not beside the repository')
  const options: RunOptions = {
    cases: numberOf('cases', values.cases),
    hits: null,
    seed: numberOf('seed', values.seed),
    jobs: numberOf('jobs', values.jobs),
    kinds: values.kinds?.split(',') ?? null,
    codecs: values.codecs?.split(',') ?? null,
    only: values.case ?? null,
  }
  const started = performance.now()
  let done = 0
  const verdicts = await runCases(options, () => {
    done++
    if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done} cases`)
  })
  if (verdicts.length === 0) throw new Error(`no such kind or codec\n${USAGE}`)
  if (options.only !== null) console.log(verdicts[0])
  else console.log(render({ options, verdicts }))
  const found = complaints({ options, verdicts }, values.strict)
  for (const line of found) console.error(line)
  console.error(
    `${verdicts.length} cases in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  if (values.write !== undefined) writeFileSync(values.write, `${render({ options, verdicts })}\n`)
  const failed = verdicts.some(isFailure)
  return failed || (values.strict && found.length > 0) ? 1 : 0
}

process.exitCode = await main()
