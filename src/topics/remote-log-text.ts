/** Remote log metadata in the words of its Java classes' toString, which is what kafka-dump-log prints. */
import type { FramedRecord } from './framed-record.ts'
import type { Struct, Value } from './message-value.ts'
import { isStruct } from './message-value.ts'
import { PARTITION_DELETE_STATES, SEGMENT_STATES } from './remote-log-tables.ts'

const plain = (value: Value | undefined): string =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
    ? value.toString()
    : typeof value === 'string'
      ? value
      : 'null'

const stateText = (states: readonly string[], value: Value | undefined): string =>
  (typeof value === 'number' ? states[value] : undefined) ?? `state ${plain(value)}`

function partitionText(value: Value | undefined): string {
  if (!isStruct(value)) return 'null'
  return `${plain(value['id'])}:${plain(value['name'])}-${plain(value['partition'])}`
}

function segmentIdText(value: Value | undefined): string {
  if (!isStruct(value)) return 'null'
  return `RemoteLogSegmentId{topicIdPartition=${partitionText(value['topicIdPartition'])}, id=${plain(value['id'])}}`
}

function epochsText(value: Value | undefined): string {
  const entries = Array.isArray(value) ? (value as readonly Value[]).filter(isStruct) : []
  const sorted = [...entries].sort((a, b) => Number(a['leaderEpoch']) - Number(b['leaderEpoch']))
  const pairs = sorted.map((entry) => `${plain(entry['leaderEpoch'])}=${plain(entry['offset'])}`)
  return `{${pairs.join(', ')}}`
}

const customText = (value: Value | undefined): string =>
  value instanceof Uint8Array ? `Optional[CustomMetadata{${value.length} bytes}]` : 'Optional.empty'

const FIELDS = (message: Struct): Readonly<Record<string, string>> => ({
  segmentLeaderEpochs: epochsText(message['segmentLeaderEpochs']),
  customMetadata: customText(message['customMetadata']),
  state: stateText(SEGMENT_STATES, message['remoteLogSegmentState']),
  remoteLogSegmentId: segmentIdText(message['remoteLogSegmentId']),
  topicPartition: partitionText(message['topicIdPartition']),
})

/** Class name, and its fields in the order of its toString. */
const SHAPES: ReadonlyMap<number, readonly [string, readonly string[]]> = new Map([
  [
    0,
    [
      'RemoteLogSegmentMetadata',
      [
        'remoteLogSegmentId',
        'startOffset',
        'endOffset',
        'brokerId',
        'maxTimestampMs',
        'eventTimestampMs',
        'segmentLeaderEpochs',
        'segmentSizeInBytes',
        'customMetadata',
        'state',
        'txnIdxEmpty',
      ],
    ],
  ],
  [
    1,
    [
      'RemoteLogSegmentMetadataUpdate',
      ['remoteLogSegmentId', 'customMetadata', 'state', 'eventTimestampMs', 'brokerId'],
    ],
  ],
  [
    2,
    ['RemotePartitionDeleteMetadata', ['topicPartition', 'state', 'eventTimestampMs', 'brokerId']],
  ],
  [
    3,
    [
      'RemoteLogSegmentMetadataSnapshot',
      [
        'segmentId',
        'startOffset',
        'endOffset',
        'maxTimestampMs',
        'segmentLeaderEpochs',
        'segmentSizeInBytes',
        'customMetadata',
        'state',
        'txnIdxEmpty',
      ],
    ],
  ],
])

export function remoteLogText({ apiKey, message }: FramedRecord): string {
  const [name, fields] = SHAPES.get(apiKey) ?? ['', []]
  const special: Readonly<Record<string, string>> = {
    ...FIELDS(message),
    ...(apiKey === 2
      ? { state: stateText(PARTITION_DELETE_STATES, message['remotePartitionDeleteState']) }
      : {}),
    txnIdxEmpty: plain(message['txnIndexEmpty'] ?? false),
  }
  const texts = fields.map((field) => `${field}=${special[field] ?? plain(message[field])}`)
  return `${name}{${texts.join(', ')}}`
}
