/**
 * Finds the next batches after damage: plausible headers proven by their CRC, in one pass over the bytes.
 *
 * A header inside damage may claim any length, and headers may overlap, so a CRC per candidate would make the
 * cost quadratic. Instead one running CRC sweeps over the bytes; a candidate notes its value where the
 * candidate's coverage begins, and where it ends the CRC of just that range follows by algebra (Crc.suffix).
 *
 * Of overlapping proven batches the one that starts first wins: a batch inside another batch's record value is
 * data. So a proven batch is given out only when no open candidate before it could still contain it.
 */
import type { Crc } from '../bytes/crc.ts'
import { crc32, crc32c } from '../bytes/crc.ts'
import { MinHeap } from '../bytes/min-heap.ts'
import type { Window } from '../bytes/window.ts'
import { LOG_OVERHEAD, MAGIC_POSITION, V0_MIN_BYTES, V2_HEADER_BYTES } from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import {
  crcCoverage,
  decodeBatchHeader,
  isLegacy,
  isPlausible,
  lengthFits,
} from './record-batch.ts'

/** Random bytes keep a handful open; only a file made to be slow reaches this. Further ones are then not looked at until some are settled. */
const MAX_OPEN_CANDIDATES = 65_536

interface Candidate {
  readonly header: BatchHeader
  readonly end: number
  crcBefore: number
  state: 'open' | 'proven' | 'refuted'
}

/** The CRC of everything from where it was started to where the sweep stands. */
class RunningCrc {
  readonly #crc: Crc
  value = 0
  #position = 0

  constructor(crc: Crc, position: number) {
    this.#crc = crc
    this.#position = position
  }

  /** With nothing open the bytes so far matter to nobody. */
  restart(position: number): void {
    this.value = 0
    this.#position = position
  }

  /** `bytes` starts at `base` and reaches at least to `position`. */
  advance(bytes: Uint8Array, base: number, position: number): void {
    if (position > this.#position) {
      this.value = this.#crc.update(this.value, bytes, this.#position - base, position - base)
      this.#position = position
    }
  }
}

const kindOf = (header: BatchHeader): 'v2' | 'legacy' => (isLegacy(header) ? 'legacy' : 'v2')

interface Mark {
  readonly position: number
  readonly candidate: Candidate
  readonly kind: 'start' | 'end'
}

class Sweep {
  readonly #window: Window
  readonly #running: Readonly<{ v2: RunningCrc; legacy: RunningCrc }>
  readonly #marks = new MinHeap<Mark>((a, b) => a.position - b.position)
  /** In order of their position; proven ones wait here for those before them. */
  #queue: Candidate[] = []
  #head = 0
  readonly #open = { v2: 0, legacy: 0 }
  hasGiven = false
  /** Nothing that starts before this is given out any more. */
  #floor: number

  constructor(window: Window, start: number) {
    this.#window = window
    this.#floor = start
    this.#running = { v2: new RunningCrc(crc32c, start), legacy: new RunningCrc(crc32, start) }
  }

  get floor(): number {
    return this.#floor
  }

  /** Notes every plausible header that starts in bytes [0, count) of a view at `base`. */
  collect(bytes: Uint8Array, base: number, count: number): void {
    const fileSize = this.#window.source.size
    const end = Math.min(count, bytes.length - MAGIC_POSITION)
    const [magicPosition, overhead, smallest] = [MAGIC_POSITION, LOG_OVERHEAD, V0_MIN_BYTES]
    for (let at = 0; at < end; at++) {
      if ((bytes[at + magicPosition] ?? 0xff) > 2) continue
      // Before a header is decoded: random bytes pass this once in ten thousand places, zeros never.
      const size = lengthFieldAt(bytes, at) + overhead
      if (size < smallest || size > fileSize - base - at) continue
      const header = decodeBatchHeader(bytes.subarray(at, at + V2_HEADER_BYTES), base + at)
      if (header === null || !lengthFits(header, fileSize) || !isPlausible(header)) continue
      this.#add(header)
    }
  }

