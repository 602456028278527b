/**
 * Which offsets a hole has swallowed, how that is known, and which entry stands for which of them.
 * lastOffsetDelta lies inside the bytes that a failed CRC covers, so a header in damaged bytes is believed only
 * where it fits the ends of its neighbours exactly.
 */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isLegacy, lastSequence } from '../segment/record-batch.ts'
import { NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, SEQUENCE_MODULUS } from '../segment/layout.ts'
import type { Claim, Damage, OffsetBasis, SkippedRange } from './damage.ts'
import type { Hole, HoleContext } from './holes.ts'
import { firstOffset, lastOffset } from './runs.ts'

interface End {
  readonly lastOffset: bigint | null
  readonly basis: OffsetBasis
  /** The end is the start of a good neighbour, of the next segment, or of a batch whose CRC holds. */
  readonly verified: boolean
}

/** Sets outcome and offsets of the hole's entries, and sums up what is skipped. Null when nothing is. */
export function resolveHole(
  hole: Hole,
  context: HoleContext,
): { entries: Damage[]; range: SkippedRange | null } {
  const entries = hole.entries.map((entry) => ({ ...entry }))
  const skippable = entries.filter((entry) => entry.outcome === 'skipped')
  const [first, end] = extent(hole, skippable, context)
  const nothingMissing = end.lastOffset !== null && end.lastOffset < first
  const onlyZeros =
    hole.next === null &&
    hole.prev !== null &&
    skippable.every((entry) => entry.reason === 'zero-fill')
  const noSign = end.basis === 'tail' && end.lastOffset === null && onlyZeros
  if (
    nothingMissing ||
    noSign ||
    (skippable.length === 0 && !isMissing(hole, context, first, end))
  ) {
    for (const entry of skippable) entry.outcome = 'dropped'
    return { entries, range: null }
  }
  if (skippable.length === 0) {
    const gap = missingBytes(hole, first, end.lastOffset)
    entries.push(gap)
    skippable.push(gap)
  }
  const accounted = assignOffsets(skippable, first, end.lastOffset)
  const skipped = skippable.filter((entry) => entry.outcome === 'skipped')
  return { entries, range: summarise(hole, skipped, { first, end, accounted }, context) }
}

/** In a log without gaps an offset between two good ends is missing even when no byte tells of it. */
function isMissing(hole: Hole, { withoutGaps }: HoleContext, first: bigint, end: End): boolean {
  if (!withoutGaps || end.lastOffset === null || end.lastOffset < first) return false
  // Magic 0/1 has no placeholder: such a gap is also what a repair leaves behind, so it is noted, not called damage.
  const bare = hole.position === hole.end
  if (bare && hole.prev !== null && isLegacy(hole.prev.last) && hole.next !== null) return false
  // The first batch may start above the segment base (deleted records), and a lone file may be any part of a log.
  return hole.prev !== null || hole.next === null
}

function missingBytes(hole: Hole, first: bigint, last: bigint | null): Damage {
  const tail = hole.next === null
  const message = tail
    ? `the file ends before offset ${first}; a file beside it says that the log went on to ${last ?? '?'}`
    : `offsets ${first} to ${last ?? '?'} are missing between two batches that touch`
  const [reason, outcome] = [
    tail ? ('torn-tail' as const) : ('unrecognised-bytes' as const),
    'skipped' as const,
  ]
  return {
    position: hole.end,
    sizeInBytes: 0,
    reason,
    message,
    outcome,
    baseOffset: null,
    lastOffset: null,
    claim: null,
  }
}

function extent(hole: Hole, skippable: readonly Damage[], context: HoleContext): [bigint, End] {
  const allPlaced = skippable.length > 0 && skippable.every((entry) => entry.claim?.placed === true)
  const firstClaim = skippable[0]?.claim
  // Only whole batches are lost, in their right place: nothing around them is in doubt, even between gaps.
  const first =
    allPlaced && firstClaim?.header.baseOffsetKnown === true
      ? firstClaim.header.baseOffset
      : hole.expectedOffset
  const lastClaim = skippable.at(-1)?.claim
  if (allPlaced && lastClaim !== undefined && lastClaim !== null) {
    const basis = isLegacy(lastClaim.header) ? 'entryOffset' : 'lastOffsetDelta'
    return [first, { lastOffset: lastClaim.header.lastOffset, basis, verified: true }]
  }
  if (hole.next !== null) {
    return [first, { lastOffset: firstOffset(hole.next) - 1n, basis: 'neighbours', verified: true }]
  }
  return [first, tailEnd(skippable, first, context)]
}

