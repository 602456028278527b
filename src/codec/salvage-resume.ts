/**
 * Decoding LZ4 and snappy blocks on from behind a hole. Where the next element begins is not known, but readings that
 * begin at wrong places soon fall into step with the right one: where all of them meet, an element begins. What is then
 * copied from before that place is not known and marked as such.
 */
import type { ByteRange, SalvageUnit } from './salvage.ts'

/** One step of a block: literals, then a copy of what was decoded before; either may be empty. */
export interface BlockElement {
  readonly literalStart: number
  readonly literalBytes: number
  /** How far back the copy begins. */
  readonly distance: number
  readonly copyBytes: number
  /** Where the next element begins. */
  readonly next: number
}

/** The element at a position of a block that ends at `end`; undefined where none can be. */
export type ReadElement = (
  input: Uint8Array,
  position: number,
  end: number,
) => BlockElement | undefined

/** Readings begin at each of so many bytes. */
const READINGS = 128
/** From the meeting place on: readings that all went wrong together are right again behind so many bytes of input. */
const GUARD_BYTES = 512
/** A meeting place may be false, when the right reading was not among them: then another is looked for behind it. */
const MEETINGS_MAX = 4

/**
 * What can be decoded of the end of a block, from some place behind `from` on; null where no reading leads exactly to
 * the end. Linear in the block; never throws. Nothing proves the bytes, but those that are not `untrusted` depend on no
 * input before `from`.
 */
export function resumeBlock(
  input: Uint8Array,
  { start: from, end }: ByteRange,
  read: ReadElement,
  maxOutputBytes: number,
): SalvageUnit | null {
  let start = meetingPlace(input, from, end, read)
  for (let meetings = 1; start !== undefined && meetings <= MEETINGS_MAX; meetings++) {
    const { outputBytes, stoppedAt } = follow(input, start, end, read)
    if (stoppedAt === end)
      return outputBytes <= maxOutputBytes ? decode(input, { start, end }, read, outputBytes) : null
    start = meetingPlace(input, stoppedAt + 1, end, read)
  }
  return null
}

/** The first place, behind all the readings' beginnings, that every reading comes to that has not failed. */
function meetingPlace(
  input: Uint8Array,
  from: number,
  end: number,
  read: ReadElement,
): number | undefined {
  const begun = Math.min(end, from + READINGS)
  const isOpen = new Uint8Array(Math.max(0, end - from + 1)).fill(1, 0, Math.max(0, begun - from))
  let open = begun - from
  for (let position = from; position < end; position++) {
    if (isOpen[position - from] === 0) continue
    if (open === 1 && position >= begun) return position
    open--
    const next = read(input, position, end)?.next
    if (next === undefined || isOpen[next - from] === 1) continue
    isOpen[next - from] = 1
    if (next < end) open++
  }
  return undefined
}

interface Followed {
  readonly outputBytes: number
  /** The end, or where no element can be. */
  readonly stoppedAt: number
}

function follow(input: Uint8Array, start: number, end: number, read: ReadElement): Followed {
  let [position, outputBytes] = [start, 0]
  while (position < end) {
    const element = read(input, position, end)
    if (element === undefined) break
    outputBytes += element.literalBytes + element.copyBytes
    position = element.next
  }
  return { outputBytes, stoppedAt: position }
}

function decode(
  input: Uint8Array,
  unit: ByteRange,
  read: ReadElement,
  outputBytes: number,
): SalvageUnit {
  const bytes = new Uint8Array(outputBytes)
  const isKnown = new Uint8Array(outputBytes)
  let length = 0
  for (let position = unit.start; position < unit.end;) {
    const element = read(input, position, unit.end)
    if (element === undefined) throw new Error('a block that was followed ends early')
    const { literalStart, literalBytes, distance, copyBytes, next } = element
    bytes.set(input.subarray(literalStart, literalStart + literalBytes), length)
    if (position >= unit.start + GUARD_BYTES) isKnown.fill(1, length, length + literalBytes)
    length += literalBytes
    for (let copied = 0; copied < copyBytes; copied++, length++) {
      bytes[length] = bytes[length - distance] ?? 0
      isKnown[length] = isKnown[length - distance] ?? 0
    }
    position = next
  }
  const outputBefore = (position: number): number =>
    follow(input, unit.start, Math.min(position, unit.end), read).outputBytes
  const untrusted = unknownRanges(isKnown)
  const { end: resumeAt } = unit
  return { bytes, ending: 'whole', untrusted, input: unit, outputBefore, isMarked: true, resumeAt }
}

function unknownRanges(isKnown: Uint8Array): ByteRange[] {
  const ranges: ByteRange[] = []
  for (let at = isKnown.indexOf(0); at >= 0;) {
    const known = isKnown.indexOf(1, at)
    const end = known < 0 ? isKnown.length : known
    ranges.push({ start: at, end })
    at = isKnown.indexOf(0, end)
  }
  return ranges
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- asked of every place: positions are compared with the end first */

const MATCH_MIN = 4
const LENGTH_MORE = 15

/** A sequence of an LZ4 block (lz4-block.ts decodes them strictly). */
export const readLz4Sequence: ReadElement = (input, position, end) => {
  let at = position + 1
  const lengthOf = (nibble: number): number => {
    let length = nibble
    for (let more = nibble === LENGTH_MORE ? 255 : 0; more === 255; length += more)
      more = at < end ? input[at++]! : Infinity
    return length
  }
  const token = input[position]!
  const literalBytes = lengthOf(token >>> 4)
  const literalStart = at
  at += literalBytes
  // Only the last one, and it always, has no match.
  if (at === end && (token & LENGTH_MORE) === 0)
    return { literalStart, literalBytes, distance: 0, copyBytes: 0, next: at }
  if (!(at + 2 < end)) return undefined
  const distance = input[at]! | (input[at + 1]! << 8)
  at += 2
  const copyBytes = MATCH_MIN + lengthOf(token & LENGTH_MORE)
  return distance === 0 || !(copyBytes < Infinity) || at >= end
    ? undefined
    : { literalStart, literalBytes, distance, copyBytes, next: at }
}

const LITERAL_IN_TAG_MAX = 60
/** Writers compress 64 KiB at a time: no length takes more bytes, and no copy reaches further. */
const FIELD_BYTES_MAX = 2

/** A literal or a copy of a snappy block as writers make them (snappy-block.ts decodes all that the format allows). */
export const readSnappyElement: ReadElement = (input, position, end) => {
  const tag = input[position]!
  const kind = tag & 3
  const inTag = (tag >>> 2) + 1
  const bytes = kind === 0 ? Math.max(0, inTag - LITERAL_IN_TAG_MAX) : kind
  const at = position + 1 + bytes
  if (bytes > FIELD_BYTES_MAX || at > end) return undefined
  let value = 0
  for (let index = bytes; index > 0; index--) value = value * 256 + input[position + index]!
  if (kind === 0) {
    const literalBytes = bytes === 0 ? inTag : value + 1
    const next = at + literalBytes
    return next > end
      ? undefined
      : { literalStart: at, literalBytes, distance: 0, copyBytes: 0, next }
  }
  const distance = kind === 1 ? ((tag >>> 5) << 8) + value : value
  const copyBytes = kind === 1 ? ((tag >>> 2) & 7) + 4 : inTag
  return distance === 0
    ? undefined
    : { literalStart: at, literalBytes: 0, distance, copyBytes, next: at }
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
