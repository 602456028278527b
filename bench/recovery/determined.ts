/**
 * Whether anything tells where a batch belongs whose offset is damaged. Where every batch joins the next one, counting
 * does. Where gaps are normal (a compacted log) an offset may be known to be wrong, and still more than one place be left.
 * Worked out from the undamaged segment, the damaged field and the files beside it, not from what the tool did.
 */
import type { DamageCase } from './cases.ts'
import { indexEntries } from './contradictions.ts'
import { leadingOffset } from './original.ts'

/** No offset within a segment is further from another one. */
const SEGMENT_OFFSETS = 2n ** 31n

interface Room {
  /** The first offset at which the batch can begin, and the last. */
  readonly low: bigint
  readonly high: bigint
}

/** The batches of these whose place nothing tells, each with the reason; indexes in the original. */
export function undetermined(
  test: DamageCase,
  struck: readonly number[],
): ReadonlyMap<number, string> {
  const { truth } = test.segment
  const found = new Map<number, string>()
  if (truth.withoutGaps) return found
  const damaged = struck.filter((index) => !isOffsetKnown(test, index))
  for (const index of damaged) {
    const room = roomOf(test, damaged, index)
    if (room === null || isNamed(test, index)) continue
    const why = whyOpen(test, damaged, index, room)
    if (why !== null)
      found.set(
        index,
        `the offset of the batch at offset ${truth.batches[index]!.baseOffset} ${why}`,
      )
  }
  return found
}

function whyOpen(
  test: DamageCase,
  damaged: readonly number[],
  index: number,
  room: Room,
): string | null {
  const says = spanSaid(test, index)
  if (says !== null && !damaged.includes(index - 1) && mayBeOther(test, index, index - 1, says))
    return 'contradicts the one before it, and one flipped bit in either can be the reason'
  if (says !== null && !damaged.includes(index + 1) && mayBeOther(test, index, index + 1, says))
    return 'contradicts the one behind it, and one flipped bit in either can be the reason'
  if (room.high === room.low) return null
  if (!isOneBit(test, damaged, index, room))
    return `is lost; ${room.high - room.low + 1n} are possible between its neighbours`
  return says !== null && isFree(test, index, says)
    ? 'became one that no other batch has: it may be right, and the place in the file wrong'
    : null
}

interface Span {
  readonly from: bigint
  readonly to: bigint
}

/** The offsets that a damaged batch says it has; null where it has moved, or they cannot be in the segment. */
function spanSaid({ damaged, segment: { truth } }: DamageCase, index: number): Span | null {
  if (damaged.bytes.length !== damaged.original.length) return null
  const { position, baseOffset, lastOffset } = truth.batches[index]!
  const [stored, right] = [damaged.bytes, damaged.original].map((file) =>
    leadingOffset(file.subarray(position)),
  )
  const from = baseOffset + stored! - right!
  const to = from + lastOffset - baseOffset
  const isOutside =
    from < truth.segmentBaseOffset || to - truth.segmentBaseOffset >= SEGMENT_OFFSETS
  return isOutside || (truth.nextSegmentBase !== null && to >= truth.nextSegmentBase)
    ? null
    : { from, to }
}

/**
 * Whether a whole batch beside a damaged one overlaps what that says, and could be brought out of its way by a flipped
 * bit of its own. Sequences are not asked: no segment with gaps has any that would tell.
 */
function mayBeOther(test: DamageCase, index: number, other: number, says: Span): boolean {
  const { batches, segmentBaseOffset, nextSegmentBase } = test.segment.truth
  const batch = batches[other]
  if (batch === undefined || isNamed(test, other)) return false
  const { baseOffset, lastOffset, position } = batch
  const isBefore = other < index
  if (isBefore ? says.from > lastOffset : says.to < baseOffset) return false
  const low = isBefore ? (batches[other - 1]?.lastOffset ?? segmentBaseOffset - 1n) : says.to
  const high = isBefore ? says.from : (batches[other + 1]?.baseOffset ?? nextSegmentBase)
  const own = leadingOffset(test.damaged.original.subarray(position))
  return Array.from({ length: 31 }, (_, bit) => (own ^ (1n << BigInt(bit))) - own).some(
    (moved) => baseOffset + moved > low && (high === null || lastOffset + moved < high),
  )
}

