/** What is done to the segments of the damage matrix. */
import type { ExpectedBatch } from '../support/corpus.ts'
import type { DamagedSegment } from '../support/damage.ts'
import type { Truth } from '../support/lost-groups.ts'
import type { Prng } from '../support/prng.ts'

export interface Target {
  readonly damaged: DamagedSegment
  readonly truth: Truth
  readonly sister: Uint8Array
  readonly random: Prng
}

/** Damage that nothing contradicts: the output is sound, but what is in it cannot all be right. */
export interface Unseen {
  /** Batches that may lose against the damaged one. */
  readonly mayBeLost: (batch: ExpectedBatch) => boolean
}

export interface DamageRow {
  readonly name: string
  readonly apply: (target: Target) => Unseen | null
}

const SECTOR = 512
const PAGE = 4096

export const pick = <T>(items: readonly T[], random: Prng): T => items[random.below(items.length)]!

const batchOf = ({ truth, random }: Target): ExpectedBatch => pick(truth.batches, random)

const alignedPlace = ({ damaged, random }: Target, size: number): number =>
  random.below(Math.ceil(damaged.bytes.length / size)) * size

/** Behind the first fields, which no CRC covers: without those, what is left could be another whole batch. */
const placeBehindCrc = ({ position, sizeInBytes }: ExpectedBatch, random: Prng): number =>
  position + 21 + random.below(sizeInBytes - 21)

const placeInside = ({ position, sizeInBytes }: ExpectedBatch, random: Prng): number =>
  position + 1 + random.below(sizeInBytes - 1)

const headerBytes = ({ magic }: ExpectedBatch): number => (magic === 2 ? 61 : magic === 1 ? 26 : 18)

/** A place at least a quarter of the file away. */
function farFrom(place: number, size: number, random: Prng): number {
  const quarter = Math.floor(size / 4)
  const from = (place + quarter + random.below(Math.max(1, 2 * quarter))) % size
  return Math.max(0, Math.min(from, size - PAGE))
}

function flipInRecords(target: Target): void {
  const { damaged, truth, random } = target
  const batch = pick(
    truth.batches.filter((candidate) => candidate.sizeInBytes > headerBytes(candidate)),
    random,
  )
  const start = headerBytes(batch)
  damaged.flipBit(batch.position + start + random.below(batch.sizeInBytes - start), random.below(8))
}

/** Damage that leaves everything else in its place, for those who strike often. */
const IN_PLACE: readonly ((target: Target) => void)[] = [
  flipInRecords,
  (target) => target.damaged.zeroRange(alignedPlace(target, SECTOR), SECTOR),
  (target) => target.damaged.randomPage(alignedPlace(target, SECTOR), SECTOR, target.random),
  (target) => {
    // Length and magic: a wrong offset or epoch can go unseen.
    const at = pick([8, 9, 10, 11, 16], target.random)
    target.damaged.flipBit(batchOf(target).position + at, target.random.below(8))
  },
]

const row = (name: string, apply: (target: Target) => void): DamageRow => ({
  name,
  apply: (target) => {
    apply(target)
    return null
  },
})

