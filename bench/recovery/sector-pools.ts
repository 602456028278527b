/**
 * From verdicts of lost sectors to shares of records: every record in a batch that was hit weighs the same, so a batch
 * weighs as its records do, and is met as often as its bytes are many.
 */
import { SECTOR_KINDS } from './kinds.ts'
import { SALVAGE_TARGETS } from './promises.ts'
import type { StruckBatch, Verdict } from './run-case.ts'
import { COLUMNS } from './segments.ts'
import type { Column } from './segments.ts'

/** Counts of records, over all batches that were hit. */
export interface Pool {
  readonly batches: number
  readonly records: number
  readonly salvaged: number
  readonly returned: number
  readonly timeless: number
  /** What an ideal reader could still read; null where that is not measured. */
  readonly there: number | null
}

export type Pick = (batch: StruckBatch, verdict: Verdict) => boolean

const picked = (verdict: Verdict, pick: Pick): StruckBatch[] =>
  verdict.batches.filter((batch) => pick(batch, verdict))

/** Over the batches of a column. The bench's decoders look into the codecs that something is promised of. */
export function pool(verdicts: readonly Verdict[], column: Column, pick: Pick = () => true): Pool {
  const batches = verdicts.flatMap((verdict) =>
    picked(verdict, (batch) => batch.column === column && pick(batch, verdict)),
  )
  const sum = (of: (batch: StruckBatch) => number): number =>
    batches.reduce((total, batch) => total + of(batch), 0)
  return {
    batches: batches.length,
    records: sum(({ records }) => records),
    salvaged: sum(({ salvaged }) => salvaged),
    returned: sum(({ returned }) => returned),
    timeless: sum(({ timeless }) => timeless),
    there:
      SALVAGE_TARGETS[column] === undefined
        ? null
        : sum(({ stillThere }) => stillThere?.records ?? 0),
  }
}

export const shareOf = (records: number | null, { records: all }: Pool): number | null =>
  records === null || all === 0 ? null : records / all

/** In the data or as salvage, as it was. */
export const together = (of: Pool): number | null => shareOf(of.salvaged + of.returned, of)

/**
 * The standard deviation of `together`, as of a ratio of two sums over hits that each segment has as many of. A little
 * more than it is, because the hits of a segment are spread over it evenly.
 */
export function deviation(verdicts: readonly Verdict[], column: Column): number {
  const all = pool(verdicts, column)
  const ratio = together(all) ?? 0
  const segments = [...new Set(verdicts.map(({ segment }) => segment))]
  const variance = segments.reduce((total, name) => {
    const hits = verdicts.filter(({ segment }) => segment === name)
    const residuals = hits.map((hit) => {
      const one = pool([hit], column)
      return one.salvaged + one.returned - ratio * one.records
    })
    const mean = residuals.reduce((sum, value) => sum + value, 0) / hits.length
    const squares = residuals.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return total + (squares * hits.length) / Math.max(1, hits.length - 1)
  }, 0)
  return Math.sqrt(variance) / Math.max(1, all.records)
}

export interface SizeClass {
  readonly name: string
  readonly holds: (sizeInBytes: number) => boolean
}

const KIB = 1024
const within =
  (low: number, high: number) =>
  (sizeInBytes: number): boolean =>
    low <= sizeInBytes && sizeInBytes < high

/** By the size of a batch in the file. */
export const SIZE_CLASSES: readonly SizeClass[] = [
  { name: 'under 4 KiB', holds: within(0, 4 * KIB) },
  { name: '4 to 16 KiB', holds: within(4 * KIB, 16 * KIB) },
  { name: '16 to 64 KiB', holds: within(16 * KIB, 64 * KIB) },
  { name: '64 KiB and more', holds: within(64 * KIB, Infinity) },
]

export interface SectorPromise {
  readonly column: Column
  readonly target: number
  readonly reached: number
  /** What an ideal reader would reach. */
  readonly possible: number
}

/** What is promised of each column, and what came of it, in all batches or some of them. */
export const sectorPromises = (verdicts: readonly Verdict[], pick?: Pick): SectorPromise[] =>
  COLUMNS.flatMap((column) => {
    const target = SALVAGE_TARGETS[column]
    const all = pool(verdicts, column, pick)
    const reached = together(all)
    if (target === undefined || reached === null) return []
    return [{ column, target, reached, possible: shareOf(all.there, all) ?? 0 }]
  })

/** A batch of several sectors: producers gather 16 KiB (batch.size) unless told otherwise. */
export const isLarge: Pick = ({ sizeInBytes }) => sizeInBytes >= 4 * KIB
export const isZeroed: Pick = (_, { kind }) => kind === SECTOR_KINDS[0]
export const isRandom: Pick = (_, { kind }) => kind === SECTOR_KINDS[1]
