/**
 * `npm run bench:block-damage`: the search for wrong repairs. At the defaults there must not be one. At a chance given
 * by `--max-false-match` there may be as many as the undos themselves stated, and three standard deviations more.
 */
import { parseArgs } from 'node:util'
import { runBlocks } from './block-run.ts'
import type { BlockTally } from './block-run.ts'
import { BLOCK_GROUPS } from './block-segments.ts'

const USAGE = `npm run bench:block-damage -- [options]
  --cases N             of each group (default 20000)
  --calibration N       of each group at the raised chance (default 20000; 0: none)
  --max-false-match P   that chance (default 0.01)
  --seed S              default 1
  --groups A,B          numbers of groups, from 0
  --case N              only the case with this number`

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    calibration: { type: 'string', default: '20000' },
    'max-false-match': { type: 'string', default: '0.01' },
    seed: { type: 'string', default: '1' },
    groups: { type: 'string' },
    case: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const HEAD = [
  '| victims | cases | right again | wrong | undos | stated wrong | seconds |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
]

const row = ({ group, cases, right, wrong, undos, stated }: BlockTally, seconds: number): string =>
  `| ${group} | ${cases} | ${right} | ${wrong.length} | ${undos} | ${stated.toExponential(2)} | ${seconds.toFixed(0)} |`

async function table(
  title: string,
  cases: number,
  maxFalseMatch: number | null,
): Promise<BlockTally[]> {
  console.log(`\n${title}\n\n${HEAD.join('\n')}`)
  const chosen = values.groups?.split(',').map(Number) ?? [...BLOCK_GROUPS.keys()]
  const tallies: BlockTally[] = []
  for (const number of chosen) {
    const group = BLOCK_GROUPS[number]
    if (group === undefined) throw new Error(`--groups ${number}?\n${USAGE}`)
    const started = performance.now()
    const tally = await runBlocks(group, {
      cases,
      seed: Number(values.seed),
      undo: maxFalseMatch === null ? {} : { maxFalseMatch },
      only: values.case === undefined ? null : Number(values.case),
    })
    console.log(row(tally, (performance.now() - started) / 1000))
    for (const line of tally.wrong)
      console.error(
        `WRONG ${group.name}, ${line}\n  npm run bench:block-damage -- --seed ${values.seed} --groups ${number} --case ${line.slice(5, line.indexOf(':'))}${maxFalseMatch === null ? ' --calibration 0' : ` --cases 0 --max-false-match ${maxFalseMatch}`}`,
      )
    tallies.push(tally)
  }
  return tallies
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  let failed = false
  if (Number(values.cases) > 0) {
    const tallies = await table('At the defaults', Number(values.cases), null)
    failed = tallies.some(({ wrong }) => wrong.length > 0)
  }
  if (Number(values.calibration) > 0) {
    const chance = Number(values['max-false-match'])
    const tallies = await table(
      `At --max-false-match ${chance}`,
      Number(values.calibration),
      chance,
    )
    const sum = (of: (tally: BlockTally) => number): number =>
      tallies.reduce((total, tally) => total + of(tally), 0)
    const [wrong, stated] = [sum((one) => one.wrong.length), sum((one) => one.stated)]
    const limit = stated + 3 * Math.sqrt(sum((one) => one.variance))
    const undos = sum((one) => one.undos)
    const verdict =
      undos === 0
        ? 'nothing was undone, so nothing is shown'
        : wrong <= limit
          ? 'calibrated'
          : 'NOT calibrated'
    console.log(
      `\n${wrong} wrong of ${undos} undos; stated: ${stated.toExponential(2)}, at most ${limit.toExponential(2)} allowed: ${verdict}`,
    )
    failed ||= wrong > limit
  }
  return failed ? 1 : 0
}

process.exitCode = await main()
