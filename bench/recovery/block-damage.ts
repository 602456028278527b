/**
 * `npm run bench:block-damage`: the search for wrong repairs. At the defaults there must not be one. At a chance given
 * by `--max-false-match` there may be as many as were risked, and three standard deviations more. Exit 1 otherwise.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runWork } from './block-jobs.ts'
import type { BlockTally } from './block-run.ts'
import { BLOCK_GROUPS } from './block-segments.ts'
import { HEAD, isKept, renderPage, row, titleOf, total } from './block-table.ts'
import type { BlockTable, Chance } from './block-table.ts'

const USAGE = `npm run bench:block-damage -- [options]
  --cases N             of each group (default 20000)
  --calibration N       of each group at the raised chance (default 20000; 0: none)
  --max-false-match P   that chance (default 0.01)
  --seed S              default 1
  --groups A,B          numbers of groups, from 0 to ${BLOCK_GROUPS.length - 1}
  --case N              only the case with this number
  --jobs N              processes (default 1)
  --write FILE          the page, beside the printed tables`

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    calibration: { type: 'string', default: '20000' },
    'max-false-match': { type: 'string', default: '0.01' },
    seed: { type: 'string', default: '1' },
    groups: { type: 'string' },
    case: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    write: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const groups = values.groups?.split(',').map(Number) ?? [...BLOCK_GROUPS.keys()]

function again(tally: BlockTally, chance: Chance, line: string): string {
  const number = BLOCK_GROUPS.findIndex(({ name }) => name === tally.group)
  const mode =
    chance === null ? '--calibration 0' : `--cases 0 --calibration 1 --max-false-match ${chance}`
  const id = line.slice('case '.length, line.indexOf(':'))
  return `npm run bench:block-damage -- --seed ${values.seed} --groups ${number} --case ${id} ${mode}`
}

async function table(chance: Chance, cases: number): Promise<BlockTable> {
  console.log(`\n${titleOf(chance)}\n\n${HEAD}`)
  let started = performance.now()
  const work = {
    cases,
    seed: Number(values.seed),
    chance,
    groups,
    only: values.case === undefined ? null : Number(values.case),
    jobs: Number(values.jobs),
  }
  const tallies = await runWork(work, (tally) => {
    console.log(row(tally, chance))
    console.error(`${((performance.now() - started) / 1000).toFixed(0)} s`)
    started = performance.now()
    if (chance !== null && isKept(tally, chance)) return
    for (const line of tally.wrong)
      console.error(`WRONG ${tally.group}, ${line}\n  ${again(tally, chance, line)}`)
  })
  console.log(row(total('all', tallies), chance))
  return { chance, tallies }
}

function commandLine(): string {
  const { cases, calibration, seed } = values
  const words = [`--cases ${cases}`, `--calibration ${calibration}`, `--seed ${seed}`]
  if (Number(calibration) > 0) words.push(`--max-false-match ${values['max-false-match']}`)
  if (values.groups !== undefined) words.push(`--groups ${values.groups}`)
  return `npm run bench:block-damage -- ${words.join(' ')}`
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  if (groups.some((number) => BLOCK_GROUPS[number] === undefined))
    throw new Error(`--groups ${values.groups ?? ''}?\n${USAGE}`)
  const tables: BlockTable[] = []
  const wanted = [
    { chance: null, cases: Number(values.cases) },
    { chance: Number(values['max-false-match']), cases: Number(values.calibration) },
  ]
  for (const { chance, cases } of wanted) if (cases > 0) tables.push(await table(chance, cases))
  if (values.write !== undefined)
    writeFileSync(values.write, `${renderPage(commandLine(), tables)}\n`)
  const failed = tables.some(({ chance, tallies }) =>
    [...tallies, total('all', tallies)].some((tally) => !isKept(tally, chance)),
  )
  return failed ? 1 : 0
}

process.exitCode = await main()
