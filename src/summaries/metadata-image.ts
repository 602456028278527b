/**
 * What `__cluster_metadata` adds up to (Kafka's MetadataImage): brokers, topics and partitions, configs, features,
 * quotas, access rules. Records between BEGIN_TRANSACTION and its end count only when it ends (KIP-868).
 */
import type { FramedRecord } from '../topics/framed-record.ts'
import type { Struct, Value } from '../topics/message-value.ts'
import { isStruct } from '../topics/message-value.ts'

export interface PartitionImage {
  readonly partition: number
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly eligibleLeaderReplicas: readonly number[]
  readonly lastKnownElr: readonly number[]
}

export interface TopicImage {
  readonly name: string
  readonly topicId: string
  readonly partitions: Map<number, PartitionImage>
}

export interface NodeImage {
  readonly id: number
  readonly epoch: bigint
  readonly rack: string | null
  readonly isFenced: boolean
  readonly inControlledShutdown: boolean
  readonly endPoints: readonly string[]
  readonly logDirs: readonly string[]
}

/** ConfigResource.Type, as far as it occurs. */
const RESOURCE_TYPES: Readonly<Partial<Record<number, string>>> = {
  2: 'topic',
  4: 'broker',
  8: 'broker-logger',
  16: 'client-metrics',
  32: 'group',
}
/** Names whose values a person would not want in a ticket. */
const SENSITIVE = /password|secret|jaas|credential|private\.?key|keystore\.key|token/i

const int = (value: Value | undefined): number => (typeof value === 'number' ? value : -1)
const long = (value: Value | undefined): bigint => (typeof value === 'bigint' ? value : -1n)
const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '')
const list = (value: Value | undefined): readonly Value[] =>
  Array.isArray(value) ? (value as readonly Value[]) : []
const ints = (value: Value | undefined): number[] => list(value).map(int)

/** `-2`: the leader stays (PartitionChangeRecord). */
const NO_LEADER_CHANGE = -2

function changed(before: PartitionImage, change: Struct): PartitionImage {
  const leader = change['leader'] === undefined ? NO_LEADER_CHANGE : int(change['leader'])
  const replace = (name: keyof PartitionImage, old: readonly number[]): readonly number[] =>
    Array.isArray(change[name]) ? ints(change[name]) : old
  return {
    partition: before.partition,
    leader: leader === NO_LEADER_CHANGE ? before.leader : leader,
    leaderEpoch: leader === NO_LEADER_CHANGE ? before.leaderEpoch : before.leaderEpoch + 1,
    partitionEpoch: before.partitionEpoch + 1,
    replicas: replace('replicas', before.replicas),
    isr: replace('isr', before.isr),
    removingReplicas: replace('removingReplicas', before.removingReplicas),
    addingReplicas: replace('addingReplicas', before.addingReplicas),
    eligibleLeaderReplicas: replace('eligibleLeaderReplicas', before.eligibleLeaderReplicas),
    lastKnownElr: replace('lastKnownElr', before.lastKnownElr),
  }
}

const endPointText = (value: Value): string =>
  isStruct(value) ? `${text(value['name'])}://${text(value['host'])}:${int(value['port'])}` : ''

function node(id: number, message: Struct): NodeImage {
  const { rack, fenced, inControlledShutdown } = message
  return {
    id,
    epoch: long(message['brokerEpoch']),
    rack: typeof rack === 'string' ? rack : null,
    isFenced: fenced === true,
    inControlledShutdown: inControlledShutdown === true,
    endPoints: list(message['endPoints']).map(endPointText),
    logDirs: list(message['logDirs']).map(text),
  }
}

/** A quota's entity, as kafka-configs names it. */
const entityText = (entity: Value | undefined): string =>
  list(entity)
    .filter(isStruct)
    .map(({ entityType, entityName }) => `${text(entityType)}=${text(entityName) || '<default>'}`)
    .join(',')

export class MetadataImage {
  readonly brokers: Map<number, NodeImage> = new Map<number, NodeImage>()
  readonly controllers: Map<number, NodeImage> = new Map<number, NodeImage>()
  /** By topic id. */
  readonly topics: Map<string, TopicImage> = new Map<string, TopicImage>()
  /** By resource, e.g. `topic orders`. */
  readonly configs: Map<string, Map<string, string>> = new Map<string, Map<string, string>>()
  readonly features: Map<string, number> = new Map<string, number>()
  /** By entity and key. */
  readonly quotas: Map<string, Value> = new Map<string, Value>()
  readonly accessRules: Map<string, Struct> = new Map<string, Struct>()
  readonly scramUsers: Set<string> = new Set<string>()
  delegationTokens = 0
  undecodable = 0
  #pending: FramedRecord[] | null = null

