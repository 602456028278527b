/**
 * What a hole consists of, seen with the question "is this a batch that could be put right?": entries whose bytes their
 * CRC proves once length and magic are corrected, entries whose bytes a rung has put right, and bytes that are neither.
 */
import type { Window } from '../../bytes/window.ts'
import type { CorruptionReason } from '../../segment/events.ts'
import * as layout from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { decodeBatchHeader, isLegacy } from '../../segment/record-batch.ts'
import type { Rejected } from '../arbitrate.ts'
import type { Run } from '../runs.ts'
import { firstOffset, headersOf } from '../runs.ts'
import { MAX_SURPLUS_BYTES } from '../rungs/inserted.ts'
import type { HoleEntry } from './entry.ts'
import { wholeEntry, withField } from './entry.ts'
import type { HeaderStart, HoleMap } from './header-starts.ts'
import type { LadderTrace } from './ladder.ts'
import { decodeAsV2, headerAsV2, mapHole } from './header-starts.ts'
import { lengthTrial } from './ladder.ts'
import type { FoundToken, HoleToken, OpenHole, UndoStretch } from './open-hole.ts'
import { knownOf, nextStop, readingsOf } from './open-hole.ts'
import { legacyAt } from './read-legacy.ts'

/** `trace`: gathers what is tried, where somebody asks. */
export function readHole(
  window: Window,
  hole: OpenHole,
  undo: UndoStretch,
  trace?: LadderTrace,
): HoleToken[] {
  const undoAround: UndoStretch = (stretch) => (endsZeroed(hole, stretch) ? null : undo(stretch))
  const magic = magicAround(window, hole)
  const readNext =
    magic < 2
      ? (at: OpenHole): FoundToken => legacyAt(window, at, magic, undoAround, trace)
      : nextOfMagic2(window, hole, undoAround, trace)
  const tokens: HoleToken[] = []
  let { position, expectedOffset } = hole
  const torn = tornAround(window, hole, undo)
  if (torn !== null) return [{ type: 'entry', entry: torn }]
  while (position < hole.end) {
    const rejected = hole.rejected.filter(({ run }) => run.position >= position)
    const [first] = rejected
    if (first?.run.position === position) {
      const entries = [...headersOf(window, first.run)].map((header) =>
        wholeEntry(header, first.reason),
      )
      tokens.push({ type: 'proven', rejected: first, entries })
      expectedOffset = offsetBehind(first, entries, expectedOffset)
      position = first.run.end
      continue
    }
    // A whole batch inside an entry that is put right is a part of its records.
    const token = readNext({ ...hole, position, expectedOffset, rejected })
    tokens.push(token)
    position = token.type === 'entry' ? token.entry.end : token.end
    expectedOffset = token.type === 'entry' ? follow(expectedOffset, token.entry.header) : null
  }
  return tokens
}

/** What would be put right is that whole batch, and zeros in front of it would be its offset. */
const endsZeroed = (
  { rejected }: OpenHole,
  { position, end }: Pick<OpenHole, 'position' | 'end'>,
): boolean =>
  rejected.some(
    ({ run, doubt }) => doubt?.kind === 'zeroed' && position < run.position && run.end === end,
  )

/**
 * What was put in after the first bytes of a batch may make, with them, a whole batch of another place, or a copy. Nothing
 * is lost by asking first whether all of the hole is one batch; where whole ones in it are not this log's.
 */
function tornAround(window: Window, hole: OpenHole, undo: UndoStretch): HoleEntry | null {
  const { position, end, rejected } = hole
  const endsWhole = rejected.at(-1)?.run.end === end
  if (rejected[0]?.run.position !== position || endsWhole || rejected.some(({ ours }) => ours))
    return null
  if (end - position > MAX_SURPLUS_BYTES) return null
  const bytes = window.view(position, layout.V2_HEADER_BYTES)
  const header = decodeBatchHeader(bytes, position)
  return (
    header &&
    undo({ position, end, header, ...knownOf(hole, { position, end }), only: 'torn-header' })
  )
}

/** In magic 0 and 1 the magic is under the CRC: where no batch stands beside the hole, its first entry tells. */
function magicAround(window: Window, { position, prev, next }: OpenHole): number {
  const near = prev?.last ?? next?.first
  if (near !== undefined) return near.magic
  return window.view(position, layout.IDENTIFYING_BYTES)[layout.MAGIC_POSITION] ?? 2
}

/** A second copy takes no offsets; whether a batch that is foreign stands for any is open. */
function offsetBehind(
  { reason, ours }: Rejected,
  entries: readonly HoleEntry[],
  expected: bigint | null,
): bigint | null {
  if (reason === 'duplicate-batch') return expected
  return ours
    ? entries.reduce<bigint | null>((offset, { header }) => follow(offset, header), expected)
    : null
}

const follow = (expected: bigint | null, header: BatchHeader): bigint | null =>
  expected === null || !header.baseOffsetKnown
    ? null
    : expected + (header.lastOffset - header.baseOffset) + 1n

