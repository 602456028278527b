/**
 * `.index`: 8-byte entries, i32 relativeOffset (to the segment's base offset) and i32 position in
 * the `.log`, both strictly increasing, no checksum (Kafka's OffsetIndex). This module decodes it,
 * looks up like the broker and builds it; offset-index-check.ts holds it against the batches.
 */
import { ByteWriter } from './byte-writer.ts'
import { int32At } from './column.ts'
import { checkEntryOrder, type EntryRules } from './entry-order.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'
import { countZeroTailBytes } from './zero-tail.ts'
import { counted } from '../words/words.ts'

export const OFFSET_INDEX_ENTRY_SIZE = 8

/** Both columns are signed 32-bit in the file, so nothing above this can be indexed. */
export const MAX_INDEX_VALUE = 0x7fffffff

/** Kafka's default for `index.interval.bytes`. */
export const DEFAULT_INDEX_INTERVAL_BYTES = 4096

/** A decoded `.index`: parallel columns, because a damaged one may hold millions of entries. */
export interface OffsetIndex {
  /** Whole entries before the zero tail, good or not. */
  readonly entryCount: number
  /** The first entries that no problem touches: only these are evidence of anything. */
  readonly trustedCount: number
  readonly relativeOffsets: Int32Array
  readonly positions: Int32Array
  /** Preallocated bytes after the last entry. Not damage in an active segment; harmful in a closed one. */
  readonly zeroTailBytes: number
  readonly problems: readonly IndexProblem[]
}

/** Where a reader starts to look for an offset: scan batch headers from `position` on. */
export interface OffsetPosition {
  readonly offset: bigint
  readonly position: number
}

function describeFault(entry: number, relativeOffsets: Int32Array, positions: Int32Array): string {
  const relativeOffset = int32At(relativeOffsets, entry)
  const position = int32At(positions, entry)
  const previousOffset = int32At(relativeOffsets, entry - 1)
  const previousPosition = int32At(positions, entry - 1)
  if (relativeOffset < 0) return `has the negative relative offset ${relativeOffset}`
  if (position < 0) return `has the negative position ${position}`
  return relativeOffset <= previousOffset
    ? `has the relative offset ${relativeOffset}, which is not above ${previousOffset} in the entry before it`
    : `has the position ${position}, which is not above ${previousPosition} in the entry before it`
}

function orderRules(relativeOffsets: Int32Array, positions: Int32Array): EntryRules {
  const offsetOf = (entry: number): number => int32At(relativeOffsets, entry)
  const positionOf = (entry: number): number => int32At(positions, entry)
  return {
    entryCount: relativeOffsets.length,
    entrySize: OFFSET_INDEX_ENTRY_SIZE,
    isEmpty: (entry) => offsetOf(entry) === 0 && positionOf(entry) === 0,
    isImpossible: (entry) => offsetOf(entry) < 0 || positionOf(entry) < 0,
    follows: (entry) =>
      offsetOf(entry) > offsetOf(entry - 1) && positionOf(entry) > positionOf(entry - 1),
    describe: (entry) => describeFault(entry, relativeOffsets, positions),
  }
}

/** Decodes a whole `.index` file. Never throws; what is wrong is in `problems`. */
export function decodeOffsetIndex(bytes: Uint8Array): OffsetIndex {
  const problems = createProblemList('offsetIndex')
  const fragmentBytes = bytes.length % OFFSET_INDEX_ENTRY_SIZE
  const end = bytes.length - fragmentBytes
  const zeroTailBytes = countZeroTailBytes(bytes, end, OFFSET_INDEX_ENTRY_SIZE)
  const entryCount = (end - zeroTailBytes) / OFFSET_INDEX_ENTRY_SIZE
  const relativeOffsets = new Int32Array(entryCount)
  const positions = new Int32Array(entryCount)
  // Read twice for each segment, with hundreds of thousands of entries: the usual case is decided in one pass.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let [isInOrder, lastOffset, lastPosition] = [true, -1, -1]
  for (let entry = 0; entry < entryCount; entry++) {
    const relativeOffset = view.getInt32(entry * OFFSET_INDEX_ENTRY_SIZE)
    const position = view.getInt32(entry * OFFSET_INDEX_ENTRY_SIZE + 4)
    if (relativeOffset <= lastOffset || position <= lastPosition) isInOrder = false
    relativeOffsets[entry] = lastOffset = relativeOffset
    positions[entry] = lastPosition = position
  }
  const trustedCount = isInOrder
    ? entryCount
    : checkEntryOrder(orderRules(relativeOffsets, positions), problems)
  if (fragmentBytes > 0) {
    problems.add(
      null,
      end,
      () =>
        `the file is ${counted(bytes.length, 'byte')} long, which is no multiple of 8: its end is cut off`,
    )
  }
  return {
    entryCount,
    trustedCount,
    relativeOffsets,
    positions,
    zeroTailBytes,
    problems: problems.list(),
  }
}

/** The greatest trusted entry at or below `offset`, else the start of the segment (OffsetIndex.lookup). */
export function lookupOffset(
  index: OffsetIndex,
  baseOffset: bigint,
  offset: bigint,
): OffsetPosition {
  // Rounding beyond 2^53 is harmless: relative offsets end at 2^31.
  const wanted = Number(offset - baseOffset)
  // Invariant: every entry below `low` is at or below `wanted`, every entry from `high` on is above.
  let low = 0
  let high = index.trustedCount
  while (low < high) {
    const middle = (low + high) >>> 1
    if (int32At(index.relativeOffsets, middle) <= wanted) low = middle + 1
    else high = middle
  }
  if (low === 0) return { offset: baseOffset, position: 0 }
  return {
    offset: baseOffset + BigInt(int32At(index.relativeOffsets, low - 1)),
    position: int32At(index.positions, low - 1),
  }
}

/** Writes an `.index`, fed with all batches of a segment in order. */
export interface OffsetIndexBuilder {
  /** True when an entry was written: the moment at which a time index entry is attempted too. */
  onBatch(position: number, sizeInBytes: number, lastOffset: bigint): boolean
  finish(): Uint8Array
}

/**
 * Builds what LogSegment.recover would: an entry (lastOffset, position) for a batch that starts more
 * than `intervalBytes` after the last indexed one; the first batch of a segment is never indexed.
 */
export function createOffsetIndexBuilder(
  baseOffset: bigint,
  intervalBytes: number = DEFAULT_INDEX_INTERVAL_BYTES,
): OffsetIndexBuilder {
  const entries = new ByteWriter()
  let lastIndexedPosition = 0
  let lastRelativeOffset = -1
  return {
    onBatch(position, _sizeInBytes, lastOffset) {
      if (position - lastIndexedPosition <= intervalBytes || position > MAX_INDEX_VALUE)
        return false
      const relativeOffset = Number(lastOffset - baseOffset)
      // Kafka would empty the segment here (InvalidOffsetException); a sparser index is always legal.
      if (relativeOffset <= lastRelativeOffset || relativeOffset > MAX_INDEX_VALUE) return false
      entries.int32(relativeOffset)
      entries.int32(position)
      lastIndexedPosition = position
      lastRelativeOffset = relativeOffset
      return true
    },
    finish: () => entries.finish(),
  }
}
