/** From verdicts to figures: every case weighs the same within its cell, every cell the same within its row. */
import { SECTOR_KINDS } from './kinds.ts'
import { SALVAGE_TARGETS, STILL_THERE_TARGET } from './promises.ts'
import type { Verdict } from './run-case.ts'

export type Measure = (verdict: Verdict) => number | null

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

export const returned: Measure = (verdict) => share(verdict.returned, verdict.damagedRecords)
export const salvaged: Measure = (verdict) => share(verdict.salvaged, verdict.damagedRecords)
export const salvagedWrong: Measure = (verdict) =>
  share(verdict.salvagedWrong, verdict.damagedRecords)
export const stillThere: Measure = ({ stillThere: left, damagedRecords }) =>
  left === null ? null : share(left.records, damagedRecords)
export const beforeTheHole: Measure = ({ stillThere: left, damagedRecords }) =>
  left === null ? null : share(left.beforeTheHole, damagedRecords)
export const back: Measure = (verdict) =>
  share(verdict.returned + verdict.salvaged, verdict.damagedRecords)
/** Of what is still there. What an undo puts back may be more than that. */
export const backOfThere: Measure = ({ stillThere: left, returned: put, salvaged: read }) => {
  const ratio = left === null ? null : share(put + read, left.records)
  return ratio === null ? null : Math.min(1, ratio)
}
export const kept: Measure = (verdict) => share(verdict.kept, verdict.allRecords)
export const keptByBroker: Measure = (verdict) => share(verdict.keptByBroker, verdict.allRecords)

export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** The mean over the cases of one cell. */
export const cellMean = (
  verdicts: readonly Verdict[],
  kind: string,
  column: string,
  measure: Measure,
): number | null =>
  mean(verdicts.filter((one) => one.kind === kind && one.column === column).map(measure))

/** Rounded down: 100.0 % is said only of all. */
export const percent = (value: number | null): string =>
  value === null ? '–' : (Math.floor(value * 1000 + 1e-9) / 10).toFixed(1)

export interface PromiseLine {
  readonly what: string
  readonly cases: number
  readonly target: number
  readonly reached: number
  /** Ids of cases that fall short of it; empty where it is asked of the mean only. */
  readonly short: readonly string[]
}

/** What is promised, and what came of it. */
export function promiseLines(
  verdicts: readonly Verdict[],
  kinds: readonly { readonly slug: string; readonly name: string }[],
  columns: readonly string[],
): PromiseLine[] {
  const lines: PromiseLine[] = []
  for (const { slug, name } of kinds) {
    const mine = verdicts.filter(({ kind, promised }) => kind === slug && promised > 0)
    if (mine.length === 0) continue
    lines.push({
      what: `returned: ${name}`,
      cases: mine.length,
      target: 1,
      reached: mean(mine.map((one) => one.promisedReturned / one.promised)) ?? 0,
      short: mine.filter((one) => one.promisedReturned < one.promised).map(({ id }) => id),
    })
  }
  for (const column of columns) {
    const target = SALVAGE_TARGETS[column]
    const mine = verdicts.filter(
      (one) =>
        one.column === column &&
        SECTOR_KINDS.includes(one.kind) &&
        one.returned < one.damagedRecords,
    )
    if (target === undefined || mine.length === 0) continue
    lines.push({
      what: `salvaged: 512 bytes zeroed or random, ${column}`,
      cases: mine.length,
      target,
      reached: mean(mine.map(salvaged)) ?? 0,
      short: [],
    })
    const left = mine.filter((one) => backOfThere(one) !== null)
    if (left.length === 0) continue
    lines.push({
      what: `the same, of the records that are still there, ${column}`,
      cases: left.length,
      target: STILL_THERE_TARGET,
      reached: mean(left.map(backOfThere)) ?? 0,
      short: [],
    })
  }
  return lines
}

export const isMet = ({ reached, target }: PromiseLine): boolean => reached >= target

/** Wrong records, or a run of the tool that failed: never acceptable. */
export const isFailure = ({ wrong, errors }: Verdict): boolean =>
  wrong.length > 0 || errors.length > 0
