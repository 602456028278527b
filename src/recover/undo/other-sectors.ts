/**
 * Where the true bytes of a misplaced sector can lie: in the whole sectors of the damaged places. A sector that holds a
 * part of an accepted batch is where it belongs. So is every sector of the damaged batch itself: a batch that one
 * replacement makes right has all its other sectors right. To ask them all the same would be asking for an accident: in
 * one lost sector of a batch of 200 KiB, one in 20 000 fits.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { Window } from '../../bytes/window.ts'
import { firstIndex } from '../first-index.ts'
import type { SectorSource } from '../rungs/rung.ts'
import type { BrokenStretch } from './open-hole.ts'

/** Compared with one batch at most. */
const MAX_OTHER_BYTES = 16 * 1024 * 1024
/** Over all damaged places of a segment about this much, so that a thousand of them cost a minute and not an hour. */
const MAX_COMPARED_BYTES = 256 * 1024 * 1024

type Place = Pick<BrokenStretch, 'position' | 'end'>

/** The damaged places nearest to the stretch, as far as they may be compared; `holes` in file order, apart. */
export function otherSectors(
  window: Window,
  holes: readonly Place[],
  stretch: Place,
): SectorSource | null {
  const { size } = window.source
  const own = wholeSectors(stretch, size)
  const limit = Math.min(MAX_OTHER_BYTES, MAX_COMPARED_BYTES / holes.length)
  const places: Place[] = []
  let total = 0
  for (const hole of nearestFirst(holes, stretch)) {
    const parts = without(wholeSectors(hole, size), own)
    const bytes = parts.reduce((sum, { position, end }) => sum + end - position, 0)
    // One that is too large by itself does not hide the others.
    if (bytes > limit) continue
    total += bytes
    if (total > limit) break
    places.push(...parts)
  }
  if (places.length === 0) return null
  const stretches = places
    .sort((a, b) => a.position - b.position)
    .map(({ position, end }) => ({ position, bytes: window.copy(position, end - position) }))
  return { stretches }
}

function* nearestFirst(holes: readonly Place[], stretch: Place): Generator<Place, void> {
  let after = firstIndex(holes, ({ position }) => position >= stretch.position)
  let before = after - 1
  for (;;) {
    const [left, right] = [holes[before], holes[after]]
    if (left === undefined && right === undefined) return
    const leftDistance = left === undefined ? Infinity : stretch.position - left.end
    const rightDistance = right === undefined ? Infinity : right.position - stretch.end
    if (left !== undefined && leftDistance <= rightDistance) {
      before--
      yield left
    } else if (right !== undefined) {
      after++
      yield right
    }
  }
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
