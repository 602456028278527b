/** What the undo of single entries may ask of the segment around them. */
import type { Run } from '../runs.ts'
import type { HoleEntry } from './entry.ts'
import type { LadderTrace } from './ladder.ts'
import type { BrokenStretch, OpenHole, UndoAttempt } from './open-hole.ts'
import type { SequenceVerdict } from './sequences.ts'

/** The segment as it stands in one round. A new round has a new one. */
export interface KnownLog {
  readonly accepted: readonly Run[]
  /** All damaged places of the segment. */
  readonly holes: readonly OpenHole[]
}

/** What is asked about a single entry. */
export interface EntryChecks {
  /**
   * Puts a stretch right from the inside. `log`: what is known of the whole segment by now. `falseMatchBefore`: what
   * other readings of these bytes have risked.
   */
  readonly undoStretch: (
    stretch: BrokenStretch,
    log: KnownLog,
    falseMatchBefore: number,
  ) => UndoAttempt
  /** Whether a marker whose CRC holds, and which is all there is in the hole, ends what is open there. */
  readonly endsTransaction: (marker: HoleEntry, hole: OpenHole, log: KnownLog) => SequenceVerdict
  /** The entry with what only its records tell (a wrapper's first offset); null when they do not decode. */
  readonly decoded: (entry: HoleEntry) => HoleEntry | null
  /** Gathers what is tried at one place, where somebody asks. */
  readonly trace?: LadderTrace
}
