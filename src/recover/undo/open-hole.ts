/** A hole between accepted batches, and the words for what is found in it. */
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { Rejected } from '../arbitrate.ts'
import type { Run } from '../runs.ts'
import { lastOffset } from '../runs.ts'
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

/** The offset after a hole's left neighbour, or what the segment's name says. */
export const offsetAfter = (prev: Run | null, segmentBaseOffset: bigint | null): bigint | null =>
  prev === null ? segmentBaseOffset : lastOffset(prev) + 1n
