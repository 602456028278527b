/**
 * What a producer's other batches say of one that may be put at some offset. Sequence numbers are under the CRC, so they
 * tell a batch of this log with a damaged offset from a whole batch of another place.
 */
import type { Window } from '../../bytes/window.ts'
import { NO_PRODUCER_ID, NO_SEQUENCE, SEQUENCE_MODULUS } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { lastSequence } from '../../segment/record-batch.ts'
import type { EvidenceKind } from '../repair.ts'
import type { Run } from '../runs.ts'
import { headersOf } from '../runs.ts'

/**
 * `silent`: there is no other batch of the producer to compare with, or nothing exact can be said. `ends`: a marker, which
 * has no sequence, of the one transaction that can have ended here.
 */
export type SequenceVerdict = 'continues' | 'ends' | 'contradicts' | 'silent'

/** What a verdict in favour rests on. */
export const VERDICT_EVIDENCE: Readonly<Record<'continues' | 'ends', readonly EvidenceKind[]>> = {
  continues: ['neighbours', 'sequence'],
  ends: ['neighbours'],
}

const distance = (from: number, to: number): number =>
  (to - from + SEQUENCE_MODULUS) % SEQUENCE_MODULUS

/** A producer's batch nearest to the hole, by producerId. */
type Nearest = ReadonlyMap<bigint, BatchHeader>

const hasSequence = (header: BatchHeader): boolean =>
  header.producerId !== NO_PRODUCER_ID && header.baseSequence !== NO_SEQUENCE

function nearestIn(window: Window, run: Run | null, side: 'first' | 'last'): Nearest {
  const nearest = new Map<bigint, BatchHeader>()
  if (run === null) return nearest
  for (const header of headersOf(window, run)) {
    if (!hasSequence(header) || (side === 'first' && nearest.has(header.producerId))) continue
    nearest.set(header.producerId, header)
  }
  return nearest
}

/** Compares with the runs on both sides of a hole; reads their headers once, when first asked. */
export function createSequenceCheck(
  window: Window,
  prev: Run | null,
  next: Run | null,
): (header: BatchHeader) => SequenceVerdict {
  let before: Nearest | null = null
  let after: Nearest | null = null
  return (header) => {
    if (!hasSequence(header)) return 'silent'
    before ??= nearestIn(window, prev, 'last')
    after ??= nearestIn(window, next, 'first')
    const earlier = before.get(header.producerId)
    const later = after.get(header.producerId)
    const verdicts = [
      ...(earlier === undefined ? [] : [compareSequences(earlier, header)]),
      ...(later === undefined ? [] : [compareSequences(header, later)]),
    ]
    if (verdicts.includes('contradicts')) return 'contradicts'
    return verdicts.includes('continues') ? 'continues' : 'silent'
  }
}

/**
 * What two batches say of each other, the first of them before the other in the log; silent where they are not of one
 * producer. Of one producer, sequences never grow faster than offsets. Where they grow just as fast nothing of another producer
 * lies between, and the place is proven; where they do not, the batch is ours, but might belong in another place.
 */
export function compareSequences(before: BatchHeader, after: BatchHeader): SequenceVerdict {
  if (!hasSequence(before) || !hasSequence(after) || before.producerId !== after.producerId)
    return 'silent'
  // A new epoch starts its sequences again; an older one cannot come later.
  if (before.producerEpoch !== after.producerEpoch)
    return before.producerEpoch < after.producerEpoch ? 'silent' : 'contradicts'
  const sequences = distance(lastSequence(before), after.baseSequence)
  const offsets = after.baseOffset - before.lastOffset
  if (sequences === 0 || BigInt(sequences) > offsets) return 'contradicts'
  return BigInt(sequences) === offsets ? 'continues' : 'silent'
}
