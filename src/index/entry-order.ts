/**
 * The order rule that `.index` and `.timeindex` share: entries increase, and nothing but zeros
 * follows the first empty one. Finds how many entries at the start are beyond doubt.
 */
import type { ProblemList } from './index-problem.ts'

/** What the two formats tell about entry number `entry`, from 0. */
export interface EntryRules {
  readonly entryCount: number
  readonly entrySize: number
  isEmpty(entry: number): boolean
  /** No writer makes such an entry, whatever is before it. */
  isImpossible(entry: number): boolean
  /** Whether it may come right after its predecessor; asked for entries from 1 on. */
  follows(entry: number): boolean
  /** What is wrong with it, to be read after "entry 5 "; asked only for entries with a fault. */
  describe(entry: number): string
}

/** Reports every entry out of order and returns the trusted count. */
export function checkEntryOrder(rules: EntryRules, problems: ProblemList): number {
  let trustedCount = rules.entryCount
  let emptyBefore = false
  for (let entry = 0; entry < rules.entryCount; entry++) {
    // Entry 0 may be zero by right: a single batch at offset and position (or time) 0.
    const empty = entry > 0 && rules.isEmpty(entry)
    const impossible = empty || rules.isImpossible(entry)
    if (impossible || (entry > 0 && !rules.follows(entry))) {
      // Of two entries out of order either may be the wrong one, so neither is trusted.
      trustedCount = Math.min(trustedCount, impossible ? entry : entry - 1)
      // A lost sector shows as a run of empty entries: that is one finding, not 64.
      if (!(empty && emptyBefore)) {
        const what = (): string =>
          empty ? 'is empty (all zero), but there are entries after it' : rules.describe(entry)
        problems.add(entry, entry * rules.entrySize, () => `entry ${entry} ${what()}`)
      }
    }
    emptyBefore = empty
  }
  return trustedCount
}
