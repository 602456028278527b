/**
 * The four `*-offset-checkpoint` files in the root of a log dir (recovery point, replication = high
 * watermark, log start, cleaner): lines `topic partition offset` (Kafka's OffsetCheckpointFile).
 */
import { parseInt32, parseInt64, quote, readCheckpointFile } from './checkpoint-file.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'

export interface OffsetCheckpoint {
  /** By `topic-partition`, the name of the partition's directory. */
  readonly offsets: ReadonlyMap<string, bigint>
  readonly problems: readonly IndexProblem[]
}

export function decodeOffsetCheckpoint(bytes: Uint8Array): OffsetCheckpoint {
  const problems = createProblemList('offsetCheckpoint')
  const offsets = new Map<string, bigint>()
  readCheckpointFile(bytes, problems, (words, line, entry) => {
    const [topic, partitionText, offsetText] = words
    const partition = parseInt32(partitionText)
    const offset = parseInt64(offsetText)
    if (topic === undefined || words.length !== 3 || partition === null || offset === null) {
      problems.add(
        entry,
        line.position,
        () =>
          `line ${entry + 3} should be a topic, a partition and an offset, but is ${quote(line.text)}`,
      )
      return
    }
    const name = `${topic}-${partition}`
    if (offsets.has(name)) {
      problems.add(
        entry,
        line.position,
        () => `line ${entry + 3} names ${quote(name)}, which an earlier line has too`,
      )
    }
    // The later line wins, as in the broker's map.
    offsets.set(name, offset)
  })
  return { offsets, problems: problems.list() }
}
