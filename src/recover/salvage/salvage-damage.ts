/**
 * From a skipped damage entry to the records that can still be read out of it. Which header fields of a broken batch are
 * believed is decided here: a record at a wrong offset would be worse than none.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { Window } from '../../bytes/window.ts'
import type { ByteRange } from '../../codec/salvage.ts'
import type { TimeIndex } from '../../index/time-index.ts'
import { isControl, isLegacy, isTransactional } from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import {
  LOG_OVERHEAD,
  MAGIC_POSITION,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
} from '../../segment/layout.ts'
import { isLogAppendTime } from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'
import type { Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { placeOf } from '../runs.ts'
import { storedOffset } from '../stored-offset.ts'
import { encodeSalvagedBatch } from './encode-batch.ts'
import type { Salvaged } from './entry.ts'
import { entryOf } from './entry.ts'
import { salvageLostHeader } from './lost-header.ts'
import { roomOf } from './room.ts'
import { salvageRecords } from './salvage-records.ts'
import { sharedSector } from './shared-sector.ts'
import { withWrapperBase } from './wrapper-base.ts'

/** A larger entry is not one broken batch; it is not held in memory. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024

/** The batch of the entry as far as it is believed; null where nothing can be read out of it at a certain offset. */
export function salvageable(damage: Damage, diagnosis: SegmentDiagnosis): BatchHeader | null {
  const { withoutGaps } = diagnosis
  const { outcome, claim, baseOffset, lastOffset } = damage
  if (outcome !== 'skipped' || claim === null || damage.sizeInBytes > MAX_ENTRY_BYTES) return null
  const { header, proven } = claim
  if (isControl(header) || baseOffset === null || claim.doubt !== undefined) return null
  // Between gaps zeros over all that no CRC covers are no offset of 0.
  if (!proven && !withoutGaps && isZeroed(header)) return null
  if (proven || header.magic === 1) return isFree(header, damage, diagnosis) ? header : null
  // Its own offset agrees with where the log goes on, or the log around it leaves it no other.
  const placed = header.baseOffset === baseOffset
  const counted = lastOffset !== null && BigInt(header.lastOffsetDelta) === lastOffset - baseOffset
  if (isLegacy(header)) return header
  if (!placed && !counted) return null
  if (lastOffset === null) return { ...header, baseOffset }
  // The neighbours know the end; in a log without gaps they know how many records there were as well.
  const lastOffsetDelta = Number(lastOffset - baseOffset)
  return {
    ...header,
    baseOffset,
    lastOffset,
    lastOffsetDelta,
    recordsCount: withoutGaps ? lastOffsetDelta + 1 : header.recordsCount,
  }
}

const isZeroed = (header: BatchHeader): boolean =>
  header.sizeInBytes === LOG_OVERHEAD && storedOffset(header) === 0n

/**
 * Whether the log lacks the offsets of a header whose CRC holds, which does not cover them: a batch may be skipped just
 * because it says wrong ones. In another place than its own only when it may have changed places: when no sector that
 * was lost can end between the offset and what the CRC proves.
 */
function isFree(header: BatchHeader, damage: Damage, { ranges }: SegmentDiagnosis): boolean {
  const { position } = header
  const sectorOf = (at: number): number => Math.floor((position + at) / SECTOR_BYTES)
  const isOneSector = sectorOf(0) === sectorOf(MAGIC_POSITION)
  // A compressed wrapper tells only its last offset.
  const first = header.baseOffsetKnown ? header.baseOffset : header.lastOffset
  return ranges.some(
    (range) =>
      (range.damage.includes(damage) || isOneSector) &&
      first >= range.firstOffset &&
      (range.lastOffset === null || header.lastOffset <= range.lastOffset),
  )
}

/** What a salvage needs beside the bytes and their diagnosis. */
export interface SalvageSources {
  /** Most bytes one batch may decompress to. */
  readonly maxDecompressedBytes: number
  readonly timeIndex: TimeIndex | null
}

/**
 * Reads what can be read; null where that is nothing. Holds one entry, and what it decompresses to, in memory. A header
 * that is not believed is done without where the batch behind it tells the last offset.
 */