export const damages: readonly DamageRow[] = [
  row('one flipped bit in the records', flipInRecords),
  row('a zeroed sector', (target) => {
    target.damaged.zeroRange(alignedPlace(target, SECTOR), SECTOR)
  }),
  row('a zeroed page', (target) => {
    target.damaged.zeroRange(alignedPlace(target, PAGE), PAGE)
  }),
  row('a random page', (target) => {
    target.damaged.randomPage(alignedPlace(target, PAGE), PAGE, target.random)
  }),
  row('a page from elsewhere in the file', (target) => {
    const { damaged, random } = target
    const place = alignedPlace(target, PAGE)
    damaged.copyPageWithin(farFrom(place, damaged.bytes.length, random), place, PAGE)
  }),
  row('a page of a sister partition', (target) => {
    const { damaged, sister, random } = target
    const place = alignedPlace(target, PAGE)
    damaged.copyPageFrom(sister, farFrom(place, sister.length, random), place, PAGE)
  }),
  row('a torn tail', ({ damaged, truth, random }) => {
    damaged.truncateTo(placeInside(truth.batches.at(-1)!, random))
  }),
  row('a torn tail and zeros', ({ damaged, truth, random }) => {
    damaged.truncateTo(placeInside(truth.batches.at(-1)!, random)).appendZeros(PAGE)
  }),
  row('a zero tail', ({ damaged }) => {
    damaged.appendZeros(PAGE)
  }),
  row('bytes after the end', ({ damaged, random }) => {
    damaged.insertBytes(damaged.bytes.length, random.bytes(1 + random.below(200)))
  }),
  row('bytes inserted between batches', (target) => {
    const { position } = pick(target.truth.batches.slice(1), target.random)
    target.damaged.insertBytes(position, target.random.bytes(1 + target.random.below(200)))
  }),
  row('bytes inserted inside a batch', (target) => {
    const { damaged, random } = target
    damaged.insertBytes(placeInside(batchOf(target), random), random.bytes(1 + random.below(200)))
  }),
  row('bytes removed inside a batch', (target) => {
    const { position, sizeInBytes } = batchOf(target)
    const place = 1 + target.random.below(Math.floor(sizeInBytes / 2))
    // The end stays: the next batch's first bytes could stand in for it.
    const size = 1 + target.random.below(sizeInBytes - place - 8)
    target.damaged.removeBytes(position + place, size)
  }),
  row('bytes removed across a boundary', (target) => {
    const { damaged, random } = target
    const batch = batchOf(target)
    damaged.removeBytes(placeBehindCrc(batch, random), batch.sizeInBytes)
  }),
  row('a batch removed', (target) => {
    const { position, sizeInBytes } = batchOf(target)
    target.damaged.removeBytes(position, sizeInBytes)
  }),
  row('the first batch destroyed', ({ damaged, truth, random }) => {
    damaged.overwriteBatch(truth.batches[0]!, random)
  }),
  row('the last batch destroyed', ({ damaged, truth, random }) => {
    damaged.overwriteBatch(truth.batches.at(-1)!, random)
  }),
  row('a corrupt payload under a fresh CRC', ({ damaged, truth, random }) => {
    const large = truth.batches.filter(({ sizeInBytes }) => sizeInBytes > 77)
    damaged.corruptPayloadWithFreshCrc(pick(large, random))
  }),
  row('two neighbouring batches swapped', ({ damaged, truth, random }) => {
    const at = random.below(truth.batches.length - 1)
    const [left, right] = [truth.batches[at]!, truth.batches[at + 1]!]
    const [first, second] = [left, right].map(({ position, sizeInBytes }) =>
      damaged.bytes.slice(position, position + sizeInBytes),
    )
    damaged.overwrite(left.position, Buffer.concat([second!, first!]))
  }),
  row('the halves swapped', ({ damaged, truth }) => {
    const { position } = truth.batches[Math.floor(truth.batches.length / 2)]!
    const halves = [damaged.bytes.slice(position), damaged.bytes.slice(0, position)]
    damaged.overwrite(0, Buffer.concat(halves))
  }),
  row('the first batches repeated at the end', ({ damaged, truth }) => {
    const { position, sizeInBytes } = truth.batches[1]!
    damaged.insertBytes(damaged.bytes.length, damaged.bytes.slice(0, position + sizeInBytes))
  }),
  row('a batch copied over another', ({ damaged, truth, random }) => {
    const [from, to] = [pick(truth.batches, random), pick(truth.batches, random)]
    damaged.copyPageWithin(from.position, to.position, from.sizeInBytes)
  }),
  row('a batch of another place inserted', ({ damaged, truth, random }) => {
    const [from, to] = [pick(truth.batches, random), pick(truth.batches, random)]
    const copy = damaged.bytes.slice(from.position, from.position + from.sizeInBytes)
    damaged.insertBytes(to.position, copy)
  }),
  row('every third batch destroyed', ({ damaged, truth, random }) => {
    truth.batches.forEach((batch, index) => {
      if (index % 3 === 1) damaged.overwriteBatch(batch, random)
    })
  }),
  row('twelve damages at once', (target) => {
    for (let count = 0; count < 12; count++) pick(IN_PLACE, target.random)(target)
  }),
]

