/**
 * The bit stream of a zstd block's sequences (RFC 8878, section 3.1.1.3.2.1): for each, how many literals to copy,
 * how much to repeat, and from where. Some are read ahead of those that are executed, so that either loop is small.
 */
import {
  FSE_BITS_MASK,
  FSE_BITS_SHIFT,
  FSE_EXTRA_MASK,
  FSE_EXTRA_SHIFT,
  FSE_NEXT_SHIFT,
  WORD_BITS,
  backwardBits,
  highestBits,
  peekBackward,
  wordBackward,
} from './zstd-fse.ts'
import type { FseTable } from './zstd-fse.ts'
import { OFFSET_CODE_MAX, literalLengthCodes, matchLengthCodes } from './zstd-sequence-tables.ts'
import type { SequenceTables } from './zstd-sequence-tables.ts'

/** At most so many are read at a time. */
export const SEQUENCES_AHEAD = 512

/** A bit stream that is being read, and the sequences that were read of it last. */
export interface SequenceStream {
  readonly literalLengths: Int32Array
  readonly matchLengths: Int32Array
  /** As they stand in the stream: 1 to 3 are one of the last offsets, others are 3 too large. */
  readonly offsetValues: Int32Array
  /** Bits that are left; negative when more were read than there are. */
  left: number
  llEntry: number
  ofEntry: number
  mlEntry: number
}

export const newSequenceStream = (): SequenceStream => ({
  literalLengths: new Int32Array(SEQUENCES_AHEAD),
  matchLengths: new Int32Array(SEQUENCES_AHEAD),
  offsetValues: new Int32Array(SEQUENCES_AHEAD),
  left: 0,
  llEntry: 0,
  ofEntry: 0,
  mlEntry: 0,
})

const { bases: literalBases } = literalLengthCodes
const { bases: matchBases } = matchLengthCodes

/* eslint-disable @typescript-eslint/no-non-null-assertion -- states are below 2^log, codes within their tables, and no more is read than SEQUENCES_AHEAD */

/**
 * Begins the stream in [start, end) of the input that `view` is of; all three tables are in force. Before `start`
 * stand the headers of frame and block and the literals, 12 bytes at least.
 */
export function startSequences(
  stream: SequenceStream,
  tables: SequenceTables,
  view: DataView,
  start: number,
  end: number,
): void {
  const { literalLengths, offsets, matchLengths } = tables
  let left = backwardBits(view, start, end)
  stream.llEntry = firstEntry(literalLengths.current!, view, start, left)
  left -= literalLengths.current!.log
  stream.ofEntry = firstEntry(offsets.current!, view, start, left)
  left -= offsets.current!.log
  stream.mlEntry = firstEntry(matchLengths.current!, view, start, left)
  stream.left = left - matchLengths.current!.log
}

const firstEntry = (table: FseTable, view: DataView, start: number, left: number): number =>
  table.entries[peekBackward(view, start, left, table.log)]!

/**
 * Reads `count` more sequences, the last ones of the block or others before them. Returns how many could be read
 * before the stream ended.
 */
export function readSequences(
  stream: SequenceStream,
  tables: SequenceTables,
  view: DataView,
  start: number,
  count: number,
  isEnd: boolean,
): number {
  const { literalLengths, matchLengths, offsetValues } = stream
  const llEntries = tables.literalLengths.current!.entries
  const ofEntries = tables.offsets.current!.entries
  const mlEntries = tables.matchLengths.current!.entries
  // No state follows the last sequence.
  const lastIndex = isEnd ? count - 1 : count
  let { left, llEntry, ofEntry, mlEntry } = stream
  let index = 0
  for (; index < count && left >= 0; index++) {
    const ofBits = ofEntry & 0xff
    const mlBits = (mlEntry >> FSE_EXTRA_SHIFT) & FSE_EXTRA_MASK
    const llBits = (llEntry >> FSE_EXTRA_SHIFT) & FSE_EXTRA_MASK
    const mlBase = matchBases[mlEntry & 0xff]!
    const llBase = literalBases[llEntry & 0xff]!
    if (ofBits + mlBits + llBits <= WORD_BITS) {
      const word = wordBackward(view, start, left)
      // The highest bit goes before those of the stream.
      offsetValues[index] = ((word >>> 1) | 0x80000000) >>> (31 - ofBits)
      matchLengths[index] = mlBase
      literalLengths[index] = llBase
      // Short lengths have none.
      if ((mlBits | llBits) !== 0) {
        matchLengths[index] = mlBase + highestBits(word << ofBits, mlBits)
        literalLengths[index] = llBase + highestBits(word << (ofBits + mlBits), llBits)
      }
    } else {
      offsetValues[index] = wideOffsetValue(view, start, left, ofBits)
      matchLengths[index] = mlBase + peekBackward(view, start, left - ofBits, mlBits)
      literalLengths[index] = llBase + peekBackward(view, start, left - ofBits - mlBits, llBits)
    }
    left -= ofBits + mlBits + llBits
    if (left < 0) break
    if (index === lastIndex) continue
    const llNext = (llEntry >> FSE_BITS_SHIFT) & FSE_BITS_MASK
    const mlNext = (mlEntry >> FSE_BITS_SHIFT) & FSE_BITS_MASK
    const ofNext = (ofEntry >> FSE_BITS_SHIFT) & FSE_BITS_MASK
    let word = wordBackward(view, start, left)
    llEntry = llEntries[(llEntry >> FSE_NEXT_SHIFT) + highestBits(word, llNext)]!
    mlEntry = mlEntries[(mlEntry >> FSE_NEXT_SHIFT) + highestBits(word << llNext, mlNext)]!
    left -= llNext + mlNext
    word =
      llNext + mlNext + ofNext <= WORD_BITS
        ? word << (llNext + mlNext)
        : wordBackward(view, start, left)
    ofEntry = ofEntries[(ofEntry >> FSE_NEXT_SHIFT) + highestBits(word, ofNext)]!
    left -= ofNext
    if (left < 0) break
  }
  stream.left = left
  stream.llEntry = llEntry
  stream.ofEntry = ofEntry
  stream.mlEntry = mlEntry
  return index
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

/** 2^code plus that many bits. The largest code is beyond every window that memory can hold. */
function wideOffsetValue(view: DataView, start: number, left: number, code: number): number {
  if (code <= WORD_BITS) return (1 << code) + peekBackward(view, start, left, code)
  if (code >= OFFSET_CODE_MAX) return 2 ** OFFSET_CODE_MAX - 1
  const high = peekBackward(view, start, left, code - WORD_BITS)
  const low = peekBackward(view, start, left - code + WORD_BITS, WORD_BITS)
  return 2 ** code + high * 2 ** WORD_BITS + low
}
