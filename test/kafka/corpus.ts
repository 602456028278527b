/* The corpus beside the checkout, and what the broker's own checkpoints say of its partitions. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Placement } from './broker.ts'

export const corpus: string = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus')

export function placeSource(source: string): Placement {
  const directory = join(corpus, source)
  return { topic: topicOf(source), directory, logStartOffset: logStartOffsetOf(source) }
}

/** The topic under which an undamaged partition is served. */
export function topicOf(source: string): string {
  return `source-${source.replace('/', '-')}`
}

export function logStartOffsetOf(source: string): bigint {
  return checkpointed(source, 'log-start-offset-checkpoint') ?? 0n
}

/** The high watermark of a log that was closed cleanly: its end. */
export function logEndOffsetOf(source: string): bigint {
  const offset = checkpointed(source, 'replication-offset-checkpoint')
  if (offset === null) throw new Error(`No checkpoint names ${source}`)
  return offset
}

export function highestLeaderEpoch(placements: readonly Placement[]): number {
  const epochs = placements
    .map(({ directory }) => join(directory, 'leader-epoch-checkpoint'))
    .filter((path) => existsSync(path))
    .map((path) => Number(readFileSync(path, 'utf8').trim().split('\n').at(-1)?.split(' ')[0]))
  return Math.max(0, ...epochs)
}

/** A copy that may be written to, whatever the mode of the original. */
export function copyDirectory(source: string, target: string): void {
  mkdirSync(target, { recursive: true })
  for (const name of readdirSync(source)) {
    copyFileSync(join(source, name), join(target, name))
    chmodSync(join(target, name), 0o644)
  }
}

/** Names of files with this ending that are not in both directories with the same bytes. */
export function differingFiles(one: string, other: string, ending = ''): string[] {
  const names = (directory: string) =>
    readdirSync(directory).filter((name) => name.endsWith(ending))
  const isSame = (name: string) =>
    existsSync(join(one, name)) &&
    existsSync(join(other, name)) &&
    readFileSync(join(one, name)).equals(readFileSync(join(other, name)))
  return [...new Set([...names(one), ...names(other)])].filter((name) => !isSame(name))
}

/** The partition's line in one of its log dir's checkpoint files. */
function checkpointed(source: string, checkpoint: string): bigint | null {
  const path = join(corpus, dirname(source), checkpoint)
  const topic = basename(source).replace(/-0$/, '')
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${topic} 0 `))
  return line === undefined ? null : BigInt(line.split(' ')[2]!)
}
