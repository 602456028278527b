/**
 * Where in damaged bytes a magic-2 batch may begin, judged by the fields under its CRC alone: the four before it may be
 * damaged. One pass finds the places, a second one the running CRC at each, so that the CRC between any two of them
 * follows by algebra and no stretch is read once for every pair.
 */
import { crc32c } from '../../bytes/crc.ts'
import type { Window } from '../../bytes/window.ts'
import { findV2Fields } from '../../segment/candidate.ts'
import * as layout from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { decodeBatchHeader, isPlausible } from '../../segment/record-batch.ts'

/** Random bytes look like a header once in thirty million places; more than this is made to be slow, and is passed over. */
const MAX_STARTS = 4096

export interface HeaderStart {
  readonly position: number
  /** Read as magic 2, whatever the magic byte says. Its length may be nonsense. */
  readonly header: BatchHeader
}

export interface HoleMap {
  readonly starts: readonly HeaderStart[]
  /** The CRC-32C from a start's `attributes` up to another start or the end of the hole. */
  crcUpTo(start: HeaderStart, end: number): number
}

/** The header at a place, read as magic 2; null when the fields under its CRC cannot be a batch's. */
export function headerAsV2(window: Window, position: number): BatchHeader | null {
  const bytes = window.view(position, layout.V2_HEADER_BYTES)
  if (bytes.length < layout.V2_HEADER_BYTES) return null
  const header = decodeAsV2(bytes, position)
  return header !== null && canBeHeader(header) ? header : null
}

/** Zeros look like a batch without records; its CRC is not 0. */
const canBeHeader = (header: BatchHeader): boolean =>
  isPlausible(header) && (header.crc !== 0 || header.recordsCount !== 0)

export function decodeAsV2(bytes: Uint8Array, position: number): BatchHeader | null {
  const copy = bytes.slice(0, layout.V2_HEADER_BYTES)
  copy[layout.MAGIC_POSITION] = 2
  return decodeBatchHeader(copy, position)
}

/** What the log around a hole makes likely for the headers in it; null where it does not say. */
export interface Expectations {
  readonly lowOffset: bigint | null
  readonly highOffset: bigint | null
  readonly lowEpoch: number | null
  readonly highEpoch: number | null
}

export function mapHole(
  window: Window,
  { position, end }: { readonly position: number; readonly end: number },
  expected: Expectations,
): HoleMap {
  const starts = findStarts(window, position, end).filter(
    (start) => start.position === position || signsOf(window, start, end, expected) >= 2,
  )
  const marks = starts.flatMap((start) => [start.position, start.position + layout.V2_CRC_START])
  // Where nothing begins, nobody asks for a CRC.
  const crcAt = starts.length === 0 ? NO_CRCS : runningCrc(window, [...marks, end])
  return {
    starts,
    crcUpTo(start, to) {
      const from = start.position + layout.V2_CRC_START
      return crc32c.suffix(crcAt.get(from) ?? 0, crcAt.get(to) ?? 0, to - from)
    },
  }
}

function findStarts(window: Window, position: number, end: number): HeaderStart[] {
  const starts: HeaderStart[] = []
  for (let base = position; base < end;) {
    const bytes = window.view(base, end - base)
    const places = bytes.length - layout.V2_HEADER_BYTES + 1
    for (let at = -1; (at = findV2Fields(bytes, at + 1, places)) < places;) {
      const header = decodeAsV2(bytes.subarray(at), base + at)
      if (header !== null && canBeHeader(header)) starts.push({ position: base + at, header })
      if (starts.length === MAX_STARTS) return starts
    }
    // A header may straddle two views; one that ends the hole has been looked at.
    if (base + bytes.length >= end || places <= 0) break
    base += places
  }
  return starts
}

/** From 2001 to 2100: random bytes say so once in five million times. */
const PLAUSIBLE_TIME = { low: 1_000_000_000_000n, high: 4_100_000_000_000n }

/**
 * How many things speak for a header here that do not belong to what makes it possible. Compressed data is full of places
 * where a header is possible; of a true one at most two of these are damaged.
 */
function signsOf(
  window: Window,
  { position, header }: HeaderStart,
  holeEnd: number,
  { lowOffset, highOffset, lowEpoch, highEpoch }: Expectations,
): number {
  const magic = window.view(position, layout.IDENTIFYING_BYTES)[layout.MAGIC_POSITION]
  const { baseOffset, partitionLeaderEpoch, maxTimestamp, sizeInBytes } = header
  const epochFits =
    lowEpoch === null && highEpoch === null
      ? partitionLeaderEpoch >= -1 && partitionLeaderEpoch < 0x10000
      : partitionLeaderEpoch >= (lowEpoch ?? -1) && partitionLeaderEpoch <= (highEpoch ?? Infinity)
  return [
    baseOffset >= (lowOffset ?? 0n) && baseOffset < (highOffset ?? baseOffset + 1n),
    epochFits,
    magic === 2 && sizeInBytes >= layout.V2_HEADER_BYTES && position + sizeInBytes <= holeEnd,
    maxTimestamp >= PLAUSIBLE_TIME.low && maxTimestamp <= PLAUSIBLE_TIME.high,
  ].filter(Boolean).length
}

const NO_CRCS: ReadonlyMap<number, number> = new Map()

/** The CRC from the lowest of the marks up to each. */
function runningCrc(window: Window, marks: readonly number[]): ReadonlyMap<number, number> {
  const values = new Map<number, number>()
  const ascending = marks.toSorted((a, b) => a - b)
  let [value, at] = [0, ascending[0] ?? 0]
  for (const mark of ascending) {
    while (at < mark) {
      const bytes = window.view(at, mark - at)
      if (bytes.length === 0) return values
      value = crc32c.update(value, bytes)
      at += bytes.length
    }
    values.set(mark, value)
  }
  return values
}
