/**
 * Holds an `.index` against the batches of its segment, in one pass and constant memory.
 * An entry (O, P) is correct when P is the start of a batch and every batch before P has
 * lastOffset < O: that is all a lookup needs (greatest entry at or below the target, then a scan
 * of headers). More cannot be asked: appends before 4.1 (KAFKA-806) pair the last offset of a whole
 * appended set with the set's start, and the interval restarts with the broker.
 */
import { int32At } from './column.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'
import { OFFSET_INDEX_ENTRY_SIZE, type OffsetIndex } from './offset-index.ts'

export interface OffsetIndexCheck {
  /** The segment's good batches, in file order. Bytes between them count as damaged. */
  onBatch(position: number, sizeInBytes: number, lastOffset: bigint): void
  /**
   * The problems of the file: those of decoding, then those found here. `logSizeInBytes` is where the
   * segment's bytes end; without it, they end with the last batch. Bytes after the last batch count
   * as damaged, so leave a zero tail out.
   */
  finish(logSizeInBytes?: number): readonly IndexProblem[]
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
  const report = (entry: number, message: () => string): void => {
    problems.add(entry, entry * OFFSET_INDEX_ENTRY_SIZE, () => `entry ${entry} ${message()}`)
  }
  const offsetOf = (entry: number): bigint =>
    segmentBaseOffset + BigInt(int32At(index.relativeOffsets, entry))
  const positionOf = (entry: number): number => int32At(index.positions, entry)

  return {
    onBatch(position, sizeInBytes, lastOffset) {
      const end = position + sizeInBytes
      for (; next < index.trustedCount && positionOf(next) < end; next++) {
        const entry = next
        if (positionOf(entry) > position) {
          report(
            entry,
            () =>
              `points to position ${positionOf(entry)}, which is inside the batch at ${position}`,
          )
        } else if (positionOf(entry) === position && offsetOf(entry) <= lastOffsetSoFar) {
          const before = lastOffsetSoFar
          report(
            entry,
            () =>
              `says that offset ${offsetOf(entry)} is at position ${position} or later, but the batches before it reach offset ${before}`,
          )
        }
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
