/** From the paths a person typed to the segments they mean, each with what lies beside it. */
import { basename, dirname, resolve } from 'node:path'
import { listDirectory, pathKind, readSmallFile, realPath } from '../bytes/file-directory.ts'
import { InvalidArgumentError, SegmentIoError } from '../errors.ts'
import { decodeLeaderEpochCheckpoint, epochForOffset } from '../index/leader-epoch-checkpoint.ts'
import { decodeOffsetIndex } from '../index/offset-index.ts'
import type { TimeIndex } from '../index/time-index.ts'
import { decodeTimeIndex } from '../index/time-index.ts'
import { decodeProducerSnapshot } from '../index/producer-snapshot.ts'
import { checkTransactionIndex, decodeTransactionIndex } from '../index/transaction-index.ts'
import type { TopicPartition } from '../segment/segment-name.ts'
import {
  baseOffsetDigits,
  isKraftSnapshot,
  leadingBaseOffset,
  parseTopicPartition,
  segmentBaseOffset,
  snapshotOffset,
} from '../segment/segment-name.ts'
import type { Evidence } from './evidence.ts'

/** Puts a name behind a path without touching how the path was typed. */
export const joinPath = (path: string, name: string): string =>
  path.endsWith('/') ? `${path}${name}` : `${path}/${name}`

/** One segment to look at. */
export interface SegmentInput {
  /** Starts with the path as it was typed. */
  readonly source: string
  /** The `topic-N` directory it is in; null for a file elsewhere. */
  readonly topicPartition: TopicPartition | null
  readonly directory: string
  readonly fileName: string
  /** From the name; null when it tells none. */
  readonly baseOffset: bigint | null
  /** No later segment in its directory: the one a broker would go on writing. */
  readonly isLast: boolean
  readonly nextSegmentBaseOffset: bigint | null
}

/** The segments of one folder, or one lone file, in offset order. */
export interface PartitionInput {
  readonly topicPartition: TopicPartition | null
  readonly directory: string
  /** The folder, or the lone file; starts with the path as typed. */
  readonly source: string
  /** The path as typed: nothing is written below it. */
  readonly root: string
  /** Whether the whole folder was asked for, or only some file of it. */
  readonly whole: boolean
  readonly segments: readonly SegmentInput[]
  /** Files that look like segments and are none: named and left out. */
  readonly leftOut: readonly string[]
  /** Why nobody could look what is there; then there are no segments. */
  readonly failure: SegmentIoError | null
}

/**
 * Throws InvalidArgumentError for a path that does not exist or holds no segment. What the machine does not let look at
 * is an input with a `failure`, so that the others can be worked on.
 */
export function resolveInput(path: string): readonly PartitionInput[] {
  return orFailed(path, path, () => resolvePath(path))
}

/** The same for a caller that wants all of it: throws the SegmentIoError of an input that nobody could look at. */
export function resolveWhole(path: string): readonly PartitionInput[] {
  const partitions = resolveInput(path)
  for (const { failure } of partitions) if (failure !== null) throw failure
  return partitions
}

function orFailed(
  path: string,
  root: string,
  look: () => readonly PartitionInput[],
): readonly PartitionInput[] {
  try {
    return look()
  } catch (error) {
    if (!(error instanceof SegmentIoError)) throw error
    const nothing = { topicPartition: folderOf(path), whole: true, segments: [], leftOut: [] }
    return [{ ...nothing, directory: path, source: path, root, failure: error }]
  }
}

function resolvePath(path: string): readonly PartitionInput[] {
  switch (pathKind(path)) {
    case 'missing':
      throw new InvalidArgumentError(`${path}: no such file or directory`)
    case 'file':
      return [singleFile(path)]
    case 'directory':
      break
  }
  const partition = partitionDirectory(path)
  if (partition.segments.length > 0) return [partition]
  const partitions = listDirectory(path)
    .filter(({ name, isDirectory }) => isDirectory && parseTopicPartition(name) !== null)
    .map(({ name }) => joinPath(path, name))
    .flatMap((folder) => orFailed(folder, path, () => [partitionDirectory(folder)]))
    .filter(({ segments, failure }) => segments.length > 0 || failure !== null)
    .map((partition) => ({ ...partition, root: path }))
  if (partitions.length === 0) {
    throw new InvalidArgumentError(
      `${path}: no segment here; expected a .log file, a partition directory (topic-0) with files like 00000000000000000000.log, or a log dir with such directories`,
    )
  }
  return partitions
}

const folderOf = (path: string): TopicPartition | null =>
  parseTopicPartition(basename(resolve(path)))

function segmentNames(directory: string): string[] {
  return listDirectory(directory)
    .filter(({ name, isDirectory }) => !isDirectory && segmentBaseOffset(name) !== null)
    .map(({ name }) => name)
}

