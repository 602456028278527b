/** From the paths a person typed to the segments they mean, each with what lies beside it. */
import { basename, dirname, resolve } from 'node:path'
import { listDirectory, pathKind, readSmallFile, realPath } from '../bytes/file-directory.ts'
import { InvalidArgumentError } from '../errors.ts'
import { decodeLeaderEpochCheckpoint, epochForOffset } from '../index/leader-epoch-checkpoint.ts'
import { decodeOffsetIndex } from '../index/offset-index.ts'
import type { TopicPartition } from '../segment/segment-name.ts'
import {
  leadingBaseOffset,
  parseTopicPartition,
  segmentBaseOffset,
  snapshotOffset,
} from '../segment/segment-name.ts'
import type { Evidence } from './evidence.ts'

/** Puts a name behind a path without touching how the path was typed. */
const join = (path: string, name: string): string =>
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
}

/** Throws InvalidArgumentError for a path that does not exist or holds no segment. */
export function resolveInput(path: string): readonly PartitionInput[] {
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
    .map(({ name }) => ({ ...partitionDirectory(join(path, name)), root: path }))
    .filter(({ segments }) => segments.length > 0)
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
  const baseOffset = segmentBaseOffset(fileName) ?? leadingBaseOffset(fileName)
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
  }
}

function partitionDirectory(path: string): PartitionInput {
  const names = segmentNames(path)
  const leftOut = listDirectory(path)
    .filter(
      ({ name, isDirectory }) =>
        !isDirectory && name.endsWith('.log') && segmentBaseOffset(name) === null,
    )
    .map(({ name }) => join(path, name))
  return {
    topicPartition: folderOf(path),
    directory: path,
    source: path,
    root: path,
    whole: true,
    segments: names.map((name) => segmentInput(join(path, name), names)),
    leftOut,
  }
}

/** `00….index` for `00….log`; a file of any other name takes its suffix the same way. */
export const besideSegment = (input: SegmentInput, suffix: string): string =>
  join(input.directory, `${input.fileName.replace(/\.log$/, '')}${suffix}`)

/** Reads what the files beside a segment say about it. */
export function gatherEvidence(input: SegmentInput): Evidence {
  const index = readSmallFile(besideSegment(input, '.index'))
  return {
    segmentBaseOffset: input.baseOffset,
    nextSegmentBaseOffset: input.nextSegmentBaseOffset,
    snapshotOffset: input.isLast ? highestSnapshot(input) : null,
    offsetIndex: index === null ? null : decodeOffsetIndex(index),
    epochAt: readEpochs(input),
  }
}

/** Only of a partition: a lone file's folder may be anything. */
function readEpochs({ topicPartition, directory }: SegmentInput): Evidence['epochAt'] {
  const bytes =
    topicPartition === null ? null : readSmallFile(join(directory, 'leader-epoch-checkpoint'))
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
