/** What decoding a compressed wrapper of magic 0 or 1 tells of it beyond its header: where it begins. */
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Record as LogRecord } from '../segment/record.ts'

/** The header with the base offset known. `records` are those of the wrapper, in order. */
export function resolvedWrapper(header: BatchHeader, records: readonly LogRecord[]): BatchHeader {
  const first = records[0]?.offset ?? header.lastOffset
  const last = records.at(-1)?.offset ?? header.lastOffset
  // A broker goes by the wrapper's own offset, so its place is judged by that even where the messages inside (absolute
  // in magic 0) contradict it, or where it is 0 in magic 1 (old librdkafka sent it so) and leaves no room for them.
  const { lastOffset } = header
  if (header.magic === 0 && last !== lastOffset) {
    // A place that no log has, but the right number of offsets: the messages prove that the wrapper's own is wrong.
    return {
      ...header,
      baseOffset: first - last - 1n,
      lastOffset: -1n,
      baseOffsetKnown: true,
      recordsCount: records.length,
    }
  }
  return {
    ...header,
    baseOffset: lastOffset - (last - first),
    lastOffset,
    baseOffsetKnown: true,
    recordsCount: records.length,
  }
}