  /** Takes records in log order. */
  apply(record: FramedRecord): void {
    switch (record.apiKey) {
      case 23:
        this.#pending = []
        return
      case 24: {
        const pending = this.#pending ?? []
        this.#pending = null
        for (const held of pending) this.#replay(held)
        return
      }
      case 25:
        this.#pending = null
        return
      default:
        if (this.#pending === null) this.#replay(record)
        else this.#pending.push(record)
    }
  }

  /** Whether a transaction of the controller is open at the end. */
  get hasOpenTransaction(): boolean {
    return this.#pending !== null
  }

  #replay({ apiKey, message }: FramedRecord): void {
    if (apiKey === 2 || apiKey === 3 || apiKey === 5 || apiKey === 9 || apiKey === 28)
      this.#replayTopic(apiKey, message)
    else if (apiKey === 4) this.#config(message)
    else if (apiKey === 0 || apiKey === 1 || apiKey === 7 || apiKey === 8 || apiKey === 17)
      this.#replayBroker(apiKey, message)
    else this.#replayOther(apiKey, message)
  }

  #replayTopic(apiKey: number, message: Struct): void {
    const topicId = text(message['topicId'])
    const topic = this.topics.get(topicId)
    const partition = int(message['partitionId'])
    switch (apiKey) {
      case 2:
        this.topics.set(topicId, { name: text(message['name']), topicId, partitions: new Map() })
        break
      case 3:
        topic?.partitions.set(partition, {
          partition,
          leader: int(message['leader']),
          leaderEpoch: int(message['leaderEpoch']),
          partitionEpoch: int(message['partitionEpoch']),
          replicas: ints(message['replicas']),
          isr: ints(message['isr']),
          removingReplicas: ints(message['removingReplicas']),
          addingReplicas: ints(message['addingReplicas']),
          eligibleLeaderReplicas: ints(message['eligibleLeaderReplicas']),
          lastKnownElr: ints(message['lastKnownElr']),
        })
        break
      case 5: {
        const before = topic?.partitions.get(partition)
        if (before !== undefined) topic?.partitions.set(partition, changed(before, message))
        break
      }
      case 9:
        if (topic !== undefined) this.configs.delete(`topic ${topic.name}`)
        this.topics.delete(topicId)
        break
      default:
        this.#clearElr(text(message['topicName']))
    }
  }

  /** An empty name stands for all topics. */
  #clearElr(name: string): void {
    for (const topic of this.topics.values())
      if (name === '' || topic.name === name)
        for (const [id, partition] of topic.partitions)
          topic.partitions.set(id, { ...partition, eligibleLeaderReplicas: [], lastKnownElr: [] })
  }

  #config(message: Struct): void {
    const type = int(message['resourceType'])
    const name = text(message['resourceName'])
    const resource = `${RESOURCE_TYPES[type] ?? `type ${type}`} ${name === '' ? '<default>' : name}`
    const entries = this.configs.get(resource) ?? new Map<string, string>()
    const { value } = message
    if (typeof value === 'string') entries.set(text(message['name']), value)
    else entries.delete(text(message['name']))
    if (entries.size > 0) this.configs.set(resource, entries)
    else this.configs.delete(resource)
  }

  #replayBroker(apiKey: number, message: Struct): void {
    const id = int(message['brokerId'] ?? message['id'])
    if (apiKey === 0) {
      this.brokers.set(id, node(id, message))
      return
    }
    if (apiKey === 1) {
      this.brokers.delete(id)
      return
    }
    const before = this.brokers.get(id)
    if (before === undefined) return
    // FENCE and UNFENCE are older spellings of the change record's 1 and -1.
    const fencing = apiKey === 7 ? 1 : apiKey === 8 ? -1 : int(message['fenced'] ?? 0)
    const stopping = int(message['inControlledShutdown'] ?? 0)
    const { logDirs } = message
    this.brokers.set(id, {
      ...before,
      isFenced: fencing === 0 ? before.isFenced : fencing > 0,
      inControlledShutdown: stopping === 0 ? before.inControlledShutdown : stopping > 0,
      logDirs: Array.isArray(logDirs) ? list(logDirs).map(text) : before.logDirs,
    })
  }

  #replayOther(apiKey: number, message: Struct): void {
    switch (apiKey) {
      case 10:
        this.delegationTokens++
        break
      case 26:
        this.delegationTokens--
        break
      case 11:
        this.scramUsers.add(text(message['name']))
        break
      case 22:
        this.scramUsers.delete(text(message['name']))
        break
      case 12: {
        const level = int(message['featureLevel'])
        if (level === 0) this.features.delete(text(message['name']))
        else this.features.set(text(message['name']), level)
        break
      }
      case 14: {
        const quota = `${entityText(message['entity'])} ${text(message['key'])}`
        if (message['remove'] === true) this.quotas.delete(quota)
        else this.quotas.set(quota, message['value'] ?? null)
        break
      }
      case 18:
        this.accessRules.set(text(message['id']), message)
        break
      case 19:
        this.accessRules.delete(text(message['id']))
        break
      case 27: {
        const id = int(message['controllerId'])
        this.controllers.set(id, node(id, message))
        break
      }
      default:
    }
  }
}

/** A config's value, hidden where its name says that it is nobody's business. */
export const shownConfig = (name: string, value: string, showSecrets: boolean): string =>
  SENSITIVE.test(name) && !showSecrets ? '(redacted)' : value
