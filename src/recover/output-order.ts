/** In which order the parts of a segment are written: that of the log, which is that of the file but for runs that moved. */
import type { Damage } from './damage.ts'
import { firstIndex } from './first-index.ts'
import type { Run } from './runs.ts'
import { firstOffset, placeOf } from './runs.ts'

/** What is written for a run, and what stands before it in the output. The last one has no run. */
export interface OutputPart {
  /** Entries that are not in the output as they stood, in file order. */
  readonly before: readonly Damage[]
  /** Entries of the run's own batches: repaired, or kept. */
  readonly own: readonly Damage[]
  readonly run: Run | null
}

/** `kept` in the order of the log, `damage` in file order. */
export function outputOrder(kept: readonly Run[], damage: readonly Damage[]): OutputPart[] {
  const parts = [...kept, null].map((run) => ({
    before: [] as Damage[],
    own: [] as Damage[],
    run,
  }))
  const inFile = parts.slice(0, -1).sort((a, b) => startOf(a.run) - startOf(b.run))
  for (const entry of damage) {
    const { position, outcome, baseOffset } = entry
    if (outcome === 'kept' || outcome === 'repaired') {
      const at = firstIndex(inFile, ({ run }) => startOf(run) > position)
      inFile[at - 1]?.own.push(entry)
      continue
    }
    const at = firstIndex(kept, (run) =>
      outcome === 'skipped' && baseOffset !== null
        ? firstOffset(run) > baseOffset
        : placeOf(run) >= position,
    )
    parts[at]?.before.push(entry)
  }
  return parts
}

const startOf = (run: Run | null): number => run?.position ?? Infinity
