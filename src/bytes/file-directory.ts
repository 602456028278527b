/** Names and sizes of files, and small files whole. Reading only. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { SegmentIoError } from '../errors.ts'

export interface FileIdentity {
  readonly sizeInBytes: number
  readonly mtimeMs: number
  readonly inode: number
}

export type PathKind = 'file' | 'directory' | 'missing'

export function pathKind(path: string): PathKind {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'missing'
  return stats.isDirectory() ? 'directory' : 'file'
}

/** Size, time and inode: enough to notice that a broker writes to a file under our eyes. */
export function fileIdentity(path: string): FileIdentity {
  const { size, mtimeMs, ino } = statSync(path)
  return { sizeInBytes: size, mtimeMs, inode: ino }
}

/** The names in a directory, sorted; what kind each is. */
export function listDirectory(
  path: string,
): readonly { readonly name: string; readonly isDirectory: boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    throw new SegmentIoError(`cannot list ${path}: ${(cause as Error).message}`, path, cause)
  }
}

/** A whole file in memory, or null when there is none. For the files beside a segment, which are small. */
export function readSmallFile(path: string): Uint8Array | null {
  if (pathKind(path) !== 'file') return null
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new SegmentIoError(`cannot read ${path}: ${(cause as Error).message}`, path, cause)
  }
}

export const realPath = (path: string): string => realpathSync(path)
