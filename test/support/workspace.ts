/** Temporary folders that hold one damaged segment, alone or among the files that lay beside it. */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { CorpusSegment } from './corpus.ts'

/** `lone`: a file in a folder of no partition. `partition`: in its topic-N directory, with all its neighbours. */
export type Layout = 'lone' | 'partition'

export async function withWorkspace<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kmend-test-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes the damaged bytes where the segment was, and returns their path. */
export function placeSource(
  folder: string,
  segment: Pick<CorpusSegment, 'name' | 'directory'>,
  bytes: Uint8Array,
  layout: Layout,
): string {
  const directory = join(folder, layout === 'lone' ? 'files' : basename(segment.directory))
  mkdirSync(directory)
  const name = `${basename(segment.name)}.log`
  if (layout === 'partition')
    for (const file of readdirSync(segment.directory))
      if (file !== name) copyFileSync(join(segment.directory, file), join(directory, file))
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** What must not change: a file's bytes and its modification time. */
export function fingerprint(path: string): string {
  const { mtimeNs, ino } = statSync(path, { bigint: true })
  return `${sha256(readFileSync(path))} ${mtimeNs.toString()} ${ino.toString()}`
}

/** Every file below a folder, by its path in there, as a digest. */
export function treeDigest(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(root, name)).isFile())
      .map((name) => [name, sha256(readFileSync(join(root, name)))]),
  )
}
