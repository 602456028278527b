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
const OFFSET_BITS = 63

/** The batch with each of the bits of its stored offset flipped, from the lowest on. */
export const oneBitAway = (header: BatchHeader): BatchHeader[] =>
  Array.from({ length: OFFSET_BITS }, (_, bit) => {
    const stored = storedOffset(header)
    return movedHeader(header, header.baseOffset + (stored ^ (1n << BigInt(bit))) - stored)
  })