/** Between two other batches that follow each other, or before the first one. */
function isFree({ segment: { truth } }: DamageCase, index: number, { from, to }: Span): boolean {
  const others = truth.batches.filter((_, at) => at !== index)
  const behind = others.findIndex(({ lastOffset }) => lastOffset >= from)
  const end = behind === -1 ? truth.nextSegmentBase : others[behind]!.baseOffset
  return end !== null && to < end
}

/** The offset field is as it was, and nothing was put between it and the rest of the batch. */
function isOffsetKnown({ damaged, segment }: DamageCase, index: number): boolean {
  const { position, magic } = segment.truth.batches[index]!
  const { bytes, original } = damaged
  const isSame = (from: number, to: number): boolean =>
    Buffer.compare(bytes.subarray(from, to), original.subarray(from, to)) === 0
  // What precedes the bytes under the CRC could be the first bytes of another batch, of which the rest is lost.
  const isMoved = bytes.length > original.length
  if (!isMoved) return isSame(position, position + OFFSET_BYTES)
  const isWholeOffset = isSame(position, position + OFFSET_BYTES)
  return !isWholeOffset || isSame(position, position + (magic === 2 ? V2_CRC_END : LEGACY_CRC_END))
}

const OFFSET_BYTES = 8
const V2_CRC_END = 21
const LEGACY_CRC_END = 16

/** Where the batch can be, between the nearest batches whose offsets are known; null where nothing follows. */
function roomOf(
  { segment: { truth } }: DamageCase,
  damaged: readonly number[],
  index: number,
): Room | null {
  const { batches, segmentBaseOffset, nextSegmentBase } = truth
  const count = (at: number): bigint => batches[at]!.lastOffset - batches[at]!.baseOffset + 1n
  let [before, after] = [0n, count(index)]
  let [left, right] = [index - 1, index + 1]
  for (; damaged.includes(left); left--) before += count(left)
  for (; damaged.includes(right); right++) after += count(right)
  const end = batches[right]?.baseOffset ?? nextSegmentBase
  if (end === null) return null
  const previous = batches[left]
  const start = previous === undefined ? segmentBaseOffset : previous.lastOffset + 1n
  return { low: start + before, high: end - after }
}

/** An index entry names the batch, or the messages inside it carry offsets of their own. */
function isNamed({ segment: { segment, truth, row } }: DamageCase, index: number): boolean {
  const { position, lastOffset, magic, codec } = truth.batches[index]!
  if (magic === 0 && codec !== 'none') return true
  const named = row.layout === 'partition' ? indexEntries(segment) : []
  return named.some(
    (entry) =>
      entry.position === position && truth.segmentBaseOffset + entry.relativeOffset === lastOffset,
  )
}

/**
 * One flipped bit, and no other one leads into the room. Of several batches side by side a bit within the segment's
 * offsets tells nothing: the batches may as well be whole ones that were written to the wrong place.
 */
function isOneBit(
  { damaged: { bytes, original }, segment: { truth } }: DamageCase,
  damaged: readonly number[],
  index: number,
  { low, high }: Room,
): boolean {
  if (bytes.length !== original.length) return false
  const { position, baseOffset } = truth.batches[index]!
  const [stored, right] = [bytes, original].map((file) => leadingOffset(file.subarray(position)))
  const moved = (offset: bigint): bigint => baseOffset + offset - right!
  const places = Array.from({ length: 63 }, (_, bit) => stored! ^ (1n << BigInt(bit))).filter(
    (offset) => low <= moved(offset) && moved(offset) <= high,
  )
  if (places.length !== 1 || places[0] !== right) return false
  const isAlone = !damaged.includes(index - 1) && !damaged.includes(index + 1)
  return isAlone || stored! - right! >= SEGMENT_OFFSETS
}