const FIELDS_V2: readonly (readonly [name: string, at: number, size: number])[] = [
  ['baseOffset', 0, 8],
  ['batchLength', 8, 4],
  ['partitionLeaderEpoch', 12, 4],
  ['magic', 16, 1],
  ['crc', 17, 4],
  ['attributes', 21, 2],
  ['lastOffsetDelta', 23, 4],
  ['baseTimestamp', 27, 8],
  ['maxTimestamp', 35, 8],
  ['producerId', 43, 8],
  ['producerEpoch', 51, 2],
  ['baseSequence', 53, 4],
  ['recordsCount', 57, 4],
]

const FIELDS_V1: typeof FIELDS_V2 = [
  ['offset', 0, 8],
  ['size', 8, 4],
  ['crc', 12, 4],
  ['magic', 16, 1],
  ['attributes', 17, 1],
  ['timestamp', 18, 8],
]

/** One row for each field of a magic's header. */
export function fieldFlips(magic: number): readonly DamageRow[] {
  const fields = magic === 2 ? FIELDS_V2 : magic === 1 ? FIELDS_V1 : FIELDS_V1.slice(0, -1)
  return fields.map(([name, at, size]) => ({
    name: `one flipped bit in ${name}`,
    apply: ({ damaged, truth, random }) => {
      const index = random.below(truth.batches.length)
      const { position } = truth.batches[index]!
      damaged.flipBit(position + at + random.below(size), random.below(8))
      const view = new DataView(damaged.bytes.buffer, damaged.bytes.byteOffset + position, 61)
      const batch = truth.batches[index]!
      if (at === 0) return unseenOffset(view.getBigInt64(0), batch, truth)
      const unseen = at === 12 && batch.magic === 2 && epochFits(view.getInt32(12), index, truth)
      return unseen ? { mayBeLost: () => false } : null
    },
  }))
}

const MAX_RELATIVE_OFFSET = 2n ** 31n - 1n

/**
 * Between gaps nothing contradicts a wrong offset, and the batches that it jumps over lose against it where they hold
 * fewer records. Without gaps only the last batch's offset can rise unseen.
 */
function unseenOffset(field: bigint, batch: ExpectedBatch, truth: Truth): Unseen | null {
  const { batches, segmentBaseOffset, nextSegmentBase, withoutGaps } = truth
  const delta = batch.lastOffset - batch.baseOffset
  const [first, last] = batch.magic === 2 ? [field, field + delta] : [field - delta, field]
  const inRange =
    first >= segmentBaseOffset &&
    last - segmentBaseOffset <= MAX_RELATIVE_OFFSET &&
    (nextSegmentBase === null || last < nextSegmentBase)
  if (!inRange || (withoutGaps && (batch !== batches.at(-1) || first < batch.baseOffset)))
    return null
  const [low, high] = [min(first, batch.baseOffset), max(last, batch.lastOffset)]
  return {
    mayBeLost: (other) =>
      other.lastOffset >= low && other.baseOffset <= high && other.records <= batch.records,
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

function epochFits(epoch: number, index: number, { batches }: Truth): boolean {
  const low = batches[index - 1]?.partitionLeaderEpoch ?? 0
  const high = batches[index + 1]?.partitionLeaderEpoch ?? Infinity
  return low <= epoch && epoch <= high
}
