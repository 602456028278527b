/**
 * From a skipped damage entry to the records that can still be read out of it. Which header fields of a broken batch are
 * believed is decided here: a record at a wrong offset would be worse than none.
 */
import type { Window } from '../../bytes/window.ts'
import { isControl, isLegacy, isTransactional } from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE } from '../../segment/layout.ts'
import { isLogAppendTime } from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'
import type { Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { encodeSalvagedBatch } from './encode-batch.ts'
import type { Salvaged, SalvageEntry } from './entry.ts'
import { entryOf } from './entry.ts'
import { salvageRecords } from './salvage-records.ts'

/** A larger entry is not one broken batch; it is not held in memory. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024

/** The batch of the entry as far as it is believed; null where nothing can be read out of it at a certain offset. */
export function salvageable(damage: Damage, { withoutGaps }: SegmentDiagnosis): BatchHeader | null {
  const { outcome, claim, baseOffset, lastOffset } = damage
  if (outcome !== 'skipped' || claim === null || damage.sizeInBytes > MAX_ENTRY_BYTES) return null
  const { header, proven } = claim
  if (isControl(header) || baseOffset === null) return null
  if (proven) return header
  // Its own offset agrees with where the log goes on, or the log around it leaves it no other.
  const placed = header.baseOffset === baseOffset
  const counted = lastOffset !== null && BigInt(header.lastOffsetDelta) === lastOffset - baseOffset
  if (isLegacy(header)) return header
  if (!placed && !counted) return null
  if (counted || lastOffset === null)
    return { ...header, baseOffset, lastOffset: lastOffset ?? header.lastOffset }
  // The neighbours know the end; in a log without gaps they know how many records there were as well.
  const lastOffsetDelta = Number(lastOffset - baseOffset)
  return {
    ...header,
    lastOffset,
    lastOffsetDelta,
    recordsCount: withoutGaps ? lastOffsetDelta + 1 : header.recordsCount,
  }
}

/** Reads what can be read; null where `salvageable` is. Holds one batch, and what it decompresses to, in memory. */
export function salvageDamage(
  window: Window,
  damage: Damage,
  diagnosis: SegmentDiagnosis,
  maxDecompressedBytes: number,
): Salvaged | null {
  const header = salvageable(damage, diagnosis)
  if (header === null || damage.sizeInBytes === 0) return null
  const bytes = window.copy(damage.position, damage.sizeInBytes)
  const entry: SalvageEntry = {
    ...entryOf(bytes, header, maxDecompressedBytes),
    damaged: window.unreadable
      .filter(
        ({ position, sizeInBytes }) =>
          position < damage.position + damage.sizeInBytes &&
          position + sizeInBytes > damage.position,
      )
      .map(({ position, sizeInBytes }) => ({
        start: Math.max(0, position - damage.position),
        end: Math.min(bytes.length, position + sizeInBytes - damage.position),
      })),
  }
  const salvaged = salvageRecords(entry)
  return salvaged.records.length === 0 ? null : salvaged
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
): Uint8Array | null {
  const header = salvageable(damage, diagnosis)
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
  return encodeSalvagedBatch(records, {
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
}
