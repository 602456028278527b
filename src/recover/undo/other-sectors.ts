/**
 * Where the true bytes of a misplaced sector can lie: in the whole sectors of the damaged places. A sector that holds a
 * part of an accepted batch is where it belongs. So is every sector of the damaged batch itself: a batch that one
 * replacement makes right has all its other sectors right. To ask them all the same would be asking for an accident: in
 * one lost sector of a batch of 200 KiB, one in 20 000 fits.
 */
import type { Window } from '../../bytes/window.ts'
import { SECTOR_BYTES } from '../rungs/false-match.ts'
import type { SectorSource, SectorStretch } from '../rungs/rung.ts'
import type { BrokenStretch } from './open-hole.ts'

/** Past this much of the damaged places only the first ones are looked into. */
const MAX_OTHER_BYTES = 16 * 1024 * 1024

type Place = Pick<BrokenStretch, 'position' | 'end'>

export function otherSectors(
  window: Window,
  holes: readonly Place[],
  stretch: Place,
): SectorSource | null {
  const { size } = window.source
  const own = wholeSectors(stretch, size)
  const stretches: SectorStretch[] = []
  let total = 0
  for (const hole of holes) {
    for (const { position, end } of without(wholeSectors(hole, size), own)) {
      total += end - position
      if (total > MAX_OTHER_BYTES) return { stretches }
      stretches.push({ position, bytes: window.copy(position, end - position) })
    }
  }
  return stretches.length === 0 ? null : { stretches }
}

/** The last sector of a file may be cut short. */
const wholeSectors = ({ position, end }: Place, size: number): Place => ({
  position: Math.ceil(position / SECTOR_BYTES) * SECTOR_BYTES,
  end: end === size ? size : Math.floor(end / SECTOR_BYTES) * SECTOR_BYTES,
})

function without(place: Place, own: Place): Place[] {
  const parts =
    own.position >= own.end
      ? [place]
      : [
          { position: place.position, end: Math.min(place.end, own.position) },
          { position: Math.max(place.position, own.end), end: place.end },
        ]
  return parts.filter(({ position, end }) => position < end)
}
