/**
 * How much of damaged batches an ideal salvage could still return: the records of which every byte can be known from
 * what the damage left of their batch's payload. That their offsets and times can be known too is taken for granted.
 */
import type { OriginalBatch } from './original.ts'
import { knownBytes } from './provenance.ts'
import type { IsGone } from './provenance.ts'

export interface StillThere {
  readonly records: number
  /** Of these, the ones in front of the first that is gone. */
  readonly beforeTheHole: number
}

const V2_HEADER = 61

/** Bytes [start, end) of a file. */
export interface Hole {
  readonly start: number
  readonly end: number
}

/** From the first to the last byte that is another one; null when the two are not equally long, or the same. */
export function holeBetween(original: Uint8Array, damaged: Uint8Array): Hole | null {
  if (original.length !== damaged.length) return null
  let [start, end] = [0, original.length]
  while (start < end && original[start] === damaged[start]) start++
  while (end > start && original[end - 1] === damaged[end - 1]) end--
  return start === end ? null : { start, end }
}

/** Over several batches; null where one of them is not measured. */
export const sumOf = (counts: readonly (StillThere | null)[]): StillThere | null =>
  counts.reduce<StillThere | null>(
    (sum, count) =>
      sum === null || count === null
        ? null
        : {
            records: sum.records + count.records,
            beforeTheHole: sum.beforeTheHole + count.beforeTheHole,
          },
    { records: 0, beforeTheHole: 0 },
  )

/** Null for magic 0 and 1. Of what is not looked into, all counts as there: it is the most there can be. */
export function stillThereIn(
  { bytes, expected, records }: OriginalBatch,
  hole: Hole,
): StillThere | null {
  if (expected.magic !== 2) return null
  const payload = bytes.subarray(V2_HEADER)
  const inFile = expected.position + V2_HEADER
  const isGone: IsGone = (start, end) => inFile + start < hole.end && inFile + end > hole.start
  const known = knownBytes(expected.codec, payload, isGone)
  if (known === null) {
    const isLost = expected.codec === 'zstd' && zstdIsLost(payload, isGone)
    return { records: isLost ? 0 : records.length, beforeTheHole: 0 }
  }
  const isThere: boolean[] = []
  for (let start = 0; start < known.bytes.length;) {
    const end = recordEnd(known.bytes, start)
    isThere.push(known.isKnown.slice(start, end).every(Boolean))
    start = end
  }
  if (isThere.length !== records.length)
    throw new Error(`${isThere.length} records, where ${records.length} are known to be`)
  const gone = isThere.indexOf(false)
  return {
    records: isThere.filter(Boolean).length,
    beforeTheHole: gone === -1 ? isThere.length : gone,
  }
}

/**
 * A frame of one compressed block that has lost its start, with the sizes and tables that all the rest needs, or its
 * end, from where the sequences are read (RFC 8878): without them the literals stand nowhere.
 */
function zstdIsLost(frame: Uint8Array, isGone: IsGone): boolean {
  const descriptor = frame[4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const block = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes
  const headerAt = (at: number): number =>
    frame[at]! | (frame[at + 1]! << 8) | (frame[at + 2]! << 16)
  const header = headerAt(block)
  const end = block + 3 + (header >> 3)
  // A writer that is closed after a flush ends with an empty block.
  const isOnlyOne = (header & 1) !== 0 || headerAt(end) === 1
  const isCompressed = ((header >> 1) & 3) === 2
  return isOnlyOne && isCompressed && (isGone(block, block + 5) || isGone(end - 1, end))
}

/** A record's length, a zigzag varint, counts what follows it. */
function recordEnd(bytes: readonly number[], start: number): number {
  let [at, length] = [start, 0]
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return at + length / 2
  }
}
