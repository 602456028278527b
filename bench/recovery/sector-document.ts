/** What `npm run bench:sectors` prints, and what docs/sectors.md says. */
import { reproduceHit } from './sector-hits.ts'
import { SALVAGE_TARGETS } from './promises.ts'
import type { Verdict } from './run-case.ts'
import { COLUMNS } from './segments.ts'
import type { Column } from './segments.ts'
import * as pools from './sector-pools.ts'
import type { Pick, Pool } from './sector-pools.ts'
import { isFailure, percent } from './summary.ts'
import { table } from './tables.ts'

export interface SectorResults {
  readonly hits: number
  readonly seed: number
  readonly verdicts: readonly Verdict[]
}

const HOW = `A disk does not lose a batch: it loses a sector, wherever one stands. Each hit destroys one aligned sector of 512 bytes of a segment that a real
broker wrote, by turns with zeros and with random bytes, and runs the library's repair with its defaults, the whole way to the files it writes. Every
segment of \`npm run bench:recovery\` gets the same number of hits, none is left out. Its file is cut into as many equal stretches as there are hits, and each hit draws its
sector from its own stretch: every sector is as likely as any other.

Counted are all records of all batches that lost a byte, over all hits together, also where a sector took the end of one batch and the start of the next.
\`salvaged\` are in the salvage files only, \`returned\` in the repaired data; both as they were: offset, timestamp, key, value, headers. \`without time\`
came back but for their timestamp, which the salvage says is lost: they are not among the salvaged. \`still there\` is what an ideal reader could still
read (docs/recovery.md, "What was still there", says how that is found out); it bounds what any salvage can do, and is not measured for zstd and for the old formats. It
asks for the bytes only: in a log with gaps a lost header takes the offsets with it, and records that are there to be read have no place any more.
All shares are of records, in %. Percentages are rounded down. ± is two standard deviations.`

const WHY = `docs/recovery.md has a table of the same damage with other figures: "512 bytes zeroed" and "random". There each case first chooses a segment, then
one of its batches, each as likely as any other, and destroys a sector of that; a cell is the mean over its cases. Two things make that mean lower than the share of records. A
batch of one record weighs as much as one of 800, and in the segments of the corpus that are made for odd cases (markers, compacted logs, single values of hundreds of KB) most batches are such: of
these nothing, or nearly nothing, can be left. And small batches are chosen as often as large ones, while a sector of a disk falls into a batch as often as that batch has sectors.
The table there says what becomes of a batch of the corpus, each sort weighing the same; this page says what becomes of the records that a lost sector endangers. The promise is
about the latter: "of the records in batches hit".`

const TELLS = `What is left of a batch depends on its size and codec. Without compression all but the records in the sector are there. Of a compressed batch what
lies before the sector is: half of it on average, less the sector that touches it, which is size / (2 × (size + 512)): of a batch of 4 KiB 44 %, of one of 2 KiB 40 %, of one of
1 KiB 33 %, and of each a little less, for the header, the code tables and the record that is cut. Behind the sector hardly a record is free of copies of what is gone. A batch of few sectors often loses its header, too, and with it the offsets
or the times of what is left. A batch of one record has nothing left.`

const LARGE = `The same hits, without batches of fewer than 8 sectors. The segments of the corpus are made of small batches on purpose; a producer gathers up to 16 KiB
(its batch.size) unless it is told otherwise.`

const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts].join('\n\n')

export const commandOf = ({ hits, seed }: SectorResults): string =>
  `npm run bench:sectors -- --hits ${hits} --seed ${seed}`

export function renderSectors(results: SectorResults): string {
  const { verdicts, seed } = results
  const segments = new Set(verdicts.map(({ segment }) => segment)).size
  return [
    '# Sectors of a disk',
    `Made by \`${commandOf(results)} --write docs/sectors.md\`: ${verdicts.length} hits, ${segments} segments, seed ${seed}. The same command gives the same tables.`,
    HOW,
    totals(verdicts),
    section('What comes back', columnTable(verdicts)),
    section('Promised', promiseTable(verdicts), ...missed(verdicts)),
    section(
      'Promised, batches of 4 KiB and more',
      LARGE,
      promiseTable(verdicts, pools.isLarge),
      ...alone(verdicts),
    ),
    section('By the size of the batch', TELLS, sizeTable(verdicts)),
    section('Why docs/recovery.md says something else', WHY),
    section('By segment', segmentTable(verdicts)),
  ].join('\n\n')
}

function totals(verdicts: readonly Verdict[]): string {
  const sum = (of: (verdict: Verdict) => number): number =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0)
  return `Records returned wrong: ${sum((one) => one.wrongRecords)}. Records salvaged wrong: ${sum((one) => one.salvagedWrong)}. Runs that failed: ${sum((one) => (one.errors.length > 0 ? 1 : 0))}.`
}

const columnsIn = (verdicts: readonly Verdict[]): Column[] =>
  COLUMNS.filter((column) => pools.pool(verdicts, column).records > 0)

