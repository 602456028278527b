/*
 * Where damage is aimed in a copy of a partition directory, and which offsets it hit. Everything here
 * is chosen from the undamaged files by the test's own reading of them.
 */
import { writeFileSync } from 'node:fs'
import { readSegments } from './batches.ts'
import type { Batch, Segment } from './batches.ts'

/** A number in [0, below), the same ones for the same seed. */
export type Random = (below: number) => number

export interface DamageDone {
  /** The damaged batches' own offsets. */
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** As far as the good neighbours bound them: more where compaction left gaps. Null: up to the end. */
  readonly boundFirst: bigint
  readonly boundLast: bigint | null
}

/** Writes one changed segment: a repair may give up the offsets that it touched and no other. */
export type Damage = (directory: string, random: Random) => DamageDone

/** Of the whole partition: its first batch, one in the middle of its largest segment, its last batch. */
export type Place = 'first' | 'middle' | 'last'

export interface Target {
  readonly segment: Segment
  /** Among the segment's batches. */
  readonly index: number
  readonly batch: Batch
}

/** Mulberry32: small, and good enough to pick a bit. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export function batchAt(directory: string, place: Place): Target {
  const filled = readSegments(directory).filter(({ batches }) => batches.length > 0)
  const last = filled.at(-1)
  if (!last) throw new Error(`No batch in ${directory}`)
  switch (place) {
    case 'first':
      return target(filled[0]!, 0)
    case 'middle':
      return middleDataBatch(directory)
    case 'last':
      return target(last, last.batches.length - 1)
  }
}

/** The first batch from the middle on whose records a read_committed consumer gets. */
export function middleDataBatch(directory: string): Target {
  return fromTheMiddle(
    directory,
    (batch, following) =>
      !batch.isControl &&
      batch.recordsCount > 0 &&
      (!batch.isTransactional || isCommitted(following, batch.producerId)),
  )
}

/** The first batch from the middle of the largest segment on that is wanted; neither first nor last. */
export function fromTheMiddle(
  directory: string,
  isWanted: (batch: Batch, following: readonly Batch[]) => boolean,
): Target {
  const segment = largestSegment(directory)
  const { batches } = segment
  const middle = batches.length >> 1
  const found = batches.findIndex(
    (batch, index) => index >= middle && isWanted(batch, batches.slice(index + 1)),
  )
  if (found < 1 || found === batches.length - 1) throw new Error('No such batch in the middle')
  return target(segment, found)
}

export function flipBit(bytes: Buffer, position: number, bit: number): void {
  bytes[position]! ^= 1 << bit
}

export function fillWithJunk(bytes: Buffer, random: Random): Buffer {
  for (let position = 0; position < bytes.length; position++) bytes[position] = random(256)
  return bytes
}

/** Writes the segment with bytes put in; the batches keep the places they had. */
export function writeWithInserted(segment: Segment, position: number, inserted: Buffer): void {
  const { path, bytes } = segment
  writeFileSync(
    path,
    Buffer.concat([bytes.subarray(0, position), inserted, bytes.subarray(position)]),
  )
}

/** Writes the segment as it is now; `first` to `last` are the indexes of the batches that were hit. */
export function writeDamaged(segment: Segment, first: number, last: number): DamageDone {
  writeFileSync(segment.path, segment.bytes)
  return damageOf(segment, first, last)
}

export function damageOf(
  { batches, baseOffset }: Segment,
  first: number,
  last: number,
): DamageDone {
  return {
    firstOffset: batches[first]!.baseOffset,
    lastOffset: batches[last]!.lastOffset,
    boundFirst: first === 0 ? baseOffset : batches[first - 1]!.lastOffset + 1n,
    boundLast: last + 1 < batches.length ? batches[last + 1]!.baseOffset - 1n : null,
  }
}

function target(segment: Segment, index: number): Target {
  return { segment, index, batch: segment.batches[index]! }
}

function largestSegment(directory: string): Segment {
  return readSegments(directory).reduce((largest, segment) =>
    segment.bytes.length > largest.bytes.length ? segment : largest,
  )
}

function isCommitted(following: readonly Batch[], producerId: bigint): boolean {
  const marker = following.find((each) => each.isControl && each.producerId === producerId)
  return marker?.isCommit ?? false
}
