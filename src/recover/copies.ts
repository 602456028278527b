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
      run !== last &&
      areSameBatches(run, last) &&
      run.end !== runs[index + 1]?.position &&
      run.position !== (runs[index - 1]?.end ?? 0),
  )
  return copy === -1 ? runs : runs.filter((_, index) => index !== copy)
}

/**
 * Of two copies of a batch between the same neighbours, the one that touches the log is the log's: the other came with
 * what was put in. `chain`: what was chosen of `runs`, both in file order.
 */
export function withTouchingCopies(
  chain: readonly Run[],
  runs: readonly Run[],
  fileSize: number,
): readonly Run[] {
  let taken = 0
  let end = 0
  return chain.map((run, index) => {
    const left = end
    const right = chain[index + 1]?.position ?? fileSize
    const touches = (one: Run): boolean => one.position === left || one.end === right
    end = run.end
    if (touches(run)) return run
    while ((runs[taken]?.position ?? left) < left) taken++
    for (let at = taken; (runs[at]?.position ?? right) < right; at++) {
      const other = runs[at]
      if (other !== undefined && touches(other) && areSameBatches(other, run)) {
        end = other.end
        return other
      }
    }
    return run
  })
}

const areSameBatches = (a: Run, b: Run): boolean =>
  a.batches === b.batches &&
  a.end - a.position === b.end - b.position &&
  isSameBatch(a.first, b.first) &&
  isSameBatch(a.last, b.last)
