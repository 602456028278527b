/** The room between the neighbours of a batch that has lost its header: which offsets it can have at all. */
import { MAGIC_POSITION, V2_HEADER_BYTES } from '../../segment/layout.ts'
import { isControl, isLegacy } from '../../segment/record-batch.ts'
import type { Claim, Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { firstOffset } from '../runs.ts'
import type { LostHeader } from './lost-header.ts'
import { SECTOR_BYTES } from './suspect-sectors.ts'

/** Bytes without a header may be anything, and are read in more than one way. */
const MAX_LOST_BYTES = 32 * 1024 * 1024

/**
 * The offsets that an entry without a believed header can hold; null where the last one is not certain: no good batch of
 * magic 2 follows right behind the entry.
 */
export function roomOf(
  damage: Damage,
  { kept, withoutGaps, damage: all }: SegmentDiagnosis,
): Pick<LostHeader, 'baseOffset' | 'lastOffset' | 'withoutGaps'> | null {
  const { outcome, claim, baseOffset, position, sizeInBytes } = damage
  if (outcome !== 'skipped' || sizeInBytes > MAX_LOST_BYTES || baseOffset === null) return null
  if (claim !== null && !hasLostItsOffset(claim, withoutGaps)) return null
  const end = position + sizeInBytes
  const next = kept.find((run) => run.position === end && run.movedTo === undefined)
  if (next === undefined || isLegacy(next.first)) return null
  const lastOffset = firstOffset(next) - 1n
  if (lastOffset !== damage.lastOffset) return null
  if (withoutGaps) return { baseOffset, lastOffset, withoutGaps }
  const before = all.filter(
    (other) =>
      other.position < position &&
      other.outcome === 'skipped' &&
      other.baseOffset === baseOffset &&
      other.lastOffset === lastOffset,
  )
  return { baseOffset: baseOffset + offsetsAtLeast(before), lastOffset, withoutGaps }
}

/**
 * Whether a header is not to be gone by: nothing proves it, or it lacks its offset, because a sector ends within it. A
 * whole batch in a log without gaps would have been put right.
 */
function hasLostItsOffset({ header, proven }: Claim, withoutGaps: boolean): boolean {
  if (isControl(header)) return false
  const sectorOf = (at: number): number => Math.floor((header.position + at) / SECTOR_BYTES)
  return !proven || (!withoutGaps && sectorOf(0) !== sectorOf(MAGIC_POSITION))
}

/** Every batch takes an offset, whatever is left of it, and one whose CRC holds as many as it says. */
const offsetsAtLeast = (entries: readonly Damage[]): bigint =>
  entries.reduce((sum, { claim, sizeInBytes }) => {
    if (claim?.proven === true) return sum + BigInt(claim.header.lastOffsetDelta) + 1n
    return sizeInBytes >= V2_HEADER_BYTES ? sum + 1n : sum
  }, 0n)
