/** Record types of `__transaction_state` and `__share_group_state`, by the first field of the key. */
import type { RecordTables } from './consumer-offsets-tables.ts'
import { recordTables } from './consumer-offsets-tables.ts'

const TRANSACTION_VALUE = `
  producerId int64
  previousProducerId int64 1+ tag 0 default -1
  nextProducerId int64 1+ tag 1 default -1
  producerEpoch int16
  nextProducerEpoch int16 1+ tag 3 default -1
  transactionTimeoutMs int32
  transactionStatus int8
  transactionPartitions [] null
    topic string
    partitionIds []int32
  transactionLastUpdateTimestampMs int64
  transactionStartTimestampMs int64
  clientTransactionVersion int16 1+ tag 2 default 0
`

export const TRANSACTION_STATE_TABLES: ReadonlyMap<number, RecordTables> = new Map([
  [0, recordTables('TransactionLog', 'transactionalId string', TRANSACTION_VALUE, '0-1', 1)],
])

/** TransactionState, by the number that `transactionStatus` holds. */
export const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const
export type TransactionState = (typeof TRANSACTION_STATES)[number]

const SHARE_KEY = `
  groupId string
  topicId uuid
  partition int32
`

const STATE_BATCHES = `
  stateBatches []
    firstOffset int64
    lastOffset int64
    deliveryState int8
    deliveryCount int16`

export const SHARE_GROUP_STATE_TABLES: ReadonlyMap<number, RecordTables> = new Map([
  [
    0,
    recordTables(
      'ShareSnapshot',
      SHARE_KEY,
      `
  snapshotEpoch int32
  stateEpoch int32
  leaderEpoch int32
  startOffset int64
  createTimestamp int64
  writeTimestamp int64${STATE_BATCHES}
`,
    ),
  ],
  [
    1,
    recordTables(
      'ShareUpdate',
      SHARE_KEY,
      `
  snapshotEpoch int32
  leaderEpoch int32
  startOffset int64${STATE_BATCHES}
`,
    ),
  ],
])
