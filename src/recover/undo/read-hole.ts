/**
 * What a hole consists of, seen with the question "is this a batch that could be put right?": entries whose bytes their
 * CRC proves once length and magic are corrected, entries whose bytes a rung has put right, and bytes that are neither.
 */
import type { Window } from '../../bytes/window.ts'
import type { CorruptionReason } from '../../segment/events.ts'
import * as layout from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import {
  crcCoverage,
  decodeBatchHeader,
  isLegacy,
  minimumBytes,
} from '../../segment/record-batch.ts'
import type { Rejected } from '../arbitrate.ts'
import type { Run } from '../runs.ts'
import { firstOffset, headersOf, lastOffset } from '../runs.ts'
import { MAX_SURPLUS_BYTES } from '../rungs/inserted.ts'
import type { HoleEntry } from './entry.ts'
import { withField } from './entry.ts'
import type { HeaderStart, HoleMap } from './header-starts.ts'
import { decodeAsV2, headerAsV2, mapHole } from './header-starts.ts'

type FoundToken =
  | { readonly type: 'bytes'; readonly position: number; readonly end: number }
  | { readonly type: 'entry'; readonly entry: HoleEntry }

/** In file order, tiling the hole. `proven`: whole batches that have no place in the log as they stand. */
export type HoleToken =
  | FoundToken
  | {
      readonly type: 'proven'
      readonly rejected: Rejected
      readonly entries: readonly HoleEntry[]
    }

export interface OpenHole {
  readonly position: number
  readonly end: number
  readonly prev: Run | null
  readonly next: Run | null
  /** Whole batches in it that were not accepted, in file order. */
  readonly rejected: readonly Rejected[]
  /** The first offset after the log before it; null when nothing tells. */
  readonly expectedOffset: bigint | null
}

/** A stretch of a hole that lies where one damaged entry should be, with what is known around it. */
export interface BrokenStretch {
  readonly position: number
  readonly end: number
  /** What its first bytes say of themselves, as far as they can be read as a header. */
  readonly header: BatchHeader
  readonly expectedOffset: bigint | null
  readonly nextOffset: bigint | null
  readonly before: BatchHeader | null
  readonly after: BatchHeader | null
}

/** What came of the search for an undo in one stretch. */
export interface UndoAttempt {
  readonly entry: HoleEntry | null
  /** In plain words why nothing was undone; empty where something was. */
  readonly why: string
  /** The chance that something false would have been taken for the truth. */
  readonly falseMatchTried: number
}

/** Puts a stretch right from the inside, or answers null. */
export type UndoStretch = (stretch: BrokenStretch) => HoleEntry | null