function segmentInput(source: string, names: readonly string[]): SegmentInput {
  const fileName = basename(source)
  const directory = dirname(source)
  const baseOffset = isKraftSnapshot(fileName) ? 0n : leadingBaseOffset(fileName)
  const later = names.find(
    (name) => baseOffset !== null && (segmentBaseOffset(name) ?? -1n) > baseOffset,
  )
  const next =
    segmentBaseOffset(fileName) === null || later === undefined ? null : segmentBaseOffset(later)
  const topicPartition = folderOf(directory)
  return {
    source,
    topicPartition,
    directory,
    fileName,
    baseOffset,
    isLast: next === null,
    nextSegmentBaseOffset: next,
  }
}

function singleFile(path: string): PartitionInput {
  const directory = dirname(path)
  const segment = segmentInput(path, segmentNames(realPath(directory)))
  return {
    topicPartition: segment.topicPartition,
    directory,
    source: path,
    root: path,
    whole: false,
    segments: [segment],
    leftOut: [],
    failure: null,
  }
}

function partitionDirectory(path: string): PartitionInput {
  const names = segmentNames(path)
  const leftOut = listDirectory(path)
    .filter(
      ({ name, isDirectory }) =>
        !isDirectory && name.endsWith('.log') && segmentBaseOffset(name) === null,
    )
    .map(({ name }) => joinPath(path, name))
  return {
    topicPartition: folderOf(path),
    directory: path,
    source: path,
    root: path,
    whole: true,
    segments: names.map((name) => segmentInput(joinPath(path, name), names)),
    leftOut,
    failure: null,
  }
}

/** The name of a segment's file without its suffix: that of its indexes too. */
export const stemOf = ({ fileName }: Pick<SegmentInput, 'fileName'>): string =>
  fileName.replace(/\.log$/, '')

/** `00….index` for `00….log`; a file of any other name takes its suffix the same way. */
export const besideSegment = (input: SegmentInput, suffix: string): string =>
  joinPath(input.directory, `${stemOf(input)}${suffix}`)

/** Reads what the files beside a segment say about it. */
export function gatherEvidence(input: SegmentInput): Evidence {
  const index = readSmallFile(besideSegment(input, '.index'))
  return {
    segmentBaseOffset: input.baseOffset,
    nextSegmentBaseOffset: input.nextSegmentBaseOffset,
    snapshotOffset: input.isLast ? highestSnapshot(input) : null,
    offsetIndex: index === null ? null : decodeOffsetIndex(index),
    epochAt: readEpochs(input),
    abortedTransactions: readAborted(input),
    producersAtBase: readProducers(input),
  }
}

/** The `.timeindex` beside a segment; null when there is none. */
export function readTimeIndex(input: SegmentInput): TimeIndex | null {
  const bytes = readSmallFile(besideSegment(input, '.timeindex'))
  return bytes === null ? null : decodeTimeIndex(bytes)
}

function readAborted(input: SegmentInput): Evidence['abortedTransactions'] {
  const bytes = readSmallFile(besideSegment(input, '.txnindex'))
  if (bytes === null || input.baseOffset === null) return null
  const { problems } = checkTransactionIndex(bytes, input.baseOffset)
  return problems.length === 0 ? decodeTransactionIndex(bytes) : null
}

/** A snapshot is named after the offset up to which it counts (ProducerStateManager). */
function readProducers(input: SegmentInput): Evidence['producersAtBase'] {
  if (input.topicPartition === null || input.baseOffset === null) return null
  if (input.baseOffset === 0n) return []
  const name = `${baseOffsetDigits(input.baseOffset)}.snapshot`
  const bytes = readSmallFile(joinPath(input.directory, name))
  const snapshot = bytes === null ? null : decodeProducerSnapshot(bytes)
  return snapshot === null || snapshot.problems.length > 0 ? null : snapshot.entries
}

/** Only of a partition: a lone file's folder may be anything. A snapshot has offsets and an epoch of its own. */
function readEpochs({ topicPartition, directory, fileName }: SegmentInput): Evidence['epochAt'] {
  const bytes =
    topicPartition === null || isKraftSnapshot(fileName)
      ? null
      : readSmallFile(joinPath(directory, 'leader-epoch-checkpoint'))
  const checkpoint = bytes === null ? null : decodeLeaderEpochCheckpoint(bytes)
  if (checkpoint === null || checkpoint.problems.length > 0) return () => null
  return (offset) => epochForOffset(checkpoint.entries, offset)
}

function highestSnapshot(input: SegmentInput): bigint | null {
  const { baseOffset } = input
  if (baseOffset === null || segmentBaseOffset(input.fileName) === null) return null
  const offsets = listDirectory(input.directory).flatMap(({ name }) => snapshotOffset(name) ?? [])
  return (
    offsets
      .filter((offset) => offset > baseOffset)
      .sort((a, b) => (a < b ? -1 : 1))
      .at(-1) ?? null
  )
}
