/**
 * Surplus bytes among the fields before the CRC. Taking them out puts the head of a batch before a rest whose CRC holds,
 * and it would hold as well behind the head of another batch of the same length, whose own rest is lost. So something
 * must say that both are one batch's.
 */
import { MAX_RELATIVE_OFFSET } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { codecBits, crcCoverage } from '../../segment/record-batch.ts'
import type { Edit } from '../edits.ts'
import type { Evidence } from '../evidence.ts'
import { lastOffset } from '../runs.ts'
import type { KnownLog } from './known-log.ts'

/** The offset is the first field in every magic. */
const OFFSET_BYTES = 8

type SegmentNames = Pick<Evidence, 'segmentBaseOffset' | 'nextSegmentBaseOffset'>

/** A segment has no offset further from its base. */
const MOST_OFFSETS = BigInt(MAX_RELATIVE_OFFSET) + 1n

/** An offset that no batch of the segment reaches; null where not even its base is known. */
export const segmentLimit = ({
  segmentBaseOffset,
  nextSegmentBaseOffset,
}: SegmentNames): bigint | null =>
  nextSegmentBaseOffset ?? (segmentBaseOffset === null ? null : segmentBaseOffset + MOST_OFFSETS)

/** How many offsets the segment has room for, as its log or the names of files bound it; else as many as Kafka does. */
export function offsetsInSegment(
  { accepted, holes }: KnownLog,
  { segmentBaseOffset, nextSegmentBaseOffset }: SegmentNames,
): bigint {
  const last = accepted.at(-1)
  const isOpen = last === undefined || holes.at(-1)?.next === null
  const end = nextSegmentBaseOffset ?? (isOpen ? null : lastOffset(last) + 1n)
  return segmentBaseOffset === null || end === null ? MOST_OFFSETS : end - segmentBaseOffset
}

/** What is known of the log around the batch. */
export interface Place {
  /** The first offset behind the log before it, and where the log goes on behind it, or once ended. */
  readonly expectedOffset: bigint | null
  readonly nextOffset: bigint | null
  /** How many the segment has room for. */
  readonly offsets: bigint
}

/** `header`: of what `edits` leave of the source. */
export function isOneBatch(
  source: Uint8Array,
  edits: readonly Edit[],
  header: BatchHeader,
  place: Place,
): boolean {
  const { start } = crcCoverage(header.magic)
  const removal = edits.find(({ at, removed, inserted }) => removed > inserted.length && at < start)
  if (removal === undefined) return true
  const headBytes = headBytesOf(source, removal, start)
  // With the stored CRC among them they are the rest's; so are offsets that the CRC covers, in wrappers of magic 0.
  if (headBytes === start || (header.magic === 0 && codecBits(header) !== 0)) return true
  return fillsExactly(header, place) || isOnlyOffset(headBytes, place.offsets)
}

/** How many bytes before what is taken out may be the batch's: it is the same bytes wherever it is cut up to there. */
function headBytesOf(source: Uint8Array, { at, removed }: Edit, limit: number): number {
  let end = at
  while (end < limit && source[end] === source[end + removed]) end++
  return end
}

/**
 * Whether the bytes of the offset that stand with the rest leave it only one value: no two batches of the segment have
 * offsets that end in the same bytes.
 */
const isOnlyOffset = (headBytes: number, offsets: bigint): boolean =>
  headBytes < OFFSET_BYTES && offsets <= 1n << BigInt(8 * (OFFSET_BYTES - headBytes))

/** The batch takes just the offsets between the log before it and the log behind it. */
function fillsExactly(
  { baseOffset, baseOffsetKnown, lastOffset: last }: BatchHeader,
  { expectedOffset, nextOffset }: Place,
): boolean {
  const startsThere = expectedOffset !== null && (!baseOffsetKnown || baseOffset === expectedOffset)
  return startsThere && last + 1n === nextOffset
}
