/** Many block damages to many victims, and what of it was put right wrongly. */
import { pick } from '../../test/recover/damages.ts'
import { prng, seedOf } from '../../test/support/prng.ts'
import type { Prng } from '../../test/support/prng.ts'
import { plannedBytes, planInMemory, risksOf } from './block-plan.ts'
import type { Risks, UndoOptions } from './block-plan.ts'
import { buildBlockSegment, noise } from './block-segments.ts'
import type { BlockGroup, BlockSegment } from './block-segments.ts'
import { SECTOR } from './strike.ts'

export interface BlockTally {
  readonly group: string
  readonly cases: number
  /** The victim is in the output, byte for byte. */
  readonly right: number
  /** A batch with records is in the output that never was. */
  readonly wrong: readonly string[]
  readonly undos: number
  /** Over all searches: the chances that each took, their sum and the variance of it. */
  readonly risked: number
  readonly variance: number
}

export interface BlockOptions {
  readonly cases: number
  readonly seed: number
  readonly undo: UndoOptions
  /** Only the case with this number. */
  readonly only: number | null
  /** Every `jobs`-th case from `share` on. */
  readonly jobs?: number
  readonly share?: number
}

/** So many victims are built; each is damaged again and again. */
const VICTIMS = 64
const MOST_SECTORS = 8

export type MakePlanned = (damaged: Uint8Array) => Promise<{
  readonly output: Uint8Array
  readonly risks: Risks
}>

const plannedBy =
  (options: UndoOptions): MakePlanned =>
  async (damaged) => {
    const plan = await planInMemory(damaged, options)
    return { output: plannedBytes(plan, damaged), risks: risksOf(plan) }
  }

/** `planned`: what makes the output, so that a test can put a bad one in its place. */
export async function runBlocks(
  group: BlockGroup,
  { cases, seed, undo, only, jobs = 1, share = 0 }: BlockOptions,
  planned: MakePlanned = plannedBy(undo),
): Promise<BlockTally> {
  const victims = new Map<number, BlockSegment>()
  const victim = (number: number): BlockSegment => {
    const known = victims.get(number) ?? buildBlockSegment(group, number, seed)
    victims.set(number, known)
    return known
  }
  let [right, risked, variance, undos] = [0, 0, 0, 0]
  const wrong: string[] = []
  const all = only === null ? Array.from({ length: cases }, (_, index) => index) : [only]
  const numbers = all.filter((_, index) => index % jobs === share)
  for (const number of numbers) {
    const segment = victim(number % VICTIMS)
    const random = prng(seedOf(`${group.name}#${number}`, seed))
    const damaged = damage(group, segment, victim((number + 1) % VICTIMS), random)
    const { output, risks } = await planned(damaged)
    const judged = judgeBlocks(segment, output)
    if (judged.right) right++
    if (judged.wrong !== null) wrong.push(`case ${number}: ${judged.wrong}`)
    undos += risks.undos
    for (const chance of risks.risked) {
      risked += chance
      variance += chance * (1 - chance)
    }
  }
  return { group: group.name, cases: numbers.length, right, wrong, undos, risked, variance }
}

/** Draws again what by chance changes nothing in the victim. */
function damage(
  group: BlockGroup,
  { bytes, victim }: BlockSegment,
  other: BlockSegment,
  random: Prng,
): Uint8Array {
  const { position, sizeInBytes } = victim
  const end = position + sizeInBytes
  for (;;) {
    const damaged = bytes.slice()
    if (group.damage === 'scattered') scatter(damaged, position + 21, end, random)
    else block(damaged, position, end, insideOf(other), random)
    const same = Buffer.compare(damaged.subarray(position, end), bytes.subarray(position, end))
    if (same !== 0) return damaged
  }
}

/** Never a whole batch: one that its CRC proves is no undo, and here it would even fit. */
const insideOf = ({ bytes, victim }: BlockSegment): Uint8Array =>
  bytes.subarray(victim.position + 1, victim.position + victim.sizeInBytes)

function scatter(damaged: Uint8Array, start: number, end: number, random: Prng): void {
  const count = 2 + random.below(3)
  for (let done = 0; done < count; done++) {
    const place = start + random.below(end - start)
    damaged[place] = damaged[place]! ^ (1 + random.below(255))
  }
}

/** One to eight sectors, on sector boundaries, that touch the victim and may reach beyond it. */
function block(
  damaged: Uint8Array,
  start: number,
  end: number,
  other: Uint8Array,
  random: Prng,
): void {
  const size = SECTOR * (1 + random.below(MOST_SECTORS))
  const first = Math.floor(start / SECTOR)
  const place = (first + random.below(Math.ceil(end / SECTOR) - first)) * SECTOR
  const room = Math.min(size, damaged.length - place)
  const content = pick(
    [
      () => new Uint8Array(room),
      () => noise(room, random),
      () => {
        const from = random.below(Math.max(1, other.length - room))
        return other.subarray(from, from + room)
      },
    ],
    random,
  )()
  damaged.set(content, place)
}

const LENGTH_AT = 8
const RECORDS_COUNT_AT = 57
const V2_HEADER = 61

/** Every batch with records must be one of the three, byte for byte, and none may be there twice. */
export function judgeBlocks(
  { batches }: Pick<BlockSegment, 'batches'>,
  output: Uint8Array,
): { readonly right: boolean; readonly wrong: string | null } {
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength)
  const found = new Set<number>()
  for (let position = 0; position < output.length;) {
    const end =
      position + V2_HEADER <= output.length
        ? position + 12 + view.getInt32(position + LENGTH_AT)
        : Infinity
    if (end < position + V2_HEADER || end > output.length)
      return { right: false, wrong: `no batch at output position ${position}` }
    if (view.getInt32(position + RECORDS_COUNT_AT) !== 0) {
      const bytes = output.subarray(position, end)
      const index = batches.findIndex((batch) => Buffer.compare(batch.bytes, bytes) === 0)
      if (index === -1 || found.has(index))
        return { right: false, wrong: `the batch at output position ${position} never was there` }
      found.add(index)
    }
    position = end
  }
  return { right: found.has(1), wrong: null }
}
