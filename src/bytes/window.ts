/**
 * A sliding window over a ByteSource: bounded memory for files and batches of any size.
 * Reads that fail are retried; what stays unreadable is narrowed down to sectors, shows as zeros, and is
 * remembered in `unreadable`, so that reading goes on after it and nobody mistakes the zeros for data.
 */
import type { ByteSource } from './byte-source.ts'
import type { Crc } from './crc.ts'
import type { Loan } from './crc32c-memory.ts'
import { crc32cMemory } from './crc32c-memory.ts'
import { SECTOR_BYTES } from './sector.ts'

const SECTOR_RETRY_DELAYS_MS: readonly number[] = [5, 25, 125]
const LARGE_RETRY_DELAYS_MS: readonly number[] = [1]
/** A dying disk has thousands of bad sectors, and nobody waits for each: this much for a file, then no more. */
const MAX_WAIT_MS = 1000

/** A range of bytes that the device does not give, with the error of its last attempt. */
export interface UnreadableRange {
  readonly position: number
  readonly sizeInBytes: number
  readonly cause: unknown
}

export const DEFAULT_WINDOW_BYTES: number = 1024 * 1024

/** Places outside the window that are held besides it, 256 KiB in all. */
const PAGES = 16
const PAGE_BYTES = 16 * 1024

interface Page {
  start: number
  readonly bytes: Uint8Array
  size: number
}

const emptyPage = (fileSize: number): Page => ({
  start: -1,
  bytes: new Uint8Array(Math.min(PAGE_BYTES, fileSize)),
  size: 0,
})

/** For less than this, memory of its own is as good. */
const SMALL_BYTES = 16 * 1024

const sleepCell = new Int32Array(new SharedArrayBuffer(4))

export class Window {
  readonly source: ByteSource
  readonly capacity: number
  /** In ascending order, never overlapping. */
  readonly unreadable: UnreadableRange[] = []
  readonly #readUntil: number
  readonly #loan: Loan | null
  #buffer: Uint8Array
  #start = 0
  #size = 0
  #waitedMs = 0
  #released = false
  #retryHelped = false
  readonly #pages: Page[] = []

  /**
   * `windowBytes`: how much is held at once; at least one batch header fits. `readUntil`: nothing behind this position is
   * read before it is asked for.
   */
  constructor(source: ByteSource, windowBytes: number = DEFAULT_WINDOW_BYTES, readUntil?: number) {
    this.source = source
    this.#readUntil = readUntil ?? Infinity
    this.capacity = Math.max(128, Math.min(windowBytes, source.size))
    // Read straight to where CRCs are computed, the bytes need not be copied there.
    this.#loan =
      this.capacity > SMALL_BYTES ? (crc32cMemory()?.borrow(this.capacity) ?? null) : null
    this.#buffer = this.#loan?.bytes ?? new Uint8Array(this.capacity)
  }

  /** Gives its memory back. The window shows nothing any more, and what it has shown must not be looked at. */
  release(): void {
    this.#loan?.giveBack()
    this.#buffer = new Uint8Array(0)
    this.#start = this.#size = 0
    this.#released = true
  }

