/**
 * `npm run bench:sectors`: what comes back of the records in batches that lost a sector of the disk. Exit 1 when one
 * record came back or was salvaged wrong, or a run failed; with `--strict` also when a promise was missed.
 */
import { parseArgs } from 'node:util'
import { runBench, SHARED_OPTIONS, SHARED_USAGE, wholeNumber } from './bench-of-cases.ts'
import { renderSectors, sectorComplaints } from './sector-document.ts'
import { isFailure } from './summary.ts'

const USAGE = `npm run bench:sectors -- [options]
  --hits N      in each segment (default 100)
  --seed S      default 1
${SHARED_USAGE}`

const { values } = parseArgs({
  options: { ...SHARED_OPTIONS, hits: { type: 'string', default: '100' } },
})

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const hits = wholeNumber('hits', values.hits, USAGE)
  const seed = wholeNumber('seed', values.seed, USAGE)
  const jobs = wholeNumber('jobs', values.jobs, USAGE)
  const { strict, write } = values
  return await runBench({
    options: { cases: 0, hits, seed, jobs, kinds: null, codecs: null, only: values.case ?? null },
    noun: 'hits',
    strict,
    write,
    nothing: `no such case\n${USAGE}`,
    page: (verdicts) => renderSectors({ hits, seed, verdicts }),
    complaints: (verdicts) => sectorComplaints({ hits, seed, verdicts }, strict),
    isFailure: (one) => isFailure(one) || one.salvagedWrong > 0,
  })
}

process.exitCode = await main()
