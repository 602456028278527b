/** Names and sizes of files, and small files whole. Reading only. */
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { ioError } from '../errors.ts'

export interface FileIdentity {
  readonly sizeInBytes: number
  readonly mtimeMs: number
  readonly inode: number
}

export type PathKind = 'file' | 'directory' | 'missing'

const MISSING_CODES: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** A link counts as what it leads to; one that leads nowhere is missing. */
export function pathKind(path: string): PathKind {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file'
  } catch (cause) {
    if (MISSING_CODES.has((cause as NodeJS.ErrnoException).code ?? '')) return 'missing'
    throw ioError('look at', path, cause)
  }
}

/** A link, whether or not it leads anywhere. */
export const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true

/** Size, time and inode: enough to notice that a broker writes to a file under our eyes. */
export function fileIdentity(path: string): FileIdentity {
  try {
    const { size, mtimeMs, ino } = statSync(path)
    return { sizeInBytes: size, mtimeMs, inode: ino }
  } catch (cause) {
    throw ioError('look at', path, cause)
  }
}

/** Null for what cannot be looked at; whoever opens it hears why. */
export function fileSize(path: string): number | null {
  try {
    return statSync(path).size
  } catch {
    return null
  }
}

/** Of a file, or of the files right in a directory whose names end so. What cannot be looked at counts for nothing. */
export function sizeWithin(path: string, suffix: string): number {
  const size = fileSize(path) ?? 0
  if (!leadsToDirectory(path)) return size
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith(suffix))
      .reduce((sum, name) => sum + (fileSize(`${path}/${name}`) ?? 0), 0)
  } catch {
    return 0
  }
}

/** A link that leads nowhere, or in a circle, is no directory; whoever opens it hears why. */
function leadsToDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** The names in a directory, sorted; what kind each is. */
export function listDirectory(
  path: string,
): readonly { readonly name: string; readonly isDirectory: boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .map((entry) => ({
        name: entry.name,
        isDirectory:
          entry.isDirectory() ||
          (entry.isSymbolicLink() && leadsToDirectory(`${path}/${entry.name}`)),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    throw ioError('list', path, cause)
  }
}

/** A whole file in memory, or null when there is none. For the files beside a segment, which are small. */
export function readSmallFile(path: string): Uint8Array | null {
  if (pathKind(path) !== 'file') return null
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw ioError('read', path, cause)
  }
}

export const realPath = (path: string): string => realpathSync(path)

/** The first bytes of a file as text; an empty one where it cannot be read, as for a device or without the right to. */
export function readFileStart(path: string, sizeInBytes: number): string {
  const bytes = new Uint8Array(sizeInBytes)
  try {
    const descriptor = openSync(path, 'r')
    try {
      return new TextDecoder().decode(bytes.subarray(0, readSync(descriptor, bytes)))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return ''
  }
}
