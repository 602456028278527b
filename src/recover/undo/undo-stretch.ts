/** Puts the ladder of rungs (recover/rungs) to one stretch of a hole: what it is given, and what its answer becomes. */
import type { Window } from '../../bytes/window.ts'
import type { DecodeOptions } from '../../segment/decode-batch.ts'
import * as layout from '../../segment/layout.ts'
import { opaqueSpans, opaqueSpansSoFar } from '../../segment/opaque-spans.ts'
import { decodeBatchHeader, isLegacy } from '../../segment/record-batch.ts'
import { classifyBytes } from '../classify-bytes.ts'
import { formatBytes } from '../../words/words.ts'
import type { Edit } from '../edits.ts'
import type { Evidence } from '../evidence.ts'
import type { FieldChange } from '../repair.ts'
import { applyEdits, growth, composeEdits, overwriteAfter } from '../edits.ts'
import type { BrokenEntry } from '../rungs/rung.ts'
import { NOTHING_FITS, undoEntry } from '../rungs/undo.ts'
import type { UndoResult } from '../rungs/undo.ts'
import type { HoleEntry } from './entry.ts'
import type { LadderTrace, Reading, Search } from './ladder.ts'
import { wholeLadder } from './ladder.ts'
import type { KnownLog } from './known-log.ts'
import { namedEnd } from './open-hole.ts'
import type { BrokenStretch, UndoAttempt } from './open-hole.ts'
import { otherSectors } from './other-sectors.ts'
import type { Place } from './torn-header.ts'
import { isOneBatch, offsetsInSegment, segmentLimit } from './torn-header.ts'

export interface UndoLimits extends DecodeOptions {
  /** Largest accepted chance that an undo is wrong. */
  readonly maxFalseMatch: number
  /** Somebody asked for that number. */
  readonly maxFalseMatchExplicit: boolean
  /** Steps for one batch. */
  readonly repairEffort: number
  readonly withoutGaps: boolean
  readonly evidence: Evidence
  /** Somebody asks what is tried at one place. */
  readonly trace?: LadderTrace
}

/**
 * A damaged batch is held in memory, twice or more, while it is worked on; a larger one is not looked into. Where nothing
 * but its own header tells its size, chance may have written that (one of 2 GB of random bytes does), so that the memory
 * of a scan would follow what damage claims: then less is the limit.
 */
const MAX_ENTRY_BYTES = 64 * 1024 * 1024
const MAX_CLAIMED_BYTES = 16 * 1024 * 1024

/**
 * Looks for the entry that stands in the stretch, with its damage undone. `falseMatchBefore`: what was risked on these
 * bytes before, with another end; it counts here too.
 */
export function undoStretch(
  window: Window,
  stretch: BrokenStretch,
  log: KnownLog,
  limits: UndoLimits,
  falseMatchBefore: number,
): UndoAttempt {
  const size = stretch.end - stretch.position
  const not = whyNotLookedInto(window, stretch)
  if (not !== null) {
    const search = { notLookedInto: not.reason, readings: [] }
    return { entry: null, why: not.why, falseMatchTried: falseMatchBefore, search }
  }
  const isTraced = limits.trace?.concerns(stretch) === true
  const readings: Reading[] = []
  const read = (framed: Framing, tried: UndoResult, result: Reading['result']): void => {
    if (isTraced) readings.push(readingOf(framed, tried, result, limits.repairEffort))
  }
  const source = window.copy(stretch.position, size)
  const named = namedEnd(window, stretch.end, limits.evidence)
  const reasons = new Set<string>()
  let falseMatchTried = falseMatchBefore
  for (const framed of framings(source, stretch)) {
    const bytes = withEdits(source, framed.edits)
    const result = undoEntry(brokenEntry(bytes, stretch, named, limits), {
      ...limits,
      effort: limits.repairEffort,
      opaqueSpans: (candidate, header) => opaqueSpans(candidate, header, limits),
      opaqueSpansSoFar: (damaged, header) => opaqueSpansSoFar(damaged, header, limits),
      falseMatchBefore: falseMatchTried,
      isTraced,
      only: stretch.only,
      otherSectors: () => otherSectors(window, log.holes, stretch),
    })
    const { undo } = result
    falseMatchTried = result.falseMatchTried
    if (undo === null) {
      reasons.add(result.why)
      read(framed, result, 'nothing')
      continue
    }
    const edits = composeEdits(framed.edits, undo.edits)
    const header = decodeBatchHeader(withEdits(source, edits), stretch.position)
    if (header?.sizeInBytes !== size + growth(edits)) continue
    if (!isOneBatch(source, edits, header, placeOf(stretch, named, log, limits))) {
      reasons.add(MAY_BE_ANOTHER)
      read(framed, result, 'may-be-another')
      continue
    }
    const { evidence, inferred, falseMatchProbability } = undo
    const entry: HoleEntry = {
      position: stretch.position,
      end: stretch.end,
      header,
      edits,
      evidence,
      inferred,
      falseMatchProbability,
      ...whatItWas(window, stretch, [...framed.changes, ...undo.changes]),
    }
    read(framed, result, 'undone')
    return { entry, why: '', falseMatchTried, search: { notLookedInto: null, readings } }
  }
  // That nothing fits one reading says less than what could not be looked for in another.
  if (reasons.size > 1) reasons.delete(NOTHING_FITS)
  const search = { notLookedInto: null, readings }
  return { entry: null, why: [...reasons].join('; '), falseMatchTried, search }
}

