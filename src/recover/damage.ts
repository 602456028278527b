/** The words of a diagnosis: plain values, from the finding of damage to the report. */
import type { CorruptionReason } from '../segment/events.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { OffsetDoubt } from './offset-doubt.ts'
import type { Repair } from './repair.ts'
import type { Ladder } from './undo/ladder.ts'

export type Outcome = 'repaired' | 'skipped' | 'dropped' | 'kept'

/** How an end of a skipped range is known. */
export type OffsetBasis =
  | 'lastOffsetDelta'
  | 'entryOffset'
  | 'neighbours'
  | 'nextSegment'
  | 'snapshot'
  | 'index'
  | 'sequence'
  | 'tail'

/** What a header in damaged bytes says of itself. Believed only as far as the evidence around it agrees. */
export interface Claim {
  readonly header: BatchHeader
  /** Its CRC holds: the fields under it are true, and only its place may be wrong. */
  readonly proven: boolean
  /** Its own baseOffset is right as well. */
  readonly placed: boolean
  /** Its own baseOffset is not believed, for this reason. */
  readonly doubt?: OffsetDoubt['kind']
}

/** One damaged batch, or one run of bytes that is no batch. */
export interface Damage {
  readonly position: number
  readonly sizeInBytes: number
  readonly reason: CorruptionReason
  readonly message: string
  outcome: Outcome
  /** The offsets it stands for after the outcome; null for dropped bytes, `lastOffset` null where nobody can know. */
  baseOffset: bigint | null
  lastOffset: bigint | null
  /** The error of the codec or the reader, for the library's caller. */
  readonly cause?: Error
  readonly claim: Claim | null
  /** How it was undone; set where, and only where, the outcome is `repaired`. */
  readonly repair?: Repair
  /** What came of the search for an undo where nothing was undone. */
  attempt?: {
    /** In plain words, with what would let more be looked for. */
    readonly why: string
    /** The chance that what was searched would have taken something false for the truth. */
    readonly falseMatchTried: number
  }
  /** What was tried, step by step, whatever came of it; only of the damage that somebody asks about. */
  ladder?: Ladder
}

export interface SkippedRange {
  readonly firstOffset: bigint
  /** Null when nothing after it tells where it ends. */
  readonly lastOffset: bigint | null
  readonly liveSeekOffset: bigint | null
  readonly recordCount: number | null
  readonly kind: 'data' | 'control' | 'unknown'
  readonly firstBasis: OffsetBasis
  readonly lastBasis: OffsetBasis
  readonly verified: boolean
  readonly exact: boolean
  readonly timeAfter: bigint | null
  readonly timeBefore: bigint | null
  readonly producers: readonly { readonly producerId: bigint; readonly producerEpoch: number }[]
  readonly reason: CorruptionReason
  readonly position: number
  readonly sizeInBytes: number
  /** The damage entries it sums up, in file order. */
  readonly damage: readonly Damage[]
}
