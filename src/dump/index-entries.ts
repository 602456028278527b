/** The entries of `.index` and `.timeindex`, read through a window: an index of any size costs no memory. */
import { Cursor } from '../bytes/cursor.ts'
import type { Window } from '../bytes/window.ts'
import { OFFSET_INDEX_ENTRY_SIZE } from '../index/offset-index.ts'
import { TIME_INDEX_ENTRY_SIZE } from '../index/time-index.ts'
import type { FileItem } from './entries.ts'

interface Numbered {
  readonly number: number
  readonly position: number
  /** Offset and position, or timestamp and offset; offsets relative to the segment's base. */
  readonly first: bigint
  readonly second: bigint
}

interface Shape {
  readonly entrySize: number
  readonly decode: (cursor: Cursor) => readonly [bigint, bigint]
}

const OFFSET_SHAPE: Shape = {
  entrySize: OFFSET_INDEX_ENTRY_SIZE,
  decode: (cursor) => [BigInt(cursor.int32()), BigInt(cursor.int32())],
}

const TIME_SHAPE: Shape = {
  entrySize: TIME_INDEX_ENTRY_SIZE,
  decode: (cursor) => [cursor.int64(), BigInt(cursor.int32())],
}

const VIEW_ENTRIES = 4096

/** All whole entries, zeros included; null now and then so that the caller can look up. */
function* readEntries(window: Window, { entrySize, decode }: Shape): Generator<Numbered | null> {
  const count = Math.floor(window.source.size / entrySize)
  for (let number = 0; number < count;) {
    const wanted = Math.min(VIEW_ENTRIES, count - number) * entrySize
    // A copy: whoever receives an entry may move the window.
    const bytes = window.view(number * entrySize, wanted).slice()
    const whole = Math.floor(bytes.length / entrySize)
    if (whole === 0) return
    const cursor = new Cursor(bytes)
    for (let index = 0; index < whole; index++, number++) {
      const [first, second] = decode(cursor)
      yield { number, position: number * entrySize, first, second }
    }
    yield null
  }
}

/**
 * Hands out entries up to the zeros that a broker preallocates. Zeros with entries behind them are damage, and told
 * as one problem.
 */
function* upToZeros(
  window: Window,
  shape: Shape,
): Generator<Numbered | null | { readonly zerosFrom: number; readonly count: number }> {
  let zerosFrom: number | null = null
  let count = 0
  for (const entry of readEntries(window, shape)) {
    if (entry === null) {
      yield null
      continue
    }
    if (entry.number > 0 && entry.first === 0n && entry.second === 0n) {
      zerosFrom ??= entry.position
      count++
      continue
    }
    if (zerosFrom !== null) yield { zerosFrom, count }
    zerosFrom = null
    count = 0
    yield entry
  }
}

function fragment(window: Window, entrySize: number): FileItem | null {
  const { size } = window.source
  const left = size % entrySize
  if (left === 0) return null
  const message = `the last ${left} bytes are no whole entry of ${entrySize}`
  return { type: 'problem', position: size - left, message }
}

const zerosProblem = (zerosFrom: number, count: number): FileItem => ({
  type: 'problem',
  position: zerosFrom,
  message: `${count} empty entries (all zero) with entries after them`,
})

/** What a caller wants to hold against the log. */
export interface IndexListener {
  onEntry(first: bigint, second: bigint): void
}

/** In kafka-dump-log's words. `baseOffset` is that of the file's name. */
export function* dumpOffsetIndex(
  window: Window,
  baseOffset: bigint,
  path: string,
  listener: IndexListener,
): Generator<FileItem | null> {
  if (window.source.size < OFFSET_INDEX_ENTRY_SIZE)
    yield { type: 'remark', text: `${path} is empty.` }
  let previous: Numbered | null = null
  for (const entry of upToZeros(window, OFFSET_SHAPE)) {
    if (entry === null) yield null
    else if ('zerosFrom' in entry) yield zerosProblem(entry.zerosFrom, entry.count)
    else {
      const { first, second, position } = entry
      yield {
        type: 'entry',
        fields: [
          ['offset', baseOffset + first],
          ['position', second],
        ],
      }
      if (previous !== null && (first <= previous.first || second <= previous.second)) {
        const message = 'offset and position do not both lie above those of the entry before'
        yield { type: 'problem', position, message }
      }
      listener.onEntry(baseOffset + first, second)
      previous = entry
    }
  }
  yield fragment(window, OFFSET_INDEX_ENTRY_SIZE)
}

export function* dumpTimeIndex(
  window: Window,
  baseOffset: bigint,
  listener: IndexListener,
): Generator<FileItem | null> {
  let previous: Numbered | null = null
  for (const entry of upToZeros(window, TIME_SHAPE)) {
    if (entry === null) yield null
    else if ('zerosFrom' in entry) yield zerosProblem(entry.zerosFrom, entry.count)
    else {
      const { first, second, position } = entry
      yield {
        type: 'entry',
        fields: [
          ['timestamp', first],
          ['offset', baseOffset + second],
        ],
      }
      if (previous !== null && (first <= previous.first || second < previous.second)) {
        const message = 'the timestamp is not above, or the offset below, that of the entry before'
        yield { type: 'problem', position, message }
      }
      listener.onEntry(first, baseOffset + second)
      previous = entry
    }
  }
  yield fragment(window, TIME_INDEX_ENTRY_SIZE)
}
