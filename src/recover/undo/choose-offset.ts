/**
 * The offset of one entry of a hole. It stands outside the CRC, so it is set only where the log around it determines it,
 * and only in a batch that is this log's: a whole batch of another place must never be given the offsets of one that is
 * lost.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isLegacy } from '../../segment/record-batch.ts'
import { MAX_RELATIVE_OFFSET } from '../../segment/layout.ts'
import type { Evidence } from '../evidence.ts'
import type { EvidenceKind, FieldChange } from '../repair.ts'
import { indexedOffset } from '../indexed-offset.ts'
import type { OffsetRoom } from '../stored-offset.ts'
import { movedHeader, oneBitAway, storedOffset } from '../stored-offset.ts'
import type { HoleEntry } from './entry.ts'
import type { OuterBasis, OuterVerdict } from './ladder.ts'
import { withField } from './entry.ts'
import type { SequenceVerdict } from './sequences.ts'
import { VERDICT_EVIDENCE } from './sequences.ts'

export interface PlacingContext {
  readonly evidence: Evidence
  readonly withoutGaps: boolean
  /** What the producer's other batches say of an entry at this offset. */
  readonly sequenceOf: (header: BatchHeader) => SequenceVerdict
  /** Whether the log has its own offsets free between accepted batches: then it may be whole, and only its place wrong. */
  readonly mayBelongElsewhere: (header: BatchHeader) => boolean
  /** Whether this offset is missing in some other damaged place of the segment. */
  readonly isMissingElsewhere: (offset: bigint) => boolean
  /** Whether zeros lie before this position, more of them than a batch may end with. */
  readonly followsZeros: (position: number) => boolean
  /** Whether batches of the log join at all; in short ones that there are no gaps may only not be disproved. */
  readonly showsJoins: boolean
  /** Hears of each offset that is weighed for an entry, and what comes of it, where somebody asks. */
  readonly onOffset?: (entry: HoleEntry, weighed: WeighedOffset) => void
}

/** An offset that something proposes for an entry. */
export interface WeighedOffset {
  readonly baseOffset: bigint
  readonly basis: OuterBasis
  readonly verdict: OuterVerdict
}

/** What is known of an entry's place. */
export interface Surroundings {
  /** By counting on from the left, and back from the right; null where there is nothing to count from. */
  readonly front: bigint | null
  readonly back: bigint | null
  /** Both agree, for every entry of the hole. */
  readonly fills: boolean
  /** There is nothing else in the hole. */
  readonly alone: boolean
  /** What it touches before it in the hole are bytes that are no batch. */
  readonly behindBytes: boolean
  /** What follows it in the file is the log behind the hole. */
  readonly touchesNext: boolean
  /** Its offset may be right and its place wrong: the batches of the hole may have changed places. */
  readonly mayHaveMoved: boolean
  /** Offsets that the batches on both sides leave. */
  readonly limits: OffsetRoom
  /** As the limits, less what the entries before and behind it take. */
  readonly room: OffsetRoom
}

export interface Choice {
  readonly baseOffset: bigint
  readonly evidence: readonly EvidenceKind[]
  readonly inferred: boolean
}

export const offsetsIn = ({ header }: HoleEntry): bigint =>
  header.lastOffset - header.baseOffset + 1n

/** Null: nothing is to be changed, or nothing determines what. `proven`: a whole batch that was not accepted as it stands. */
export function chooseOffset(
  entry: HoleEntry,
  proven: boolean,
  around: Surroundings,
  context: PlacingContext,
): Choice | null {
  const own = entry.header.baseOffset
  const { front, back, fills } = around
  const unchanged = proven && entry.changes.length === 0
  const joins = own === front || own === back
  // That offset 0 would join here may be an accident where not every batch joins.
  if (joins && (fills || context.withoutGaps || !isZeroed(entry)))
    return unchanged ? null : { baseOffset: own, evidence: ['neighbours'], inferred: false }
  if (isZeroed(entry) && !context.withoutGaps && !fills) return byIndex(entry, around, context)
  return (
    byCounting(entry, around, context) ??
    byIndex(entry, around, context) ??
    byOneBit(entry, around, context) ??
    keepOwn(entry, unchanged, around, context)
  )
}

/** By its names in the layouts of all magics. */
const isLength = ({ field }: FieldChange): boolean => field === 'batchLength' || field === 'size'

/** Its offset and its length are zeros: a lost sector ends behind them. */
const isZeroed = (entry: HoleEntry): boolean =>
  storedOffset(entry.header) === 0n && entry.changes.some(isZeroLength)

const isZeroLength = (change: FieldChange): boolean => isLength(change) && change.before === '0'

