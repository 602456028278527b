/**
 * A hole is what lies between two runs that go to the output: damaged bytes, rejected batches, or nothing at all but
 * missing offsets. Here it becomes damage entries with outcomes, and at most one range of skipped offsets.
 */
import type { Window } from '../bytes/window.ts'
import type { Rejected } from './arbitrate.ts'
import { classifyBytes } from './classify-bytes.ts'
import type { Damage } from './damage.ts'
import type { Evidence } from './evidence.ts'
import type { Run } from './runs.ts'
import { firstOffset, lastOffset } from './runs.ts'
import { walkHeaders } from '../segment/walk.ts'

export interface Hole {
  readonly position: number
  readonly end: number
  readonly prev: Run | null
  readonly next: Run | null
  /** The first offset that is not in the output before it. */
  readonly expectedOffset: bigint
  readonly entries: readonly Damage[]
}

export interface HoleContext {
  readonly window: Window
  readonly evidence: Evidence
  readonly withoutGaps: boolean
}

const REJECTED_MESSAGES: Readonly<Record<string, string>> = {
  'duplicate-batch': 'a second copy of a batch that the log holds in its place',
  'foreign-batch':
    'a whole batch, but nothing ties it to this log: another place or another partition',
  'offset-conflict': 'a whole batch that contradicts more of the log than it agrees with',
  'offset-not-increasing': 'a whole batch whose baseOffset does not fit between its neighbours',
  'offset-out-of-range': 'a whole batch whose offsets cannot be in this segment',
  'leader-epoch-implausible':
    'a whole batch whose partitionLeaderEpoch goes back, or ahead of all after it',
}

/** Builds the entries of one hole. `inside` are the proven runs in it that do not go to the output, or not there. */
export function describeHole(
  bounds: Pick<Hole, 'position' | 'end' | 'prev' | 'next'>,
  inside: readonly (Run | Rejected)[],
  context: HoleContext,
): Hole {
  const { window, evidence } = context
  const { prev, next } = bounds
  const expectedOffset =
    prev !== null
      ? lastOffset(prev) + 1n
      : (evidence.segmentBaseOffset ?? (next === null ? 0n : firstOffset(next)))
  const entries: Damage[] = []
  let position = bounds.position
  const addBytes = (end: number): void => {
    const expected = entries.length === 0 ? expectedOffset : null
    for (const finding of classifyBytes(window, { position, end, expectedOffset: expected })) {
      entries.push({ ...finding, outcome: 'skipped', baseOffset: null, lastOffset: null })
    }
    position = end
  }
  for (const item of inside) {
    const run = 'run' in item ? item.run : item
    if (run.position > position) addBytes(run.position)
    if (run.movedTo === undefined) entries.push(...runEntries(window, item))
    position = run.end
  }
  if (bounds.end > position) addBytes(bounds.end)
  return { ...bounds, expectedOffset, entries }
}

/** One entry a batch. A rejected batch that is not ours is dropped whatever becomes of the hole. */
function runEntries(window: Window, item: Run | Rejected): Damage[] {
  if (!('run' in item)) {
    const { failure, first, position, end } = item
    if (failure === null) throw new Error('a run without failure is no hole')
    const cause = failure.cause === undefined ? {} : { cause: failure.cause }
    const claim = { header: first, proven: true, placed: true }
    const { reason, message } = failure
    return [
      {
        position,
        sizeInBytes: end - position,
        reason,
        message,
        outcome: 'skipped',
        baseOffset: null,
        lastOffset: null,
        claim,
        ...cause,
      },
    ]
  }
  const { run, reason, ours, doubt } = item
  return [...walkHeaders(window, run.position, run.end)].map((header) => ({
    position: header.position,
    sizeInBytes: header.sizeInBytes,
    reason,
    message: doubt?.words ?? REJECTED_MESSAGES[reason] ?? reason,
    outcome: ours ? ('skipped' as const) : ('dropped' as const),
    baseOffset: null,
    lastOffset: null,
    claim: {
      header,
      proven: true,
      placed: reason === 'leader-epoch-implausible',
      ...(doubt === undefined ? {} : { doubt: doubt.kind }),
    },
  }))
}
