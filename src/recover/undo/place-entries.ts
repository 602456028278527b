/**
 * Where the entries of a hole belong. baseOffset and partitionLeaderEpoch stand outside the CRC, so they are set only
 * where the log around the hole determines them, and only in a batch that is this log's: a whole batch of another place
 * must never be given the offsets of one that is lost.
 */
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isLegacy } from '../../segment/record-batch.ts'
import type { Evidence } from '../evidence.ts'
import type { EvidenceKind, FieldChange } from '../repair.ts'
import type { HoleEntry } from './entry.ts'
import { withField } from './entry.ts'
import { withEpochs } from './place-epochs.ts'
import type { HoleToken, OpenHole } from './open-hole.ts'
import type { SequenceVerdict } from './sequences.ts'
import { VERDICT_EVIDENCE } from './sequences.ts'

export interface PlacingContext {
  readonly evidence: Evidence
  readonly withoutGaps: boolean
  /** What the producer's other batches say of an entry at this offset. */
  readonly sequenceOf: (header: BatchHeader) => SequenceVerdict
  /** Whether the log has its own offsets free between accepted batches: then it may be whole, and only its place wrong. */
  readonly mayBelongElsewhere: (header: BatchHeader) => boolean
}

interface Item {
  readonly entry: HoleEntry
  /** A whole batch that was not accepted: it must be changed to be of use. */
  readonly proven: boolean
  readonly epochOnly: boolean
}

/** Entries of the hole that are put right, each with at least one change, in file order. */
export function placeEntries(
  tokens: readonly HoleToken[],
  hole: OpenHole,
  context: PlacingContext,
): HoleEntry[] {
  const groups = groupItems(tokens)
  const [left, right] = [hole.expectedOffset, endOf(hole, context)]
  const placed: HoleEntry[] = []
  groups.forEach((group, index) => {
    const fromLeft = index === 0 ? left : null
    const fromRight = index === groups.length - 1 ? right : null
    placed.push(...placeGroup(group, { left: fromLeft, right: fromRight }, hole, context))
  })
  return withEpochs(placed, hole, context.evidence).filter(({ changes }) => changes.length > 0)
}

const endOf = (hole: OpenHole, { evidence }: PlacingContext): bigint | null =>
  hole.next === null
    ? (evidence.nextSegmentBaseOffset ?? evidence.snapshotOffset)
    : hole.next.first.baseOffsetKnown
      ? hole.next.first.baseOffset
      : null

/** Entries that touch each other; bytes that are nothing lie between the groups. Second copies take no offsets. */
function groupItems(tokens: readonly HoleToken[]): Item[][] {
  const groups: Item[][] = [[]]
  for (const token of tokens) {
    const group = groups.at(-1)
    if (token.type === 'bytes') groups.push([])
    else if (token.type === 'entry')
      group?.push({ entry: token.entry, proven: false, epochOnly: false })
    else if (token.rejected.reason !== 'duplicate-batch') {
      const epochOnly = token.rejected.reason === 'leader-epoch-implausible'
      group?.push(...token.entries.map((entry) => ({ entry, proven: true, epochOnly })))
    }
  }
  return groups
}

interface Ends {
  readonly left: bigint | null
  readonly right: bigint | null
}

const offsetsIn = ({ header }: HoleEntry): bigint => header.lastOffset - header.baseOffset + 1n

function placeGroup(
  group: readonly Item[],
  ends: Ends,
  hole: OpenHole,
  context: PlacingContext,
): HoleEntry[] {
  const total = group.reduce((sum, { entry }) => sum + offsetsIn(entry), 0n)
  const { left, right } = ends
  const fills = left !== null && right !== null && left + total === right
  let before = 0n
  return group.flatMap((item) => {
    const front = left === null ? null : left + before
    const back = right === null ? null : right - (total - before)
    before += offsetsIn(item.entry)
    const choice = chooseOffset(
      item,
      { front, back, fills, alone: group.length === 1 },
      hole,
      context,
    )
    return choice === null ? [] : [moveTo(item.entry, choice)]
  })
}

