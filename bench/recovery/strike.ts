/** What the kinds of damage are made of: places, sizes, and fields outside the CRC. */
import { pick } from '../../test/recover/damages.ts'
import type { ExpectedBatch } from '../../test/support/corpus.ts'
import type { DamagedSegment } from '../../test/support/damage.ts'
import type { Prng } from '../../test/support/prng.ts'

export interface Strike {
  readonly damaged: DamagedSegment
  readonly batches: readonly ExpectedBatch[]
  /** The batch that is meant. */
  readonly target: ExpectedBatch
  readonly random: Prng
}

export const SECTOR = 512
export const PAGE = 4096

export const headerBytes = ({ magic }: ExpectedBatch): number =>
  magic === 2 ? 61 : magic === 1 ? 26 : 18

/** Where the bytes that the CRC covers begin. */
export const crcStart = ({ magic }: ExpectedBatch): number => (magic === 2 ? 21 : 16)

/** A place that the CRC covers. */
export function placeUnderCrc({ target, random }: Strike): number {
  const start = crcStart(target)
  return target.position + start + random.below(target.sizeInBytes - start)
}

/** As many small numbers as large ones: 1 to `most`, by magnitude. */
export const logUniform = (most: number, random: Prng): number =>
  Math.min(most, Math.max(1, Math.floor(most ** (random.below(2 ** 20) / 2 ** 20) + 0.5)))

/** An aligned block that touches the target. */
export function blockOf({ target, random }: Strike, size: number): number {
  const first = Math.floor(target.position / size)
  const last = Math.floor((target.position + target.sizeInBytes - 1) / size)
  return (first + random.below(last - first + 1)) * size
}

/** Another aligned block of the file, as far away as the file allows. */
export function otherBlock({ damaged, random }: Strike, place: number, size: number): number {
  const count = Math.floor(damaged.bytes.length / size)
  if (count < 2) return Math.max(0, damaged.bytes.length - size)
  const step = 1 + random.below(count - 1)
  return ((Math.floor(place / size) + step) % count) * size
}

export function xorByte(damaged: DamagedSegment, position: number, random: Prng): void {
  const mask = 1 + random.below(255)
  damaged.overwrite(position, Uint8Array.of((damaged.bytes[position] ?? 0) ^ mask))
}

export interface OutsideField {
  readonly name: string
  readonly at: number
  readonly size: number
  readonly magics: readonly number[]
}

/** Fields that no CRC covers. In magic 0/1 the magic is under it, and there is no leader epoch. */
export const OUTSIDE_FIELDS: readonly OutsideField[] = [
  { name: 'baseOffset', at: 0, size: 8, magics: [2] },
  { name: 'batchLength', at: 8, size: 4, magics: [2] },
  { name: 'partitionLeaderEpoch', at: 12, size: 4, magics: [2] },
  { name: 'magic', at: 16, size: 1, magics: [2] },
  { name: 'offset', at: 0, size: 8, magics: [0, 1] },
  { name: 'size', at: 8, size: 4, magics: [0, 1] },
]

export function flipField(
  { damaged, random }: Strike,
  { position }: ExpectedBatch,
  { at, size }: OutsideField,
): void {
  damaged.flipBit(position + at + random.below(size), random.below(8))
}

export function randomField(
  { damaged, random }: Strike,
  { position }: ExpectedBatch,
  { at, size }: OutsideField,
): void {
  damaged.overwrite(position + at, random.bytes(size))
}

/** Any field outside the CRC of one batch, one bit of it or all. */
export function strikeOutside(strike: Strike, batch: ExpectedBatch): void {
  const fields = OUTSIDE_FIELDS.filter(({ magics }) => magics.includes(batch.magic))
  const damage = pick([flipField, randomField], strike.random)
  damage(strike, batch, pick(fields, strike.random))
}