/**
 * An entry whose own offset lies between its neighbours' stays there; the arbitration asks whether it is ours. Between gaps
 * not one whose length was wrong, behind bytes that are nothing: what was put in may have ended with that offset.
 */
function keepOwn(
  entry: HoleEntry,
  unchanged: boolean,
  { limits, behindBytes }: Surroundings,
  { withoutGaps }: PlacingContext,
): Choice | null {
  if (unchanged || !fitsIn(entry, entry.header.baseOffset, limits)) return null
  if (entry.position > 0 && isZeroed(entry)) return null
  if (behindBytes && !withoutGaps && entry.changes.some(isLength)) return null
  return { baseOffset: entry.header.baseOffset, evidence: [], inferred: false }
}

export const fitsIn = (entry: HoleEntry, baseOffset: bigint, { low, high }: OffsetRoom): boolean =>
  baseOffset >= low && (high === null || baseOffset + offsetsIn(entry) <= high)

/**
 * Where every batch joins the next one, an entry joins what it touches. Where both sides are touched and do not agree,
 * a batch is missing on one of them, and only what is this log's beyond doubt may be put at either.
 */
function byCounting(
  entry: HoleEntry,
  around: Surroundings,
  context: PlacingContext,
): Choice | null {
  const { front, back, fills } = around
  const counted = context.withoutGaps ? [front, back] : []
  const tied = (fills ? [front] : counted).flatMap((baseOffset) => {
    if (baseOffset === null) return []
    const tie = tieAt(entry, baseOffset, around, context)
    const isRefused = typeof tie === 'string'
    const verdict = isRefused ? tie : 'fits'
    context.onOffset?.(entry, { baseOffset, basis: 'counting', verdict })
    return isRefused ? [] : [{ baseOffset, ...tie }]
  })
  const [only, other] = tied
  const chosen = tied.find(({ certain }) => certain) ?? (other === undefined ? only : undefined)
  if (chosen === undefined) return null
  const { baseOffset, evidence } = chosen
  return {
    baseOffset,
    evidence: [...evidence, ...namesOf(entry, baseOffset, context)],
    inferred: false,
  }
}

interface Tie {
  readonly evidence: readonly EvidenceKind[]
  readonly certain: boolean
}

/** What ties the entry to this place in the log, or what speaks against it. */
function tieAt(
  entry: HoleEntry,
  baseOffset: bigint,
  around: Surroundings,
  context: PlacingContext,
): Tie | OuterVerdict {
  const { limits, mayHaveMoved } = around
  if (!fitsIn(entry, baseOffset, limits)) return 'no-room'
  // Of batches that have changed places, a sequence may seem to go on where a batch between them is not yet seen.
  if (mayHaveMoved && limits.high !== null) return 'may-have-moved'
  const verdict = context.sequenceOf(movedHeader(entry.header, baseOffset))
  if (verdict === 'contradicts') return 'sequence-contradicts'
  if (verdict !== 'silent') return { evidence: VERDICT_EVIDENCE[verdict], certain: true }
  const isCounted = around.fills || context.showsJoins || storedOffset(entry.header) !== 0n
  const ours =
    !mayHaveMoved &&
    isCounted &&
    (looksDamaged(entry, baseOffset, around) || looksZeroed(entry, baseOffset, around, context))
  return ours ? { evidence: ['neighbours'], certain: false } : 'not-ours'
}

/** No log has reached this; a field that says so is damaged, not another log's. */
const IMPOSSIBLE_OFFSET = 1n << 48n

const isOneBit = (difference: bigint): boolean => {
  const bits = BigInt.asUintN(64, difference)
  return bits > 0n && (bits & (bits - 1n)) === 0n
}

/** Whether the field looks like this offset with damage, not like some other batch's true offset. */
function looksDamaged(
  entry: HoleEntry,
  baseOffset: bigint,
  { fills }: Pick<Surroundings, 'fills'>,
): boolean {
  const { header } = entry
  const stored = storedOffset(header)
  const right = storedOffset(movedHeader(header, baseOffset))
  if (header.baseOffset < 0n || stored >= IMPOSSIBLE_OFFSET) return true
  // Zeros are left of any offset; that it was a power of two says nothing.
  return stored === 0n ? fills || entry.changes.some(isLength) : isOneBit(stored ^ right)
}

/**
 * Whether zeros that lie before the entry reach into its offset: the first bytes are zero, the others right. A batch that
 * was written to the wrong place has other bytes there, and its end would be that of a sector, not that of a batch.
 */
