/* Damage that can be undone with proof: afterwards every byte of the log has to be what it was. */
import { CONTROL_TYPE_AT } from './batches.ts'
import type { Batch } from './batches.ts'
import {
  batchAt,
  damageOf,
  fillWithJunk,
  flipBit,
  fromTheMiddle,
  middleDataBatch,
  writeDamaged,
  writeWithInserted,
} from './targets.ts'
import type { Damage, Place } from './targets.ts'

/** A header field by its first byte and its size. */
interface Field {
  readonly at: number
  readonly sizeInBytes: number
}

/** Magic 2; the first two of them are magic 0's and 1's offset and size as well. */
export const HEADER_FIELDS = {
  baseOffset: { at: 0, sizeInBytes: 8 },
  batchLength: { at: 8, sizeInBytes: 4 },
  partitionLeaderEpoch: { at: 12, sizeInBytes: 4 },
  magic: { at: 16, sizeInBytes: 1 },
  crc: { at: 17, sizeInBytes: 4 },
} as const satisfies Record<string, Field>

/** Magic 0 and 1 have their CRC in front of the magic. */
export const LEGACY_CRC: Field = { at: 12, sizeInBytes: 4 }

const LEADING_BYTES = 12
const INSERTED_BYTES = 100

export const flipFieldBit =
  ({ at, sizeInBytes }: Field, place: Place): Damage =>
  (directory, random) => {
    const { segment, index, batch } = batchAt(directory, place)
    flipBit(segment.bytes, batch.position + at + random(sizeInBytes), random(8))
    return writeDamaged(segment, index, index)
  }

/**
 * Bits 0 to 15: the batch seems to lie elsewhere in the log, which the broker's recovery need not even
 * notice.
 */
export const flipLowBaseOffsetBit: Damage = (directory, random) =>
  flipBaseOffsetBit(random(16))(directory, random)

/**
 * Bits 16 to 23: above all others. Not higher: more than 2^31 above the segment's base, the broker would
 * not start at all.
 */
export const flipHighBaseOffsetBit: Damage = (directory, random) =>
  flipBaseOffsetBit(16 + random(8))(directory, random)

/** baseOffset and batchLength are gone: neither place nor end of the batch is known. */
export const zeroLeadingBytes =
  (place: Place): Damage =>
  (directory) => {
    const { segment, index, batch } = batchAt(directory, place)
    segment.bytes.fill(0, batch.position, batch.position + LEADING_BYTES)
    return writeDamaged(segment, index, index)
  }

export const flipPayloadBit: Damage = (directory, random) => {
  const { segment, index, batch } = middleDataBatch(directory)
  const { position, sizeInBytes, payloadStart } = batch
  flipBit(segment.bytes, position + payloadStart + random(sizeInBytes - payloadStart), random(8))
  return writeDamaged(segment, index, index)
}

/** Junk in front of a batch: no batch is touched. */
export const insertBetween: Damage = (directory, random) => {
  const { segment, batch } = middleDataBatch(directory)
  writeWithInserted(segment, batch.position, fillWithJunk(Buffer.alloc(INSERTED_BYTES), random))
  const nothing = { firstOffset: batch.baseOffset, lastOffset: batch.baseOffset - 1n }
  return { ...nothing, boundFirst: nothing.firstOffset, boundLast: nothing.lastOffset }
}

/** Junk among the records of a batch, whose second part moves away by as much. */
export const insertInside: Damage = (directory, random) => {
  const { segment, index, batch } = middleDataBatch(directory)
  const { position, sizeInBytes, payloadStart } = batch
  const place = position + payloadStart + 1 + random(sizeInBytes - payloadStart - 1)
  writeWithInserted(segment, place, fillWithJunk(Buffer.alloc(INSERTED_BYTES), random))
  return damageOf(segment, index, index)
}

/** A transaction's end, by what became of it. */
export type Outcome = 'commit' | 'abort'

/** One byte of a transaction marker's record becomes another. */
export const changeMarkerByte = (outcome: Outcome): Damage =>
  damageMarker(outcome, (bytes, { position, sizeInBytes, payloadStart }, random) => {
    const place = position + payloadStart + random(sizeInBytes - payloadStart)
    bytes[place]! ^= 1 + random(255)
  })

/** The bit that tells a commit from an abort: believed, it turns the transaction's outcome around. */
export const turnMarkerAround = (outcome: Outcome): Damage =>
  damageMarker(outcome, (bytes, { position }) => {
    flipBit(bytes, position + CONTROL_TYPE_AT + 1, 0)
  })

/** As far outside the CRC as in any other batch. */
export const zeroLeadingMarkerBytes = (outcome: Outcome): Damage =>
  damageMarker(outcome, (bytes, { position }) => {
    bytes.fill(0, position, position + LEADING_BYTES)
  })

function damageMarker(
  outcome: Outcome,
  change: (bytes: Buffer, marker: Batch, random: (below: number) => number) => void,
): Damage {
  return (directory, random) => {
    const { segment, index, batch } = fromTheMiddle(
      directory,
      ({ isControl, isCommit }) => isControl && isCommit === (outcome === 'commit'),
    )
    change(segment.bytes, batch, random)
    return writeDamaged(segment, index, index)
  }
}

function flipBaseOffsetBit(bit: number): Damage {
  return (directory) => {
    const { segment, index, batch } = middleDataBatch(directory)
    flipBit(segment.bytes, batch.position + 7 - (bit >> 3), bit & 7)
    return writeDamaged(segment, index, index)
  }
}
