/**
 * Record types of `__cluster_metadata` and of KRaft snapshots, by apiKey, after Kafka's metadata schemas. All are
 * flexible. Credentials are marked secret.
 */
import type { MessageSchema } from './message-schema.ts'
import { defineMessage } from './message-schema.ts'

const define = (name: string, notation: string, versions = '0'): MessageSchema =>
  defineMessage(name, versions, 0, notation)

const ENDPOINTS_AND_FEATURES = `
  endPoints []
    name string
    host string
    port uint16
    securityProtocol int16
  features []
    name string
    minSupportedVersion int16
    maxSupportedVersion int16`

const ID_AND_EPOCH = `
  id int32
  epoch int64
`

const BROKER_TABLES: readonly (readonly [number, MessageSchema])[] = [
  [
    0,
    define(
      'REGISTER_BROKER_RECORD',
      `
  brokerId int32
  isMigratingZkBroker bool 2+
  incarnationId uuid
  brokerEpoch int64${ENDPOINTS_AND_FEATURES}
  rack string null
  fenced bool
  inControlledShutdown bool 1+
  logDirs []uuid 3+ tag 0 default []
`,
      '0-3',
    ),
  ],
  [
    1,
    define(
      'UNREGISTER_BROKER_RECORD',
      `
  brokerId int32
  brokerEpoch int64
`,
    ),
  ],
  [7, define('FENCE_BROKER_RECORD', ID_AND_EPOCH)],
  [8, define('UNFENCE_BROKER_RECORD', ID_AND_EPOCH)],
  [
    15,
    define(
      'PRODUCER_IDS_RECORD',
      `
  brokerId int32
  brokerEpoch int64
  nextProducerId int64
`,
    ),
  ],
  [
    17,
    define(
      'BROKER_REGISTRATION_CHANGE_RECORD',
      `
  brokerId int32
  brokerEpoch int64
  fenced int8 tag 0 default 0
  inControlledShutdown int8 1+ tag 1 default 0
  logDirs []uuid 2+ tag 2 default []
`,
      '0-2',
    ),
  ],
  [
    27,
    define(
      'REGISTER_CONTROLLER_RECORD',
      `
  controllerId int32
  incarnationId uuid
  zkMigrationReady bool${ENDPOINTS_AND_FEATURES}
`,
    ),
  ],
]

const TOPIC_TABLES: readonly (readonly [number, MessageSchema])[] = [
  [
    2,
    define(
      'TOPIC_RECORD',
      `
  name string
  topicId uuid
`,
    ),
  ],
  [
    3,
    define(
      'PARTITION_RECORD',
      `
  partitionId int32
  topicId uuid
  replicas []int32
  isr []int32
  removingReplicas []int32
  addingReplicas []int32
  leader int32
  leaderRecoveryState int8 tag 0 default 0
  leaderEpoch int32
  partitionEpoch int32
  directories []uuid 1+
  eligibleLeaderReplicas []int32 2+ null 2+ tag 1 default null
  lastKnownElr []int32 2+ null 2+ tag 2 default null
`,
      '0-2',
    ),
  ],
  [
    5,
    define(
      'PARTITION_CHANGE_RECORD',
      `
  partitionId int32
  topicId uuid
  isr []int32 null tag 0 default null
  leader int32 tag 1 default -2
  replicas []int32 null tag 2 default null
  removingReplicas []int32 null tag 3 default null
  addingReplicas []int32 null tag 4 default null
  leaderRecoveryState int8 tag 5 default -1
  directories []uuid 1+ null 1+ tag 8 default null
  eligibleLeaderReplicas []int32 2+ null 2+ tag 6 default null
  lastKnownElr []int32 2+ null 2+ tag 7 default null
`,
      '0-2',
    ),
  ],
  [9, define('REMOVE_TOPIC_RECORD', 'topicId uuid')],
  [28, define('CLEAR_ELR_RECORD', 'topicName string')],
]

const SECURITY_TABLES: readonly (readonly [number, MessageSchema])[] = [
  [
    10,
    define(
      'DELEGATION_TOKEN_RECORD',
      `
  owner string
  requester string
  renewers []string
  issueTimestamp int64
  maxTimestamp int64
  expirationTimestamp int64
  tokenId string secret
`,
    ),
  ],
  [26, define('REMOVE_DELEGATION_TOKEN_RECORD', 'tokenId string secret')],
  [
    11,
    define(
      'USER_SCRAM_CREDENTIAL_RECORD',
      `
  name string
  mechanism int8
  salt bytes secret
  storedKey bytes secret
  serverKey bytes secret
  iterations int32
`,
    ),
  ],
  [
    22,
    define(
      'REMOVE_USER_SCRAM_CREDENTIAL_RECORD',
      `
  name string
  mechanism int8
`,
    ),
  ],
  [
    18,
    define(
      'ACCESS_CONTROL_ENTRY_RECORD',
      `
  id uuid
  resourceType int8
  resourceName string
  patternType int8
  principal string
  host string
  operation int8
  permissionType int8
`,
    ),
  ],
  [19, define('REMOVE_ACCESS_CONTROL_ENTRY_RECORD', 'id uuid')],
]

const CONTROL_TABLES: readonly (readonly [number, MessageSchema])[] = [
  [
    4,
    define(
      'CONFIG_RECORD',
      `
  resourceType int8
  resourceName string
  name string
  value string null
`,
    ),
  ],
  [
    12,
    define(
      'FEATURE_LEVEL_RECORD',
      `
  name string
  featureLevel int16
`,
    ),
  ],
  [
    14,
    define(
      'CLIENT_QUOTA_RECORD',
      `
  entity []
    entityType string
    entityName string null
  key string
  value float64
  remove bool
`,
    ),
  ],
  [20, define('NO_OP_RECORD', '')],
  [21, define('ZK_MIGRATION_STATE_RECORD', 'zkMigrationState int8')],
  [23, define('BEGIN_TRANSACTION_RECORD', 'name string null tag 0 default null')],
  [24, define('END_TRANSACTION_RECORD', '')],
  [25, define('ABORT_TRANSACTION_RECORD', 'reason string null tag 0 default null')],
]

export const CLUSTER_METADATA_TABLES: ReadonlyMap<number, MessageSchema> = new Map([
  ...BROKER_TABLES,
  ...TOPIC_TABLES,
  ...SECURITY_TABLES,
  ...CONTROL_TABLES,
])
