/**
 * What the ways to undo damage inside one batch share. Every rung is a pure function from an entry of the log to
 * candidates that its CRC proves; product.md's "What counts as proof" says which of them may be made: wrong data
 * labelled as repaired is the worst that could happen, a skipped batch is an honest loss.
 */
import type { DecodeOptions } from '../../segment/decode-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { Edit } from '../edits.ts'
import type { EvidenceKind, FieldChange } from '../repair.ts'
import type { Ledger } from './ledger.ts'
import type { Trail } from './trail.ts'

/** In the order in which they are tried. */
export type RungName =
  | 'crc-field'
  | 'one-bit'
  | 'one-byte'
  | 'short-burst'
  | 'two-bits'
  | 'long-burst'
  | 'gzip-header'
  | 'moved-bytes'
  | 'inserted-bytes'

/** What each rung takes the damage for, for people. */
export const RUNG_WORDS: Readonly<Record<RungName, string>> = {
  'crc-field': 'a damaged CRC field',
  'one-bit': 'one flipped bit',
  'one-byte': 'one damaged byte',
  'short-burst': 'a burst of at most 8 bits',
  'two-bits': 'two flipped bits',
  'long-burst': 'a burst of at most 16 bits',
  'gzip-header': 'a damaged header before an intact gzip payload',
  'moved-bytes': 'sectors that were written elsewhere',
  'inserted-bytes': 'inserted bytes',
}

/** A damaged entry and what is known around it. */
export interface BrokenEntry {
  /**
   * The whole entry, from its offset field up to where the next entry starts. The fields outside the CRC that the
   * caller could determine are put right in it, without moving a byte: those edits are the caller's own.
   */
  readonly bytes: Uint8Array
  /** Byte place of the entry in its file: it tells which bytes shared a sector. */
  readonly position: number
  /** Decoded from `bytes`; null when they begin with no header that can be read. */
  readonly header: BatchHeader | null
  /** One above the last offset before this entry, where that is known. */
  readonly expectedBaseOffset: bigint | null
  /** The base offset of the entry that follows directly, where that is known. */
  readonly nextBaseOffset: bigint | null
  /** Where nothing follows in the file: the offset at which files beside it say that the log went on, or once ended. */
  readonly namedEnd: bigint | null
  /** All offsets of the entry are below this one; null where nothing bounds them. */
  readonly offsetLimit: bigint | null
  /** Whole copies in it of batches that the log holds in their place. */
  readonly copies: readonly Span[]
  /** The good batches right before and after it. */
  readonly before: BatchHeader | null
  readonly after: BatchHeader | null
  /** The segment is one without gaps: batches join exactly and hold all their records. */
  readonly withoutGaps: boolean
}

/** Bytes of an entry, from its start. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A stretch of bytes found elsewhere. `position` is its place there, a multiple of 512. */
export interface SectorStretch {
  readonly position: number
  readonly bytes: Uint8Array
}

/** Where the true bytes of a misplaced sector may lie. The caller bounds how much that is. */
export interface SectorSource {
  readonly stretches: readonly SectorStretch[]
}

export interface UndoOptions extends DecodeOptions {
  /** Largest accepted chance that an undo is wrong. */
  readonly maxFalseMatch: number
  /** The person asked for that number: then whole sectors inside opaque spans do not forbid an undo. */
  readonly maxFalseMatchExplicit: boolean
  /** Most steps for one entry, see ledger.ts. */
  readonly effort: number
  /**
   * Ranges of the entry of at least 512 bytes that lie inside one key or value, or inside one stored, raw or literal
   * block: whatever stands there decodes. Asked about bytes that decode.
   */
  readonly opaqueSpans: (bytes: Uint8Array, header: BatchHeader) => readonly Span[]
  /** The same of damaged bytes, as far as they decode; must not throw. */
  readonly opaqueSpansSoFar: (bytes: Uint8Array, header: BatchHeader) => readonly Span[]
  /** What was risked on the same bytes before, read in another way: it counts as well. 0 unless given. */
  readonly falseMatchBefore?: number
  /** Only inserted bytes are looked for, or only those among the fields before the CRC; any damage unless given. */
  readonly only?: 'inserted-bytes' | 'torn-header' | undefined
  /** Somebody asks how it went: then the answer has each rung. */
  readonly isTraced?: boolean
  /** Asked only when the cheaper rungs found nothing. Null: there are none. */
  readonly otherSectors: () => SectorSource | null
}

/** A repair that is proven and may be made. */
export interface Undo {
  readonly rung: RungName
  readonly edits: readonly Edit[]
  readonly evidence: readonly EvidenceKind[]
  /** `records` for bytes that are no header field. */
  readonly changes: readonly FieldChange[]
  /** Fields that were set although nothing proves them. */
  readonly inferred: readonly string[]
  /** The chance that damage of another kind looks like this by accident. */
  readonly falseMatchProbability: number
}

/** What one entry's rungs work with. */
export interface Attempt {
  readonly entry: BrokenEntry
  readonly options: UndoOptions
  readonly ledger: Ledger
  /** Null: nobody asks how it went. */
  readonly trail: Trail | null
}

/** Why a rung that found something ends the search without an undo. */
export type RefusalReason =
  | 'several-fit'
  | 'chance-too-high'
  | 'sector-not-proven'
  | 'not-judged'
  | 'too-many-hits'
  | 'crc-holds'

/** Why the next rung has its turn. */
export type NothingReason =
  'nothing-fits' | 'not-applicable' | 'too-many-candidates' | 'effort-too-small'

/**
 * `refused`: something was found that may not be made, or could not be judged, so no later rung is tried either.
 * `nothing`: the next rung has its turn; `why` is null where there is nothing to say.
 */
export type RungOutcome =
  | { readonly type: 'undone'; readonly undo: Undo }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly why: string }
  | { readonly type: 'nothing'; readonly reason: NothingReason; readonly why: string | null }

type Nothing = Extract<RungOutcome, { type: 'nothing' }>

/** Everything was searched that the rung looks for. */
export const NOTHING_FITS_HERE: Nothing = { type: 'nothing', reason: 'nothing-fits', why: null }
/** The bytes are not of the kind that the rung looks into. */
export const NOT_APPLICABLE: Nothing = { type: 'nothing', reason: 'not-applicable', why: null }

/** "Largest accepted chance that an undo is wrong", unless a person says otherwise. */
export const DEFAULT_MAX_FALSE_MATCH = 1e-4