function looksZeroed(
  entry: HoleEntry,
  baseOffset: bigint,
  { behindBytes, touchesNext }: Surroundings,
  { followsZeros }: PlacingContext,
): boolean {
  if (!behindBytes || !touchesNext || entry.end % SECTOR_BYTES === 0) return false
  const stored = storedOffset(entry.header)
  const right = storedOffset(movedHeader(entry.header, baseOffset))
  const isRest = [0, 8, 16, 24, 32, 40, 48].some((bits) => BigInt.asUintN(bits, right) === stored)
  return isRest && followsZeros(entry.position)
}

/** The names of files say it too. */
function namesOf(
  entry: HoleEntry,
  baseOffset: bigint,
  { evidence }: PlacingContext,
): EvidenceKind[] {
  const next = baseOffset + offsetsIn(entry)
  return [
    ...(baseOffset === evidence.segmentBaseOffset || next === evidence.nextSegmentBaseOffset
      ? (['segmentName'] as const)
      : []),
    ...(next === evidence.snapshotOffset ? (['snapshot'] as const) : []),
  ]
}

/**
 * An index entry for this place names the batch's last offset. Brokers may name with a batch the last offset of all that
 * was appended with it, so what follows must leave no room for that, or the field be one bit from what the entry says.
 */
function byIndex(entry: HoleEntry, around: Surroundings, context: PlacingContext): Choice | null {
  const last = indexedOffset(context.evidence, entry.position)
  if (last === null) return null
  const baseOffset = last - offsetsIn(entry) + 1n
  const verdict = weighIndexed(entry, baseOffset, around, context)
  context.onOffset?.(entry, { baseOffset, basis: 'index', verdict })
  return verdict === 'fits' ? { baseOffset, evidence: ['index'], inferred: false } : null
}

function weighIndexed(
  entry: HoleEntry,
  baseOffset: bigint,
  { limits, touchesNext }: Surroundings,
  { sequenceOf }: PlacingContext,
): OuterVerdict {
  const moved = movedHeader(entry.header, baseOffset)
  const near = isOneBit(storedOffset(entry.header) ^ storedOffset(moved))
  if (!near && !(touchesNext && limits.high !== null)) return 'not-ours'
  if (!fitsIn(entry, baseOffset, limits)) return 'no-room'
  if (!looksDamaged(entry, baseOffset, { fills: true })) return 'not-ours'
  return sequenceOf(moved) === 'contradicts' ? 'sequence-contradicts' : 'fits'
}

/**
 * Between gaps nothing counts the offsets. But where exactly one flipped bit of the field brings the batch between its
 * neighbours, that is where it was. Of several in a hole, whole ones of another place would often lie some power of two
 * away, and so would one that changed places with a batch elsewhere: there it must be a bit that no offset of the segment can
 * have.
 */
function byOneBit(
  entry: HoleEntry,
  { limits, room, alone }: Surroundings,
  { withoutGaps, sequenceOf, mayBelongElsewhere, followsZeros, onOffset }: PlacingContext,
): Choice | null {
  const { header } = entry
  if (withoutGaps || room.high === null || fitsIn(entry, header.baseOffset, limits)) return null
  // Zeros that may reach into the field took whole bytes of it.
  if (followsZeros(entry.position)) return null
  if (mayBelongElsewhere(header)) return null
  const fitting = oneBitAway(header, room)
  const weigh = (place: BatchHeader): OuterVerdict => {
    if (fitting.length > 1) return 'several-fit'
    const isNear = header.baseOffset - place.baseOffset <= BigInt(MAX_RELATIVE_OFFSET)
    if (!alone && isNear) return 'not-ours'
    return sequenceOf(place) === 'contradicts' ? 'sequence-contradicts' : 'fits'
  }
  const weighed = fitting.map((place) => ({
    baseOffset: place.baseOffset,
    basis: 'one-bit' as const,
    verdict: weigh(place),
  }))
  for (const each of weighed) onOffset?.(entry, each)
  const found = weighed.find(({ verdict }) => verdict === 'fits')
  return found === undefined
    ? null
    : { baseOffset: found.baseOffset, evidence: ['neighbours'], inferred: true }
}

export function moveTo(entry: HoleEntry, { baseOffset, evidence, inferred }: Choice): HoleEntry {
  const { header } = entry
  if (header.baseOffset === baseOffset)
    return { ...entry, evidence: [...new Set([...entry.evidence, ...evidence])] }
  const moved = movedHeader(header, baseOffset)
  const [value, before] = [storedOffset(moved), storedOffset(header)]
  const message = `${isLegacy(header) ? 'offset' : 'baseOffset'} ${before} is wrong: the log around it says ${value}`
  const changed = withField(entry, 'baseOffset', value, {
    before,
    header: moved,
    evidence,
    inferred,
  })
  return entry.message === '' ? { ...changed, message } : changed
}
