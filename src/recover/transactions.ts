/** Which transactions a segment leaves open, and what a lost marker does to the records of its producer. */
import type { Window } from '../bytes/window.ts'
import { NO_PRODUCER_ID } from '../segment/layout.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { headersOf } from './runs.ts'

export interface LostMarker {
  readonly offset: bigint
  readonly position: number
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly candidates: readonly ('ABORT' | 'COMMIT')[]
  /** Where the transaction it ended began, in this segment; null when that is not in it. */
  readonly openFromOffset: bigint | null
  /** `stays-open`: the last stable offset is frozen. `takes-next-outcome`: the producer's next marker decides. */
  effect: 'stays-open' | 'takes-next-outcome' | 'none'
}

export interface OpenTransaction {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstOffset: bigint
}

export interface TransactionFindings {
  readonly lostMarkers: readonly LostMarker[]
  readonly openAtEnd: readonly OpenTransaction[]
}

/** Reads the kept headers once, in order, with the lost markers in their places. */
export function checkTransactions(
  window: Window,
  diagnosis: SegmentDiagnosis,
): TransactionFindings {
  const open = new Map<bigint, OpenTransaction>()
  const waiting = new Map<bigint, LostMarker>()
  const lostMarkers: LostMarker[] = []
  const lost = diagnosis.damage.filter(
    ({ outcome, claim }) =>
      outcome === 'skipped' &&
      claim !== null &&
      isControl(claim.header) &&
      isTransactional(claim.header),
  )
  const takeLost = (before: number): void => {
    for (let entry = lost[0]; entry !== undefined && entry.position < before; entry = lost[0]) {
      lost.shift()
      if (entry.claim === null) continue
      const { producerId, producerEpoch } = entry.claim.header
      const from = open.get(producerId)?.firstOffset ?? null
      const marker: LostMarker = {
        offset: entry.baseOffset ?? entry.claim.header.baseOffset,
        position: entry.position,
        producerId,
        producerEpoch,
        candidates: ['ABORT', 'COMMIT'],
        openFromOffset: from,
        effect: from === null ? 'none' : 'stays-open',
      }
      lostMarkers.push(marker)
      if (from !== null) waiting.set(producerId, marker)
    }
  }
  for (const run of diagnosis.kept) {
    takeLost(run.position)
    for (const header of headersOf(window, run)) {
      if (header.producerId === NO_PRODUCER_ID || !isTransactional(header)) continue
      const { producerId, producerEpoch, baseOffset } = header
      if (isControl(header)) {
        if (header.recordsCount === 0) continue
        const marker = waiting.get(producerId)
        if (marker !== undefined) marker.effect = 'takes-next-outcome'
        waiting.delete(producerId)
        open.delete(producerId)
      } else if (!open.has(producerId))
        open.set(producerId, { producerId, producerEpoch, firstOffset: baseOffset })
    }
  }
  takeLost(Infinity)
  return { lostMarkers, openAtEnd: [...open.values()] }
}
