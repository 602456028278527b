/** The files a broker leaves on disk, by their names: what a dump of each is. */
import { basename, dirname } from 'node:path'
import { listDirectory, pathKind, realPath } from '../bytes/file-directory.ts'
import { InvalidArgumentError } from '../errors.ts'
import { resolveWhole } from '../recover/inputs.ts'
import type { TopicPartition } from '../segment/segment-name.ts'
import { leadingBaseOffset, parseTopicPartition } from '../segment/segment-name.ts'

export type DumpKind =
  | 'log'
  | 'kraft-snapshot'
  | 'offset-index'
  | 'time-index'
  | 'transaction-index'
  | 'producer-snapshot'
  | 'leader-epoch-checkpoint'
  | 'offset-checkpoint'
  | 'text'

export interface DumpFile {
  /** As it was typed, or below a directory that was. */
  readonly path: string
  readonly kind: DumpKind
  /** From the name; null when it tells none. */
  readonly baseOffset: bigint | null
  readonly topicPartition: TopicPartition | null
}

const KINDS_BY_SUFFIX: Readonly<Partial<Record<string, DumpKind>>> = {
  '.log': 'log',
  '.checkpoint': 'kraft-snapshot',
  '.index': 'offset-index',
  '.timeindex': 'time-index',
  '.txnindex': 'transaction-index',
  '.snapshot': 'producer-snapshot',
}

const KINDS_BY_NAME: Readonly<Partial<Record<string, DumpKind>>> = {
  'leader-epoch-checkpoint': 'leader-epoch-checkpoint',
  'recovery-point-offset-checkpoint': 'offset-checkpoint',
  'replication-offset-checkpoint': 'offset-checkpoint',
  'log-start-offset-checkpoint': 'offset-checkpoint',
  'cleaner-offset-checkpoint': 'offset-checkpoint',
  'partition.metadata': 'text',
  'meta.properties': 'text',
  'quorum-state': 'text',
}

/** What a broker appends to the name of a file that it is about to delete, or has not finished. */
const PASSING_SUFFIX = /\.(deleted|swap|cleaned|part)$/

/** Null for a name that no broker gives. */
export function dumpKind(name: string): DumpKind | null {
  const lasting = name.replace(PASSING_SUFFIX, '')
  const suffix = lasting.slice(lasting.lastIndexOf('.'))
  return KINDS_BY_NAME[lasting] ?? KINDS_BY_SUFFIX[suffix] ?? null
}

const FIRST_DIGITS = /^(\d{1,19})\./

/** Kafka takes the digits up to the first dot, however many there are. */
function baseOffsetOf(name: string): bigint | null {
  const match = FIRST_DIGITS.exec(name)
  return leadingBaseOffset(name) ?? (match === null ? null : BigInt(match[1] ?? ''))
}

const describe = (path: string, kind: DumpKind, directory: string): DumpFile => ({
  path,
  kind,
  baseOffset: baseOffsetOf(basename(path)),
  topicPartition: parseTopicPartition(basename(directory)),
})

/** A directory stands for the segments in it, in order. Throws InvalidArgumentError for a path that is no such file. */
export function resolveDumpFiles(path: string): readonly DumpFile[] {
  if (pathKind(path) === 'file') {
    const kind = dumpKind(basename(path))
    if (kind === null)
      throw new InvalidArgumentError(
        `${path}: no file of a broker by its name; expected a .log, .index, .timeindex, .txnindex, .snapshot or .checkpoint file, or one of the checkpoint files`,
      )
    return [describe(path, kind, realPath(dirname(path)))]
  }
  return resolveWhole(path).flatMap((partition) =>
    partition.segments.map(({ source, directory }) => describe(source, 'log', realPath(directory))),
  )
}

/** All segments of the partition that a log belongs to, in order; a log without a base offset stands alone. */
export function partitionSegments(path: string): readonly string[] {
  const directory = dirname(path)
  if (leadingBaseOffset(basename(path)) === null) return [path]
  // In the order of their names, which is that of their offsets.
  return listDirectory(directory)
    .filter(({ name, isDirectory }) => !isDirectory && name.endsWith('.log'))
    .filter(({ name }) => leadingBaseOffset(name) !== null)
    .map(({ name }) => `${directory}/${name}`)
}
