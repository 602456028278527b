/** What the summaries share: the logs of one topic below the paths, each read through a window, in order. */
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import { defaultCodecs } from '../codec/default-codecs.ts'
import { resolveDumpFiles } from '../dump/dump-file.ts'
import type { DumpFile } from '../dump/dump-file.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkpointFor, resolveOptions } from '../recover/options.ts'
import type { DamageCount, ReadOptions, RecordInBatch } from '../summaries/read-records.ts'
import { readRecords } from '../summaries/read-records.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { parseSize } from './common.ts'

/** A partition's segments, in offset order. */
export interface PartitionFiles {
  /** `topic-partition`, or the file's own path where its folder has no such name. */
  readonly partition: string
  readonly topic: string | null
  readonly files: readonly DumpFile[]
}

/** All logs below the paths, by partition. */
export function logsByPartition(paths: readonly string[]): readonly PartitionFiles[] {
  const groups = new Map<string, { topic: string | null; files: DumpFile[] }>()
  for (const file of paths.flatMap(resolveDumpFiles)) {
    if (file.kind !== 'log' && file.kind !== 'kraft-snapshot')
      throw new InvalidArgumentError(`${file.path}: this is no log`)
    const { topicPartition: place } = file
    const name = place === null ? file.path : `${place.topic}-${place.partition}`
    const group = groups.get(name) ?? { topic: place?.topic ?? null, files: [] }
    groups.set(name, group)
    group.files.push(file)
  }
  return [...groups].map(([partition, { topic, files }]) => ({
    partition,
    topic,
    files: files.sort((a, b) => Number((a.baseOffset ?? 0n) - (b.baseOffset ?? 0n))),
  }))
}

/** Those of one topic; when none of the folders is named after it, a lone file is taken at its word. */
export function logsOfTopic(
  partitions: readonly PartitionFiles[],
  topic: string,
): readonly PartitionFiles[] {
  const named = partitions.filter((partition) => partition.topic === topic)
  const nameless = partitions.filter((partition) => partition.topic === null)
  const found = [...named, ...nameless]
  if (found.length === 0)
    throw new InvalidArgumentError(
      `nothing of ${topic} here; give its partition directories, a log dir, or its .log files`,
    )
  return found
}

export interface SummaryReader {
  readonly options: ReadOptions
  readonly damage: DamageCount
  /** Walks one file; `use` gets its records in order. */
  readonly read: (file: DumpFile, use: (item: RecordInBatch) => void) => Promise<void>
  /** Runs a generator over a window of the file. */
  readonly walk: (file: DumpFile, work: (window: Window) => Generator) => Promise<void>
}

export function createSummaryReader(args: CommonArguments, terminal: Terminal): SummaryReader {
  const damage: DamageCount = { places: 0 }
  const options: ReadOptions = {
    damage,
    codecs: defaultCodecs,
    maxDecompressedBytes: parseSize(args.maxDecompressed),
  }
  const settings = resolveOptions({ signal: terminal.signal }, false)
  const checkpoint = checkpointFor(settings, '', 0)
  const walk: SummaryReader['walk'] = async (file, work) => {
    terminal.signal.throwIfAborted()
    const source = openFileSource(file.path)
    const window = new Window(source)
    try {
      for (const item of work(window)) if (item === null) await checkpoint(0)
    } finally {
      window.release()
      source.close()
    }
  }
  return {
    options,
    damage,
    walk,
    read: async (file, use) => {
      await walk(file, function* records(window) {
        for (const item of readRecords(window, options)) {
          if (item !== null) use(item)
          yield item
        }
      })
    },
  }
}

/** What a reader of a summary has to know when the log was damaged. */
export const damageNote = ({ places }: DamageCount): string | null =>
  places === 0
    ? null
    : `${places} damaged ${places === 1 ? 'place' : 'places'}: what was written there is not in this summary (kmend dump --where damaged shows them)`
