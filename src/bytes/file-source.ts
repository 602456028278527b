/** A ByteSource over a file, opened for reading only. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { InvalidArgumentError, ioError } from '../errors.ts'
import type { ByteSource } from './byte-source.ts'

/** Throws InvalidArgumentError for a path that is no file, SegmentIoError when it cannot be opened. */
export function openFileSource(path: string): ByteSource {
  let descriptor: number
  try {
    // A pipe that nobody writes to would keep the call for good, deaf to signals.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw ioError('open', path, cause)
  }
  const stats = fstatSync(descriptor)
  if (!stats.isFile()) {
    closeSync(descriptor)
    throw new InvalidArgumentError(`${path} is not a file`)
  }
  let open = true
  return {
    name: path,
    size: stats.size,
    read(position, target) {
      let filled = 0
      while (filled < target.length) {
        const count = readSync(
          descriptor,
          target,
          filled,
          target.length - filled,
          position + filled,
        )
        if (count === 0) break
        filled += count
      }
      return filled
    },
    close() {
      if (open) closeSync(descriptor)
      open = false
    },
  }
}
