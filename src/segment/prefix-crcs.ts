/**
 * CRCs of any ranges of a file, however they overlap, for the price of one pass: the CRC of everything from an origin
 * on is noted every so many bytes, and that of a range follows from its two ends by algebra (Crc.suffix).
 * Damaged bytes may hold a false header at every place, each claiming any length; reading them all for each would make
 * the cost grow with the square of the damage.
 */
import type { Crc } from '../bytes/crc.ts'
import type { Window } from '../bytes/window.ts'

/** Notes a file. With the step, this bounds the memory to 1 MiB, whatever the size of the file. */
const MAX_NOTES = 2 ** 18
const MIN_STEP_BYTES = 1024
const TURN_BYTES = 4 * 1024 * 1024
const READ_BYTES = 256 * 1024

/** A place whose CRC was worked out last: the next one asked for is mostly a little behind it. */
interface Mark {
  position: number
  value: number
}

export class PrefixCrcs {
  readonly #window: Window
  readonly #crc: Crc
  readonly #step: number
  #notes: Int32Array = new Int32Array(64)
  /** What is swept is read here; made when there is something to sweep. */
  #buffer: Uint8Array | null = null
  #origin = 0
  /** How far the bytes have been swept, and the CRC from the origin up to there. */
  #frontier = 0
  #value = 0
  readonly #start: Mark = { position: 0, value: 0 }
  readonly #end: Mark = { position: 0, value: 0 }

  constructor(window: Window, crc: Crc) {
    this.#window = window
    this.#crc = crc
    const needed = Math.ceil(window.source.size / MAX_NOTES / MIN_STEP_BYTES)
    this.#step = Math.max(1, needed) * MIN_STEP_BYTES
  }

  /** Whether the sweep is beyond `position`, so that asking here costs less than reading the range. */
  isBeyond(position: number): boolean {
    return this.#origin <= position && position < this.#frontier
  }

  /** Whether ranges in [start, end) can be asked for. */
  covers(start: number, end: number): boolean {
    return this.#origin <= start && start < this.#frontier && end <= this.#frontier
  }

  /**
   * Sweeps on until ranges up to `end` can be asked for, starting at `position` where it has not been yet. Positions
   * before that are then forgotten. Null is yielded now and then, so that the caller can look up.
   */
  *sweep(position: number, end: number): Generator<null, void> {
    if (!this.isBeyond(position)) this.#restart(position)
    // Whole steps: many a small claim is decided by one of them.
    const steps = Math.ceil((end - this.#origin) / this.#step)
    const goal = Math.min(this.#origin + steps * this.#step, this.#window.source.size)
    let sinceTurn = 0
    const buffer = (this.#buffer ??= new Uint8Array(READ_BYTES))
    while (this.#frontier < goal) {
      const target = buffer.subarray(0, goal - this.#frontier)
      const bytes = this.#window.peekInto(this.#frontier, target)
      // A file that became smaller under our eyes.
      if (bytes.length === 0) return
      this.#take(bytes)
      sinceTurn += bytes.length
      if (sinceTurn < TURN_BYTES) continue
      sinceTurn = 0
      yield null
    }
  }

  #restart(position: number): void {
    this.#origin = this.#frontier = position
    this.#value = this.#start.value = this.#end.value = 0
    this.#start.position = this.#end.position = position
    this.#notes[0] = 0
  }

  #take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const toNote = this.#step - ((this.#frontier - this.#origin) % this.#step)
      const next = Math.min(at + toNote, bytes.length)
      this.#value = this.#crc.update(this.#value, bytes, at, next)
      this.#frontier += next - at
      if (next - at === toNote) this.#note((this.#frontier - this.#origin) / this.#step)
      at = next
    }
  }

  #note(index: number): void {
    if (index === this.#notes.length) {
      const grown = new Int32Array(2 * index)
      grown.set(this.#notes)
      this.#notes = grown
    }
    this.#notes[index] = this.#value
  }

  /** The CRC of [start, end), both swept before; null where the file ended before `end`. */
  rangeCrc(start: number, end: number): number | null {
    const crcOfStart = this.#valueAt(start, this.#start)
    const crcOfEnd = this.#valueAt(end, this.#end)
    if (crcOfStart === null || crcOfEnd === null) return null
    return this.#crc.suffix(crcOfStart, crcOfEnd, end - start)
  }

  #valueAt(position: number, mark: Mark): number | null {
    if (position > this.#frontier) return null
    const index = Math.floor((position - this.#origin) / this.#step)
    const noted = this.#origin + index * this.#step
    if (mark.position < noted || mark.position > position) {
      mark.position = noted
      mark.value = (this.#notes[index] ?? 0) >>> 0
    }
    while (mark.position < position) {
      const bytes = this.#window.peek(mark.position, position - mark.position)
      if (bytes.length === 0) return null
      mark.value = this.#crc.update(mark.value, bytes)
      mark.position += bytes.length
    }
    return mark.value
  }
}
