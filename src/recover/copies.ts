/** Copies of batches that the log holds in their place. */
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Run } from './runs.ts'

/** By place in the log, CRC and size: what else would differ is under the CRC, or is damage. */
export const isSameBatch = (a: BatchHeader, b: BatchHeader): boolean =>
  a.lastOffset === b.lastOffset && a.crc === b.crc && a.sizeInBytes === b.sizeInBytes

/**
 * Leaves out a copy of the segment's last run that lies among damaged bytes before it: what was put into the file may be
 * a piece of its own end.
 */
export function withoutInsertedCopy(runs: readonly Run[], fileSize: number): readonly Run[] {
  const last = runs.at(-1)
  if (last?.end !== fileSize) return runs
  const copy = runs.findIndex(
    (run, index) =>
      run.batches === last.batches &&
      run.end - run.position === last.end - last.position &&
      isSameBatch(run.first, last.first) &&
      isSameBatch(run.last, last.last) &&
      run !== last &&
      run.end !== runs[index + 1]?.position &&
      run.position !== (runs[index - 1]?.end ?? 0),
  )
  return copy === -1 ? runs : runs.filter((_, index) => index !== copy)
}
