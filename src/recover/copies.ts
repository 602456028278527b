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
 * Of two copies of batches between the same neighbours, those that touch the log are the log's: the others came with what
 * was put in. `chain`: what was chosen of `runs`, both in file order.
 */
export function withTouchingCopies(
  chain: readonly Run[],
  runs: readonly Run[],
  fileSize: number,
): readonly Run[] {
  const result: Run[] = []
  let taken = 0
  for (const group of touchingGroups(chain)) {
    const left = result.at(-1)?.end ?? 0
    const right = chain[result.length + group.length]?.position ?? fileSize
    const from = taken
    while ((runs[taken]?.position ?? right) < right) taken++
    const isIsolated = !touches(group, left, right)
    result.push(...(isIsolated ? standIns(group, runs.slice(from, taken), left, right) : group))
  }
  return result
}

/** Runs of which each begins where the one before it ends. */
function touchingGroups(chain: readonly Run[]): Run[][] {
  const groups: Run[][] = []
  for (const run of chain) {
    const group = groups.at(-1)
    if (group?.at(-1)?.end === run.position) group.push(run)
    else groups.push([run])
  }
  return groups
}

const touches = (group: readonly Run[], left: number, right: number): boolean =>
  group[0]?.position === left || group.at(-1)?.end === right

/** The first copies or the last ones between the neighbours, where they touch one; else the group itself. */
function standIns(
  group: readonly Run[],
  between: readonly Run[],
  left: number,
  right: number,
): readonly Run[] {
  const found = [
    copiesOf(group, between),
    copiesOf(group.toReversed(), between.toReversed()).reverse(),
  ]
  return (
    found.find((copies) => copies.length === group.length && touches(copies, left, right)) ?? group
  )
}

/** A copy of each run, in the order of the group, as far as there are any. */
function copiesOf(group: readonly Run[], runs: readonly Run[]): Run[] {
  const copies: Run[] = []
  for (const run of runs) {
    const wanted = group[copies.length]
    if (wanted !== undefined && areSameBatches(run, wanted)) copies.push(run)
  }
  return copies
}

const areSameBatches = (a: Run, b: Run): boolean =>
  a.batches === b.batches &&
  a.end - a.position === b.end - b.position &&
  isSameBatch(a.first, b.first) &&
  isSameBatch(a.last, b.last)