export function readHole(window: Window, hole: OpenHole, undo: UndoStretch): HoleToken[] {
  const legacy = (hole.prev === null ? hole.next?.first : hole.prev.last) ?? null
  const readNext =
    legacy !== null && isLegacy(legacy)
      ? (at: OpenHole): FoundToken => legacyAt(window, at, legacy.magic, undo)
      : nextOfMagic2(window, hole, undo)
  const tokens: HoleToken[] = []
  let { position, expectedOffset } = hole
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

const nextStop = ({ rejected, end }: OpenHole): number => rejected[0]?.run.position ?? end

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

const wholeEntry = (header: BatchHeader, reason: CorruptionReason): HoleEntry => ({
  position: header.position,
  end: header.position + header.sizeInBytes,
  header,
  edits: [],
  changes: [],
  evidence: ['crc'],
  inferred: [],
  falseMatchProbability: 0,
  reason,
  message: '',
})

function nextOfMagic2(
  window: Window,
  hole: OpenHole,
  undo: UndoStretch,
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
  return (at) => provenAt(window, map, at.position, at.end) ?? brokenAt(window, at, map, undo)
}

/** An entry that is whole but for its length or magic, which no CRC covers: the CRC says where it ends. */
function provenAt(
  window: Window,
  map: HoleMap,
  position: number,
  holeEnd: number,
): FoundToken | null {
  const index = map.starts.findIndex((start) => start.position === position)
  const start = map.starts[index]
  if (start === undefined) return null
  for (const end of [...map.starts.slice(index + 1).map((later) => later.position), holeEnd]) {
    if (end - position < layout.V2_HEADER_BYTES) continue
    if (map.crcUpTo(start, end) !== start.header.crc) continue
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
export function withMagic(window: Window, entry: HoleEntry): HoleEntry {
  const stored = window.view(entry.position, layout.IDENTIFYING_BYTES)[layout.MAGIC_POSITION] ?? 0
  if (isLegacy(entry.header) || stored === 2) return entry
  return withField(entry, 'magic', 2n, {
    before: BigInt(stored),
    header: entry.header,
    evidence: ['crc'],
  })
}

/** A stretch up to where the next header stands, or the hole ends; put right from the inside where a rung can. */
function brokenAt(window: Window, hole: OpenHole, map: HoleMap, undo: UndoStretch): FoundToken {
  const { position } = hole
  const later = map.starts.filter((start) => start.position > position)
  const header = headerAsV2(window, position) ?? decodeHeader(window, position)
  for (const end of likelyEnds(hole, later, header)) {
    const after = end === hole.end ? (hole.next?.first ?? null) : null
    const stretch: BrokenStretch | null = header && {
      position,
      end,
      header,
      expectedOffset: hole.expectedOffset,
      nextOffset: end === hole.end && hole.next !== null ? firstOffset(hole.next) : null,
      before: hole.prev?.last ?? null,
      after,
    }
    const entry = stretch === null ? null : undo(stretch)
    if (entry !== null) return { type: 'entry', entry: withMagic(window, entry) }
  }
  // What looks like a header inside a batch whose end is confirmed is a part of its records.
  const claimed = header === null ? 0 : position + header.sizeInBytes
  const confirmed = claimed === hole.end || later.some((start) => start.position === claimed)
  return {
    type: 'bytes',
    position,
    end: confirmed ? claimed : (later[0]?.position ?? nextStop(hole)),
  }
}

const decodeHeader = (window: Window, position: number): BatchHeader | null =>
  decodeAsV2(window.view(position, layout.V2_HEADER_BYTES), position)

/** Where the header says, as far as that lies in the hole; else the next header; else where the hole ends. */
function likelyEnds(
  hole: OpenHole,
  later: readonly HeaderStart[],
  header: BatchHeader | null,
): number[] {
  const claimed = header === null ? 0 : hole.position + header.sizeInBytes
  const ends = new Set<number>(claimed <= hole.end ? [claimed] : [])
  ends.add(later[0]?.position ?? nextStop(hole))
  // Bytes that were put in may hold whole batches: then the entry reaches over them to the end of the hole.
  if (hole.end - claimed <= MAX_SURPLUS_BYTES) ends.add(hole.end)
  return [...ends].filter((end) => end - hole.position >= layout.V2_HEADER_BYTES)
}

/** Magic 0 and 1: the size is believed where the CRC agrees, else the stretch up to what follows is one entry. */
function legacyAt(window: Window, hole: OpenHole, magic: number, undo: UndoStretch): FoundToken {
  const { position } = hole
  const stop = nextStop(hole)
  const bytes = window.view(position, layout.V2_HEADER_BYTES).slice()
  const stored = decodeBatchHeader(bytes, position)
  if (bytes.length > layout.MAGIC_POSITION) bytes[layout.MAGIC_POSITION] = magic
  const assumed = decodeBatchHeader(bytes, position)
  for (const header of [stored, assumed]) {
    if (header === null || !isLegacy(header)) continue
    for (const end of new Set([position + header.sizeInBytes, stop, hole.end])) {
      if (end > hole.end || end - position < minimumBytes(header.magic)) continue
      const entry = provenLegacy(window, header, end)
      if (entry !== null) return { type: 'entry', entry }
    }
  }
  const entry = assumed === null ? null : brokenLegacy(hole, assumed, undo)
  return entry === null ? { type: 'bytes', position, end: stop } : { type: 'entry', entry }
}

/** The size it claims, what follows next, and all the hole: as long as one of them is an entry with damage inside. */
function brokenLegacy(hole: OpenHole, header: BatchHeader, undo: UndoStretch): HoleEntry | null {
  const { position, next, prev } = hole
  const claimed = position + header.sizeInBytes
  const ends = new Set([claimed, nextStop(hole)])
  if (hole.end - claimed <= MAX_SURPLUS_BYTES) ends.add(hole.end)
  for (const end of ends) {
    if (end > hole.end || end - position < minimumBytes(header.magic)) continue
    const isLast = end === hole.end
    const entry = undo({
      position,
      end,
      header,
      expectedOffset: hole.expectedOffset,
      nextOffset: isLast && next !== null ? firstOffset(next) : null,
      before: prev?.last ?? null,
      after: isLast ? (next?.first ?? null) : null,
    })
    if (entry !== null) return entry
  }
  return null
}

function provenLegacy(window: Window, header: BatchHeader, end: number): HoleEntry | null {
  const { crc, start } = crcCoverage(header.magic)
  const { position } = header
  if (window.crc(crc, position + start, end - position - start) !== header.crc) return null
  const sizeInBytes = end - position
  const corrected = { ...header, sizeInBytes }
  const before = BigInt(header.sizeInBytes - layout.LOG_OVERHEAD)
  const entry = {
    ...wholeEntry(corrected, 'batch-length-invalid'),
    end,
    message: `size ${before} is wrong: the CRC holds up to position ${end}`,
  }
  return header.sizeInBytes === sizeInBytes
    ? entry
    : withField(entry, 'batchLength', BigInt(sizeInBytes - layout.LOG_OVERHEAD), {
        before,
        header: corrected,
        evidence: ['crc'],
      })
}

/** The offset after a hole's left neighbour, or what the segment's name says. */
export const offsetAfter = (prev: Run | null, segmentBaseOffset: bigint | null): bigint | null =>
  prev === null ? segmentBaseOffset : lastOffset(prev) + 1n
