/**
 * Batches whose offset field is all zeros although they stand behind others in the file, or begins with zeros that lie
 * before them. Zeros are what a lost sector leaves; in a segment whose base is 0 a field of them reads like its first
 * offset, and the whole log in front of such a batch would contradict it.
 */
import { SECTOR_BYTES } from '../bytes/sector.ts'
import type { Window } from '../bytes/window.ts'
import { MAX_RELATIVE_OFFSET } from '../segment/layout.ts'
import { plausibleHeaderAt } from '../segment/walk.ts'
import type { Evidence } from './evidence.ts'
import { indexedOffset } from './indexed-offset.ts'
import type { OffsetDoubt } from './offset-doubt.ts'
import type { Run } from './runs.ts'
import { firstOffset, joins, lastOffset } from './runs.ts'
import { storedOffset } from './stored-offset.ts'
import { compareSequences } from './undo/sequences.ts'
import { followsZeros } from './zeros-before.ts'

const OFFSET_BYTES = 8

/** Offset 0 belongs at the front of a file. */
export const saysZeros = (run: Run): boolean => run.position > 0 && storedOffset(run.first) === 0n

/**
 * The single batches whose own offset is not believed: it is 0, or not above those of the whole batch in front of it and
 * behind zeros, or a lost sector ends within it and leaves more than one offset; and nothing behind them or beside the
 * segment vouches for it. `runs` in file order. Reads headers from the front of the file only where no whole batch stands
 * there.
 */
export function zeroedOffsets(
  window: Window,
  runs: readonly Run[],
  evidence: Evidence,
): ReadonlyMap<Run, OffsetDoubt> {
  const doubts = new Map<Run, OffsetDoubt>()
  runs.forEach((run, index) => {
    if (run.batches > 1 || !run.inRange || run.repair !== null) return
    const around = { before: runs[index - 1], after: runs[index + 1] }
    const words = doubtOf(window, run, around, evidence)
    if (words === null || isVouchedFor(run, around, evidence)) return
    doubts.set(run, { kind: 'zeroed', words })
  })
  return doubts
}

interface Around {
  readonly before: Run | undefined
  readonly after: Run | undefined
}

/** In words; null: nothing speaks against its offset. */
function doubtOf(
  window: Window,
  run: Run,
  { before, after }: Around,
  evidence: Evidence,
): string | null {
  if (saysZeros(run)) {
    const isBehindLog =
      before !== undefined ||
      followsZeros(window, run.position) ||
      followsHeaders(window, run.position)
    return isBehindLog
      ? 'a whole batch whose offset field is all zeros, as damage leaves it; it is not the first one in the file, so 0 is not its offset'
      : null
  }
  if (!followsZeros(window, run.position)) return null
  const said = `a whole batch behind zeros, which can reach into its offset field: its offsets, ${firstOffset(run)} to ${lastOffset(run)}`
  if (before?.inRange === true && lastOffset(before) >= firstOffset(run))
    return `${said}, are not above those of the whole batch in front of it`
  const step = lostStep(run)
  return step !== null && lastOffset(run) + step < roomEnd(after, evidence)
    ? `${said}, may be higher ones that have lost their first bytes with the sector in front of it`
    : null
}

/** By how much the offset may be too low at least, where a sector ends within the zeros that its field begins with. */
function lostStep({ position, first }: Run): bigint | null {
  const taken = SECTOR_BYTES - (position % SECTOR_BYTES)
  if (taken >= OFFSET_BYTES) return null
  const step = 1n << BigInt(8 * (OFFSET_BYTES - taken))
  return storedOffset(first) < step ? step : null
}

const roomEnd = (
  after: Run | undefined,
  { segmentBaseOffset, nextSegmentBaseOffset }: Evidence,
): bigint =>
  after?.inRange === true
    ? firstOffset(after)
    : (nextSegmentBaseOffset ?? (segmentBaseOffset ?? 0n) + BigInt(MAX_RELATIVE_OFFSET))

/**
 * Whether what follows counts on from the offset that it says. Zeros only make an offset lower. Behind a batch that was at
 * a higher one, what follows is higher by as much, and a producer's sequences never grow faster than offsets: neither
 * agrees by accident.
 */
function isVouchedFor(run: Run, { before, after }: Around, evidence: Evidence): boolean {
  if (indexedOffset(evidence, run.position) === lastOffset(run)) return true
  if (before !== undefined && compareSequences(before.last, run.first) === 'continues') return true
  if (after === undefined) return false
  return (
    (after.first.baseOffsetKnown && joins(run, after)) ||
    compareSequences(run.last, after.first) === 'continues'
  )
}

/** Whether damaged batches whose headers lead from one to the next fill the file up to this position. */
function followsHeaders(window: Window, position: number): boolean {
  let at = 0
  while (at < position) {
    const header = plausibleHeaderAt(window, at)
    if (header === null) return false
    at += header.sizeInBytes
  }
  return at === position
}
