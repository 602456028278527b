/**
 * A sliding window over a ByteSource: bounded memory for files and batches of any size.
 * Reads that fail are retried; what stays unreadable is narrowed down to sectors, shows as zeros, and is
 * remembered in `unreadable`, so that reading goes on after it and nobody mistakes the zeros for data.
 */
import type { ByteSource } from './byte-source.ts'
import type { Crc } from './crc.ts'

/** Disks fail by sector; 512 is the smallest in use. */
const SECTOR_BYTES = 512
const RETRY_DELAYS_MS = [5, 25, 125]

/** A range of bytes that the device does not give, with the error of its last attempt. */
export interface UnreadableRange {
  readonly position: number
  readonly sizeInBytes: number
  readonly cause: unknown
}

export const DEFAULT_WINDOW_BYTES: number = 1024 * 1024

const sleepCell = new Int32Array(new SharedArrayBuffer(4))

export class Window {
  readonly source: ByteSource
  readonly capacity: number
  /** In ascending order, never overlapping. */
  readonly unreadable: UnreadableRange[] = []
  readonly #buffer: Uint8Array
  #start = 0
  #size = 0

  /** `windowBytes`: how much is held at once; at least one batch header fits. */
  constructor(source: ByteSource, windowBytes: number = DEFAULT_WINDOW_BYTES) {
    this.source = source
    this.capacity = Math.max(128, Math.min(windowBytes, source.size))
    this.#buffer = new Uint8Array(this.capacity)
  }

  /** A view of up to `size` bytes at `position`, fewer at the end of the file or when `size` is above the capacity. Valid until the next call. */
  view(position: number, size: number): Uint8Array {
    const wanted = Math.max(0, Math.min(size, this.capacity, this.source.size - position))
    const from = position - this.#start
    if (from < 0 || from + wanted > this.#size) this.#load(position)
    const start = position - this.#start
    return this.#buffer.subarray(start, Math.min(start + wanted, this.#size))
  }

  /** A copy of a whole range, whatever the capacity. The caller has made sure that the size is real. */
  copy(position: number, size: number): Uint8Array {
    const target = new Uint8Array(size)
    for (let done = 0; done < size;) {
      const part = this.view(position + done, size - done)
      target.set(part, done)
      done += part.length
      if (part.length === 0)
        throw new RangeError(`${this.source.name} ends inside a range that was there`)
    }
    return target
  }

  /** The CRC of a range, read through the window. */
  crc(crc: Crc, position: number, size: number): number {
    let value = 0
    for (let done = 0; done < size;) {
      const part = this.view(position + done, size - done)
      if (part.length === 0) break
      value = crc.update(value, part)
      done += part.length
    }
    return value
  }

  /** The first unreadable range that touches the given bytes. */
  unreadableIn(position: number, size: number): UnreadableRange | undefined {
    return this.unreadable.find(
      (range) => range.position < position + size && position < range.position + range.sizeInBytes,
    )
  }

  #load(position: number): void {
    this.#start = position
    const size = Math.min(this.capacity, this.source.size - position)
    this.#size = this.#fill(position, this.#buffer.subarray(0, Math.max(0, size)))
  }

  /** Reads a range; where the device refuses, halves it down to sectors and zeroes those that stay unreadable. */
  #fill(position: number, target: Uint8Array): number {
    const failure = this.#attempt(position, target)
    if (typeof failure === 'number') return failure
    const toBoundary = SECTOR_BYTES - (position % SECTOR_BYTES)
    if (target.length <= toBoundary) {
      target.fill(0)
      this.#rememberSector(position, failure.cause)
      return target.length
    }
    const half = Math.max(
      toBoundary,
      toBoundary + Math.floor((target.length - toBoundary) / 2 / SECTOR_BYTES) * SECTOR_BYTES,
    )
    const first = this.#fill(position, target.subarray(0, half))
    if (first < half) return first
    return first + this.#fill(position + half, target.subarray(half))
  }

  #attempt(position: number, target: Uint8Array): number | { readonly cause: unknown } {
    // A range known to be bad is not asked for again: each attempt can take a disk many seconds.
    const known = this.unreadable.find(
      (range) => range.position <= position && position < range.position + range.sizeInBytes,
    )
    if (known !== undefined) return { cause: known.cause }
    for (let attempt = 0; ; attempt++) {
      try {
        return this.source.read(position, target)
      } catch (cause) {
        // Large reads are not retried as they are: their halves are, and only sectors wait.
        const delay = target.length <= SECTOR_BYTES ? RETRY_DELAYS_MS[attempt] : undefined
        if (delay === undefined && (attempt > 0 || target.length <= SECTOR_BYTES)) return { cause }
        Atomics.wait(sleepCell, 0, 0, delay ?? 1)
      }
    }
  }

  /** Always whole sectors, so that what is remembered never overlaps. */
  #rememberSector(position: number, cause: unknown): void {
    const start = position - (position % SECTOR_BYTES)
    if (this.unreadableIn(start, 1) !== undefined) return
    const end = Math.min(start + SECTOR_BYTES, this.source.size)
    const before = this.unreadable.findIndex(
      (known) => known.position + known.sizeInBytes === start,
    )
    const known = this.unreadable[before]
    if (known !== undefined) {
      this.unreadable[before] = { ...known, sizeInBytes: end - known.position }
      return
    }
    this.unreadable.push({ position: start, sizeInBytes: end - start, cause })
    this.unreadable.sort((a, b) => a.position - b.position)
  }
}
