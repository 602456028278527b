/**
 * Batches whose offset field is all zeros although they stand behind others in the file. Zeros are what a lost sector
 * leaves; in a segment whose base is 0 they read like its first offset, and the whole log in front of such a batch would
 * contradict it.
 */
import type { Window } from '../bytes/window.ts'
import { plausibleHeaderAt } from '../segment/walk.ts'
import type { Evidence } from './evidence.ts'
import { indexedOffset } from './indexed-offset.ts'
import type { OffsetDoubt } from './offset-doubt.ts'
import type { Run } from './runs.ts'
import { joins, lastOffset } from './runs.ts'
import { storedOffset } from './stored-offset.ts'
import { compareSequences } from './undo/sequences.ts'
import { followsZeros } from './zeros-before.ts'

/** Offset 0 belongs at the front of a file. */
export const saysZeros = (run: Run): boolean => run.position > 0 && storedOffset(run.first) === 0n

/**
 * The single batches whose offset of 0 is not believed: something of the log stands in front of them, and nothing behind
 * them or beside the segment vouches for 0. `runs` in file order. Reads headers from the front of the file only where no
 * whole batch stands there.
 */
export function zeroedOffsets(
  window: Window,
  runs: readonly Run[],
  evidence: Evidence,
): ReadonlyMap<Run, OffsetDoubt> {
  const doubts = new Map<Run, OffsetDoubt>()
  runs.forEach((run, index) => {
    if (!saysZeros(run) || run.batches > 1 || !run.inRange || run.repair !== null) return
    if (isVouchedFor(run, runs[index + 1], evidence)) return
    const isBehindLog =
      index > 0 || followsZeros(window, run.position) || followsHeaders(window, run.position)
    if (isBehindLog) doubts.set(run, { kind: 'zeroed', words: WORDS })
  })
  return doubts
}

const WORDS =
  'a whole batch whose offset field is all zeros, as damage leaves it; it is not the first one in the file, so 0 is not its offset'

/**
 * Whether what follows counts on from offset 0. Behind a batch that was at a higher one, what follows is higher by as much,
 * and a producer's sequences never grow faster than offsets: neither can agree with 0 by accident.
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
