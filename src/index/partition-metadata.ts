/**
 * `partition.metadata`: the topic id this replica belongs to (Kafka's PartitionMetadata). A wrong id
 * makes the replica stray or failed, so a copy for another cluster needs this file removed.
 * The broker reads two lines and takes any version from 0 on; so does this.
 */
import { parseInt32, quote, readLines, type TextLine } from './checkpoint-file.ts'
import { createProblemList, type IndexProblem } from './index-problem.ts'

export interface PartitionMetadata {
  readonly version: number | null
  /** 16 bytes as 22 characters of base64url, or null where it could not be read. */
  readonly topicId: string | null
  readonly problems: readonly IndexProblem[]
}

const TOPIC_ID = /^[\w-]{22}$/
/** Uuid.ZERO_UUID, which Kafka rejects. */
const ZERO_TOPIC_ID = 'A'.repeat(22)

export function decodePartitionMetadata(bytes: Uint8Array): PartitionMetadata {
  const problems = createProblemList('partitionMetadata')
  const lines = readLines(bytes)
  let entry = 0
  const readField = (name: string): { value: string; line: TextLine | undefined } => {
    const line = lines.next().value ?? undefined
    const separator = /:\s+/.exec(line?.text ?? '')
    if (line && separator && line.text.slice(0, separator.index) === name) {
      return { value: line.text.slice(separator.index + separator[0].length), line }
    }
    problems.add(
      entry,
      line?.position ?? bytes.length,
      () => `line ${entry + 1} should be "${name}: …", but is ${quote(line?.text ?? '')}`,
    )
    return { value: '', line: undefined }
  }

  const versionField = readField('version')
  const version = parseInt32(versionField.value)
  if (version === null && versionField.line) {
    problems.add(0, 0, () => `the version is ${quote(versionField.value)}, not a number from 0`)
  }
  entry = 1
  const topicField = readField('topic_id')
  const isTopicId = TOPIC_ID.test(topicField.value) && topicField.value !== ZERO_TOPIC_ID
  if (!isTopicId && topicField.line) {
    problems.add(
      1,
      topicField.line.position,
      () => `the topic id is ${quote(topicField.value)}, not 16 bytes in base64url`,
    )
  }
  return { version, topicId: isTopicId ? topicField.value : null, problems: problems.list() }
}
