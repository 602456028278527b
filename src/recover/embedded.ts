/** Batches that lie inside the records of another one, which is damaged: they are data, not the log. */
import type { Window } from '../bytes/window.ts'
import { MAX_RELATIVE_OFFSET } from '../segment/layout.ts'
import { isLegacy } from '../segment/record-batch.ts'
import { plausibleHeaderAt } from '../segment/walk.ts'
import type { Run } from './runs.ts'
import { firstOffset, lastOffset } from './runs.ts'

/**
 * Leaves out runs inside a damaged batch whose framing is confirmed: its header is plausible, its end is where the next
 * one starts, and the offsets go on from the one to the other. What lies inside is a record's value or an inner
 * message, not a batch of the log. A wrong length may lead to some later batch too, but then the offsets do not join.
 */
export function withoutEmbedded(
  { window, withoutGaps }: { readonly window: Window; readonly withoutGaps: boolean },
  runs: readonly Run[],
): readonly Run[] {
  const known: KnownRuns = {
    starts: new Map(runs.map((run) => [run.position, run])),
    ends: new Map(runs.map((run) => [run.end, run])),
  }
  const left: Run[] = []
  let position = 0
  for (const run of runs) {
    if (run.position < position) continue
    while (position < run.position) {
      const end = confirmedEnd(window, position, known, withoutGaps)
      if (end === null) break
      position = end
    }
    if (run.position < position) continue
    left.push(run)
    position = run.end
  }
  return left
}

/** By their first byte, and by the first one behind them. */
interface KnownRuns {
  readonly starts: ReadonlyMap<number, Run>
  readonly ends: ReadonlyMap<number, Run>
}

/** The end of a damaged batch at this place, when a batch or a plausible header follows there and offsets join. */
function confirmedEnd(
  window: Window,
  position: number,
  { starts, ends }: KnownRuns,
  withoutGaps: boolean,
): number | null {
  const header = plausibleHeaderAt(window, position)
  if (header === null) return null
  const end = position + header.sizeInBytes
  if (end === window.source.size) return end
  const next = starts.get(end)?.first ?? plausibleHeaderAt(window, end)
  if (next === null) return null
  const exact = withoutGaps && next.baseOffsetKnown && header.magic === next.magic
  const distance = next.lastOffset - header.lastOffset
  // Between gaps any later offset is possible. But what leads up to the next one in order is the log, not in a record.
  const inside = ends.get(end)
  const leadsUp =
    inside !== undefined &&
    inside.position > position &&
    firstOffset(inside) > header.lastOffset &&
    lastOffset(inside) < next.baseOffset
  const joined = exact
    ? next.baseOffset === header.lastOffset + 1n
    : isLegacy(next) === isLegacy(header) &&
      distance > 0n &&
      distance <= BigInt(MAX_RELATIVE_OFFSET) &&
      !leadsUp
  return joined ? end : null
}
