/**
 * Where a broken wrapper of magic 1 begins. Its messages count from the first one that was ever in it, and it is the last
 * one that has the wrapper's own offset; where that is lost, the batch in front tells as much in a log without gaps.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import { MAGIC_POSITION, V1_MIN_BYTES } from '../../segment/layout.ts'
import type { Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { lastOffset } from '../runs.ts'
import type { SalvageEntry } from './entry.ts'

/**
 * The entry with the base offset that a good batch touching it in front gives; all others as they are. The offset is
 * inferred: whoever uses it has to see the first message, at relative offset 0.
 */
export function withWrapperBase(
  entry: SalvageEntry,
  { position, lastOffset: last }: Damage,
  { kept, withoutGaps }: SegmentDiagnosis,
): SalvageEntry {
  if (entry.magic !== 1 || entry.baseOffset !== null || !withoutGaps) return entry
  const before = kept.find((run) => run.end === position && run.movedTo === undefined)
  if (before === undefined) return entry
  const baseOffset = lastOffset(before) + 1n
  // The first message, once read, vouches for its own sector; what precedes that is vouched for by an offset that fits.
  return { ...entry, baseOffset, times: last !== null || isInOneSector(entry) ? entry.times : null }
}

/** Whether all that the wrapper says of time lies in one sector with the beginning of its messages. */
const isInOneSector = ({ position }: SalvageEntry): boolean =>
  Math.floor((position + MAGIC_POSITION) / SECTOR_BYTES) ===
  Math.floor((position + V1_MIN_BYTES) / SECTOR_BYTES)
