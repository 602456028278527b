/**
 * The .txnindex as a witness: it lists the aborted transactions, so where it agrees with the markers that are whole it
 * also tells how a transaction ended whose marker is not.
 */
import type { AbortedTxn } from '../index/transaction-index.ts'
import type { MarkerType } from '../segment/end-transaction-marker.ts'
import type { BatchHeader } from '../segment/record-batch.ts'

export interface AbortIndex {
  /** The entry of the ABORT marker at an offset. */
  readonly entryAt: (offset: bigint) => AbortedTxn | null
  /** Entries of ABORT markers from offset `first` to `last`. */
  readonly entriesIn: (first: bigint, last: bigint) => readonly AbortedTxn[]
  /**
   * Whether a non-empty transaction that ended at an offset without an entry was committed: the index holds entries
   * that were written later, and at least one kept ABORT marker is listed as it should be.
   */
  readonly isCompleteAt: (offset: bigint) => boolean
}

export interface AbortIndexCheck {
  /**
   * Called for every kept batch in offset order. `type`: what it says as a marker, null when it is none. `isOpen`: a
   * transaction of its producer is known to be open before it, `null` where that is not certain.
   */
  onBatch(header: BatchHeader, type: MarkerType | null, isOpen: boolean | null): void
  /** Null as soon as one batch contradicts the index. */
  result(): AbortIndex | null
}

/** `entries`: ascending by lastOffset; null when there is no index to believe. */
export function createAbortIndexCheck(entries: readonly AbortedTxn[] | null): AbortIndexCheck {
  const byOffset = new Map(entries?.map((entry) => [entry.lastOffset, entry]))
  const last = entries?.at(-1)?.lastOffset ?? -1n
  let [agrees, confirmed, next] = [entries !== null, 0, 0]
  return {
    onBatch({ baseOffset, lastOffset, producerId }, type, isOpen) {
      if (entries === null) return
      while ((entries[next]?.lastOffset ?? lastOffset) < baseOffset) next++
      const entry = entries[next]
      const isListed = entry !== undefined && entry.lastOffset <= lastOffset
      if (isListed) {
        if (type === 'ABORT' && entry.producerId === producerId && isOpen !== false) confirmed++
        else agrees = false
      } else if (type === 'ABORT' && isOpen === true) agrees = false
    },
    result: () =>
      agrees
        ? {
            entryAt: (offset) => byOffset.get(offset) ?? null,
            entriesIn: (first, end) =>
              (entries ?? []).filter(({ lastOffset }) => first <= lastOffset && lastOffset <= end),
            isCompleteAt: (offset) => confirmed > 0 && offset < last,
          }
        : null,
  }
}
