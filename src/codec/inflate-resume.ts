/**
 * DEFLATE decoded on behind a hole. The codes of the block in which the hole lies are known from its beginning, and
 * readings from neighbouring bits soon fall into step with the right one, which is among them. Counted from the end of
 * the stream, whose size its trailer tells, what is copied from before the hole is known as well.
 */
import { BitReader } from './bit-reader.ts'
import { CodecError } from './codec.ts'
import type { InflateState, OpenBlock } from './inflate.ts'
import { inflate, inflateBlocks } from './inflate.ts'
import type { BlockTables } from './inflate-symbols.ts'
import {
  BASE,
  DISTANCE_PRIMARY_BITS,
  END_OF_BLOCK,
  LINK,
  LITERAL,
  LITERAL_PRIMARY_BITS,
} from './inflate-tables.ts'
import { OutputBuffer } from './output-buffer.ts'
import type { ByteRange, SalvageUnit } from './salvage.ts'
import { differences } from './salvage.ts'
import { meetingPlace } from './salvage-resume.ts'

/** No match reaches further back. */
const WINDOW_BYTES = 32 * 1024
/** The longest symbol with its distance takes 48 bits: one of so many is where one begins. */
const READINGS = 64
/** Where the readings have not met after so many bytes they are given up. */
const MEETING_BYTES_MAX = 4096
/** A match of 258 bytes can take 2 bits. */
const EXPANSION_MAX = 1032

/**
 * What can be decoded behind `hole` of a stream in `input[start, end)`; null where the codes are not known, or the rest
 * does not lead exactly to the end. `sizeInBytes` is what the whole stream is said to become; it is believed where it
 * can be. Time is linear in the stream, memory bounded by it and by `maxOutputBytes`; never throws.
 */
export function resumeInflate(
  input: Uint8Array,
  { start, end }: ByteRange,
  hole: ByteRange,
  sizeInBytes: number,
  maxOutputBytes: number,
): SalvageUnit | null {
  const { bytes: prefix, open } = decodeBefore(input.subarray(0, hole.start), start, maxOutputBytes)
  if (open === null) return null
  const meetingEnd = Math.min(end, hole.end + MEETING_BYTES_MAX) * 8
  const from = meetingPlace(hole.end * 8, meetingEnd, READINGS, (bit) =>
    nextSymbol(input, bit, open.tables),
  )
  if (from === undefined) return null
  const decode = (window: Uint8Array): Uint8Array | null =>
    decodeBehind(input.subarray(0, end), from, open, window, maxOutputBytes)
  const size = decode(new Uint8Array(WINDOW_BYTES))?.length
  if (size === undefined) return null
  const lost = sizeInBytes - size - prefix.length
  const isCounted = lost >= 0 && lost <= (hole.end - hole.start + MEETING_BYTES_MAX) * EXPANSION_MAX
  const [one, other] = [0, 0xff].map((fill) =>
    decode(isCounted ? windowBefore(prefix, lost, fill) : new Uint8Array(WINDOW_BYTES).fill(fill)),
  )
  if (one == null || other == null) return null
  const unit = { start: from >>> 3, end }
  // Where a position in between is in the output is never asked: what damage spoils is marked.
  const outputBefore = (position: number): number => (position < end ? 0 : size)
  const untrusted = differences(one, other)
  return {
    bytes: one,
    ending: 'whole',
    untrusted,
    input: unit,
    outputBefore,
    isMarked: true,
    resumeAt: end,
  }
}

function decodeBefore(
  input: Uint8Array,
  start: number,
  maxOutputBytes: number,
): { readonly bytes: Uint8Array; readonly open: OpenBlock | null } {
  const state: InflateState = { open: null }
  const output = new OutputBuffer('gzip', maxOutputBytes, input.length)
  try {
    inflate(input, start, output, state)
    return { bytes: output.decoded(), open: null }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const { open } = state
    const bytes = error.decodedSoFar
    if (open === null || error.reason !== 'truncated') return { bytes, open: null }
    const { literals, distances } = open.tables
    const tables = { literals: literals.slice(), distances: distances.slice() }
    return { bytes, open: { isLast: open.isLast, tables } }
  }
}

/** The 32 KiB before what is decoded: what is known of them, then as many lost bytes of one value. */
function windowBefore(prefix: Uint8Array, lost: number, fill: number): Uint8Array {
  const window = new Uint8Array(WINDOW_BYTES).fill(fill)
  const known = prefix.subarray(Math.max(0, prefix.length - Math.max(0, WINDOW_BYTES - lost)))
  if (lost < WINDOW_BYTES) window.set(known, WINDOW_BYTES - lost - known.length)
  return window
}

/** Null where the stream does not end exactly with the input. */
function decodeBehind(
  input: Uint8Array,
  bit: number,
  open: OpenBlock,
  window: Uint8Array,
  maxOutputBytes: number,
): Uint8Array | null {
  const output = new OutputBuffer('gzip', maxOutputBytes + WINDOW_BYTES, input.length)
  try {
    output.append(window, 0, WINDOW_BYTES)
    const reader = new BitReader(input, bit >>> 3, output)
    reader.take(bit & 7)
    const isEnd = inflateBlocks(reader, 0, { open }) === input.length
    return isEnd ? output.decoded().subarray(WINDOW_BYTES) : null
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}

/** The bit behind the symbol at a bit; undefined where there is none, or the block ends. */
function nextSymbol(
  input: Uint8Array,
  bit: number,
  { literals, distances }: BlockTables,
): number | undefined {
  const entry = entryAt(input, bit, literals, LITERAL_PRIMARY_BITS)
  const after = bit + (entry & 15)
  if ((entry & LITERAL) !== 0) return after
  if ((entry & END_OF_BLOCK) !== 0 || (entry & BASE) === 0) return undefined
  const distanceAt = after + ((entry >>> 4) & 15)
  const distance = entryAt(input, distanceAt, distances, DISTANCE_PRIMARY_BITS)
  if ((distance & BASE) === 0) return undefined
  return distanceAt + (distance & 15) + ((distance >>> 4) & 15)
}

function entryAt(input: Uint8Array, bit: number, table: Int32Array, primaryBits: number): number {
  const at = bit >>> 3
  let bits = 0
  for (let index = 3; index >= 0; index--) bits = (bits << 8) | (input[at + index] ?? 0)
  bits >>>= bit & 7
  const entry = table[bits & ((1 << primaryBits) - 1)] ?? 0
  if ((entry & LINK) === 0) return entry
  const more = (bits >>> primaryBits) & ((1 << ((entry >>> 4) & 15)) - 1)
  return table[(entry >>> 12) + more] ?? 0
}
