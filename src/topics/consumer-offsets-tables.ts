/**
 * Record types of `__consumer_offsets`, after Kafka's group-coordinator schemas: offsets, classic groups, consumer
 * groups (KIP-848) and share groups (KIP-932). Streams groups are in streams-group-tables.ts.
 */
import type { MessageSchema } from './message-schema.ts'
import { defineMessage } from './message-schema.ts'

/** Key and value of one record type. Keys have one version and are never flexible. */
export interface RecordTables {
  readonly key: MessageSchema
  readonly value: MessageSchema
}

const KEY_OF_GROUP = 'groupId string'
const KEY_OF_MEMBER = `
  groupId string
  memberId string
`
const KEY_OF_OFFSET = `
  group string
  topic string
  partition int32
`

export const recordTables = (
  name: string,
  key: string,
  value: string,
  versions = '0',
  flexibleFrom = 0,
): RecordTables => ({
  key: defineMessage(`${name}Key`, '0', null, key),
  value: defineMessage(`${name}Value`, versions, flexibleFrom, value),
})

const OFFSET_COMMIT_VALUE = `
  offset int64
  leaderEpoch int32 3+ default -1
  metadata string
  commitTimestamp int64
  expireTimestamp int64 1 default -1
  topicId uuid 4+ tag 0 default AAAAAAAAAAAAAAAAAAAAAA
`

const GROUP_METADATA_VALUE = `
  protocolType string
  generation int32
  protocol string null
  leader string null
  currentStateTimestamp int64 2+ default -1
  members []
    memberId string
    groupInstanceId string 3+ null 3+
    clientId string
    clientHost string
    rebalanceTimeout int32 1+
    sessionTimeout int32
    subscription bytes
    assignment bytes
`

const CONSUMER_MEMBER_VALUE = `
  instanceId string null
  rackId string null
  clientId string
  clientHost string
  subscribedTopicNames []string
  subscribedTopicRegex string null
  rebalanceTimeoutMs int32
  serverAssignor string null
  classicMemberMetadata {} null tag 0
    sessionTimeoutMs int32
    supportedProtocols []
      name string
      metadata bytes
`

const PARTITION_METADATA_VALUE = `
  topics []
    topicId uuid
    topicName string
    numPartitions int32
    partitionMetadata []
      partition int32
      racks []string
`

const TARGET_MEMBER_VALUE = `
  topicPartitions []
    topicId uuid
    partitions []int32
`

const EPOCH_VALUE = 'assignmentEpoch int32'

const SHARE_STATE_VALUE = `
  initializingTopics []
    topicId uuid
    topicName string
    partitions []int32
  initializedTopics []
    topicId uuid
    topicName string
    partitions []int32
  deletingTopics []
    topicId uuid
    topicName string
`

/** By record type, the first field of the key. */
export const CONSUMER_OFFSETS_TABLES: ReadonlyMap<number, RecordTables> = new Map([
  [0, recordTables('OffsetCommit', KEY_OF_OFFSET, OFFSET_COMMIT_VALUE, '0-4', 4)],
  [1, recordTables('OffsetCommit', KEY_OF_OFFSET, OFFSET_COMMIT_VALUE, '0-4', 4)],
  [2, recordTables('GroupMetadata', 'group string', GROUP_METADATA_VALUE, '0-4', 4)],
  [
    3,
    recordTables(
      'ConsumerGroupMetadata',
      KEY_OF_GROUP,
      `
      epoch int32
      metadataHash int64 tag 0 default 0
      `,
    ),
  ],
  [4, recordTables('ConsumerGroupPartitionMetadata', KEY_OF_GROUP, PARTITION_METADATA_VALUE)],
  [5, recordTables('ConsumerGroupMemberMetadata', KEY_OF_MEMBER, CONSUMER_MEMBER_VALUE)],
  [6, recordTables('ConsumerGroupTargetAssignmentMetadata', KEY_OF_GROUP, EPOCH_VALUE)],
  [7, recordTables('ConsumerGroupTargetAssignmentMember', KEY_OF_MEMBER, TARGET_MEMBER_VALUE)],
  [
    8,
    recordTables(
      'ConsumerGroupCurrentMemberAssignment',
      KEY_OF_MEMBER,
      `
      memberEpoch int32
      previousMemberEpoch int32
      state int8
      assignedPartitions []
        topicId uuid
        partitions []int32
      partitionsPendingRevocation []
        topicId uuid
        partitions []int32
      `,
    ),
  ],
  [
    10,
    recordTables(
      'ShareGroupMemberMetadata',
      KEY_OF_MEMBER,
      `
      rackId string null
      clientId string
      clientHost string
      subscribedTopicNames []string
      `,
    ),
  ],
  [
    11,
    recordTables(
      'ShareGroupMetadata',
      KEY_OF_GROUP,
      `
      epoch int32
      metadataHash int64
      `,
    ),
  ],
  [12, recordTables('ShareGroupTargetAssignmentMetadata', KEY_OF_GROUP, EPOCH_VALUE)],
  [13, recordTables('ShareGroupTargetAssignmentMember', KEY_OF_MEMBER, TARGET_MEMBER_VALUE)],
  [
    14,
    recordTables(
      'ShareGroupCurrentMemberAssignment',
      KEY_OF_MEMBER,
      `
      memberEpoch int32
      previousMemberEpoch int32
      state int8
      assignedPartitions []
        topicId uuid
        partitions []int32
      `,
    ),
  ],
  [15, recordTables('ShareGroupStatePartitionMetadata', KEY_OF_GROUP, SHARE_STATE_VALUE)],
  [
    16,
    recordTables(
      'ConsumerGroupRegularExpression',
      `
      groupId string
      regularExpression string
      `,
      `
      topics []string
      version int64
      timestamp int64
      `,
    ),
  ],
])

/** What a classic consumer sends within GroupMetadataValue: `subscription` and `assignment` (ConsumerProtocol). */
export const CONSUMER_PROTOCOL_SUBSCRIPTION: MessageSchema = defineMessage(
  'ConsumerProtocolSubscription',
  '0-3',
  null,
  `
  topics []string
  userData bytes null
  ownedPartitions [] 1+
    topic string
    partitions []int32
  generationId int32 2+
  rackId string 3+ null 3+
  `,
)

export const CONSUMER_PROTOCOL_ASSIGNMENT: MessageSchema = defineMessage(
  'ConsumerProtocolAssignment',
  '0-3',
  null,
  `
  assignedPartitions []
    topic string
    partitions []int32
  userData bytes null
  `,
)
