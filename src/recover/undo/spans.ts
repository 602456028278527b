/** What lies between two runs whose place in the log is certain: holes, and single batches whose place is not. */
import type { Run } from '../runs.ts'
import { wholeEntry } from './entry.ts'
import type { HoleToken, OpenHole } from './open-hole.ts'

/** A hole, and what it was found to consist of. */
export interface ReadHole {
  readonly hole: OpenHole
  readonly tokens: readonly HoleToken[]
}

export interface Span {
  /** In file order, like the runs that lie before, between and behind them. */
  readonly holes: readonly ReadHole[]
  /** Accepted for want of anything better. */
  readonly runs: readonly Run[]
  /** All of it as one hole between the two runs that are certain. */
  readonly whole: ReadHole
}

/** What the reason of an uncertain run would be, were it rejected. */
const REASON = 'offset-not-increasing'

/** In file order. `offsetAfter`: where the log goes on after a run, or begins. */
export function spansOf(
  accepted: readonly Run[],
  holes: readonly ReadHole[],
  isUncertain: (run: Run) => boolean,
  offsetAfter: (run: Run | null) => bigint | null,
): readonly Span[] {
  const spans: Span[] = []
  let parts: (ReadHole | Run)[] = []
  let [prev, taken]: [Run | null, number] = [null, 0]
  for (const run of [...accepted, null]) {
    const hole = holes[taken]
    if (hole?.hole.next === run) {
      parts.push(hole)
      taken++
    }
    if (run !== null && isUncertain(run)) {
      parts.push(run)
      continue
    }
    if (parts.length > 0) spans.push(spanOf(parts, prev, run, offsetAfter(prev)))
    parts = []
    prev = run
  }
  return spans
}

const isRun = (part: ReadHole | Run): part is Run => 'batches' in part

function spanOf(
  parts: readonly (ReadHole | Run)[],
  prev: Run | null,
  next: Run | null,
  expectedOffset: bigint | null,
): Span {
  const places = parts.map((part) => (isRun(part) ? part : part.hole))
  const [position, end] = [places[0]?.position ?? 0, places.at(-1)?.end ?? 0]
  const tokens = parts.flatMap((part) => (isRun(part) ? tokenOf(part) : part.tokens))
  return {
    holes: parts.filter((part): part is ReadHole => !isRun(part)),
    runs: parts.filter(isRun),
    whole: { hole: { position, end, prev, next, rejected: [], expectedOffset }, tokens },
  }
}

const tokenOf = (run: Run): HoleToken => ({
  type: 'proven',
  rejected: { run, reason: REASON, ours: true },
  entries: [wholeEntry(run.first, REASON)],
})