interface Proposals {
  /** By counting on from the left, and back from the right. */
  readonly front: bigint | null
  readonly back: bigint | null
  /** Both agree, for every entry of the group. */
  readonly fills: boolean
  readonly alone: boolean
}

interface Choice {
  readonly baseOffset: bigint
  readonly evidence: readonly EvidenceKind[]
  readonly inferred: boolean
}

function chooseOffset(
  { entry, proven, epochOnly }: Item,
  { front, back, fills, alone }: Proposals,
  hole: OpenHole,
  context: PlacingContext,
): Choice | null {
  const own = entry.header.baseOffset
  const kept = (evidence: readonly EvidenceKind[]): Choice => ({
    baseOffset: own,
    evidence,
    inferred: false,
  })
  if (epochOnly) return kept([])
  const unchanged = proven && entry.changes.length === 0
  const joins = own === front || own === back
  // All of the leading bytes are zero: that offset 0 would join here may be an accident where not every batch joins.
  const isZeroed =
    own === 0n && entry.changes.some((change) => isLength(change) && change.before === '0')
  if (joins && (fills || context.withoutGaps || !isZeroed))
    return unchanged ? null : kept(['neighbours'])
  if (isZeroed && !context.withoutGaps && !fills) return null
  const limits = offsetLimits(hole, context)
  const surroundings = { fills, alone, limits }
  const counted = context.withoutGaps ? [front, back] : []
  const proposals = fills ? [front] : counted
  for (const baseOffset of proposals) {
    const evidence = baseOffset === null ? null : tiesTo(entry, baseOffset, surroundings, context)
    if (baseOffset !== null && evidence !== null)
      return {
        baseOffset,
        evidence: [...evidence, ...namesOf(entry, baseOffset, context)],
        inferred: false,
      }
  }
  return (
    byIndex(entry, limits, context) ??
    (alone ? byOneBit(entry, limits, context) : null) ??
    keepOwn(entry, unchanged, limits)
  )
}

/** By its names in the layouts of all magics. */
const isLength = ({ field }: FieldChange): boolean => field === 'batchLength' || field === 'size'

/** An entry whose own offset lies between its neighbours' stays there; the arbitration asks whether it is ours. */
function keepOwn(entry: HoleEntry, unchanged: boolean, limits: Limits): Choice | null {
  if (unchanged || !fitsIn(entry, entry.header.baseOffset, limits)) return null
  return { baseOffset: entry.header.baseOffset, evidence: [], inferred: false }
}

interface Limits {
  /** First offset that is free, and the first that is not. */
  readonly low: bigint
  readonly high: bigint | null
}

const offsetLimits = (hole: OpenHole, context: PlacingContext): Limits => ({
  low: hole.expectedOffset ?? 0n,
  high: endOf(hole, context),
})

const fitsIn = (entry: HoleEntry, baseOffset: bigint, { low, high }: Limits): boolean =>
  baseOffset >= low && (high === null || baseOffset + offsetsIn(entry) <= high)

/** No log has reached this; a field that says so is damaged, not another log's. */
const IMPOSSIBLE_OFFSET = 1n << 48n

const bitsOf = (value: bigint): number => {
  let count = 0
  for (let rest = BigInt.asUintN(64, value); rest > 0n; rest &= rest - 1n) count++
  return count
}

/**
 * Whether the field looks like this offset with damage, not like some other batch's true offset. Where several batches
 * lie in the hole and this one's own offset is one of those missing, they may as well have changed places.
 */
function looksDamaged(
  entry: HoleEntry,
  baseOffset: bigint,
  { fills, alone, limits }: Surroundings,
): boolean {
  const own = entry.header.baseOffset
  if (!alone && fitsIn(entry, own, limits)) return false
  if (own < 0n || own >= IMPOSSIBLE_OFFSET || bitsOf(own ^ baseOffset) === 1) return true
  return own === 0n && (fills || entry.changes.some(isLength))
}