const SHARES = ['salvaged', 'returned', 'together', 'without time', 'still there']

const shares = (of: Pool): string[] =>
  [
    pools.shareOf(of.salvaged, of),
    pools.shareOf(of.returned, of),
    pools.together(of),
    pools.shareOf(of.timeless, of),
    pools.shareOf(of.there, of),
  ].map(percent)

function columnTable(verdicts: readonly Verdict[]): string {
  const rows = columnsIn(verdicts).map((column) => {
    const of = pools.pool(verdicts, column)
    const each = [pools.isZeroed, pools.isRandom].map((pick) =>
      percent(pools.together(pools.pool(verdicts, column, pick))),
    )
    const spread = (200 * pools.deviation(verdicts, column)).toFixed(1)
    const [salvaged, returned, together, ...rest] = shares(of)
    const both = `${together ?? ''} ± ${spread}`
    return [column, of.batches, of.records, salvaged, returned, both, ...rest, ...each].map(String)
  })
  return table(['codec', 'batches hit', 'records', ...SHARES, 'zeroed', 'random'], rows)
}

function promiseTable(verdicts: readonly Verdict[], pick?: Pick): string {
  const rows = pools
    .sectorPromises(verdicts, pick)
    .map(({ column, target, reached, possible }) => [
      column,
      `${percent(target)} %`,
      `${percent(reached)} %${reached >= target ? '' : ' (missed)'}`,
      `${percent(possible)} %`,
    ])
  return table(['codec', 'at least', 'reached', 'an ideal reader'], rows)
}

/** Large batches with one record each: no salvage has anything to give of them. */
function alone(verdicts: readonly Verdict[]): string[] {
  const isAlone: Pick = (batch, verdict) => pools.isLarge(batch, verdict) && batch.records === 1
  const batches = COLUMNS.filter((column) => SALVAGE_TARGETS[column] !== undefined).map(
    (column) => ({ column, count: pools.pool(verdicts, column, isAlone).batches }),
  )
  const named = batches.filter(({ count }) => count > 0)
  if (named.length === 0) return []
  const counts = named.map(({ column, count }) => `${count} of ${column}`).join(', ')
  return [
    `Among them are batches of one large record, up to hundreds of KB: ${counts}. A record that has lost a sector is lost, so nothing can be left of these.`,
  ]
}

/** What is missed, and whether anybody could keep it on these segments. */
const missed = (verdicts: readonly Verdict[]): string[] =>
  pools
    .sectorPromises(verdicts)
    .filter(({ reached, target }) => reached < target)
    .map(
      ({ column, target, possible, reached }) =>
        `${column}: ${percent(target)} % ${possible < target ? 'cannot be' : 'was not'} reached on these segments. An ideal reader would have ${percent(possible)} %, of which ${percent(reached / possible)} % came back.`,
    )

function sizeTable(verdicts: readonly Verdict[]): string {
  const rows = columnsIn(verdicts).flatMap((column) =>
    pools.SIZE_CLASSES.flatMap(({ name, holds }) => {
      const of = pools.pool(verdicts, column, ({ sizeInBytes }) => holds(sizeInBytes))
      const each = (of.records / of.batches).toFixed(0)
      return of.records === 0 ? [] : [[column, name, String(of.batches), each, ...shares(of)]]
    }),
  )
  return table(['codec', 'batch', 'batches hit', 'records in each', ...SHARES], rows)
}

function segmentTable(verdicts: readonly Verdict[]): string {
  const names = [...new Set(verdicts.map(({ segment }) => segment))].sort()
  const rows = names.flatMap((name) => {
    const isHere: Pick = (_, { segment }) => segment === name
    return columnsIn(verdicts).flatMap((column) => {
      const of = pools.pool(verdicts, column, isHere)
      return of.records === 0
        ? []
        : [[name, column, String(of.batches), String(of.records), ...shares(of)]]
    })
  })
  return table(['segment', 'codec', 'batches hit', 'records', ...SHARES], rows)
}

/** One block for each hit after which something is wrong; with promises, also for each that is missed and can be kept. */
export function sectorComplaints(
  { hits, seed, verdicts }: SectorResults,
  withPromises: boolean,
): string[] {
  const failures = verdicts
    .filter((one) => isFailure(one) || one.salvagedWrong > 0)
    .map(({ id, wrong, errors, salvagedWrong }) => {
      const found = [...wrong, ...errors, `${salvagedWrong} records salvaged wrong`]
      return `WRONG ${id}\n${found.map((line) => `  ${line}`).join('\n')}\n  ${reproduceHit(id, hits, seed)}`
    })
  const missed = pools
    .sectorPromises(verdicts)
    .filter(({ reached, target }) => reached < target)
    .map(({ column, reached }) => `MISSED ${column}: ${percent(reached)} %`)
  return withPromises ? [...failures, ...missed] : failures
}