  #add(header: BatchHeader): void {
    if (this.#open.v2 + this.#open.legacy >= MAX_OPEN_CANDIDATES) return
    const candidate: Candidate = {
      header,
      end: header.position + header.sizeInBytes,
      crcBefore: 0,
      state: 'open',
    }
    this.#queue.push(candidate)
    this.#open[kindOf(header)]++
    this.#marks.push({
      position: header.position + crcCoverage(header.magic).start,
      candidate,
      kind: 'start',
    })
  }

  #settle(candidate: Candidate, state: 'proven' | 'refuted'): void {
    if (candidate.state !== 'open') return
    candidate.state = state
    this.#open[kindOf(candidate.header)]--
  }

  /** Decides all candidates whose bytes end at or before `position`. */
  advance(bytes: Uint8Array, base: number, position: number): void {
    for (
      let mark = this.#marks.peek();
      mark !== undefined && mark.position <= position;
      mark = this.#marks.peek()
    ) {
      this.#marks.pop()
      const { candidate } = mark
      if (candidate.state !== 'open') continue
      const running = this.#running[kindOf(candidate.header)]
      running.advance(bytes, base, mark.position)
      if (mark.kind === 'start') {
        candidate.crcBefore = running.value
        this.#marks.push({ position: candidate.end, candidate, kind: 'end' })
      } else this.#judge(candidate, running.value)
    }
    for (const kind of ['v2', 'legacy'] as const) {
      // A CRC must have passed these bytes before they leave the window, if anyone waits for it.
      if (this.#open[kind] > 0) this.#running[kind].advance(bytes, base, position)
      else this.#running[kind].restart(position)
    }
  }

  #judge(candidate: Candidate, crcAfter: number): void {
    const { header } = candidate
    const { crc, start } = crcCoverage(header.magic)
    const computed = crc.suffix(candidate.crcBefore, crcAfter, header.sizeInBytes - start)
    const whole = this.#window.unreadableIn(header.position, header.sizeInBytes) === undefined
    this.#settle(candidate, computed === header.crc && whole ? 'proven' : 'refuted')
  }

  /** Proven batches that nothing before them can swallow any more, in order, never overlapping. */
  *settled(): Generator<BatchHeader> {
    for (
      let candidate = this.#queue[this.#head];
      candidate !== undefined;
      candidate = this.#queue[this.#head]
    ) {
      const inside = candidate.header.position < this.#floor
      if (candidate.state === 'open' && !inside) break
      if (inside) this.#settle(candidate, 'refuted')
      this.#head++
      if (candidate.state === 'proven' && !inside) {
        this.#floor = candidate.end
        this.hasGiven = true
        yield candidate.header
      }
    }
    if (this.#head > 4096) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }
}

const lengthFieldAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 8] ?? 0) << 24) |
  ((bytes[at + 9] ?? 0) << 16) |
  ((bytes[at + 10] ?? 0) << 8) |
  (bytes[at + 11] ?? 0)

/** Candidates are collected a little ahead of the CRC, so that the sweep stops soon after it has found its feet. */
const STRIDE_BYTES = 4096

/**
 * Yields proven batches from `start` on, in file order. It ends soon after it has given out a batch that nothing
 * open could contain, so that ordinary walking goes on behind that batch, or at the end of the file.
 * Null is yielded now and then where there is nothing to find, so that the caller can look up.
 */
export function* resync(window: Window, start: number): Generator<BatchHeader | null, void> {
  const sweep = new Sweep(window, start)
  const fileSize = window.source.size
  // A header may straddle two views: the last bytes of each are seen again at the start of the next.
  const overlap = V2_HEADER_BYTES - 1
  for (let base = start; base < fileSize;) {
    const bytes = window.view(base, window.capacity)
    const atEnd =
      base + bytes.length >= fileSize || bytes.length < Math.min(window.capacity, fileSize - base)
    const count = atEnd ? bytes.length : bytes.length - overlap
    // Collected first: whoever receives a batch may move the window.
    const { found, done } = sweepView(sweep, bytes, base, count)
    yield* found
    // A short view: the file became smaller under our eyes.
    if (done || atEnd) return
    yield null
    base += count
  }
}

function sweepView(
  sweep: Sweep,
  bytes: Uint8Array,
  base: number,
  count: number,
): { found: BatchHeader[]; done: boolean } {
  const found: BatchHeader[] = []
  for (let at = 0; at < count; at += STRIDE_BYTES) {
    const step = Math.min(STRIDE_BYTES, count - at)
    sweep.collect(bytes.subarray(at), base + at, step)
    sweep.advance(bytes, base, base + at + step)
    found.push(...sweep.settled())
    // Close behind the last given batch: the walk checks the little that is left again. Were the sweep far
    // ahead of it (it waited for a large claim to fail), stopping would read those bytes over and over.
    if (sweep.hasGiven && sweep.floor >= base + at + step - STRIDE_BYTES)
      return { found, done: true }
  }
  return { found, done: false }
}
