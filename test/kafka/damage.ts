/* Damage that nothing can undo: a repair has to give up what it hit. */
import { fixCrc } from './batches.ts'
import type { Batch } from './batches.ts'
import { batchAt, fillWithJunk, fromTheMiddle, middleDataBatch, writeDamaged } from './targets.ts'
import type { Damage, DamageDone, Place } from './targets.ts'

const SECTOR = 512
const PAGE = 4096

/** What the disk gave back empty: a page, or one sector of it. */
export const zeroPage: Damage = (directory) => zeroAligned(directory, PAGE)
export const zeroSector: Damage = (directory) => zeroAligned(directory, SECTOR)

/** A lost sector at the end of a batch, which leaves its header and most of its records. */
export const zeroLastSector =
  (place: Place): Damage =>
  (directory) => {
    const start = ({ position, sizeInBytes }: Batch) =>
      (Math.floor((position + sizeInBytes) / SECTOR) - 1) * SECTOR
    const isLarge = (batch: Batch) =>
      start(batch) > batch.position + batch.payloadStart + (batch.sizeInBytes >> 1)
    const { segment, index, batch } =
      place === 'middle' ? fromTheMiddle(directory, isLarge) : batchAt(directory, place)
    if (!isLarge(batch)) throw new Error('No batch with a sector in its second half')
    segment.bytes.fill(0, start(batch), start(batch) + SECTOR)
    return writeDamaged(segment, index, index)
  }

/** Too many bytes for any search: the second half of the records. */
export const destroyHalfPayload: Damage = (directory, random) => {
  const { segment, index, batch } = middleDataBatch(directory)
  const end = batch.position + batch.sizeInBytes
  const start = end - ((batch.sizeInBytes - batch.payloadStart) >> 1)
  fillWithJunk(segment.bytes.subarray(start, end), random)
  return writeDamaged(segment, index, index)
}

export const destroyFirstBatch: Damage = (directory, random) => {
  const { segment, batch } = batchAt(directory, 'first')
  fillWithJunk(segment.bytes.subarray(0, batch.sizeInBytes), random)
  return writeDamaged(segment, 0, 0)
}

/** Power went while the last batch was being written. */
export const tearLastBatch: Damage = (directory) => {
  const { segment, index, batch } = batchAt(directory, 'last')
  const torn = segment.bytes.subarray(0, batch.position + (batch.sizeInBytes >> 1))
  return { ...writeDamaged({ ...segment, bytes: torn }, index, index), boundLast: null }
}

/** The story: the payload is junk, yet the CRC fits, so the broker serves what no consumer can read. */
export const makeUndecodable: Damage = (directory, random) => {
  const { segment, index, batch } = middleDataBatch(directory)
  const { position, payloadStart, sizeInBytes } = batch
  const payload = segment.bytes.subarray(position + payloadStart, position + sizeInBytes)
  fillWithJunk(payload.subarray(payload.length >> 2, (payload.length * 3) >> 2), random)
  fixCrc(segment.bytes, batch)
  return writeDamaged(segment, index, index)
}

/**
 * From the middle on, the first aligned place without transaction markers: what a lost one means for
 * other records is reported, and no business of the offsets that the batch itself held.
 */
function zeroAligned(directory: string, size: number): DamageDone {
  const { segment, batch } = middleDataBatch(directory)
  const { bytes, batches } = segment
  const middle = batch.position
  for (let start = middle - (middle % size); start + size < bytes.length; start += size) {
    const isHit = ({ position, sizeInBytes }: Batch) =>
      position < start + size && position + sizeInBytes > start
    if (batches.filter(isHit).some(({ isControl }) => isControl)) continue
    bytes.fill(0, start, start + size)
    return writeDamaged(segment, batches.findIndex(isHit), batches.findLastIndex(isHit))
  }
  throw new Error('Control batches everywhere')
}
