/** File names of a partition directory: the base offset as 20 digits, and a suffix (Kafka's LogFileUtils). */

const SEGMENT_LOG = /^(\d{20})\.log$/
const LEADING_OFFSET = /^(\d{20})/
const PRODUCER_SNAPSHOT = /^(\d{20})\.snapshot$/
const TOPIC_PARTITION = /^(.+)-(\d+)$/

/** 20 digits hold more than an offset can be. */
function asOffset(digits: string): bigint | null {
  const offset = BigInt(digits)
  return offset > 0x7fff_ffff_ffff_ffffn ? null : offset
}

export const baseOffsetDigits = (offset: bigint): string => offset.toString().padStart(20, '0')

/** The base offset of a live segment; null for any other name (`copy.log`, `….log.deleted`). */
export function segmentBaseOffset(name: string): bigint | null {
  const match = SEGMENT_LOG.exec(name)
  return match === null ? null : asOffset(match[1] ?? '')
}

/** For a file that was named by hand: 20 leading digits, as in tiered storage's `00…-uuid.log`. */
export function leadingBaseOffset(name: string): bigint | null {
  const match = LEADING_OFFSET.exec(name)
  return match === null ? null : asOffset(match[1] ?? '')
}

/**
 * A snapshot of the metadata log (Snapshots): its name tells the end offset and the epoch of what is in it, and its own
 * offsets begin at 0 (RecordsSnapshotWriter). `bootstrap.checkpoint` has the same content.
 */
export const isKraftSnapshot = (name: string): boolean => /\.checkpoint(\.|$)/.test(name)

export function snapshotOffset(name: string): bigint | null {
  const match = PRODUCER_SNAPSHOT.exec(name)
  return match === null ? null : asOffset(match[1] ?? '')
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Splits at the last `-`, as the broker does. Directories that wait for deletion and the like have a dot behind it. */
export function parseTopicPartition(directory: string): TopicPartition | null {
  const match = TOPIC_PARTITION.exec(directory)
  return match === null ? null : { topic: match[1] ?? '', partition: Number(match[2]) }
}
