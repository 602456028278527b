/**
 * Writing files so that nothing half-written is ever taken for whole: under a temporary name, synced, then renamed.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  fdatasync,
  fsync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ioError } from '../errors.ts'

/** A file under construction at a temporary path. Close it, or the descriptor stays open. */
export interface OutputFile {
  readonly path: string
  /** All of the bytes are written when it returns. */
  write(bytes: Uint8Array): void
  /** Has the device begin with what is written, now and then; for files that end with `syncAndClose`. */
  syncAhead(): void
  /** Everything written is on the device when it returns. */
  sync(): void
  /** The same in the background, closing the file at its end; the caller goes on meanwhile. */
  syncAndClose(): Promise<void>
  close(): void
}

/** How much is written before the device is told to begin: each time the file system commits its journal too. */
const SYNC_BYTES = 256 * 1024 * 1024

export function createOutputFile(path: string, syncBytes: number = SYNC_BYTES): OutputFile {
  let descriptor: number
  try {
    mkdirSync(dirname(path), { recursive: true })
    // 'wx': a file that is there already is never written into, nor a link followed.
    descriptor = openSync(path, 'wx')
  } catch (cause) {
    throw ioError('create', path, cause)
  }
  let open = true
  let unsyncedBytes = 0
  let syncing = Promise.resolve()
  return {
    path,
    write(bytes) {
      unsyncedBytes += bytes.length
      try {
        for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
      } catch (cause) {
        throw ioError('write', path, cause)
      }
    },
    syncAhead() {
      if (unsyncedBytes < syncBytes) return
      unsyncedBytes = 0
      syncing = syncing.then(async () => promisify(fdatasync)(descriptor))
      // Told by syncAndClose; where the file is given up instead, nobody wants to know.
      syncing.catch(() => undefined)
    },
    sync() {
      try {
        fsyncSync(descriptor)
      } catch (cause) {
        throw ioError('sync', path, cause)
      }
    },
    async syncAndClose() {
      open = false
      try {
        await syncing
        await promisify(fsync)(descriptor)
      } catch (cause) {
        throw ioError('sync', path, cause)
      } finally {
        closeSync(descriptor)
      }
    },
    close() {
      if (open) closeSync(descriptor)
      open = false
    },
  }
}

/** Small files that become durable together: the file system commits those it is asked for at once at one go. */
export interface FileGroup {
  /** A new file, to be moved to `to` once it is on the device. */
  create(temporary: string, to: string): OutputFile
  /** All that were created are whole. They are synced and moved where there are enough of them; with `all`, in any case. */
  settle(all?: boolean): Promise<void>
  /** Gives up what has not been moved. */
  close(): void
}

/** As many as Node has threads for files. Their names are durable once `syncDirectory` has been called for all of them. */
const FILES_AT_ONCE = 4

export function createFileGroup(): FileGroup {
  const files: { readonly file: OutputFile; readonly to: string }[] = []
  return {
    create(temporary, to) {
      const file = createOutputFile(temporary)
      files.push({ file, to })
      return file
    },
    async settle(all = false) {
      if (!all && files.length < FILES_AT_ONCE) return
      const settled = files.splice(0)
      const outcomes = await Promise.allSettled(settled.map(({ file }) => file.syncAndClose()))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      for (const { file, to } of settled) moveWithoutSync(file.path, to)
    },
    close() {
      for (const { file } of files.splice(0)) file.close()
    },
  }
}

/** Moves a finished file to its place, and syncs the directory so that the name is durable too. */
export function moveIntoPlace(from: string, to: string): void {
  moveWithoutSync(from, to)
  syncDirectory(dirname(to))
}

/** The same for one of many: its name is durable once `syncDirectory` has been called for all of them. */
function moveWithoutSync(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
  } catch (cause) {
    throw ioError('move into place', to, cause)
  }
}

/** The names in a directory are on the device when it returns. */
export function syncDirectory(path: string): void {
  try {
    const directory = openSync(path, 'r')
    try {
      fsyncSync(directory)
    } finally {
      closeSync(directory)
    }
  } catch (cause) {
    throw ioError('sync', path, cause)
  }
}

/** Mode and times as the source has them (retention reads mtime), and the owner where we may set it. */
export function copyAttributes(from: string, to: string): void {
  try {
    applyAttributes(statSync(from), to)
  } catch (cause) {
    throw ioError('copy the mode and times to', to, cause)
  }
}

function applyAttributes({ mode, uid, gid, atime, mtime }: Stats, to: string): void {
  try {
    chownSync(to, uid, gid)
  } catch {
    // Only root may give files away; the report's `restore` names the owner to set.
  }
  chmodSync(to, mode & 0o7777)
  utimesSync(to, atime, mtime)
}

export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw ioError('create', path, cause)
  }
}

export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (cause) {
    throw ioError('remove', path, cause)
  }
}

/** Bytes that may still be written at a place that exists. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}
