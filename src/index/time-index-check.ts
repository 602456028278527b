/**
 * Holds a `.timeindex` against the batches of its segment, in one pass and constant memory.
 * An entry (T, O) is correct when the batch that holds O has maxTimestamp T and no batch before it
 * has a larger one. Deliberately accepted: any offset inside the batch (releases differ between the
 * batch's last offset and the record's own), and a later batch that has the same maxTimestamp
 * (uncompressed magic 1 with LogAppendTime: one time for many one-message batches, the last is named).
 */
import { NO_TIMESTAMP } from '../segment/layout.ts'
import { int32At, int64At } from './column.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'
import { TIME_INDEX_ENTRY_SIZE, type TimeIndex } from './time-index.ts'

export interface TimeIndexFindings {
  /** Those of decoding, then those found against the batches. */
  readonly problems: readonly IndexProblem[]
  /**
   * The largest timestamp of the log has no entry. Normal for an active segment, whose final entry
   * is written on roll or clean close; in a closed one retention goes by an earlier time.
   */
  readonly lacksFinalEntry: boolean
}

export interface TimeIndexCheck {
  /** The segment's good batches, in file order. Bytes between them count as damaged. */
  onBatch(position: number, sizeInBytes: number, lastOffset: bigint, maxTimestamp: bigint): void
  /** `logSizeInBytes` as for the offset index: bytes after the last batch count as damaged. */
  finish(logSizeInBytes?: number): TimeIndexFindings
}

/** Entries that may speak of damaged bytes are not judged. */
export function createTimeIndexCheck(index: TimeIndex, segmentBaseOffset: bigint): TimeIndexCheck {
  const problems = createProblemList('timeIndex')
  let next = 0
  let maxTimestampSoFar = NO_TIMESTAMP
  let lastOffsetSoFar = segmentBaseOffset - 1n
  let batchesEnd = 0
  const offsetOf = (entry: number): bigint =>
    segmentBaseOffset + BigInt(int32At(index.relativeOffsets, entry))
  const timestampOf = (entry: number): bigint => int64At(index.timestamps, entry)
  const report = (entry: number, message: () => string): void => {
    problems.add(entry, entry * TIME_INDEX_ENTRY_SIZE, () => {
      const claim = `names timestamp ${timestampOf(entry)} at offset ${offsetOf(entry)}`
      return `entry ${entry} ${claim}, but ${message()}`
    })
  }

  const checkEntry = (
    entry: number,
    position: number,
    lastOffset: bigint,
    maxTimestamp: bigint,
  ): void => {
    const timestamp = timestampOf(entry)
    const largestBefore = maxTimestampSoFar
    if (timestamp < largestBefore) {
      report(entry, () => `a batch before it already has ${largestBefore}`)
      return
    }
    // After damaged bytes the offset may be one of theirs, unless it is this batch's very last.
    const mayBeDamaged = position > batchesEnd && offsetOf(entry) < lastOffset
    if (timestamp !== maxTimestamp && !mayBeDamaged) {
      report(
        entry,
        () =>
          `the largest timestamp of the batch there, at position ${position}, is ${maxTimestamp}`,
      )
    }
  }

  return {
    onBatch(position, sizeInBytes, lastOffset, maxTimestamp) {
      for (; next < index.trustedCount && offsetOf(next) <= lastOffset; next++) {
        checkEntry(next, position, lastOffset, maxTimestamp)
      }
      if (maxTimestamp > maxTimestampSoFar) maxTimestampSoFar = maxTimestamp
      if (lastOffset > lastOffsetSoFar) lastOffsetSoFar = lastOffset
      batchesEnd = Math.max(batchesEnd, position + sizeInBytes)
    },
    finish(logSizeInBytes = batchesEnd) {
      for (; logSizeInBytes <= batchesEnd && next < index.trustedCount; next++) {
        report(next, () =>
          batchesEnd === 0
            ? 'the log is empty'
            : `the last offset in the log is ${lastOffsetSoFar}`,
        )
      }
      const lastTimestamp =
        index.entryCount === 0 ? NO_TIMESTAMP : timestampOf(index.entryCount - 1)
      return {
        problems: [...index.problems, ...problems.list()],
        lacksFinalEntry: maxTimestampSoFar > lastTimestamp,
      }
    },
  }
}
