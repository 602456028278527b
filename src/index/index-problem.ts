/**
 * What is wrong with a file beside the segment, in sentences for the person who has to act on it.
 * All index/ decoders and checks report through this one type and never throw for bytes on disk.
 * Lists are capped: a damaged 100 MB index has millions of wrong entries and one cause.
 */

/** The files of this folder, by the names report.json uses. */
export type IndexFileKind =
  | 'offsetIndex'
  | 'timeIndex'
  | 'transactionIndex'
  | 'producerSnapshot'
  | 'leaderEpochCheckpoint'
  | 'offsetCheckpoint'
  | 'partitionMetadata'

/** One finding. `position` is a byte place in the index or state file itself, never in the `.log`. */
export interface IndexProblem {
  readonly file: IndexFileKind
  /** Number of the entry, from 0, or null where the finding is about the whole file. */
  readonly entry: number | null
  readonly position: number
  readonly message: string
}

/** Problems listed one by one; the rest are only counted. Enough to see a pattern, short enough to read. */
export const PROBLEM_LIST_LIMIT = 20

/** Collects problems of one file up to the limit. */
export interface ProblemList {
  /** `message` is called only while there is room, so a flood of problems costs no strings. */
  add(entry: number | null, position: number, message: () => string): void
  /** What was added; beyond the limit one last item says how many more there were. */
  list(): readonly IndexProblem[]
}

export function createProblemList(file: IndexFileKind): ProblemList {
  const problems: IndexProblem[] = []
  let unlisted = 0
  let firstUnlistedPosition = 0
  return {
    add(entry, position, message) {
      if (problems.length < PROBLEM_LIST_LIMIT) {
        problems.push({ file, entry, position, message: message() })
        return
      }
      if (unlisted === 0) firstUnlistedPosition = position
      unlisted++
    },
    list() {
      if (unlisted === 0) return [...problems]
      const noun = unlisted === 1 ? 'problem' : 'problems'
      const message = `${unlisted} more ${noun} in this file, not listed one by one`
      return [...problems, { file, entry: null, position: firstUnlistedPosition, message }]
    },
  }
}
