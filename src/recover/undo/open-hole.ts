/** A hole between accepted batches, and the words for what is found in it. */
import type { Window } from '../../bytes/window.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { Rejected } from '../arbitrate.ts'
import type { Evidence } from '../evidence.ts'
import type { Run } from '../runs.ts'
import { firstOffset, lastOffset } from '../runs.ts'
import type { Span } from '../rungs/rung.ts'
import type { HoleEntry } from './entry.ts'
import type { MarkerStep, Search } from './ladder.ts'

export type FoundToken =
  | { readonly type: 'bytes'; readonly position: number; readonly end: number }
  | { readonly type: 'entry'; readonly entry: HoleEntry }

/** In file order, tiling the hole. `proven`: whole batches that have no place in the log as they stand. */
export type HoleToken =
  | FoundToken
  | {
      readonly type: 'proven'
      readonly rejected: Rejected
      readonly entries: readonly HoleEntry[]
    }

export interface OpenHole {
  readonly position: number
  readonly end: number
  readonly prev: Run | null
  readonly next: Run | null
  /** Whole batches in it that were not accepted, in file order. */
  readonly rejected: readonly Rejected[]
  /** The first offset after the log before it; null when nothing tells. */
  readonly expectedOffset: bigint | null
}

/** A stretch of a hole that lies where one damaged entry should be, with what is known around it. */
export interface BrokenStretch {
  readonly position: number
  readonly end: number
  /** What its first bytes say of themselves, as far as they can be read as a header. */
  readonly header: BatchHeader
  readonly expectedOffset: bigint | null
  readonly nextOffset: bigint | null
  /** The first offset of the log behind the hole, wherever in it the stretch ends. */
  readonly offsetLimit: bigint | null
  /** Whole copies in it of batches that the log holds in their place, counted from its start. */
  readonly copies: readonly Span[]
  /** Only this damage is looked for; any unless given. See UndoOptions. */
  readonly only?: 'inserted-bytes' | 'torn-header'
  readonly before: BatchHeader | null
  readonly after: BatchHeader | null
}

/** What came of the search for an undo in one stretch. */
export interface UndoAttempt {
  readonly entry: HoleEntry | null
  /** In plain words why nothing was undone; empty where something was. */
  readonly why: string
  /** The chance that something false would have been taken for the truth, here and wherever these bytes were tried. */
  readonly falseMatchTried: number
  /** Step by step; the readings are empty unless somebody asks for them. */
  readonly search: Pick<Search, 'notLookedInto' | 'readings'>
  /** Where the bytes can be a transaction marker. */
  readonly marker?: MarkerStep
}

/** Puts a stretch right from the inside, or answers null. */
export type UndoStretch = (stretch: BrokenStretch) => HoleEntry | null

/** Where the next whole batch in the hole begins, or the hole ends. */
export const nextStop = ({ rejected, end }: OpenHole): number => rejected[0]?.run.position ?? end

/** What a hole says of a stretch in it. */
export const knownOf = (
  hole: OpenHole,
  { position, end }: Pick<BrokenStretch, 'position' | 'end'>,
): Pick<
  BrokenStretch,
  'expectedOffset' | 'nextOffset' | 'offsetLimit' | 'copies' | 'before' | 'after'
> => {
  const { prev, next, rejected, expectedOffset } = hole
  const isLast = end === hole.end
  const offsetLimit = next === null ? null : firstOffset(next)
  return {
    expectedOffset,
    nextOffset: isLast ? offsetLimit : null,
    offsetLimit,
    copies: rejected
      .filter(({ reason, run }) => reason === 'duplicate-batch' && run.end <= end)
      .map(({ run }) => ({ start: run.position - position, end: run.end - position })),
    before: prev?.last ?? null,
    after: isLast ? (next?.first ?? null) : null,
  }
}

/** One way to read a place: as an entry that ends there, with any damage or only with that which is cheap to find. */
export type Reading = Pick<BrokenStretch, 'end' | 'only'>

/**
 * In which order an entry is taken to end here or there. All readings share what may be risked on their bytes. Bytes that
 * were put in are the cheapest to find, so that they come first; but not where something begins just where the header
 * says that the entry ends.
 */
export function readingsOf(
  ends: readonly number[],
  claimed: { readonly end: number; readonly isConfirmed: boolean },
): Reading[] {
  const longer = claimed.isConfirmed || ends.length === 1 ? [] : ends
  return [
    ...longer
      .filter((end) => end !== claimed.end)
      .map((end) => ({ end, only: 'inserted-bytes' }) as const),
    ...ends.map((end) => ({ end })),
  ]
}

/** What the names of files say of the offset behind the last byte of the file; null elsewhere, or where none tells. */
export const namedEnd = (
  window: Window,
  end: number,
  { nextSegmentBaseOffset, snapshotOffset }: Evidence,
): bigint | null => (end === window.source.size ? (nextSegmentBaseOffset ?? snapshotOffset) : null)

/** The offset after a hole's left neighbour, or what the segment's name says. */
export const offsetAfter = (prev: Run | null, segmentBaseOffset: bigint | null): bigint | null =>
  prev === null ? segmentBaseOffset : lastOffset(prev) + 1n
