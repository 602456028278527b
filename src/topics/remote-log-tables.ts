/** Record types of `__remote_log_metadata` (KIP-405), by apiKey. */
import type { MessageSchema } from './message-schema.ts'
import { defineMessage } from './message-schema.ts'

const PARTITION = `
  topicIdPartition {}
    name string
    id uuid
    partition int32`

const SEGMENT_ID = `
  remoteLogSegmentId {}
    topicIdPartition {}
      name string
      id uuid
      partition int32
    id uuid`

const SEGMENT = `
  startOffset int64
  endOffset int64
  brokerId int32
  maxTimestampMs int64
  eventTimestampMs int64
  segmentLeaderEpochs []
    leaderEpoch int32
    offset int64
  segmentSizeInBytes int32
  customMetadata bytes null
  remoteLogSegmentState int8
  txnIndexEmpty bool tag 0 default false`

export const REMOTE_LOG_METADATA_TABLES: ReadonlyMap<number, MessageSchema> = new Map([
  [0, defineMessage('RemoteLogSegmentMetadataRecord', '0', 0, `${SEGMENT_ID}${SEGMENT}`)],
  [
    1,
    defineMessage(
      'RemoteLogSegmentMetadataUpdateRecord',
      '0',
      0,
      `${SEGMENT_ID}
  brokerId int32
  eventTimestampMs int64
  customMetadata bytes null
  remoteLogSegmentState int8`,
    ),
  ],
  [
    2,
    defineMessage(
      'RemotePartitionDeleteMetadataRecord',
      '0',
      0,
      `${PARTITION}
  brokerId int32
  eventTimestampMs int64
  remotePartitionDeleteState int8`,
    ),
  ],
  [
    3,
    defineMessage(
      'RemoteLogSegmentMetadataSnapshotRecord',
      '0',
      0,
      `
  segmentId uuid${SEGMENT}`,
    ),
  ],
])

/** RemoteLogSegmentState and RemotePartitionDeleteState, by number. */
export const SEGMENT_STATES = [
  'COPY_SEGMENT_STARTED',
  'COPY_SEGMENT_FINISHED',
  'DELETE_SEGMENT_STARTED',
  'DELETE_SEGMENT_FINISHED',
] as const
export const PARTITION_DELETE_STATES = [
  'DELETE_PARTITION_MARKED',
  'DELETE_PARTITION_STARTED',
  'DELETE_PARTITION_FINISHED',
] as const
