/**
 * Holds an `.index` against the batches of its segment, in one pass and constant memory.
 * An entry (O, P) is correct when P is the start of a batch, every batch before P has lastOffset < O
 * (that is all a lookup needs: greatest entry at or below the target, then a scan of headers), and O
 * lies in the batch at P or in one behind it. More cannot be asked: appends before 4.1 (KAFKA-806) pair
 * the last offset of a whole appended set with the set's start, the interval restarts with the broker,
 * and compaction may have taken the last records of the batch that an entry was made for.
 */
import { int32At } from './column.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'
import { OFFSET_INDEX_ENTRY_SIZE, type OffsetIndex } from './offset-index.ts'

export interface OffsetIndexCheck {
  /**
   * The segment's good batches, in file order. Bytes between them count as damaged. `baseOffset` is null where it is not
   * known: in magic 0 and 1 only decoding tells.
   */
  onBatch(
    position: number,
    sizeInBytes: number,
    lastOffset: bigint,
    baseOffset: bigint | null,
  ): void
  /**
   * The problems of the file: those of decoding, then those found here. `logSizeInBytes` is where the
   * segment's bytes end; without it, they end with the last batch. Bytes after the last batch count
   * as damaged, so leave a zero tail out.
   */
  finish(logSizeInBytes?: number): readonly IndexProblem[]
}

/** What is wrong with an entry that names a place from this batch's start on, before its end; null: nothing yet. */
function faultOf(
  { offset, position }: { readonly offset: bigint; readonly position: number },
  batch: { readonly position: number; readonly baseOffset: bigint | null },
  offsetBefore: bigint,
): (() => string) | null {
  const base = batch.baseOffset ?? 0n
  if (position > batch.position)
    return () => `points to position ${position}, which is inside the batch at ${batch.position}`
  if (position < batch.position) return null
  if (offset <= offsetBefore)
    return () =>
      `says that offset ${offset} is at position ${position} or later, but the batches before it reach offset ${offsetBefore}`
  if (offset < base)
    return () =>
      `names offset ${offset} for position ${position}, but the batch there begins at offset ${base}: the entry is wrong or the batch is`
  return null
}

/** Entries in damaged bytes are not judged: the log is at fault there, and they may help to repair it. */
export function createOffsetIndexCheck(
  index: OffsetIndex,
  segmentBaseOffset: bigint,
): OffsetIndexCheck {
  const problems = createProblemList('offsetIndex')
  let next = 0
  let lastOffsetSoFar = segmentBaseOffset - 1n
  let batchesEnd = 0
  /** An entry whose offset lies behind the batch it names. */
  let open: number | null = null
  const report = (entry: number, message: () => string): void => {
    problems.add(entry, entry * OFFSET_INDEX_ENTRY_SIZE, () => `entry ${entry} ${message()}`)
  }
  const offsetOf = (entry: number): bigint =>
    segmentBaseOffset + BigInt(int32At(index.relativeOffsets, entry))
  const positionOf = (entry: number): number => int32At(index.positions, entry)

  /** In damaged bytes there may have been a batch with the offset. */
  const closeOpen = (position: number, lastOffset: bigint, baseOffset: bigint | null): void => {
    if (open === null) return
    const entry = open
    const offset = offsetOf(entry)
    const ends = lastOffsetSoFar
    if (position === batchesEnd && offset > lastOffset) return
    open = null
    if (position === batchesEnd && baseOffset !== null && offset < baseOffset)
      report(
        entry,
        () =>
          `names offset ${offset} for position ${positionOf(entry)}, but the batches from there on end at offset ${ends} and go on at ${baseOffset}: the entry is wrong or a batch is`,
      )
  }

  return {
    onBatch(position, sizeInBytes, lastOffset, baseOffset) {
      const end = position + sizeInBytes
      closeOpen(position, lastOffset, baseOffset)
      for (; next < index.trustedCount && positionOf(next) < end; next++) {
        const named = { offset: offsetOf(next), position: positionOf(next) }
        const fault = faultOf(named, { position, baseOffset }, lastOffsetSoFar)
        if (fault !== null) report(next, fault)
        else if (named.position === position && named.offset > lastOffset) open = next
      }
      if (lastOffset > lastOffsetSoFar) lastOffsetSoFar = lastOffset
      batchesEnd = Math.max(batchesEnd, end)
    },
    finish(logSizeInBytes = batchesEnd) {
      for (; next < index.trustedCount; next++) {
        const entry = next
        if (positionOf(entry) < logSizeInBytes) continue
        report(
          entry,
          () => `points to position ${positionOf(entry)}, but the log ends at ${logSizeInBytes}`,
        )
      }
      // With damaged bytes at the end nobody knows which offsets they held.
      const hasDamagedEnd = logSizeInBytes > batchesEnd
      const limit = hasDamagedEnd ? Infinity : Number(lastOffsetSoFar - segmentBaseOffset)
      for (let entry = 0; entry < index.trustedCount; entry++) {
        if (int32At(index.relativeOffsets, entry) <= limit) continue
        if (positionOf(entry) >= logSizeInBytes) break
        report(
          entry,
          () =>
            `names offset ${offsetOf(entry)}, but the last offset in the log is ${lastOffsetSoFar}`,
        )
      }
      return [...index.problems, ...problems.list()]
    },
  }
}
