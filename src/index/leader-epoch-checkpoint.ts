/**
 * `leader-epoch-checkpoint`: at which offset each leader epoch began (Kafka's
 * LeaderEpochCheckpointFile). Both columns strictly increase; epochs may skip.
 */
import { parseInt32, parseInt64, quote, readCheckpointFile } from './checkpoint-file.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'

export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: bigint
}

export interface LeaderEpochCheckpoint {
  /** The lines that could be read, in file order, also those out of order. */
  readonly entries: readonly EpochEntry[]
  readonly problems: readonly IndexProblem[]
}

export function decodeLeaderEpochCheckpoint(bytes: Uint8Array): LeaderEpochCheckpoint {
  const problems = createProblemList('leaderEpochCheckpoint')
  const entries: EpochEntry[] = []
  readCheckpointFile(bytes, problems, (words, line, entry) => {
    const epoch = parseInt32(words[0])
    const startOffset = parseInt64(words[1])
    if (words.length !== 2 || epoch === null || startOffset === null) {
      problems.add(
        entry,
        line.position,
        () => `line ${entry + 3} should be an epoch and an offset, but is ${quote(line.text)}`,
      )
      return
    }
    const previous = entries.at(-1)
    if (previous && (epoch <= previous.epoch || startOffset <= previous.startOffset)) {
      problems.add(
        entry,
        line.position,
        () =>
          `line ${entry + 3} (epoch ${epoch} from offset ${startOffset}) does not come after epoch ${previous.epoch} from offset ${previous.startOffset}`,
      )
    }
    entries.push({ epoch, startOffset })
  })
  return { entries, problems: problems.list() }
}

export function encodeLeaderEpochCheckpoint(entries: readonly EpochEntry[]): Uint8Array {
  const lines = entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`)
  return new TextEncoder().encode(['0', entries.length, ...lines, ''].join('\n'))
}

/** The epoch in which `offset` was written, or null below the first entry. Entries must be in order. */
export function epochForOffset(entries: readonly EpochEntry[], offset: bigint): number | null {
  return entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? null
}
