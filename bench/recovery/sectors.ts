/**
 * `npm run bench:sectors`: what comes back of the records in batches that lost a sector of the disk. Exit 1 when one
 * record came back or was salvaged wrong, or a run failed; with `--strict` also when a promise was missed.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { hasCorpus } from '../../test/support/corpus.ts'
import { runCases } from './run-cases.ts'
import { renderSectors, sectorComplaints } from './sector-document.ts'
import { isFailure } from './summary.ts'

const USAGE = `npm run bench:sectors -- [options]
  --hits N      in each segment (default 100)
  --seed S      default 1
  --case ID     only this one, with what was found
  --jobs N      processes (default 1)
  --write FILE  the document, beside the printed tables
  --strict      a promise that was missed is a failure too`

const { values } = parseArgs({
  options: {
    hits: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
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
  const [hits, seed] = [numberOf('hits', values.hits), numberOf('seed', values.seed)]
  const started = performance.now()
  let done = 0
  const verdicts = await runCases(
    {
      cases: 0,
      hits,
      seed,
      jobs: numberOf('jobs', values.jobs),
      kinds: null,
      codecs: null,
      only: values.case ?? null,
    },
    () => {
      done++
      if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done} hits`)
    },
  )
  const results = { hits, seed, verdicts }
  const page = renderSectors(results)
  if (values.case === undefined) console.log(page)
  else console.log(verdicts[0])
  const found = sectorComplaints(results, values.strict)
  for (const line of found) console.error(line)
  console.error(`${verdicts.length} hits in ${((performance.now() - started) / 1000).toFixed(0)} s`)
  if (values.write !== undefined) writeFileSync(values.write, `${page}\n`)
  const failed = verdicts.some((one) => isFailure(one) || one.salvagedWrong > 0)
  return failed || (values.strict && found.length > 0) ? 1 : 0
}

process.exitCode = await main()
