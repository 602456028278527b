/**
 * Lost sectors of a file. A hit is its segment and its number: with the number of hits a segment and the seed, that
 * makes it again. The file of each segment is cut into as many equal stretches as there are hits, and each hit takes a
 * sector out of its own: every sector is as likely as any other, and where there are fewer sectors than hits each one
 * is hit as often as any other. Every other hit leaves zeros, the rest random bytes.
 */
import { DamagedSegment } from '../../test/support/damage.ts'
import { prng, seedOf } from '../../test/support/prng.ts'
import type { DamageCase } from './cases.ts'
import { KINDS, SECTOR_KINDS } from './kinds.ts'
import { benchSegments, columnOf } from './segments.ts'
import type { BenchSegment } from './segments.ts'
import { SECTOR } from './strike.ts'

const MOST_DRAWS = 100
/** Steps of a draw within a stretch. */
const DRAW_STEPS = 2 ** 20

/** `<segment>/<number>` for each hit, segment by segment. */
export const hitIds = (hitsEach: number): string[] =>
  benchSegments().flatMap(({ name }) =>
    Array.from({ length: hitsEach }, (_, number) => `${name}/${number}`),
  )

/** Damage that changes nothing is drawn again; where a stretch holds nothing but zeros it is random bytes. */
export function makeHit(id: string, hitsEach: number, seed: number): DamageCase {
  const cut = id.lastIndexOf('/')
  const [name, number] = [id.slice(0, cut), Number(id.slice(cut + 1))]
  const segment = benchSegments().find((one) => one.name === name)
  if (segment === undefined) throw new Error(`no such segment: ${id}`)
  const random = prng(seedOf(id, seed))
  const sectors = Math.ceil(segment.segment.bytes.length / SECTOR)
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const wanted = (draw < MOST_DRAWS / 2 ? number : number + 1) % SECTOR_KINDS.length
    const kind = KINDS.find(({ slug }) => slug === SECTOR_KINDS[wanted])!
    const place = number + random.below(DRAW_STEPS) / DRAW_STEPS
    const position = Math.floor((place * sectors) / hitsEach) * SECTOR
    const damaged = new DamagedSegment(segment.segment.bytes)
    if (kind.slug.startsWith('zeroed')) damaged.zeroRange(position, SECTOR)
    else damaged.randomPage(position, SECTOR, random)
    const target = targetOf(segment, damaged)
    if (target !== undefined)
      return { id, kind, column: columnOf(target), segment, target, damaged }
  }
  throw new Error(`${id}, seed ${seed}: this damage never changes ${name}`)
}

const targetOf = (
  { truth }: BenchSegment,
  damaged: DamagedSegment,
): DamageCase['target'] | undefined =>
  truth.batches.find((batch) => damaged.placeOf(batch) === null)

export const reproduceHit = (id: string, hitsEach: number, seed: number): string =>
  `npm run bench:sectors -- --hits ${hitsEach} --seed ${seed} --case '${id}'`
