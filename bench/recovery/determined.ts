/**
 * Whether anything tells where a batch belongs whose offset is damaged. Where every batch joins the next one, counting
 * does. Where gaps are normal (a compacted log) an offset may be known to be wrong, and still more than one place be left.
 * Worked out from the undamaged segment, the damaged field and the files beside it, not from what the tool did.
 */
import type { DamageCase } from './cases.ts'
import { indexEntries } from './contradictions.ts'
import type { Truth } from '../../test/support/lost-groups.ts'
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
  const lost = (index: number, why: string): unknown =>
    found.set(index, `the offset of the batch at offset ${truth.batches[index]!.baseOffset} ${why}`)
  const torn = struck.filter((index) => isTorn(test, index))
  for (const index of torn)
    if (!isBetweenEnds(test, torn, index))
      lost(index, 'is torn from its rest; nothing tells that both are of one batch')
  if (truth.withoutGaps) return found
  const damaged = struck.filter((index) => !isOffsetKnown(test, index))
  for (const index of damaged) {
    const room = roomOf(test, damaged, index)
    if (room === null || isNamed(test, index)) continue
    const why = whyOpen(test, damaged, index, room)
    if (why !== null) lost(index, why)
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

const OFFSET_BYTES = 8
const V2_CRC_END = 21
const LEGACY_CRC_END = 16

/** The offset field is as it was; of a batch into which something was put it is asked whether it is torn. */
const isOffsetKnown = ({ damaged, segment }: DamageCase, index: number): boolean =>
  damaged.bytes.length > damaged.original.length ||
  leadingBytesKept({ damaged, segment }, index) >= OFFSET_BYTES

/** How many of a batch's first bytes still stand where it began. */
function leadingBytesKept(
  { damaged: { bytes, original }, segment }: Pick<DamageCase, 'damaged' | 'segment'>,
  index: number,
): number {
  const { position, sizeInBytes } = segment.truth.batches[index]!
  let kept = 0
  while (kept < sizeInBytes && bytes[position + kept] === original[position + kept]) kept++
  return kept
}

/**
 * Something was put in before the bytes under the CRC. What precedes it could be the first bytes of another batch, of
 * which the rest is lost, as long as what stands of the offset with the rest could be the end of more than one offset of
 * the segment. Messages inside a wrapper of magic 0 carry their own.
 */
function isTorn(test: DamageCase, index: number): boolean {
  const { damaged, segment } = test
  const batch = segment.truth.batches[index]!
  if (damaged.bytes.length <= damaged.original.length || damaged.placeOf(batch) !== null)
    return false
  if (batch.magic === 0 && batch.codec !== 'none') return false
  const before = leadingBytesKept(test, index)
  if (before >= (batch.magic === 2 ? V2_CRC_END : LEGACY_CRC_END)) return false
  const behind = OFFSET_BYTES - before
  if (behind <= 0 || offsetsIn(segment.truth, index) > 1n << BigInt(8 * behind)) return true
  return !segment.truth.withoutGaps && fitsCutElsewhere(test, index)
}

/** Cut at another byte of the offset, head and rest make another one that lies between the neighbours too. */
function fitsCutElsewhere(test: DamageCase, index: number): boolean {
  const { bytes, original } = test.damaged
  const { position, baseOffset } = test.segment.truth.batches[index]!
  const room = roomOf(test, [index], index)
  const right = leadingOffset(original.subarray(position))
  const rest = position + bytes.length - original.length
  return Array.from({ length: OFFSET_BYTES + 1 }, (_, cut) =>
    leadingOffset(
      Buffer.concat([
        bytes.subarray(position, position + cut),
        bytes.subarray(rest + cut, rest + OFFSET_BYTES),
      ]),
    ),
  ).some((offset) => {
    const base = baseOffset + offset - right
    const isBelow = room === null || base <= room.high
    return offset !== right && base >= (room?.low ?? 0n) && isBelow
  })
}

/** How many offsets the segment has, as far as what is not struck tells; else as many as one can have. */
function offsetsIn({ batches, segmentBaseOffset, nextSegmentBase }: Truth, struck: number): bigint {
  const isLast = struck === batches.length - 1
  const end = nextSegmentBase ?? (isLast ? null : batches.at(-1)!.lastOffset + 1n)
  return end === null ? SEGMENT_OFFSETS : end - segmentBaseOffset
}

/** The batch takes just the offsets between its neighbours, or up to the end that a file beside the segment names. */
function isBetweenEnds(test: DamageCase, torn: readonly number[], index: number): boolean {
  const { batches, knownEnd, segmentBaseOffset } = test.segment.truth
  const room = roomOf(test, torn, index)
  if (room !== null) return room.high === room.low
  const { baseOffset, lastOffset } = batches[index]!
  const previous = batches[index - 1]
  const start = previous === undefined ? segmentBaseOffset : previous.lastOffset + 1n
  return baseOffset === start && knownEnd === lastOffset + 1n
}

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
