/** Record types of streams groups (KIP-1071) in `__consumer_offsets`, as released with 4.1. */
import type { RecordTables } from './consumer-offsets-tables.ts'
import { recordTables } from './consumer-offsets-tables.ts'

const KEY_OF_GROUP = 'groupId string'
const KEY_OF_MEMBER = `
  groupId string
  memberId string
`

const taskLists = (...names: string[]): string =>
  names
    .map(
      (name) => `
  ${name} []
    subtopologyId string
    partitions []int32`,
    )
    .join('')

const topicInfo = (name: string): string => `
    ${name} []
      name string
      partitions int32
      replicationFactor int16
      topicConfigs []
        key string
        value string`

const TOPOLOGY_VALUE = `
  epoch int32
  subtopologies []
    subtopologyId string
    sourceTopics []string
    sourceTopicRegex []string${topicInfo('stateChangelogTopics')}
    repartitionSinkTopics []string${topicInfo('repartitionSourceTopics')}
    copartitionGroups []
      sourceTopics []int16
      sourceTopicRegex []int16
      repartitionSourceTopics []int16
`

const MEMBER_VALUE = `
  instanceId string null
  rackId string null
  clientId string
  clientHost string
  rebalanceTimeoutMs int32
  topologyEpoch int32
  processId string
  userEndpoint {} null
    host string
    port uint16
  clientTags []
    key string
    value string
`

const METADATA_VALUE = `
  epoch int32
  metadataHash int64
`

const CURRENT_VALUE = `
  memberEpoch int32
  previousMemberEpoch int32
  state int8${taskLists(
    'activeTasks',
    'standbyTasks',
    'warmupTasks',
    'activeTasksPendingRevocation',
    'standbyTasksPendingRevocation',
    'warmupTasksPendingRevocation',
  )}
`

export const STREAMS_GROUP_TABLES: ReadonlyMap<number, RecordTables> = new Map([
  [17, recordTables('StreamsGroupMetadata', KEY_OF_GROUP, METADATA_VALUE)],
  [19, recordTables('StreamsGroupMemberMetadata', KEY_OF_MEMBER, MEMBER_VALUE)],
  [20, recordTables('StreamsGroupTargetAssignmentMetadata', KEY_OF_GROUP, 'assignmentEpoch int32')],
  [
    21,
    recordTables(
      'StreamsGroupTargetAssignmentMember',
      KEY_OF_MEMBER,
      taskLists('activeTasks', 'standbyTasks', 'warmupTasks'),
    ),
  ],
  [22, recordTables('StreamsGroupCurrentMemberAssignment', KEY_OF_MEMBER, CURRENT_VALUE)],
  [23, recordTables('StreamsGroupTopology', KEY_OF_GROUP, TOPOLOGY_VALUE)],
])
