/** The room between the neighbours of a batch that has lost its header: which offsets it can have at all. */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import { MAGIC_POSITION, V2_HEADER_BYTES } from '../../segment/layout.ts'
import { isControl, isLegacy } from '../../segment/record-batch.ts'
import type { Claim, Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { firstIndex } from '../first-index.ts'
import { firstOffset } from '../runs.ts'
import type { LostHeader } from './lost-header.ts'

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
  return { baseOffset: baseOffset + offsetsBefore(damage, all), lastOffset, withoutGaps }
}

/**
 * Whether a header is not to be gone by: nothing proves it, or it lacks its offset, because a sector ends within it. A
 * whole batch in a log without gaps would have been put right.
 */
function hasLostItsOffset(claim: Claim, withoutGaps: boolean): boolean {
  const { header, proven } = claim
  // Which of two that contradict each other has lost it nobody knows.
  if (isControl(header) || claim.doubt === 'contradicted') return false
  const sectorOf = (at: number): number => Math.floor((header.position + at) / SECTOR_BYTES)
  return !proven || (!withoutGaps && sectorOf(0) !== sectorOf(MAGIC_POSITION))
}

/** How many offsets the entries in front of one have at least that stand for the same range: one a batch. */
function offsetsBefore(damage: Damage, all: readonly Damage[]): bigint {
  const isInRange = (other: Damage | undefined): other is Damage =>
    other?.baseOffset === damage.baseOffset && other.lastOffset === damage.lastOffset
  let batches = 0n
  let index = firstIndex(all, ({ position }) => position >= damage.position) - 1
  for (let other = all[index]; isInRange(other); other = all[--index]) {
    if (other.sizeInBytes >= V2_HEADER_BYTES) batches++
  }
  return batches
}
