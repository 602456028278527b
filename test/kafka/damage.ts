/*
 * Damage done to a copy of a partition directory. Each verb writes one changed segment and says which
 * offsets it touched: a repair may give up those and no other.
 */
import { writeFileSync } from 'node:fs'
import { fixCrc, readSegments } from './batches.ts'
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

export type Damage = (directory: string, random: Random) => DamageDone

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

export const flipPayloadBit: Damage = (directory, random) => {
  const segment = largestSegment(directory)
  const index = middleDataBatch(segment)
  const { position, sizeInBytes, payloadStart } = segment.batches[index]!
  flipBit(segment.bytes, position + payloadStart + random(sizeInBytes - payloadStart), random(8))
  return write(segment, index, index)
}

/**
 * The CRC does not cover the field, and the broker believes any value. Bits 0 to 15: the batch seems to
 * lie elsewhere in the log, which the broker's recovery need not even notice.
 */
export const flipLowBaseOffsetBit: Damage = (directory, random) =>
  flipBaseOffsetBit(directory, random(16))

/**
 * Bits 16 to 23: above all others. Not higher: more than 2^31 above the segment's base, the broker would
 * not start at all.
 */
export const flipHighBaseOffsetBit: Damage = (directory, random) =>
  flipBaseOffsetBit(directory, 16 + random(8))

/** What the disk gave back empty: a page, or one sector of it. */
export const zeroPage: Damage = (directory) => zeroAligned(directory, 4096)
export const zeroSector: Damage = (directory) => zeroAligned(directory, 512)

export const destroyFirstBatch: Damage = (directory, random) => {
  const segment = readSegments(directory)[0]!
  fillWithJunk(segment.bytes.subarray(0, segment.batches[0]!.sizeInBytes), random)
  return write(segment, 0, 0)
}

/** Power went while the last batch was being written. */
export const tearLastBatch: Damage = (directory) => {
  const segment = readSegments(directory).findLast(({ batches }) => batches.length > 0)!
  const { position, sizeInBytes } = segment.batches.at(-1)!
  const last = segment.batches.length - 1
  const torn = segment.bytes.subarray(0, position + Math.floor(sizeInBytes / 2))
  return { ...write({ ...segment, bytes: torn }, last, last), boundLast: null }
}

/** No batch is touched: nothing may be lost. */
export const insertJunk: Damage = (directory, random) => {
  const segment = largestSegment(directory)
  const index = middleDataBatch(segment)
  const { position, baseOffset } = segment.batches[index]!
  const junk = fillWithJunk(Buffer.alloc(100), random)
  const { bytes } = segment
  const damaged = Buffer.concat([bytes.subarray(0, position), junk, bytes.subarray(position)])
  writeFileSync(segment.path, damaged)
  const nothing = { firstOffset: baseOffset, lastOffset: baseOffset - 1n }
  return { ...nothing, boundFirst: baseOffset, boundLast: baseOffset - 1n }
}

/** The story: the payload is junk, yet the CRC fits, so the broker serves what no consumer can read. */
export const makeUndecodable: Damage = (directory, random) => {
  const segment = largestSegment(directory)
  const index = middleDataBatch(segment)
  const batch = segment.batches[index]!
  const payload = segment.bytes.subarray(
    batch.position + batch.payloadStart,
    batch.position + batch.sizeInBytes,
  )
  fillWithJunk(payload.subarray(payload.length >> 2, (payload.length * 3) >> 2), random)
  fixCrc(segment.bytes, batch)
  return write(segment, index, index)
}

/**
 * From the middle on, the first aligned place without transaction markers: what a lost one means for
 * other records is reported, and no business of the offsets that the batch itself held.
 */
function zeroAligned(directory: string, size: number): DamageDone {
  const segment = largestSegment(directory)
  const { bytes, batches } = segment
  const middle = batches[middleDataBatch(segment)]!.position
  for (let start = middle - (middle % size); start + size < bytes.length; start += size) {
    const isHit = ({ position, sizeInBytes }: Batch) =>
      position < start + size && position + sizeInBytes > start
    if (batches.filter(isHit).some(({ isControl }) => isControl)) continue
    bytes.fill(0, start, start + size)
    return write(segment, batches.findIndex(isHit), batches.findLastIndex(isHit))
  }
  throw new Error('Control batches everywhere')
}

function flipBaseOffsetBit(directory: string, bit: number): DamageDone {
  const segment = largestSegment(directory)
  const index = middleDataBatch(segment)
  flipBit(segment.bytes, segment.batches[index]!.position + 7 - (bit >> 3), bit & 7)
  return write(segment, index, index)
}

function largestSegment(directory: string): Segment {
  return readSegments(directory).reduce((largest, segment) =>
    segment.bytes.length > largest.bytes.length ? segment : largest,
  )
}

/** The first batch from the middle on whose records a read_committed consumer gets. */
function middleDataBatch({ batches }: Segment): number {
  const middle = batches.length >> 1
  const found = batches.findIndex(
    (batch, index) =>
      index >= middle &&
      !batch.isControl &&
      batch.recordsCount > 0 &&
      (!batch.isTransactional || isCommitted(batches.slice(index), batch.producerId)),
  )
  if (found < 1 || found === batches.length - 1) throw new Error('No data batch in the middle')
  return found
}

function isCommitted(from: readonly Batch[], producerId: bigint): boolean {
  const marker = from.find((each) => each.isControl && each.producerId === producerId)
  return marker?.isCommit ?? false
}

function flipBit(bytes: Buffer, position: number, bit: number): void {
  bytes[position]! ^= 1 << bit
}

function fillWithJunk(bytes: Buffer, random: Random): Buffer {
  for (let position = 0; position < bytes.length; position++) bytes[position] = random(256)
  return bytes
}

function write(segment: Segment, first: number, last: number): DamageDone {
  const { path, bytes, batches, baseOffset } = segment
  writeFileSync(path, bytes)
  return {
    firstOffset: batches[first]!.baseOffset,
    lastOffset: batches[last]!.lastOffset,
    boundFirst: first === 0 ? baseOffset : batches[first - 1]!.lastOffset + 1n,
    boundLast: last + 1 < batches.length ? batches[last + 1]!.baseOffset - 1n : null,
  }
}
