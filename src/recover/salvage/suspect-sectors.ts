/**
 * Which sectors of a damaged batch do not look like the rest of it. Disks and file systems lose whole sectors: they
 * come back as zeros, as one repeated byte, or as something else's data. Nothing here proves damage; what is named is
 * not believed, at the price of losing the odd record of zeros.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { ByteRange } from '../../codec/salvage.ts'

/** Fewer bytes of a sector than this say nothing about how varied its bytes are. */
const VARIED_BYTES_MIN = 64
/**
 * Random bytes use as many different values as chance expects (ratio 1; 0.9 is five standard deviations below, for a
 * whole sector). Text, and text under LZ4 or snappy, stays below 0.75; gzip and zstd do not, so there it says nothing.
 */
const RANDOM_RATIO_MIN = 0.9
const USUAL_RATIO_MAX = 0.8
/** Were more of the sectors random, that would be what the data is like. */
const RANDOM_SHARE_MAX = 0.25

interface Sector extends ByteRange {
  readonly distinct: number
  readonly ratio: number
}

/**
 * The suspect sectors of bytes that stand at `position` in their file, as ranges of `bytes`, ascending. Sectors are
 * cut off at both ends of the bytes. `looksRandom`: whether the bytes look random where they are whole.
 */
export function suspectSectors(
  bytes: Uint8Array,
  position: number,
  looksRandom = false,
): ByteRange[] {
  const sectors = sectorsOf(bytes, position)
  const random = looksRandom ? new Set<Sector>() : randomSectors(sectors)
  return sectors
    .filter((sector) => sector.distinct === 1 || random.has(sector))
    .map(({ start, end }) => ({ start, end }))
}

function sectorsOf(bytes: Uint8Array, position: number): Sector[] {
  const sectors: Sector[] = []
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES - ((position + start) % SECTOR_BYTES))
    const distinct = distinctBytes(bytes, start, end)
    const expected = 256 * (1 - (255 / 256) ** (end - start))
    sectors.push({ start, end, distinct, ratio: distinct / expected })
    start = end
  }
  return sectors
}

function distinctBytes(bytes: Uint8Array, start: number, end: number): number {
  const seen = new Uint8Array(256)
  let count = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (seen[byte] === 0) {
      seen[byte] = 1
      count++
    }
  }
  return count
}

/** Those that look random among others that do not. */
function randomSectors(sectors: readonly Sector[]): Set<Sector> {
  const telling = sectors.filter(
    ({ start, end, distinct }) => end - start >= VARIED_BYTES_MIN && distinct > 1,
  )
  const random = telling.filter(({ ratio }) => ratio >= RANDOM_RATIO_MIN)
  const others = telling.filter(({ ratio }) => ratio < RANDOM_RATIO_MIN)
  const usual = others.map(({ ratio }) => ratio).sort((a, b) => a - b)[others.length >>> 1]
  const stands = usual !== undefined && usual <= USUAL_RATIO_MAX
  const isRare = random.length === 1 || random.length <= telling.length * RANDOM_SHARE_MAX
  return new Set(stands && isRare ? random : [])
}

/** Whole sectors inside [start, end) of bytes that stand at `position` in their file. */
export function wholeSectors({ start, end }: ByteRange, position: number): ByteRange | undefined {
  const from = Math.ceil((position + start) / SECTOR_BYTES) * SECTOR_BYTES - position
  const to = Math.floor((position + end) / SECTOR_BYTES) * SECTOR_BYTES - position
  return from < to ? { start: from, end: to } : undefined
}
