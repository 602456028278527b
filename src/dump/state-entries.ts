/** Entries of `.txnindex`, `.snapshot`, the checkpoint files and the small text files. */
import type { Window } from '../bytes/window.ts'
import { readLines } from '../index/checkpoint-file.ts'
import type { IndexProblem } from '../index/index-problem.ts'
import { decodeLeaderEpochCheckpoint } from '../index/leader-epoch-checkpoint.ts'
import { decodeOffsetCheckpoint } from '../index/offset-checkpoint.ts'
import { decodeProducerSnapshot } from '../index/producer-snapshot.ts'
import type { ProducerStateEntry } from '../index/producer-snapshot.ts'
import {
  ABORTED_TXN_SIZE,
  ABORTED_TXN_VERSION,
  readAbortedTxns,
} from '../index/transaction-index.ts'
import { SEQUENCE_MODULUS } from '../segment/layout.ts'
import type { FileItem } from './entries.ts'
import { optionalLong } from './entries.ts'

const problemItem = ({ position, message }: IndexProblem): FileItem => ({
  type: 'problem',
  position,
  message,
})

const VIEW_ENTRIES = 4096

/** `.txnindex`, in kafka-dump-log's words. */
export function* dumpTransactionIndex(window: Window): Generator<FileItem | null> {
  const { size } = window.source
  const step = VIEW_ENTRIES * ABORTED_TXN_SIZE
  for (let start = 0; start < size; start += step) {
    let position = start
    const bytes = window.view(start, step).slice()
    for (const txn of readAbortedTxns(bytes)) {
      const { version, producerId, firstOffset, lastOffset, lastStableOffset } = txn
      yield {
        type: 'entry',
        fields: Object.entries({ version, producerId, firstOffset, lastOffset, lastStableOffset }),
      }
      if (version !== ABORTED_TXN_VERSION || firstOffset > lastOffset || firstOffset < 0n)
        yield { type: 'problem', position, message: 'no such entry is ever written' }
      position += ABORTED_TXN_SIZE
    }
    yield null
  }
  const left = size % ABORTED_TXN_SIZE
  if (left > 0) {
    const message = `the last ${left} bytes are no whole entry of ${ABORTED_TXN_SIZE}`
    yield { type: 'problem', position: size - left, message }
  }
}

/** The sequence `distance` before it, with the wrap (DefaultRecordBatch.decrementSequence). */
const sequenceBefore = (sequence: number, distance: number): number =>
  sequence >= distance ? sequence - distance : sequence - distance + SEQUENCE_MODULUS

function producerEntry(entry: ProducerStateEntry): FileItem {
  const { producerId, producerEpoch, coordinatorEpoch, currentTxnFirstOffset } = entry
  const { timestamp, lastSequence, lastOffset, offsetDelta } = entry
  const always: FileItem & { type: 'entry' } = {
    type: 'entry',
    fields: [
      ['producerId', producerId],
      ['producerEpoch', producerEpoch],
      ['coordinatorEpoch', coordinatorEpoch],
      ['currentTxnFirstOffset', optionalLong(currentTxnFirstOffset)],
      ['lastTimestamp', timestamp],
    ],
    tail: ' ',
  }
  // Of a producer of which only markers were seen there is no batch.
  if (lastOffset < 0n) return always
  return {
    type: 'entry',
    fields: [
      ...always.fields,
      ['firstSequence', sequenceBefore(lastSequence, offsetDelta)],
      ['lastSequence', lastSequence],
      ['lastOffset', lastOffset],
      ['offsetDelta', offsetDelta],
      ['timestamp', timestamp],
    ],
  }
}

/** `.snapshot`, in kafka-dump-log's words. What a damaged one holds is shown after what is wrong with it. */
export function* dumpProducerSnapshot(bytes: Uint8Array): Generator<FileItem> {
  const { entries, problems } = decodeProducerSnapshot(bytes)
  yield* problems.map(problemItem)
  yield* entries.map(producerEntry)
}

export function* dumpLeaderEpochs(bytes: Uint8Array): Generator<FileItem> {
  const { entries, problems } = decodeLeaderEpochCheckpoint(bytes)
  for (const { epoch, startOffset } of entries) {
    yield {
      type: 'entry',
      fields: [
        ['epoch', epoch],
        ['startOffset', startOffset],
      ],
    }
  }
  yield* problems.map(problemItem)
}

export function* dumpOffsetCheckpoint(bytes: Uint8Array): Generator<FileItem> {
  const { offsets, problems } = decodeOffsetCheckpoint(bytes)
  for (const [topicPartition, offset] of offsets) {
    yield {
      type: 'entry',
      fields: [
        ['partition', topicPartition],
        ['offset', offset],
      ],
    }
  }
  yield* problems.map(problemItem)
}

/** `partition.metadata`, `meta.properties`, `quorum-state`: line by line, as they are. */
export function* dumpTextFile(bytes: Uint8Array): Generator<FileItem> {
  for (const { text, position } of readLines(bytes)) {
    yield { type: 'entry', fields: [['line', text]] }
    if (text.includes('\u0000'))
      yield { type: 'problem', position, message: 'the line holds zero bytes' }
  }
}
