/**
 * What a thread finds in a piece of a file that the walk has not come to yet. Nothing here decides anything: the walk
 * takes what was found only where it comes, batch by batch, to the very place where it begins, and would have found the
 * same there.
 */
import { NUMBERS_OF_BATCH } from '../bytes/crc32c-memory.ts'
import type { Window } from '../bytes/window.ts'
import { countVariant } from '../codec/codec.ts'
import type { CodecsName } from '../codec/load-codecs.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { isSoundBatch } from '../segment/decode-batch.ts'
import { findCandidate } from '../segment/candidate.ts'
import { V2_HEADER_BYTES } from '../segment/layout.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { decodeBatchHeader, lengthFits } from '../segment/record-batch.ts'
import type { BatchWatcher, Stretch } from '../segment/stretch.ts'
import { takeStretch } from '../segment/stretch.ts'
import { isProven } from '../segment/walk.ts'

/** What became of a piece, in the memory that all threads share. */
export const PIECE_FREE = 0
export const PIECE_OF_WALK = 1
export const PIECE_OF_THREAD = 2

/** A file to look ahead in, piece by piece. */
export interface AheadTask {
  readonly id: number
  readonly path: string
  readonly sizeInBytes: number
  readonly pieceBytes: number
  /** One for each piece: who has taken it. Shared. */
  readonly claims: Int32Array
  /** Pieces are taken from the end of so many, so that little is held which the walk is far from. */
  readonly piecesAtOnce: number
  readonly decoding: AheadDecoding | null
}

/** What a thread has to know to decode; where there is none it looks at CRC and framing only. */
export interface AheadDecoding {
  readonly codecs: CodecsName
  readonly maxDecompressedBytes: number
}

/** A stretch, and what a watcher would have been told. */
export interface AheadStretch {
  readonly start: number
  /** Of its first batch. */
  readonly baseOffset: bigint
  readonly stretch: Stretch
  /** Three for each batch: its size, its last offset from the base offset on, its maxTimestamp. */
  readonly numbers: Float64Array<ArrayBuffer>
}

export interface Found {
  readonly stretches: readonly AheadStretch[]
  /** Start and end of each run of other batches that touch, are of magic 2 and decode without anything to be said of it. */
  readonly sound: readonly number[]
}

/** Of smaller batches than this, on the average, the numbers would fill the memory: they are left to the walk. */
const NOTED_BATCH_BYTES = 512
const NOTED_AT_LEAST = 256
/** False headers are read at most so many times the size of a piece. */
const PROVING_LIMIT = 2
const HIGHEST_OFFSET = 0x7fff_ffff_ffff_ffffn

interface Notes extends BatchWatcher {
  readonly count: () => number
  readonly finish: () => Float64Array<ArrayBuffer>
}

function createNotes(baseOffset: bigint): Notes {
  let numbers = new Float64Array(NUMBERS_OF_BATCH * 256)
  let used = 0
  return {
    baseOffset,
    onBatches(_position, _relativeBase, more) {
      if (used + more.length > numbers.length) {
        const larger = new Float64Array(2 * (used + more.length))
        larger.set(numbers)
        numbers = larger
      }
      numbers.set(more, used)
      used += more.length
    },
    count: () => used / NUMBERS_OF_BATCH,
    finish: () => numbers.slice(0, used),
  }
}

/**
 * The place of the first batch in the range that is proven, lies in one window and is of magic 2, or the start of the
 * file; the end when there is none, or too much was read for nothing. Unlike a search after damage this one may miss
 * what there is: then the walk finds it.
 */
function firstBatch(window: Window, from: number, end: number): number {
  if (from === 0) return 0
  let bytesLeft = PROVING_LIMIT * (end - from)
  for (let base = from; base < end;) {
    const bytes = window.viewOn(base, V2_HEADER_BYTES)
    let at = -1
    while ((at = findCandidate(bytes, at + 1, end - base, bytes.length)) >= 0) {
      const header = decodeBatchHeader(bytes.subarray(at, at + V2_HEADER_BYTES), base + at)
      if (header?.magic !== 2) continue
      if (isProven(window, header)) return base + at
      bytesLeft -= header.sizeInBytes
      if (bytesLeft < 0) return end
    }
    // A batch that reaches out of one view may lie in the next.
    base += Math.max(Math.floor(bytes.length / 2), V2_HEADER_BYTES)
  }
  return end
}

/** Batches that start in [from, end). Never throws for what is in the file. */
export function lookAhead(
  window: Window,
  from: number,
  end: number,
  decode: DecodeOptions | null,
): Found {
  const stretches: AheadStretch[] = []
  const sound: number[] = []
  let batchesLeft = Math.max(NOTED_AT_LEAST, (end - from) / NOTED_BATCH_BYTES)
  for (let position = firstBatch(window, from, end); position < end && batchesLeft > 0;) {
    const header = decodeBatchHeader(window.view(position, V2_HEADER_BYTES), position)
    if (header?.magic !== 2 || !lengthFits(header, window.source.size)) break
    const ahead = takeAhead(window, header, end, batchesLeft, decode)
    if (ahead !== null) {
      stretches.push(ahead)
      batchesLeft -= ahead.stretch.batches
      position = ahead.stretch.end
      continue
    }
    // What is larger than the window is left to the walk: a false header may claim anything.
    if (header.sizeInBytes > window.capacity) break
    const next = position + header.sizeInBytes
    const isSound =
      decode !== null &&
      isSoundBatch(window.view(position, header.sizeInBytes), header, decode, null)
    if (window.unreadable.length > 0) break
    if (isSound) {
      if (sound.at(-1) === position) sound[sound.length - 1] = next
      else sound.push(position, next)
    }
    position = next
  }
  return { stretches, sound }
}

/** The stretch that begins with a batch; null when that one is out of the ordinary. */
function takeAhead(
  window: Window,
  first: BatchHeader,
  end: number,
  batchesAtMost: number,
  decode: DecodeOptions | null,
): AheadStretch | null {
  const { position: start, baseOffset, partitionLeaderEpoch } = first
  const notes = createNotes(baseOffset)
  const limits = { highestOffset: HIGHEST_OFFSET, startsBefore: end }
  let before = { end: start, lastOffset: baseOffset - 1n, partitionLeaderEpoch }
  let taken: Stretch | null = null
  while (notes.count() < batchesAtMost) {
    const next = takeStretch(window, before, limits, notes, decode)
    if (next === null) break
    taken = joined(taken, next)
    before = { end: next.end, lastOffset: next.last.lastOffset, partitionLeaderEpoch }
  }
  return taken === null ? null : { start, baseOffset, stretch: taken, numbers: notes.finish() }
}

function joined(before: Stretch | null, next: Stretch): Stretch {
  if (before === null) return next
  const variants = new Map(before.variants)
  for (const [variant, batches] of next.variants) countVariant(variants, variant, batches)
  return {
    ...next,
    batches: before.batches + next.batches,
    records: before.records + next.records,
    withoutProducers: before.withoutProducers && next.withoutProducers,
    withoutTransactions: before.withoutTransactions && next.withoutTransactions,
    withoutControlBatches: before.withoutControlBatches && next.withoutControlBatches,
    variants,
  }
}