function tailEnd(
  skippable: readonly Damage[],
  first: bigint,
  { evidence, withoutGaps }: HoleContext,
): End {
  const { nextSegmentBaseOffset, snapshotOffset } = evidence
  const missingByName = withoutGaps || skippable.length > 0
  if (nextSegmentBaseOffset !== null && missingByName) {
    return { lastOffset: nextSegmentBaseOffset - 1n, basis: 'nextSegment', verified: true }
  }
  if (snapshotOffset !== null && snapshotOffset > first) {
    return { lastOffset: snapshotOffset - 1n, basis: 'snapshot', verified: true }
  }
  const torn = tornEnd(skippable, first)
  // The log reached at least the last transaction that its .txnindex lists as ended, whatever is left of it.
  const listed = evidence.abortedTransactions?.at(-1)?.lastOffset
  return listed !== undefined && listed >= first && listed > (torn.lastOffset ?? -1n)
    ? { lastOffset: listed, basis: 'index', verified: false }
    : torn
}

/** How far the headers in the bytes at the end lead; nothing is missing where there are none. */
function tornEnd(skippable: readonly Damage[], first: bigint): End {
  if (skippable.length === 0) return { lastOffset: first - 1n, basis: 'neighbours', verified: true }
  let offset = first
  for (const { claim } of skippable) {
    const next = claim === null ? null : follow(claim, offset)
    if (next === null) return { lastOffset: null, basis: 'tail', verified: false }
    offset = next
  }
  return { lastOffset: offset - 1n, basis: 'tail', verified: false }
}

/** The offset after a claim that starts at `offset`; null when it does not. */
function follow({ header, proven }: Claim, offset: bigint): bigint | null {
  if (header.lastOffset < header.baseOffset) return null
  // A proven batch in the wrong place still tells how many offsets it holds.
  if (proven) return offset + (header.lastOffset - header.baseOffset) + 1n
  if (header.baseOffset !== offset) return null
  return header.recordsCount === header.lastOffsetDelta + 1 ? header.lastOffset + 1n : null
}

/**
 * Gives each entry its offsets: from the front and from the back as long as headers chain, and what is left between
 * to all that are left. True when the headers account for every offset.
 */
function assignOffsets(entries: readonly Damage[], first: bigint, last: bigint | null): boolean {
  let [from, front] = [first, 0]
  for (; front < entries.length; front++) {
    const entry = entries[front]
    const next = entry === undefined || entry.claim === null ? null : chained(entry.claim, from)
    if (entry === undefined || next === null || (last !== null && next > last + 1n)) break
    ;[entry.baseOffset, entry.lastOffset] = [from, next - 1n]
    from = next
  }
  if (front === entries.length) {
    // All chained but the known end lies elsewhere: the last one stands for the difference.
    const final = entries.at(-1)
    if (final !== undefined && last !== null) final.lastOffset = last
    return last === null || from === last + 1n
  }
  let [to, back] = [last, entries.length]
  while (to !== null && back > front + 1) {
    const entry = entries[back - 1]
    const header = entry?.claim?.header
    if (
      entry === undefined ||
      header?.lastOffset !== to ||
      header.baseOffset <= from ||
      header.baseOffset > to
    )
      break
    ;[entry.baseOffset, entry.lastOffset] = [header.baseOffset, to]
    to = header.baseOffset - 1n
    back--
  }
  const left = entries.slice(front, back)
  if (to !== null && from > to) {
    // The others account for every offset: these bytes stand for none.
    for (const entry of left) entry.outcome = 'dropped'
    return true
  }
  for (const entry of left) [entry.baseOffset, entry.lastOffset] = [from, to]
  return false
}

function chained(claim: Claim, offset: bigint): bigint | null {
  const { header, proven, placed } = claim
  if (header.lastOffset < header.baseOffset) return null
  if (proven && !placed) return offset + (header.lastOffset - header.baseOffset) + 1n
  // A wrapper that does not decode knows only its last offset.
  if (proven && !header.baseOffsetKnown) return header.lastOffset + 1n
  return header.baseOffset === offset ? header.lastOffset + 1n : null
}

interface Extent {
  readonly first: bigint
  readonly end: End
  readonly accounted: boolean
}

function summarise(
  hole: Hole,
  skipped: readonly Damage[],
  { first, end, accounted }: Extent,
  context: HoleContext,
): SkippedRange {
  const [firstEntry, lastEntry] = [skipped[0], skipped.at(-1)]
  if (firstEntry === undefined || lastEntry === undefined) throw new Error('a range needs an entry')
  const bySequence = sequencesAccount(hole)
  const legacy = skipped.every(({ claim }) => claim !== null && isLegacy(claim.header))
  const headers = skipped.flatMap(({ claim }) => (claim === null ? [] : [claim.header]))
  const believed = accounted || skipped.every(({ claim }) => claim?.proven === true)
  const lastBasis =
    end.basis !== 'neighbours'
      ? end.basis
      : accounted
        ? legacy
          ? 'entryOffset'
          : 'lastOffsetDelta'
        : bySequence
          ? 'sequence'
          : 'neighbours'
  const exact = end.verified && (believed ? accounted : bySequence)
  const count = end.lastOffset === null ? null : Number(end.lastOffset - first) + 1
  return {
    firstOffset: first,
    lastOffset: end.lastOffset,
    liveSeekOffset: liveSeekOffset(hole, skipped, end, context),
    recordCount: countRecords(skipped, count, context.withoutGaps),
    kind: kindOf(headers, believed, bySequence),
    firstBasis: 'neighbours',
    lastBasis,
    verified: end.verified,
    exact,
    timeAfter: timestampOf(hole.prev?.last),
    timeBefore: timestampOf(hole.next?.first),
    producers: producersNear(hole, believed ? headers : []),
    reason: firstEntry.reason,
    position: firstEntry.position,
    sizeInBytes: lastEntry.position + lastEntry.sizeInBytes - firstEntry.position,
    damage: skipped,
  }
}

