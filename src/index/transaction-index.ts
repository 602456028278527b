/**
 * `.txnindex`: one 34-byte entry for each aborted, non-empty transaction whose ABORT marker lies in
 * this segment, ascending by the marker's offset; no padding, no checksum (Kafka's TransactionIndex,
 * AbortedTxn). Without it a read_committed consumer is served aborted records, so Kafka recovers the
 * segment when its own check of this file fails.
 */
import { Cursor } from '../bytes/cursor.ts'
import { ByteWriter } from './byte-writer.ts'
import { createProblemList, type IndexProblem, type ProblemList } from './index-problem.ts'

export const ABORTED_TXN_SIZE = 34
/** AbortedTxn.CURRENT_VERSION. Kafka throws on a higher one. */
export const ABORTED_TXN_VERSION = 0

export interface AbortedTxn {
  readonly version: number
  readonly producerId: bigint
  /** Where the transaction began; may lie in an earlier segment. */
  readonly firstOffset: bigint
  /** The offset of the ABORT marker. */
  readonly lastOffset: bigint
  /** First offset of the earliest other transaction open at that moment, else lastOffset + 1. */
  readonly lastStableOffset: bigint
}

export interface TransactionIndexFindings {
  readonly problems: readonly IndexProblem[]
  /** Bytes after the last whole entry. The broker ignores them: a note, not damage. */
  readonly fragmentBytes: number
}

/** One entry after the other, so that a damaged file of any size costs no memory. */
export function* readAbortedTxns(bytes: Uint8Array): Generator<AbortedTxn, void, undefined> {
  const cursor = new Cursor(bytes)
  while (cursor.remaining >= ABORTED_TXN_SIZE) {
    yield {
      version: cursor.int16(),
      producerId: cursor.int64(),
      firstOffset: cursor.int64(),
      lastOffset: cursor.int64(),
      lastStableOffset: cursor.int64(),
    }
  }
}

/** All whole entries as they are in the file; `checkTransactionIndex` judges them. */
export function decodeTransactionIndex(bytes: Uint8Array): readonly AbortedTxn[] {
  return [...readAbortedTxns(bytes)]
}

export function encodeTransactionIndex(entries: Iterable<AbortedTxn>): Uint8Array {
  const writer = new ByteWriter()
  for (const entry of entries) {
    writer.int16(entry.version)
    writer.int64(entry.producerId)
    writer.int64(entry.firstOffset)
    writer.int64(entry.lastOffset)
    writer.int64(entry.lastStableOffset)
  }
  return writer.finish()
}

/** Structure only: whether the transactions were really aborted is for those who read the batches. */
export function checkTransactionIndex(
  bytes: Uint8Array,
  segmentBaseOffset: bigint,
): TransactionIndexFindings {
  const problems = createProblemList('transactionIndex')
  let previous: AbortedTxn | null = null
  let entry = 0
  for (const txn of readAbortedTxns(bytes)) {
    checkEntry(txn, previous, segmentBaseOffset, entry, problems)
    previous = txn
    entry++
  }
  return { problems: problems.list(), fragmentBytes: bytes.length % ABORTED_TXN_SIZE }
}

function checkEntry(
  txn: AbortedTxn,
  previous: AbortedTxn | null,
  segmentBaseOffset: bigint,
  entry: number,
  problems: ProblemList,
): void {
  const { version, producerId, firstOffset, lastOffset, lastStableOffset } = txn
  const report = (message: () => string): void => {
    problems.add(entry, entry * ABORTED_TXN_SIZE, () => `entry ${entry} ${message()}`)
  }
  if (version !== ABORTED_TXN_VERSION) {
    // Whatever follows an unknown version may mean something else.
    report(() => `has version ${version}; only version ${ABORTED_TXN_VERSION} is known`)
    return
  }
  if (producerId < 0n) report(() => `has the negative producerId ${producerId}`)
  if (firstOffset < 0n) report(() => `has the negative firstOffset ${firstOffset}`)
  if (lastOffset < segmentBaseOffset) {
    report(() => `has lastOffset ${lastOffset}, below the segment's first, ${segmentBaseOffset}`)
  }
  if (firstOffset > lastOffset) {
    report(() => `has firstOffset ${firstOffset} above its lastOffset ${lastOffset}`)
  }
  if (lastStableOffset < 0n || lastStableOffset > lastOffset + 1n) {
    report(() => `has lastStableOffset ${lastStableOffset}, outside 0 to lastOffset + 1`)
  }
  if (previous !== null && lastOffset <= previous.lastOffset) {
    report(
      () =>
        `has lastOffset ${lastOffset}, which is not above ${previous.lastOffset} in the entry before it`,
    )
  }
}
