/** The tables of `npm run bench:block-damage`, and what they show. */
import type { BlockTally } from './block-run.ts'

/** Null: the defaults, at which nothing may be wrong. */
export type Chance = number | null

export interface BlockTable {
  readonly chance: Chance
  readonly tallies: readonly BlockTally[]
}

export const HEAD: string = [
  '| victims | cases | right again | wrong | undos | risked | sd | verdict |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
].join('\n')

export const titleOf = (chance: Chance): string =>
  chance === null ? 'At the defaults' : `At \`--max-false-match ${chance}\``

/** Tallies of shares of one group, or of all groups. */
export function total(name: string, tallies: readonly BlockTally[]): BlockTally {
  const sum = (of: (tally: BlockTally) => number): number =>
    tallies.reduce((result, tally) => result + of(tally), 0)
  return {
    group: name,
    cases: sum(({ cases }) => cases),
    right: sum(({ right }) => right),
    wrong: tallies.flatMap(({ wrong }) => wrong),
    undos: sum(({ undos }) => undos),
    risked: sum(({ risked }) => risked),
    variance: sum(({ variance }) => variance),
  }
}

const deviation = ({ variance }: BlockTally): number => Math.sqrt(variance)

/** At the defaults not one; else as many as the searches themselves risked, and three standard deviations more. */
export const isKept = (tally: BlockTally, chance: Chance): boolean =>
  tally.wrong.length <= (chance === null ? 0 : tally.risked + 3 * deviation(tally))

function verdict(tally: BlockTally, chance: Chance): string {
  if (!isKept(tally, chance)) return chance === null ? 'WRONG REPAIRS' : 'NOT calibrated'
  if (chance === null) return 'none wrong'
  return tally.risked === 0 ? 'nothing was risked, so nothing is shown' : 'calibrated'
}

const rounded = (value: number): string =>
  value === 0 ? '0' : value < 0.1 ? value.toExponential(1) : value.toFixed(1)

export const row = (tally: BlockTally, chance: Chance): string =>
  `| ${[
    tally.group,
    tally.cases,
    tally.right,
    tally.wrong.length,
    tally.undos,
    rounded(tally.risked),
    rounded(deviation(tally)),
    verdict(tally, chance),
  ].join(' | ')} |`

const HOW = `Each case destroys a part of one batch in the middle of a segment of three, or of that batch and of what lies beside it, and has the
segment put right in memory. \`blocks\` are one to eight sectors of 512 bytes, zeroed, random, or taken from the inside of another batch; \`scattered\`
are two to four bytes anywhere under the CRC. Values that do not shrink are the hardest: any bytes decode in their place, so that only the CRC speaks.
Wrong is a case whose output holds a batch with records that never was.

*risked* is the sum, over all searches that were made, of the chance that something false is accepted: q × candidates / 2^32, also where nothing was
found. A search that the limit did not allow risks nothing. *sd* is the standard deviation of the number of wrong cases that follows from it. At a
raised chance there may be as many as were risked and three standard deviations more. There are fewer, because q is the share at worst: what stays
destroyed beside a chance find mostly does not decode, least of all where records are small.`

export function renderPage(command: string, tables: readonly BlockTable[]): string {
  const sections = tables.map(({ chance, tallies }) => {
    const lines = [...tallies, total('all', tallies)].map((tally) => row(tally, chance))
    return `## ${titleOf(chance)}\n\n${[HEAD, ...lines].join('\n')}`
  })
  return [
    '# Wrong repairs, looked for',
    `Made by \`${command} --write docs/block-damage.md\`. The same command gives the same tables.`,
    HOW,
    ...sections,
  ].join('\n\n')
}