/** The bytes themselves where nothing is edited: nobody writes to either, and a batch may be large. */
const withEdits = (source: Uint8Array, edits: readonly Edit[]): Uint8Array =>
  edits.length === 0 ? source : applyEdits(source, edits)

const brokenEntry = (
  bytes: Uint8Array,
  { position, expectedOffset, nextOffset, offsetLimit, copies, before, after }: BrokenStretch,
  named: bigint | null,
  { withoutGaps, evidence }: UndoLimits,
): BrokenEntry => ({
  bytes,
  position,
  header: decodeBatchHeader(bytes, position),
  expectedBaseOffset: expectedOffset,
  nextBaseOffset: nextOffset,
  namedEnd: named,
  offsetLimit: offsetLimit ?? segmentLimit(evidence),
  copies,
  before,
  after,
  withoutGaps,
})

const placeOf = (
  { expectedOffset, nextOffset }: BrokenStretch,
  named: bigint | null,
  log: KnownLog,
  { evidence }: UndoLimits,
): Place => ({
  expectedOffset,
  nextOffset: nextOffset ?? named,
  offsets: offsetsInSegment(log, evidence),
})

const MAY_BE_ANOTHER =
  'what is left without the surplus bytes could be another batch than the one here'

function readingOf(
  { changes: assumed }: Framing,
  { candidatesTried, falseMatchTried, steps, rungs, why }: UndoResult,
  result: Reading['result'],
  effort: number,
): Reading {
  return {
    assumed,
    result,
    why: result === 'may-be-another' ? MAY_BE_ANOTHER : why,
    rungs: wholeLadder(rungs),
    candidatesTried,
    falseMatchTried,
    steps,
    effort,
  }
}

function whyNotLookedInto(
  window: Window,
  { position, end, before, after }: BrokenStretch,
): { readonly reason: NonNullable<Search['notLookedInto']>; readonly why: string } | null {
  const size = end - position
  const limit = before === null || after === null ? MAX_CLAIMED_BYTES : MAX_ENTRY_BYTES
  if (size > limit) {
    const why = `${formatBytes(size)} are more than is looked into (${formatBytes(limit)} at most here)`
    return { reason: 'too-large', why }
  }
  const unreadable = window.unreadableIn(position, size) !== undefined
  return unreadable ? { reason: 'unreadable', why: 'not all of its bytes can be read' } : null
}

interface Framing {
  readonly edits: readonly Edit[]
  readonly changes: readonly FieldChange[]
}

/** As the stretch stands, with the magic that its other fields speak for; then with the length that the stretch has. */
function framings(source: Uint8Array, { header, only }: BrokenStretch): Framing[] {
  const stored = source[layout.MAGIC_POSITION] ?? 0
  const asIs: Framing =
    isLegacy(header) || stored === 2
      ? { edits: [], changes: [] }
      : {
          edits: [{ at: layout.MAGIC_POSITION, removed: 1, inserted: Uint8Array.of(2) }],
          changes: [{ field: 'magic', before: String(stored), after: '2' }],
        }
  if (header.sizeInBytes === source.length) return [asIs]
  if (only !== undefined) return [{ edits: [], changes: [] }]
  const length = new Uint8Array(4)
  new DataView(length.buffer).setInt32(0, source.length - layout.LOG_OVERHEAD)
  return [
    { edits: [], changes: [] },
    {
      edits: overwriteAfter(asIs.edits, layout.LENGTH_POSITION, length),
      changes: [
        ...asIs.changes,
        {
          field: isLegacy(header) ? 'size' : 'batchLength',
          before: String(header.sizeInBytes - layout.LOG_OVERHEAD),
          after: String(source.length - layout.LOG_OVERHEAD),
        },
      ],
    },
  ]
}

export function whatItWas(
  window: Window,
  { position, end, expectedOffset }: BrokenStretch,
  changes: readonly FieldChange[],
): Pick<HoleEntry, 'reason' | 'message' | 'changes'> {
  const [found] = classifyBytes(window, { position, end, expectedOffset })
  return {
    reason: found?.reason ?? 'crc-mismatch',
    message: found?.message ?? 'the bytes do not match their CRC',
    changes,
  }
}