  /** A view of up to `size` bytes at `position`, fewer at the end of the file or when `size` is above the capacity. Valid until the next call. */
  view(position: number, size: number): Uint8Array {
    const wanted = Math.max(0, Math.min(size, this.capacity, this.source.size - position))
    const from = position - this.#start
    if (from < 0 || from + wanted > this.#size) this.#load(position, wanted)
    const start = position - this.#start
    return this.#buffer.subarray(start, Math.min(start + wanted, this.#size))
  }

  /** Like `view`, and all that the window holds behind it; `size` bytes are read only where they are not held yet. */
  viewOn(position: number, size: number): Uint8Array {
    this.view(position, size)
    return this.#buffer.subarray(position - this.#start, this.#size)
  }

  /**
   * Bytes of a place elsewhere, while what `view` shows stays where it is: at least one of them, and at most `size`,
   * none behind the end of the file. Valid until the next call. A few places that are asked for in turn are kept.
   */
  peek(position: number, size: number): Uint8Array {
    const from = position - this.#start
    if (from >= 0 && from < this.#size)
      return this.#buffer.subarray(from, Math.min(from + size, this.#size))
    const page = this.#page(position - (position % PAGE_BYTES))
    const start = position - page.start
    return page.bytes.subarray(start, Math.min(start + size, page.size))
  }

  /** The same for a pass over many bytes: those that are not held are read into `target`, as many as it takes. */
  peekInto(position: number, target: Uint8Array): Uint8Array {
    const from = position - this.#start
    if (from >= 0 && from < this.#size)
      return this.#buffer.subarray(from, Math.min(from + target.length, this.#size))
    const left = Math.max(0, this.source.size - position)
    const part = target.subarray(0, left)
    return part.subarray(0, this.#fill(position, part))
  }

  #page(start: number): Page {
    const known = this.#pages.findIndex((page) => page.start === start)
    let page = known === -1 ? undefined : this.#pages[known]
    if (known === 0 && page !== undefined) return page
    if (page === undefined) {
      page = this.#pages.length < PAGES ? emptyPage(this.source.size) : this.#pages.pop()
      page ??= emptyPage(this.source.size)
      page.start = start
      const left = Math.max(0, this.source.size - start)
      page.size = this.#fill(start, page.bytes.subarray(0, Math.min(PAGE_BYTES, left)))
    } else this.#pages.splice(known, 1)
    // The one that was not asked for the longest is given up first.
    this.#pages.unshift(page)
    return page
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
    const range = this.unreadable[this.#firstEndingAfter(position)]
    return range !== undefined && range.position < position + size ? range : undefined
  }

  #load(position: number, wanted: number): void {
    if (this.#released) throw new Error(`the window over ${this.source.name} has been released`)
    this.#start = position
    const ahead = Math.max(wanted, this.#readUntil - position)
    const size = Math.min(this.capacity, this.source.size - position, ahead)
    this.#size = this.#fill(position, this.#buffer.subarray(0, Math.max(0, size)))
  }

  /** Reads a range. What is known to be unreadable shows as zeros and is not asked for again. */
  #fill(position: number, target: Uint8Array): number {
    for (let at = 0; at < target.length;) {
      const known = this.unreadable[this.#firstEndingAfter(position + at)]
      const knownStart = known === undefined ? Infinity : known.position - position
      if (known !== undefined && knownStart <= at) {
        const end = Math.min(knownStart + known.sizeInBytes, target.length)
        target.fill(0, at, end)
        at = end
        continue
      }
      const part = target.subarray(at, Math.min(knownStart, target.length))
      const filled = this.#fillUnknown(position + at, part)
      at += filled
      if (filled < part.length) return at
    }
    return target.length
  }

  #fillUnknown(position: number, target: Uint8Array): number {
    const failure = this.#attempt(position, target)
    return typeof failure === 'number' ? failure : this.#narrow(position, target, failure.cause)
  }

  /**
   * Reads what the device gives of a range that it refuses as a whole, by halving what is known to hold a bad sector.
   * Behind a bad one sectors are read singly until one is good: an area of bad ones costs one read each.
   */
  #narrow(position: number, target: Uint8Array, cause: unknown): number {
    if (target.length <= SECTOR_BYTES - (position % SECTOR_BYTES)) {
      target.fill(0)
      this.#rememberSector(position, cause)
      return target.length
    }
    let [at, step, suspectEnd] = [0, 0, target.length]
    while (at < target.length) {
      const toBoundary = SECTOR_BYTES - ((position + at) % SECTOR_BYTES)
      const suspect = suspectEnd - at
      const wanted = suspect > 0 ? Math.floor(suspect / 2) : step
      const sectors = Math.floor(Math.max(0, wanted - toBoundary) / SECTOR_BYTES)
      const size = Math.min(toBoundary + sectors * SECTOR_BYTES, target.length - at)
      const part = target.subarray(at, at + size)
      const result = this.#attempt(position + at, part)
      if (typeof result === 'number') {
        at += result
        if (result < size) return at
        step = 2 * size
        continue
      }
      if (size > toBoundary) {
        suspectEnd = at + size
        continue
      }
      part.fill(0)
      this.#rememberSector(position + at, result.cause)
      at += size
      step = SECTOR_BYTES
      suspectEnd = 0
    }
    return at
  }

  #attempt(position: number, target: Uint8Array): number | { readonly cause: unknown } {
    // Large reads are not retried as they are, but once: their halves are, and only sectors wait.
    const delays = target.length <= SECTOR_BYTES ? SECTOR_RETRY_DELAYS_MS : LARGE_RETRY_DELAYS_MS
    for (let attempt = 0; ; attempt++) {
      try {
        const count = this.source.read(position, target)
        if (attempt > 0) this.#retryHelped = true
        return count
      } catch (cause) {
        const delay = delays[attempt]
        if (delay === undefined) return { cause }
        if (this.#waitedMs + delay > MAX_WAIT_MS) {
          // Patience is over. Where retries have helped before, one more is made at once.
          if (!this.#retryHelped || attempt > 0) return { cause }
          continue
        }
        this.#waitedMs += delay
        Atomics.wait(sleepCell, 0, 0, delay)
      }
    }
  }

  /** The index of the first unreadable range that ends behind a position. */
  #firstEndingAfter(position: number): number {
    let [low, high] = [0, this.unreadable.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const range = this.unreadable[middle]
      if (range === undefined || range.position + range.sizeInBytes > position) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Always whole sectors, so that what is remembered never overlaps. */
  #rememberSector(position: number, cause: unknown): void {
    const start = position - (position % SECTOR_BYTES)
    const index = this.#firstEndingAfter(start)
    const behind = this.unreadable[index]
    if (behind !== undefined && behind.position <= start) return
    const end = Math.min(start + SECTOR_BYTES, this.source.size)
    const before = this.unreadable[index - 1]
    if (before !== undefined && before.position + before.sizeInBytes === start)
      this.unreadable[index - 1] = { ...before, sizeInBytes: end - before.position }
    else this.unreadable.splice(index, 0, { position: start, sizeInBytes: end - start, cause })
  }
}