export function salvageDamage(
  window: Window,
  damage: Damage,
  diagnosis: SegmentDiagnosis,
  { maxDecompressedBytes, timeIndex }: SalvageSources,
): Salvaged | null {
  const { position, sizeInBytes } = damage
  const header = salvageable(damage, diagnosis)
  const lost = roomOf(damage, diagnosis)
  if ((header === null && lost === null) || sizeInBytes === 0) return null
  const bytes = window.copy(position, sizeInBytes)
  const read = {
    around: {
      timeIndex,
      segmentBaseOffset: diagnosis.segmentBaseOffset,
      ...near(damage, diagnosis),
    },
    damaged: [...unreadableIn(window, damage, bytes.length), ...sharedSector(damage, diagnosis)],
  }
  if (header !== null) {
    const entry = withWrapperBase(entryOf(bytes, header, maxDecompressedBytes), damage, diagnosis)
    const salvaged = salvageRecords({ ...entry, ...read })
    if (salvaged.records.length > 0) return salvaged
    // A header of zeros looks like one of magic 0.
    if (!isLegacy(header)) return null
  }
  if (lost === null) return null
  return salvageLostHeader({ bytes, position, ...lost, ...read, maxDecompressedBytes })
}

/** The headers of the good batches that are nearest to an entry. */
const near = (
  { position }: Damage,
  { kept }: SegmentDiagnosis,
): { readonly before: BatchHeader | null; readonly after: BatchHeader | null } => ({
  before: kept.findLast((run) => placeOf(run) < position)?.last ?? null,
  after: kept.find((run) => placeOf(run) > position)?.first ?? null,
})

/** What the device did not give of an entry, as ranges of its bytes. */
const unreadableIn = (
  { unreadable }: Window,
  { position, sizeInBytes: size }: Damage,
  length: number,
): ByteRange[] =>
  unreadable
    .map((range) => ({ start: range.position, end: range.position + range.sizeInBytes }))
    .filter(({ start, end }) => start < position + size && end > position)
    .map(({ start, end }) => ({
      start: Math.max(0, start - position),
      end: Math.min(length, end - position),
    }))

/** A batch made of salvaged records. */
export interface SalvagedBatch {
  readonly bytes: Uint8Array
  /** Those of its records, ascending. */
  readonly offsets: readonly bigint[]
}

/**
 * The salvaged records as a batch in the place of the broken one; null where one cannot be made without claiming what is
 * not known. A transaction's records are written only under a header that its CRC proves: under a wrong producer they
 * would be open for ever, under none they would be committed.
 */
export function salvagedBatch(
  salvaged: Salvaged,
  damage: Damage,
  diagnosis: SegmentDiagnosis,
  partitionLeaderEpoch: number,
): SalvagedBatch | null {
  const header = salvaged.headerStands ? salvageable(damage, diagnosis) : null
  const proven = damage.claim?.proven === true
  const { baseOffset, lastOffset } = damage
  if (header === null || baseOffset === null || lastOffset === null || isLegacy(header)) return null
  if (!proven && isTransactional(header)) return null
  const records: Record[] = []
  for (const record of salvaged.records) {
    if (record.timestamp === null) return null
    if (record.offset >= baseOffset && record.offset <= lastOffset)
      records.push({ ...record, timestamp: record.timestamp })
  }
  if (records.length === 0) return null
  const bytes = encodeSalvagedBatch(records, {
    baseOffset,
    lastOffsetDelta: Number(lastOffset - baseOffset),
    partitionLeaderEpoch: proven ? header.partitionLeaderEpoch : partitionLeaderEpoch,
    codec: salvaged.codec,
    isLogAppendTime: isLogAppendTime(header),
    isTransactional: isTransactional(header),
    baseTimestamp: header.baseTimestamp,
    maxTimestamp: header.maxTimestamp,
    producerId: proven ? header.producerId : NO_PRODUCER_ID,
    producerEpoch: proven ? header.producerEpoch : NO_PRODUCER_EPOCH,
    baseSequence: proven ? header.baseSequence : NO_SEQUENCE,
  })
  return { bytes, offsets: records.map(({ offset }) => offset) }
}
