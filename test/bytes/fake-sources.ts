/** Byte sources that fail, run short, or count what is asked of them. */
import { memorySource } from '../../src/bytes/byte-source.ts'
import type { ByteSource } from '../../src/bytes/byte-source.ts'

export const ioError = (): Error =>
  Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5 })

export interface Read {
  readonly position: number
  readonly size: number
}

export interface FakeSource extends ByteSource {
  readonly reads: Read[]
  bytesRead: number
}

export interface Faults {
  /** Half-open ranges that the device refuses. */
  readonly bad?: readonly (readonly [start: number, end: number])[]
  /** Refuses this many reads of a bad range, then gives it. */
  readonly failures?: number
  /** What the file claims to be, where it is not as large as that any more. */
  readonly size?: number
}

export function fakeSource(bytes: Uint8Array, faults: Faults = {}): FakeSource {
  const memory = memorySource(bytes, 'fake.log')
  let left = faults.failures ?? Infinity
  const source: FakeSource = {
    ...memory,
    size: faults.size ?? bytes.length,
    reads: [],
    bytesRead: 0,
    read(position, target) {
      source.reads.push({ position, size: target.length })
      const end = position + target.length
      const refused = faults.bad?.some(([from, to]) => position < to && from < end) ?? false
      if (refused && left-- > 0) throw ioError()
      if (position < 0) throw new RangeError(`read at ${position}`)
      const count = memory.read(position, target)
      source.bytesRead += count
      return count
    },
  }
  return source
}
