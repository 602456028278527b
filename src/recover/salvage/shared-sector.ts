/**
 * The end of a broken batch in a sector that it shares with the beginning of the next one. Where that beginning is gone
 * the sector is, and with it the end of the batch, however few of its bytes are left to show it.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { ByteRange } from '../../codec/salvage.ts'
import type { Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { firstIndex } from '../first-index.ts'

/**
 * That end, as a range of the entry's bytes; none where the next batch begins with a sector, or begins well, or where the
 * entry's CRC holds.
 */
export function sharedSector(
  { position, sizeInBytes, claim }: Damage,
  { damage }: SegmentDiagnosis,
): ByteRange[] {
  if (claim?.proven === true) return []
  const end = position + sizeInBytes
  const sector = Math.floor(end / SECTOR_BYTES) * SECTOR_BYTES
  const next = damage[firstIndex(damage, (other) => other.position >= end)]
  if (sector === end || next?.position !== end || !hasLostItsBeginning(next)) return []
  return [{ start: Math.max(0, sector - position), end: sizeInBytes }]
}

/** Whether the first field of the entry is wrong, or no header can be seen at all. */
const hasLostItsBeginning = ({ claim, repair }: Damage): boolean =>
  claim === null ||
  (claim.proven && !claim.placed) ||
  repair?.changes.some(({ field }) => field === 'baseOffset') === true