interface Surroundings {
  readonly fills: boolean
  /** No other batch touches it inside the hole. */
  readonly alone: boolean
  readonly limits: Limits
}

function tiesTo(
  entry: HoleEntry,
  baseOffset: bigint,
  surroundings: Surroundings,
  { sequenceOf }: PlacingContext,
): readonly EvidenceKind[] | null {
  if (!fitsIn(entry, baseOffset, surroundings.limits)) return null
  const verdict = sequenceOf(movedHeader(entry.header, baseOffset))
  if (verdict === 'contradicts') return null
  if (verdict !== 'silent') return VERDICT_EVIDENCE[verdict]
  return looksDamaged(entry, baseOffset, surroundings) ? ['neighbours'] : null
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

/** An index entry for this place names the batch's last offset. */
function byIndex(
  entry: HoleEntry,
  limits: Limits,
  { evidence, sequenceOf }: PlacingContext,
): Choice | null {
  const { offsetIndex, segmentBaseOffset } = evidence
  if (offsetIndex === null || segmentBaseOffset === null) return null
  for (let index = 0; index < offsetIndex.trustedCount; index++) {
    if (offsetIndex.positions[index] !== entry.position) continue
    const last = segmentBaseOffset + BigInt(offsetIndex.relativeOffsets[index] ?? 0)
    const baseOffset = last - offsetsIn(entry) + 1n
    const surroundings = { fills: true, alone: true, limits }
    if (!fitsIn(entry, baseOffset, limits) || !looksDamaged(entry, baseOffset, surroundings))
      return null
    if (sequenceOf(movedHeader(entry.header, baseOffset)) === 'contradicts') return null
    return { baseOffset, evidence: ['index'], inferred: false }
  }
  return null
}

/**
 * Between gaps nothing counts the offsets. But where exactly one flipped bit of the field brings the batch between its
 * neighbours, that is where it was. Only of a batch that lies alone in its hole: of several, whole ones of another place
 * would often lie some power of two away.
 */
function byOneBit(
  entry: HoleEntry,
  limits: Limits,
  { withoutGaps, sequenceOf, mayBelongElsewhere }: PlacingContext,
): Choice | null {
  if (withoutGaps || limits.high === null || fitsIn(entry, entry.header.baseOffset, limits))
    return null
  if (mayBelongElsewhere(entry.header)) return null
  const fitting: bigint[] = []
  for (let bit = 0n; bit < 63n; bit++) {
    const baseOffset = entry.header.baseOffset ^ (1n << bit)
    if (fitsIn(entry, baseOffset, limits)) fitting.push(baseOffset)
  }
  const [baseOffset] = fitting
  if (baseOffset === undefined || fitting.length > 1) return null
  if (sequenceOf(movedHeader(entry.header, baseOffset)) === 'contradicts') return null
  return { baseOffset, evidence: ['neighbours'], inferred: true }
}

export const movedHeader = (header: BatchHeader, baseOffset: bigint): BatchHeader => ({
  ...header,
  baseOffset,
  lastOffset: baseOffset + (header.lastOffset - header.baseOffset),
})

function moveTo(entry: HoleEntry, { baseOffset, evidence, inferred }: Choice): HoleEntry {
  const { header } = entry
  if (header.baseOffset === baseOffset)
    return { ...entry, evidence: [...new Set([...entry.evidence, ...evidence])] }
  const moved = movedHeader(header, baseOffset)
  // In magic 0 and 1 the field holds the offset of the last message.
  const [value, before] = isLegacy(header)
    ? [moved.lastOffset, header.lastOffset]
    : [baseOffset, header.baseOffset]
  const message = `${isLegacy(header) ? 'offset' : 'baseOffset'} ${before} is wrong: the log around it says ${value}`
  const changed = withField(entry, 'baseOffset', value, {
    before,
    header: moved,
    evidence,
    inferred,
  })
  return entry.message === '' ? { ...changed, message } : changed
}
