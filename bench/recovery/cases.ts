/** Which cases there are. A case is its kind, its column and its number: with the seed, that makes it again. */
import { pick } from '../../test/recover/damages.ts'
import { DamagedSegment } from '../../test/support/damage.ts'
import type { ExpectedBatch } from '../../test/support/corpus.ts'
import { prng, seedOf } from '../../test/support/prng.ts'
import { candidatesOf, KINDS } from './kinds.ts'
import type { DamageKind } from './kinds.ts'
import { benchSegments, columnOf, COLUMNS } from './segments.ts'
import type { BenchSegment, Column } from './segments.ts'

export interface Cell {
  readonly kind: DamageKind
  readonly column: Column
  /** Of those that have a batch to strike; their cases come one after the other. */
  readonly segments: readonly BenchSegment[]
}

export interface DamageCase {
  /** `<kind>/<column>/<number>` */
  readonly id: string
  readonly kind: DamageKind
  readonly column: Column
  readonly segment: BenchSegment
  readonly target: ExpectedBatch
  readonly damaged: DamagedSegment
}

const MOST_DRAWS = 100

const targetsIn = (
  kind: DamageKind,
  column: Column,
  { truth }: BenchSegment,
): readonly ExpectedBatch[] =>
  candidatesOf(kind, truth.batches).filter((batch) => columnOf(batch) === column)

/** Every kind with every column in which it can be; null: all. */
export function cells(
  slugs: readonly string[] | null,
  columns: readonly string[] | null,
): readonly Cell[] {
  const segments = benchSegments()
  return KINDS.filter(({ slug }) => slugs?.includes(slug) ?? true).flatMap((kind) =>
    COLUMNS.filter((column) => columns?.includes(column) ?? true)
      .map((column) => ({
        kind,
        column,
        segments: segments.filter((segment) => targetsIn(kind, column, segment).length > 0),
      }))
      .filter((cell) => cell.segments.length > 0),
  )
}

/** The ids of `count` cases, as many of each cell as of any other. */
export const caseIds = (all: readonly Cell[], count: number): string[] =>
  Array.from({ length: all.length === 0 ? 0 : count }, (_, index) => {
    const { kind, column } = all[index % all.length]!
    return `${kind.slug}/${column}/${Math.floor(index / all.length)}`
  })

/** Damage that by chance changes nothing is drawn again. */
export function makeCase(all: readonly Cell[], id: string, seed: number): DamageCase {
  const [slug, rest] = [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)]
  const cut = rest.lastIndexOf('/')
  const [column, number] = [rest.slice(0, cut), Number(rest.slice(cut + 1))]
  const cell = all.find((one) => one.kind.slug === slug && one.column === column)
  if (cell === undefined) throw new Error(`no such case: ${id}`)
  const { kind, segments } = cell
  const random = prng(seedOf(id, seed))
  // Each kind begins with another segment, so that few cases still reach them all.
  const segment = segments[(number + seedOf(slug, 0)) % segments.length]!
  const { batches } = segment.truth
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const target = pick(targetsIn(kind, cell.column, segment), random)
    const damaged = new DamagedSegment(segment.segment.bytes)
    kind.strike({ damaged, batches, target, random })
    if (Buffer.compare(damaged.bytes, damaged.original) !== 0)
      return { id, kind, column: cell.column, segment, target, damaged }
  }
  throw new Error(`${id}, seed ${seed}: this damage never changes ${segment.name}`)
}

/**
 * The batches whose bytes no longer stand where they were: indexes in the original. Where every batch stands and
 * something was put between them, the two it stands between.
 */
export function struckBatches({ damaged, segment, target }: DamageCase): number[] {
  const { batches } = segment.truth
  const struck = batches.flatMap((batch, index) => (damaged.placeOf(batch) === null ? [index] : []))
  if (struck.length > 0) return struck
  const index = batches.indexOf(target)
  return index === 0 ? [0] : [index - 1, index]
}
