/**
 * What data partitions and `__transaction_state` say of transactions: how they ended, which are open, and which of
 * those nobody will ever end.
 */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import { ABORT, COMMIT, controlType } from '../topics/control-records.ts'
import { decodeCoordinatorRecord } from '../topics/coordinator-record.ts'
import { TRANSACTION_STATES } from '../topics/coordinator-tables.ts'
import { MessageError } from '../topics/decode-message.ts'
import type { Value } from '../topics/message-value.ts'
import { isStruct } from '../topics/message-value.ts'
import type { RecordInBatch } from './read-records.ts'

/** A transaction without a marker, in one partition. */
export interface OpenTransaction {
  readonly partition: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  readonly firstTimestamp: bigint
}

export interface ProducerTotals {
  readonly producerId: bigint
  committed: number
  aborted: number
  /** Markers of transactions that wrote nothing here, or began in a segment that is not there. */
  markersAlone: number
}

export interface PartitionTransactions {
  readonly partition: string
  readonly producers: readonly ProducerTotals[]
  readonly open: readonly OpenTransaction[]
  /** The largest timestamp seen: what the age of an open transaction is measured by. */
  readonly lastTimestamp: bigint
}

/** One partition's batches, in log order. Memory grows with the producers, not with their transactions. */
export class PartitionTransactionState {
  readonly #partition: string
  readonly #totals = new Map<bigint, ProducerTotals>()
  readonly #open = new Map<bigint, OpenTransaction>()
  #lastTimestamp = -1n

  constructor(partition: string) {
    this.#partition = partition
  }

  /** A transactional data batch. */
  onBatch(header: BatchHeader): void {
    const { producerId, producerEpoch, baseOffset, lastOffset, maxTimestamp } = header
    if (maxTimestamp > this.#lastTimestamp) this.#lastTimestamp = maxTimestamp
    if (!isTransactional(header) || isControl(header)) return
    const open = this.#open.get(producerId)
    this.#open.set(
      producerId,
      open === undefined
        ? {
            partition: this.#partition,
            producerId,
            producerEpoch,
            firstOffset: baseOffset,
            lastOffset,
            firstTimestamp: maxTimestamp,
          }
        : { ...open, lastOffset },
    )
  }

  onControlRecord({ header, record }: RecordInBatch): void {
    const type = controlType(record.key)
    if (!isTransactional(header) || (type !== ABORT && type !== COMMIT)) return
    const { producerId } = header
    const totals = this.#totals.get(producerId) ?? {
      producerId,
      committed: 0,
      aborted: 0,
      markersAlone: 0,
    }
    this.#totals.set(producerId, totals)
    if (!this.#open.delete(producerId)) totals.markersAlone++
    else if (type === ABORT) totals.aborted++
    else totals.committed++
  }

  summary(): PartitionTransactions {
    return {
      partition: this.#partition,
      producers: [...this.#totals.values()].sort((a, b) => Number(a.producerId - b.producerId)),
      open: [...this.#open.values()].sort((a, b) => Number(a.firstOffset - b.firstOffset)),
      lastTimestamp: this.#lastTimestamp,
    }
  }
}

/** The coordinator's last word on a transactional id. */
export interface TransactionalIdState {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly state: string
  readonly timeoutMs: number
  /** `topic-partition` */
  readonly partitions: readonly string[]
  readonly startTimestamp: bigint
  readonly lastUpdateTimestamp: bigint
}

const int = (value: Value | undefined): number => (typeof value === 'number' ? value : -1)
const long = (value: Value | undefined): bigint => (typeof value === 'bigint' ? value : -1n)

function partitionNames(value: Value | undefined): string[] {
  const topics = Array.isArray(value) ? (value as readonly Value[]).filter(isStruct) : []
  return topics.flatMap((entry) => {
    const { topic, partitionIds } = entry
    const ids = Array.isArray(partitionIds) ? (partitionIds as readonly Value[]) : []
    return typeof topic === 'string' ? ids.map((id) => `${topic}-${int(id)}`) : []
  })
}

/** `__transaction_state`, in log order. */
export class CoordinatorState {
  readonly #states = new Map<string, TransactionalIdState>()
  undecodable = 0

  apply({ record }: RecordInBatch): void {
    try {
      const { key, value } = decodeCoordinatorRecord('transaction-log', record)
      const transactionalId =
        typeof key['transactionalId'] === 'string' ? key['transactionalId'] : ''
      if (value === null) this.#states.delete(transactionalId)
      else
        this.#states.set(transactionalId, {
          transactionalId,
          producerId: long(value['producerId']),
          producerEpoch: int(value['producerEpoch']),
          state: TRANSACTION_STATES[int(value['transactionStatus'])] ?? 'unknown',
          timeoutMs: int(value['transactionTimeoutMs']),
          partitions: partitionNames(value['transactionPartitions']),
          startTimestamp: long(value['transactionStartTimestampMs']),
          lastUpdateTimestamp: long(value['transactionLastUpdateTimestampMs']),
        })
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      this.undecodable++
    }
  }

  /** By transactional id. */
  summary(): TransactionalIdState[] {
    return [...this.#states.values()].sort((a, b) =>
      a.transactionalId < b.transactionalId ? -1 : 1,
    )
  }
}

/**
 * What will become of an open transaction. `ongoing`: its coordinator has it, and times it out. `ending`: its markers
 * are being written. `hanging`: its coordinator does not have it, so that no marker will ever come and read_committed
 * consumers stop there (KIP-664). `unknown`: no record of its producer is in what was given of the coordinator's topic,
 * and that is not known to be all of it.
 */
export type OpenFate = 'ongoing' | 'ending' | 'hanging' | 'unknown'

/** `isWhole`: all of the coordinator's topic was given, undamaged. */
export function fateOf(
  { partition, producerId, producerEpoch }: OpenTransaction,
  ids: readonly TransactionalIdState[],
  isWhole: boolean,
): OpenFate {
  const owner = ids.find((id) => id.producerId === producerId)
  if (owner === undefined) return isWhole ? 'hanging' : 'unknown'
  const hasIt = owner.partitions.includes(partition) && owner.producerEpoch >= producerEpoch
  switch (owner.state) {
    case 'Ongoing':
      return hasIt ? 'ongoing' : 'hanging'
    case 'PrepareCommit':
    case 'PrepareAbort':
    case 'PrepareEpochFence':
      return hasIt ? 'ending' : 'hanging'
    default:
      return 'hanging'
  }
}
