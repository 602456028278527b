/**
 * Kafka preallocates `.index` and `.timeindex` of the active segment and trims them on roll and on
 * clean close (AbstractIndex), so after a crash the file ends in zeros that are no entries.
 */

/** How many of the bytes before `end` form its longest all-zero suffix of whole entries. */
export function countZeroTailBytes(bytes: Uint8Array, end: number, entrySize: number): number {
  let last = end
  while (last > 0 && bytes[last - 1] === 0) last--
  return end - Math.ceil(last / entrySize) * entrySize
}
