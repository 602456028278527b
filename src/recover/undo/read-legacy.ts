/** Entries of magic 0 and 1 in a hole: their magic is under the CRC, their offset and size are not. */
import type { Window } from '../../bytes/window.ts'
import * as layout from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import {
  crcCoverage,
  decodeBatchHeader,
  isLegacy,
  minimumBytes,
} from '../../segment/record-batch.ts'
import { plausibleHeaderAt } from '../../segment/walk.ts'
import { MAX_SURPLUS_BYTES } from '../rungs/inserted.ts'
import type { HoleEntry } from './entry.ts'
import { wholeEntry, withField } from './entry.ts'
import type { LadderTrace } from './ladder.ts'
import { lengthTrial } from './ladder.ts'
import type { FoundToken, OpenHole, UndoStretch } from './open-hole.ts'
import { knownOf, nextStop, readingsOf } from './open-hole.ts'

/** Magic 0 and 1: the size is believed where the CRC agrees, else the stretch up to what follows is one entry. */
export function legacyAt(
  window: Window,
  hole: OpenHole,
  magic: number,
  undo: UndoStretch,
  trace: LadderTrace | undefined,
): FoundToken {
  const { position } = hole
  const stop = nextStop(hole)
  const bytes = window.view(position, layout.V2_HEADER_BYTES).slice()
  const stored = decodeBatchHeader(bytes, position)
  if (bytes.length > layout.MAGIC_POSITION) bytes[layout.MAGIC_POSITION] = magic
  const assumed = decodeBatchHeader(bytes, position)
  // Mostly they are the same, and a hole may be gigabytes of zeros.
  const readings = stored?.magic === assumed?.magic ? [stored] : [stored, assumed]
  for (const header of readings) {
    if (header === null || !isLegacy(header)) continue
    for (const end of new Set([position + header.sizeInBytes, stop, hole.end])) {
      if (end > hole.end || end - position < minimumBytes(header.magic)) continue
      const entry = provenLegacy(window, header, end)
      trace?.outer(lengthTrial(header, { end, holeEnd: hole.end, holds: entry !== null }), end)
      if (entry !== null) return { type: 'entry', entry }
    }
  }
  const found = assumed === null ? null : findEnd(window, hole, assumed)
  if (found !== null) return { type: 'entry', entry: found }
  const entry = assumed === null ? null : brokenLegacy(window, hole, assumed, undo)
  return entry === null ? { type: 'bytes', position, end: stop } : { type: 'entry', entry }
}

/** How far a wrong size is followed by running the CRC on: messages of the old formats are small. */
const MAX_SEARCH_BYTES = 1024 * 1024

/** Where the CRC holds and the hole ends or a message of the same magic could begin: a wrong size among others that are damaged too. */
function findEnd(window: Window, hole: OpenHole, header: BatchHeader): HoleEntry | null {
  const { crc, start } = crcCoverage(header.magic)
  const { position } = hole
  const size = Math.min(hole.end - position, MAX_SEARCH_BYTES)
  if (size < minimumBytes(header.magic)) return null
  const bytes = window.copy(position, size)
  let value = 0
  for (let at = start; at < size; at++) {
    value = crc.update(value, bytes, at, at + 1)
    if (value !== header.crc) continue
    const end = at + 1
    const atEnd = position + end === hole.end
    const [magic, attributes] = bytes.subarray(end + layout.MAGIC_POSITION)
    const mayFollow = magic === header.magic && (attributes ?? 0xff) < 0x10
    if (atEnd || mayFollow) return provenLegacy(window, header, position + end)
  }
  return null
}

/** The size it claims, what follows next, and all the hole: as long as one of them is an entry with damage inside. */
function brokenLegacy(
  window: Window,
  hole: OpenHole,
  header: BatchHeader,
  undo: UndoStretch,
): HoleEntry | null {
  const { position } = hole
  const claimed = position + header.sizeInBytes
  const ends = new Set([claimed, nextStop(hole)])
  if (hole.end - Math.max(claimed, position) <= MAX_SURPLUS_BYTES) ends.add(hole.end)
  const possible = [...ends].filter(
    (end) => end <= hole.end && end - position >= minimumBytes(header.magic),
  )
  const isConfirmed =
    possible.includes(claimed) &&
    (claimed === hole.end || plausibleHeaderAt(window, claimed) !== null)
  for (const reading of readingsOf(possible, { end: claimed, isConfirmed })) {
    const known = knownOf(hole, { position, end: reading.end })
    const entry = undo({ position, header, ...known, ...reading })
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
