/**
 * Batches whose offset field is all zeros although they stand behind others in the file, or begins with zeros that lie
 * before them. Zeros are what a lost sector leaves; in a segment whose base is 0 a field of them reads like its first
 * offset, and the whole log in front of such a batch would contradict it.
 */
import type { Window } from '../bytes/window.ts'
import { plausibleHeaderAt } from '../segment/walk.ts'
import type { Evidence } from './evidence.ts'
import { indexedOffset } from './indexed-offset.ts'
import type { OffsetDoubt } from './offset-doubt.ts'
import type { Run } from './runs.ts'
import { firstOffset, joins, lastOffset } from './runs.ts'
import { storedOffset } from './stored-offset.ts'
import { compareSequences } from './undo/sequences.ts'
import { followsZeros } from './zeros-before.ts'

/** Offset 0 belongs at the front of a file. */
export const saysZeros = (run: Run): boolean => run.position > 0 && storedOffset(run.first) === 0n

/**
 * The single batches whose own offset is not believed: it is 0, or not above those of the whole batch in front of it and
 * behind zeros; and nothing behind them or beside the segment vouches for it. `runs` in file order. Reads headers from the
 * front of the file only where no whole batch stands there.
 */
export function zeroedOffsets(
  window: Window,
  runs: readonly Run[],
  evidence: Evidence,
): ReadonlyMap<Run, OffsetDoubt> {
  const doubts = new Map<Run, OffsetDoubt>()
  runs.forEach((run, index) => {
    if (run.batches > 1 || !run.inRange || run.repair !== null) return
    const words = doubtOf(window, run, runs[index - 1])
    if (words === null || isVouchedFor(run, runs[index + 1], evidence)) return
    doubts.set(run, { kind: 'zeroed', words })
  })
  return doubts
}

/** In words; null: nothing speaks against its offset. */
function doubtOf(window: Window, run: Run, before: Run | undefined): string | null {
  if (saysZeros(run)) {
    const isBehindLog =
      before !== undefined ||
      followsZeros(window, run.position) ||
      followsHeaders(window, run.position)
    return isBehindLog
      ? 'a whole batch whose offset field is all zeros, as damage leaves it; it is not the first one in the file, so 0 is not its offset'
      : null
  }
  const isBelow = before?.inRange === true && lastOffset(before) >= firstOffset(run)
  return isBelow && followsZeros(window, run.position)
    ? `a whole batch behind zeros, which can reach into its offset field: its offsets, ${firstOffset(run)} to ${lastOffset(run)}, are not above those of the whole batch in front of it`
    : null
}

/**
 * Whether what follows counts on from the offset that it says. Zeros only make an offset lower. Behind a batch that was at
 * a higher one, what follows is higher by as much, and a producer's sequences never grow faster than offsets: neither
 * agrees by accident.
 */
function isVouchedFor(run: Run, after: Run | undefined, evidence: Evidence): boolean {
  if (indexedOffset(evidence, run.position) === lastOffset(run)) return true
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
