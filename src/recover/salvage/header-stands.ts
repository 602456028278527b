/**
 * Whether a broken batch's header is believed for more than its offsets: its times and its flags. A sector can end
 * within the header, so that the offsets are there and the times are not. What a disk loses is no smaller than a
 * sector: a field is whole when something else in its sector is.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import { MAGIC_POSITION, V2_HEADER_BYTES, V2_MAX_TIMESTAMP_END } from '../../segment/layout.ts'
import { decodeBatchHeader } from '../../segment/record-batch.ts'
import type { SalvageEntry } from './entry.ts'
import type { RecordPlace } from './record-walk.ts'

/**
 * By the header alone: the times are in the sector of the magic, by which the header was known, or the two fields around
 * them agree that every offset has its record.
 */
export function headerStands({ bytes, position }: SalvageEntry): boolean {
  const header = decodeBatchHeader(bytes.subarray(0, V2_HEADER_BYTES), position)
  if (header?.magic !== 2) return false
  const sectorOf = (at: number): number => Math.floor((position + at) / SECTOR_BYTES)
  const isInOneSector = sectorOf(MAGIC_POSITION) === sectorOf(V2_MAX_TIMESTAMP_END - 1)
  const { lastOffsetDelta, recordsCount } = header
  // A delta of 0 is also what zeros look like.
  return isInOneSector || (lastOffsetDelta > 0 && recordsCount === lastOffsetDelta + 1)
}

/** By the record right behind the header: a sector that holds the times but not the magic reaches into it. */
export const firstStands = ([first]: readonly RecordPlace[]): boolean =>
  first?.start === 0 && first.fragment.outputStart === 0
