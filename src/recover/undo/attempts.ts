/**
 * What was tried on damaged bytes. The same bytes are read with more than one start and end, and each reading can be
 * taken for the truth by accident: what all of them risk together is what the accepted chance is held against.
 */
import type { Damage } from '../damage.ts'
import { NOTHING_FITS } from '../rungs/undo.ts'
import type { HoleEntry } from './entry.ts'
import type { BrokenStretch, UndoAttempt } from './open-hole.ts'

type Place = Pick<BrokenStretch, 'position' | 'end'>

interface Reading extends Place {
  readonly why: string
  /** What this reading alone has risked. */
  readonly risked: number
}

/** What came of the search on one place, over all its readings. */
export type PlaceAttempt = Pick<UndoAttempt, 'why' | 'falseMatchTried'>

export interface Attempts {
  /**
   * Makes an attempt, which is given what other readings of the same bytes have risked. One that is made again in
   * another round asks the same candidates again, and takes the place of the former.
   */
  add(place: Place, make: (falseMatchBefore: number) => UndoAttempt): HoleEntry | null
  /** What was tried on a damaged place; null when nothing was. */
  on(place: Place): PlaceAttempt | null
  /** What each search has risked: the chance that it accepts something false. */
  risked(): number[]
}

/** Of a place that stays damaged although an entry was found in it. */
const WITHOUT_PLACE =
  'a repair fits the bytes, but nothing proves which place in the log the batch has'

/** A place is looked up among those that touch the same mebibytes of the file. */
const CELL_BYTES = 1024 * 1024

/** `maxFalseMatch`: a find that is likelier an accident is refused, so that a search beyond it risks nothing. */
export function createAttempts(maxFalseMatch: number): Attempts {
  const cells = new Map<number, Map<string, Reading>>()
  const all = new Map<string, Reading>()
  const touching = (place: Place): Reading[] => {
    const found = cellsOf(place).flatMap((cell) => [...(cells.get(cell)?.values() ?? [])])
    return [...new Set(found)].filter((other) => overlap(other, place))
  }
  return {
    add: (place, make) => {
      const key = `${place.position}-${place.end}`
      const others = touching(place).filter((other) => !isSame(other, place))
      const before = riskedBy(others)
      const { entry, why, falseMatchTried } = make(before)
      const risked = falseMatchTried > maxFalseMatch ? 0 : Math.max(0, falseMatchTried - before)
      const reading = {
        position: place.position,
        end: place.end,
        why: entry === null ? why : WITHOUT_PLACE,
        risked,
      }
      all.set(key, reading)
      for (const cell of cellsOf(place)) {
        const readings = cells.get(cell) ?? new Map<string, Reading>()
        cells.set(cell, readings.set(key, reading))
      }
      return entry
    },
    on: (place) => {
      const inside = touching(place).filter(({ position }) => position >= place.position)
      if (inside.length === 0) return null
      return { why: likeliest(inside, place), falseMatchTried: riskedBy(inside) }
    },
    risked: () => [...all.values()].map(({ risked }) => risked),
  }
}

/**
 * What the reading says that takes the whole place for one batch, else of those from its start on the one that was made
 * first. That nothing fits says less than what could not be looked for.
 */
function likeliest(readings: readonly Reading[], place: Place): string {
  const start = Math.min(...readings.map(({ position }) => position))
  const first = readings.filter(({ position }) => position === start)
  const whole = first.filter((reading) => isSame(reading, place))
  const says = (some: readonly Reading[]): string | undefined =>
    some.find(({ why }) => why !== NOTHING_FITS)?.why
  return says(whole) ?? says(first) ?? NOTHING_FITS
}

const isSame = (a: Place, b: Place): boolean => a.position === b.position && a.end === b.end
const overlap = (a: Place, b: Place): boolean => a.position < b.end && b.position < a.end

const riskedBy = (readings: readonly Reading[]): number =>
  readings.reduce((sum, { risked }) => sum + risked, 0)

function cellsOf({ position, end }: Place): number[] {
  const first = Math.floor(position / CELL_BYTES)
  const last = Math.floor(Math.max(position, end - 1) / CELL_BYTES)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Why a batch could not be put right is a part of what is said about it. */
export function withAttempt(entry: Damage, attempts: Attempts): Damage {
  const { position, sizeInBytes, outcome } = entry
  if (outcome !== 'skipped' || sizeInBytes === 0) return entry
  const attempt = attempts.on({ position, end: position + sizeInBytes })
  if (attempt !== null) entry.attempt = attempt
  return entry
}
