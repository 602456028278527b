/** The first field of a batch, which no CRC covers: what it holds, and what the batch is with another value in it. */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isLegacy } from '../segment/record-batch.ts'

/** What the field holds: in magic 0 and 1 the offset of the last message, else the baseOffset. */
export const storedOffset = (header: BatchHeader): bigint =>
  isLegacy(header) ? header.lastOffset : header.baseOffset

/** The same batch, of as many offsets, from another baseOffset on. */
export const movedHeader = (header: BatchHeader, baseOffset: bigint): BatchHeader => ({
  ...header,
  baseOffset,
  lastOffset: baseOffset + (header.lastOffset - header.baseOffset),
})

/** Of a field of 64 bits; the highest is a sign that no offset has. */
const OFFSET_BITS = 63n

/** Offsets that a batch can take: the first that is free, and the first that is not; null: nothing tells. */
export interface OffsetRoom {
  readonly low: bigint
  readonly high: bigint | null
}

/**
 * The batch with each bit of its stored offset flipped that brings it into the room, from the lowest bit on. None of a
 * field that is all zeros: that is what lost sectors leave of any offset, and a power of two is no likelier than others.
 */
export function oneBitAway(header: BatchHeader, { low, high }: OffsetRoom): BatchHeader[] {
  const stored = storedOffset(header)
  const count = header.lastOffset - header.baseOffset + 1n
  const places: BatchHeader[] = []
  if (stored === 0n || (high !== null && low + count > high)) return places
  for (let bit = 0n; bit < OFFSET_BITS; bit++) {
    const baseOffset = header.baseOffset + (stored ^ (1n << bit)) - stored
    if (baseOffset >= low && (high === null || baseOffset + count <= high))
      places.push(movedHeader(header, baseOffset))
  }
  return places
}
