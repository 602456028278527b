/**
 * Transactions that are open where the segment ends, and whether a hole may have held their end. Of a marker that went
 * with other batches neither the offset is known nor that there was one: that is said, and no more.
 */
import type { MarkerType } from '../segment/end-transaction-marker.ts'
import type { SkippedRange } from './damage.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import type { AbortIndex } from './abort-index.ts'
import type { OpenTransaction, TransactionSurvey } from './transaction-survey.ts'
import type { LostMarkerFinding } from './transactions.ts'

/** Skipped offsets among which the marker of a transaction may have been. */
export interface PossibleEnd {
  readonly firstOffset: bigint
  /** Null where nothing tells how far the log went. */
  readonly lastOffset: bigint | null
  /** What a marker there can have said. */
  readonly candidates: readonly MarkerType[]
}

export interface OpenAtEnd extends OpenTransaction {
  /** Empty where nothing was skipped behind its first batch: then it is only not ended yet. */
  readonly endMayBeIn: readonly PossibleEnd[]
}

/** `lost`: markers that are told one by one are not told again. */
export const openAtEnd = (
  { ranges }: Pick<SegmentDiagnosis, 'ranges'>,
  survey: TransactionSurvey,
  lost: readonly LostMarkerFinding[],
): OpenAtEnd[] =>
  survey.openAtEnd.map((open) => ({
    ...open,
    endMayBeIn: ranges
      .filter((range) => mayHoldEnd(range, open, survey, lost))
      .map((range) => ({
        firstOffset: range.firstOffset,
        lastOffset: range.lastOffset,
        candidates: candidatesIn(range, survey.aborts),
      })),
  }))

function mayHoldEnd(
  { damage }: SkippedRange,
  { producerId, firstOffset }: OpenTransaction,
  survey: TransactionSurvey,
  lost: readonly LostMarkerFinding[],
): boolean {
  const isTold = lost.some(
    ({ marker, damage: entry }) =>
      damage.includes(entry) && (marker.producerId === producerId || marker.producerId === null),
  )
  return (
    !isTold &&
    damage.some(({ position, sizeInBytes }) => {
      const place = sizeInBytes === 0 ? null : survey.placeAt(position)
      const view = place?.producers.find((producer) => producer.producerId === producerId)
      return view?.openFrom === firstOffset
    })
  )
}

/** An index that lists every abort up to there has none in the range: such a range is told by its entries. */
const candidatesIn = (
  { lastOffset }: SkippedRange,
  aborts: AbortIndex | null,
): readonly MarkerType[] =>
  lastOffset !== null && aborts?.isCompleteAt(lastOffset) === true
    ? ['COMMIT']
    : ['ABORT', 'COMMIT']