function nextOfMagic2(
  window: Window,
  hole: OpenHole,
  undo: UndoStretch,
  trace: LadderTrace | undefined,
): (at: OpenHole) => FoundToken {
  const { prev, next } = hole
  const epochOf = (run: Run | null, side: 'first' | 'last'): number | null =>
    run === null || run[side].partitionLeaderEpoch < 0 ? null : run[side].partitionLeaderEpoch
  const map = mapHole(window, hole, {
    lowOffset: hole.expectedOffset,
    highOffset: next === null ? null : firstOffset(next),
    lowEpoch: epochOf(prev, 'last'),
    highEpoch: epochOf(next, 'first'),
  })
  return (at) => provenAt(window, map, at, trace) ?? brokenAt(window, at, map, { undo, trace })
}

/** An entry that is whole but for its length or magic, which no CRC covers: the CRC says where it ends. */
function provenAt(
  window: Window,
  map: HoleMap,
  { position, end: holeEnd }: OpenHole,
  trace: LadderTrace | undefined,
): FoundToken | null {
  const index = map.starts.findIndex((start) => start.position === position)
  const start = map.starts[index]
  if (start === undefined) return null
  for (const end of [...map.starts.slice(index + 1).map((later) => later.position), holeEnd]) {
    if (end - position < layout.V2_HEADER_BYTES) continue
    const holds = map.crcUpTo(start, end) === start.header.crc
    trace?.outer(lengthTrial(start.header, { end, holeEnd, holds }), end)
    if (!holds) continue
    return { type: 'entry', entry: withMagic(window, reframed(start, end)) }
  }
  return null
}

function reframed({ position, header }: HeaderStart, end: number): HoleEntry {
  const stored = header.sizeInBytes - layout.LOG_OVERHEAD
  const sizeInBytes = end - position
  const corrected = { ...header, sizeInBytes }
  const [reason, message]: [CorruptionReason, string] =
    stored + layout.LOG_OVERHEAD === sizeInBytes
      ? ['unknown-magic', 'the batch is whole, but its magic is wrong']
      : [
          'batch-length-invalid',
          `batchLength ${stored} is wrong: the CRC holds up to position ${end}`,
        ]
  let entry = { ...wholeEntry(corrected, reason), end, message }
  if (stored + layout.LOG_OVERHEAD !== sizeInBytes) {
    entry = withField(entry, 'batchLength', BigInt(sizeInBytes - layout.LOG_OVERHEAD), {
      before: BigInt(stored),
      header: corrected,
      evidence: ['crc'],
    })
  }
  return entry
}

/** The magic byte as it stands is not part of a header read as magic 2; where it differs it is set too. */
function withMagic(window: Window, entry: HoleEntry): HoleEntry {
  const stored = window.view(entry.position, layout.IDENTIFYING_BYTES)[layout.MAGIC_POSITION] ?? 0
  const isSet = entry.changes.some(({ field }) => field === 'magic')
  if (isLegacy(entry.header) || stored === 2 || isSet) return entry
  return withField(entry, 'magic', 2n, {
    before: BigInt(stored),
    header: entry.header,
    evidence: ['crc'],
  })
}

/** A stretch up to where the next header stands, or the hole ends; put right from the inside where a rung can. */
function brokenAt(
  window: Window,
  hole: OpenHole,
  map: HoleMap,
  { undo, trace }: { readonly undo: UndoStretch; readonly trace: LadderTrace | undefined },
): FoundToken {
  const { position } = hole
  const later = map.starts.filter((start) => start.position > position)
  const plausible = headerAsV2(window, position)
  // Where no header shows, one with damage in it may stand at the head of a batch of ordinary size, not of gigabytes.
  const header =
    plausible ??
    ((later[0]?.position ?? hole.end) - position <= MAX_UNSEEN_BYTES
      ? decodeHeader(window, position)
      : null)
  if (header === null) {
    const end = later[0]?.position ?? nextStop(hole)
    trace?.search({ position, end, notLookedInto: 'no-header', readings: [], marker: null })
  }
  const claimed = header === null ? 0 : position + header.sizeInBytes
  const isConfirmed = claimed === hole.end || later.some((start) => start.position === claimed)
  const ends = header === null ? [] : likelyEnds(hole, later, claimed)
  for (const reading of readingsOf(ends, { end: claimed, isConfirmed })) {
    const known = knownOf(hole, { position, end: reading.end })
    const entry = header && undo({ position, header, ...known, ...reading })
    if (entry !== null) return { type: 'entry', entry }
  }
  // What looks like a header inside a batch whose end is confirmed is a part of its records.
  return {
    type: 'bytes',
    position,
    end: isConfirmed ? claimed : (later[0]?.position ?? nextStop(hole)),
  }
}

/** Above the largest batch that brokers take unless told otherwise (message.max.bytes, 1 MiB). */
const MAX_UNSEEN_BYTES = 4 * 1024 * 1024

const decodeHeader = (window: Window, position: number): BatchHeader | null =>
  decodeAsV2(window.view(position, layout.V2_HEADER_BYTES), position)

/** Where the header says, as far as that lies in the hole; else the next header; else where the hole ends. */
function likelyEnds(hole: OpenHole, later: readonly HeaderStart[], claimed: number): number[] {
  const ends = new Set<number>(claimed <= hole.end ? [claimed] : [])
  ends.add(later[0]?.position ?? nextStop(hole))
  // Bytes that were put in may hold whole batches: then the entry reaches over them to the end of the hole.
  if (hole.end - Math.max(claimed, hole.position) <= MAX_SURPLUS_BYTES) ends.add(hole.end)
  return [...ends].filter((end) => end - hole.position >= layout.V2_HEADER_BYTES)
}
