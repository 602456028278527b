/** What the report says of batches that are put back: an entry for each, where it stands in the file. */
import type { Window } from '../../bytes/window.ts'
import type { Damage } from '../damage.ts'
import type { Repair } from '../repair.ts'
import type { Run } from '../runs.ts'
import { firstOffset, headersOf } from '../runs.ts'
import { shiftsOf } from './standing.ts'

/** All entries in file order: those of the runs that are put back come behind offsets that are missing at the same place. */
export function withMovedEntries(
  window: Window,
  kept: readonly Run[],
  others: readonly Damage[],
): Damage[] {
  const shiftOf = shiftsOf(kept)
  const moved = kept.flatMap((run) =>
    run.movedTo === undefined || run.repair === null
      ? []
      : entriesOf(window, run, run.repair, shiftOf(run)),
  )
  return [...others, ...moved].sort((a, b) => a.position - b.position)
}

/** One entry a batch. `shift`: how far behind its place in the file the run belongs. */
function entriesOf(window: Window, run: Run, repair: Repair, shift: number): Damage[] {
  let expected = firstOffset(run)
  return [...headersOf(window, run)].map((header) => {
    const { position } = header
    // A wrapper's header tells its last offset only.
    const baseOffset = header.baseOffsetKnown ? header.baseOffset : expected
    expected = header.lastOffset + 1n
    const change = { field: 'position', before: `${position}`, after: `${position + shift}` }
    return {
      position,
      sizeInBytes: run.batches === 1 ? run.end - run.position : header.sizeInBytes,
      reason: repair.reason,
      message: repair.message,
      outcome: 'repaired' as const,
      baseOffset,
      lastOffset: header.lastOffset,
      claim: {
        header: { ...header, baseOffset, baseOffsetKnown: true },
        proven: true,
        placed: true,
      },
      repair: { ...repair, changes: [...repair.changes, change] },
    }
  })
}