/** Whether one producer's sequence numbers account for every offset between the neighbours. */
function sequencesAccount({ prev, next }: Hole): boolean {
  if (prev === null || next === null) return false
  const [before, after] = [prev.last, next.first]
  if (before.producerId === NO_PRODUCER_ID || before.producerId !== after.producerId) return false
  if (
    before.producerEpoch !== after.producerEpoch ||
    before.baseSequence === NO_SEQUENCE ||
    after.baseSequence === NO_SEQUENCE
  )
    return false
  const sequences =
    (after.baseSequence - lastSequence(before) + SEQUENCE_MODULUS) % SEQUENCE_MODULUS
  return BigInt(sequences) === firstOffset(next) - lastOffset(prev)
}

/** Without gaps there are as many records as offsets; elsewhere only a header whose CRC holds can tell. */
function countRecords(
  skipped: readonly Damage[],
  count: number | null,
  withoutGaps: boolean,
): number | null {
  if (count === null) return null
  if (skipped.every(({ claim }) => claim?.proven === true)) {
    return recordsOf(skipped.flatMap(({ claim }) => claim?.header ?? []))
  }
  return withoutGaps ? count : null
}

const recordsOf = (headers: readonly BatchHeader[]): number | null =>
  headers.reduce<number | null>(
    (sum, { recordsCount }) => (sum === null || recordsCount === null ? null : sum + recordsCount),
    0,
  )

function kindOf(
  headers: readonly BatchHeader[],
  believed: boolean,
  bySequence: boolean,
): SkippedRange['kind'] {
  // Markers take no sequence numbers: where those account for everything, there was none.
  if (!believed) return bySequence ? 'data' : 'unknown'
  if (headers.every(isControl)) return 'control'
  return headers.some(isControl) ? 'unknown' : 'data'
}

const timestampOf = (header: BatchHeader | undefined): bigint | null =>
  header === undefined || header.maxTimestamp === NO_TIMESTAMP ? null : header.maxTimestamp

function producersNear(hole: Hole, headers: readonly BatchHeader[]): SkippedRange['producers'] {
  const near = [hole.prev?.last, ...headers, hole.next?.first]
  const found = new Map<string, SkippedRange['producers'][number]>()
  for (const header of near) {
    if (header === undefined || header.producerId === NO_PRODUCER_ID) continue
    const { producerId, producerEpoch } = header
    found.set(`${producerId}/${producerEpoch}`, { producerId, producerEpoch })
  }
  return [...found.values()]
}

/** Damage that leaves the lengths alone: a broker steps over it, and a consumer can go on right behind it. */
const KEEPS_FRAMING: ReadonlySet<string> = new Set([
  'crc-mismatch',
  'decompression-failed',
  'record-malformed',
  'record-count-mismatch',
  'unknown-codec',
  'limit-exceeded',
  'unknown-magic',
  'offset-not-increasing',
  'offset-out-of-range',
  'leader-epoch-implausible',
])

/**
 * After a framing error the broker scans headers from an index entry, so a consumer that asks for an offset right
 * behind the damage still meets it. It gets past from the first entry that lies beyond.
 */
function liveSeekOffset(
  hole: Hole,
  skipped: readonly Damage[],
  end: End,
  { evidence }: HoleContext,
): bigint | null {
  const next = end.lastOffset === null ? null : end.lastOffset + 1n
  const framed =
    hole.entries.every((entry) => KEEPS_FRAMING.has(entry.reason)) &&
    skipped.every((entry) => entry.sizeInBytes > 0)
  if (framed || hole.position === hole.end) return next
  const { offsetIndex, segmentBaseOffset, nextSegmentBaseOffset } = evidence
  if (offsetIndex !== null && segmentBaseOffset !== null) {
    for (let entry = 0; entry < offsetIndex.trustedCount; entry++) {
      if ((offsetIndex.positions[entry] ?? 0) >= hole.end)
        return segmentBaseOffset + BigInt(offsetIndex.relativeOffsets[entry] ?? 0)
    }
  }
  return nextSegmentBaseOffset
}
