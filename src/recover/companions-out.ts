/** The files beside the segments, on their way into the output: copied as they are, or left out where they would do harm there. */
import { join } from 'node:path'
import { copyCompanion } from './apply.ts'
import type { Companion } from './companions.ts'
import { companionProblems, listCompanions } from './companions.ts'
import type { PartitionInput } from './inputs.ts'
import { outputFolder } from './output-places.ts'
import type { FileReport } from './file-report.ts'
import { collectErrors } from './scan-paths.ts'

export interface CompanionsOut {
  /** The output folder. */
  readonly root: string
  readonly files: FileReport[]
  readonly errors: string[]
}

/** What a 4.1.0 broker does over a damaged file (LogManager, CheckpointFile, PartitionMetadataFile), and without it. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'leader-epoch-checkpoint':
    'left out, because a broker takes its whole log dir offline over it, does not start, or goes by wrong leader epochs; without one it builds it again from the batches, but only when it checks the segments (see the steps)',
  'partition.metadata':
    'left out, because a broker takes its whole log dir offline over it, or does not start; write it again before the start (see the steps)',
}

/**
 * Without any `.snapshot` a broker that was stopped cleanly starts from empty producer state, and shows the records of
 * open transactions; one that it cannot read it deletes, and reads the batches (ProducerStateManager, UnifiedLog).
 */
const COPIED_SNAPSHOT =
  'copied all the same: a broker deletes it and builds the state of the producers again from the batches'

/** What the machine refuses with one file is told, and the next one taken. */
export async function copyCompanions(
  partition: PartitionInput,
  { root, files, errors }: CompanionsOut,
): Promise<void> {
  const folder = outputFolder(partition)
  for (const companion of listCompanions(partition)) {
    const output = join('data', folder, companion.name)
    // Two files of one folder share what lies beside them.
    if (files.some((file) => file.output === output)) continue
    await collectErrors(errors, () => {
      files.push(placeCompanion(companion, folder, root))
    })
  }
}

function placeCompanion(companion: Companion, folder: string, root: string): FileReport {
  const { source, name } = companion
  const problems = companionProblems(companion)
  const isDamaged = problems.length > 0
  const leftOut = LEFT_OUT[name]
  if (isDamaged && leftOut !== undefined)
    return { source, action: 'left-out', problems: [...problems, leftOut] }
  const output = copyCompanion(source, root, folder, name)
  const words = isDamaged && name.endsWith('.snapshot') ? [COPIED_SNAPSHOT] : []
  return { source, output, action: 'copied', problems: [...problems, ...words] }
}

const isTopicId = ({ source, action }: FileReport): boolean =>
  action === 'left-out' && source.endsWith('/partition.metadata')

/** What is left for the person to do around the files, in order. */
export function restoreSteps(
  partitions: readonly PartitionInput[],
  files: readonly FileReport[],
  onlyChanged: boolean,
): string[] {
  const named = partitions.filter(({ topicPartition }) => topicPartition !== null)
  if (named.length === 0) return []
  // In the place of a whole directory, a part of it would be all that is left.
  const isPart = onlyChanged || named.some(({ whole }) => !whole)
  return [
    'if another replica of the partition is whole, let the broker fetch it from there instead of going on here: that loses nothing',
    isPart
      ? 'stop the broker, save a copy of the damaged partition directory outside of its log dir, and put each file of data/<topic-partition> over the one of its name there: the segments that are not in data/ stay where they are; what was left out is deleted there'
      : 'stop the broker, move the damaged partition directory out of its log dir (a copy left there under another name stops the broker from starting), and put data/<topic-partition> in its place',
    'make the files belong to the user that runs the broker, readable and writable',
    ...(files.some(isTopicId)
      ? [
          'write partition.metadata where it was left out, or the broker sets the directory aside as a stray and begins an empty log in its place: two lines, "version: 0" and "topic_id: <id>"; kafka-topics.sh --describe shows the id, and so do kmend metadata and the file of another partition of the topic',
        ]
      : []),
    'remove .kafka_cleanshutdown from the log dir, so that the broker checks what it loads and rebuilds its producer state',
    "remove the partition's line from recovery-point-offset-checkpoint (and correct the count in its second line), so that all segments are checked",
    'in another cluster: create the topic there first, and keep the partition.metadata that its broker made, in the place of the one here (which names the topic id of the old cluster)',
  ]
}
