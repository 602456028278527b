/** The results in Markdown. */
import { KINDS, LOST_BLOCK_KINDS, SECTOR_KINDS } from './kinds.ts'
import { SALVAGE_TARGETS } from './promises.ts'
import type { Verdict } from './run-case.ts'
import { COLUMNS } from './segments.ts'
import type { Measure, PromiseLine } from './summary.ts'
import * as summary from './summary.ts'

type Row = readonly string[]

export function table(head: Row, rows: readonly Row[]): string {
  const line = (cellsOfRow: Row): string => `| ${cellsOfRow.join(' | ')} |`
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

type Show = (verdicts: readonly Verdict[], kind: string, column: string) => string

/** Kinds × columns; the last column and the last row are the means of the cells. */
function grid(
  verdicts: readonly Verdict[],
  measures: readonly Measure[],
  kinds = KINDS.filter(({ slug }) => verdicts.some((one) => one.kind === slug)),
): string {
  const columns = COLUMNS.filter((column) => verdicts.some((one) => one.column === column))
  const cell = (kind: string, column: string, measure: Measure): number | null =>
    summary.cellMean(verdicts, kind, column, measure)
  const join = (values: readonly (number | null)[]): string =>
    values.every((value) => value === null) ? '–' : values.map(summary.percent).join(' / ')
  const show: Show = (_, kind, column) => join(measures.map((one) => cell(kind, column, one)))
  const over = (kindsOfMean: readonly string[], columnsOfMean: readonly string[]): string =>
    join(
      measures.map((one) =>
        summary.mean(
          kindsOfMean.flatMap((kind) => columnsOfMean.map((column) => cell(kind, column, one))),
        ),
      ),
    )
  const slugs = kinds.map(({ slug }) => slug)
  const rows = kinds.map(({ slug, name }) => [
    name,
    ...columns.map((column) => show(verdicts, slug, column)),
    over([slug], columns),
  ])
  const all = ['**all**', ...columns.map((column) => over(slugs, [column])), over(slugs, columns)]
  return table(['damage', ...columns, 'all'], [...rows, all])
}

export const returnedTable = (verdicts: readonly Verdict[]): string =>
  grid(verdicts, [summary.returned])

export const salvagedTable = (verdicts: readonly Verdict[]): string =>
  grid(verdicts, [summary.salvaged, summary.salvagedWrong])

const isMeasured = ({ kind, column }: Verdict): boolean =>
  LOST_BLOCK_KINDS.includes(kind) && SALVAGE_TARGETS[column] !== undefined

export const stillThereTable = (verdicts: readonly Verdict[]): string =>
  grid(verdicts.filter(isMeasured), [summary.beforeTheHole, summary.stillThere, summary.back])

/** In how many cases of one lost sector nothing is left to read. */
export function nothingLeft(verdicts: readonly Verdict[]): string {
  const mine = verdicts.filter((one) => isMeasured(one) && SECTOR_KINDS.includes(one.kind))
  const columns = COLUMNS.flatMap((column) => {
    const cases = mine.filter((one) => one.column === column)
    const empty = cases.filter(({ stillThere }) => stillThere?.records === 0)
    return cases.length === 0 ? [] : [`${column} ${empty.length} of ${cases.length}`]
  })
  return `Cases of 512 bytes in which no record is left: ${columns.join(', ')}.`
}

export const keptTable = (verdicts: readonly Verdict[]): string =>
  grid(verdicts, [summary.kept, summary.keptByBroker])

export function segmentTable(verdicts: readonly Verdict[]): string {
  const names = [...new Set(verdicts.map(({ segment }) => segment))].sort()
  const of = (mine: readonly Verdict[], measure: Measure): string =>
    summary.percent(summary.mean(mine.map(measure)))
  return table(
    ['segment', 'cases', 'returned', 'salvaged', 'salvaged wrong', 'kept', 'broker keeps'],
    names.map((name) => {
      const mine = verdicts.filter(({ segment }) => segment === name)
      return [
        name,
        String(mine.length),
        of(mine, summary.returned),
        of(mine, summary.salvaged),
        of(mine, summary.salvagedWrong),
        of(mine, summary.kept),
        of(mine, summary.keptByBroker),
      ]
    }),
  )
}

export function promiseTable(lines: readonly PromiseLine[]): string {
  return table(
    ['promise', 'cases', 'at least', 'reached', 'cases short of it'],
    lines.map((line) => [
      line.what,
      String(line.cases),
      `${summary.percent(line.target)} %`,
      `${summary.percent(line.reached)} %${summary.isMet(line) ? '' : ' (missed)'}`,
      line.target === 1 ? String(line.short.length) : '–',
    ]),
  )
}

/** What nobody could have seen. */
export function undetectableTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.flatMap((one) =>
    caseRows(one, one.undetectable).map((row) => [...row, one.clean ? 'yes' : 'no']),
  )
  return tableOrNone([...CASE_HEADING, 'scans clean'], rows)
}

/** What shows, and cannot be put right. */
export function undeterminedTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.flatMap((one) => caseRows(one, one.undetermined))
  return tableOrNone(CASE_HEADING, rows)
}

const CASE_HEADING = ['case', 'segment', 'what', 'records']

const caseRows = (
  { id, segment }: Verdict,
  found: readonly { readonly what: string; readonly records: number }[],
): string[][] => found.map(({ what, records }) => [`\`${id}\``, segment, what, String(records)])

const tableOrNone = (heading: string[], rows: string[][]): string =>
  rows.length === 0 ? 'None in this run.' : table(heading, rows)
