/**
 * What `__consumer_offsets` adds up to: each group, and the offsets it has committed. A transaction's offsets count
 * from its COMMIT marker on (KIP-98), and of two commits the later record wins.
 */
import { isTransactional } from '../segment/record-batch.ts'
import type { TransactionOutcomes } from '../dump/transaction-outcomes.ts'
import { decodeCoordinatorRecord } from '../topics/coordinator-record.ts'
import type { CoordinatorRecord } from '../topics/coordinator-record.ts'
import { MessageError } from '../topics/decode-message.ts'
import type { Struct, Value } from '../topics/message-value.ts'
import type { RecordInBatch } from './read-records.ts'

export type GroupType = 'classic' | 'consumer' | 'share' | 'streams'

export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** -1 where the client did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestamp: bigint
  /** Where in `__consumer_offsets` it is written. */
  readonly recordOffset: bigint
}

export interface GroupSummary {
  readonly group: string
  /** Null for a group that only committed offsets, without members the coordinator knew. */
  readonly type: GroupType | null
  /** The generation of a classic group, the epoch of the others. */
  readonly epoch: number | null
  readonly members: number
  readonly offsets: readonly CommittedOffset[]
}

interface Group {
  type: GroupType | null
  epoch: number | null
  readonly members: Set<string>
  readonly offsets: Map<string, CommittedOffset>
}

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '')
const int = (value: Value | undefined): number => (typeof value === 'number' ? value : -1)
const long = (value: Value | undefined): bigint => (typeof value === 'bigint' ? value : -1n)

/** Record types that tell of a group's epoch and of its members, by the kind of the group. */
const EPOCH_TYPES: ReadonlyMap<number, GroupType> = new Map([
  [3, 'consumer'],
  [11, 'share'],
  [17, 'streams'],
])
const MEMBER_TYPES: ReadonlyMap<number, GroupType> = new Map([
  [5, 'consumer'],
  [10, 'share'],
  [19, 'streams'],
])

export class GroupState {
  readonly #groups = new Map<string, Group>()
  /** Records that no table could read. */
  undecodable = 0

  #group(name: string): Group {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const group: Group = { type: null, epoch: null, members: new Set(), offsets: new Map() }
    this.#groups.set(name, group)
    return group
  }

  /** Takes a record in log order; `outcomes` are those of its partition. */
  apply({ header, record }: RecordInBatch, outcomes: TransactionOutcomes): void {
    if (
      isTransactional(header) &&
      outcomes.outcomeOf(header.producerId, record.offset) !== 'committed'
    )
      return
    let decoded: CoordinatorRecord
    try {
      decoded = decodeCoordinatorRecord('offsets', record)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      this.undecodable++
      return
    }
    this.#apply(decoded, record.offset)
  }

  #apply({ type, key, value }: CoordinatorRecord, recordOffset: bigint): void {
    if (type <= 1) this.#commit(key, value, recordOffset)
    else if (type === 2) this.#classic(text(key['group']), value)
    else {
      const [epochOf, memberOf] = [EPOCH_TYPES.get(type), MEMBER_TYPES.get(type)]
      const name = text(key['groupId'])
      if (epochOf !== undefined) this.#epoch(name, epochOf, value)
      else if (memberOf !== undefined) this.#member(name, memberOf, text(key['memberId']), value)
    }
  }

  #commit(key: Struct, value: Struct | null, recordOffset: bigint): void {
    const { offsets } = this.#group(text(key['group']))
    const [topic, partition] = [text(key['topic']), int(key['partition'])]
    const place = `${topic}-${partition}`
    if (value === null) offsets.delete(place)
    else
      offsets.set(place, {
        topic,
        partition,
        offset: long(value['offset']),
        leaderEpoch: int(value['leaderEpoch']),
        metadata: text(value['metadata']),
        commitTimestamp: long(value['commitTimestamp']),
        recordOffset,
      })
  }

  #classic(name: string, value: Struct | null): void {
    const group = this.#group(name)
    // A group that moves to the newer protocol leaves a tombstone of its classic self.
    if (value === null) {
      if (group.type === 'classic') this.#forget(group)
      return
    }
    const { members } = value
    group.type = 'classic'
    group.epoch = int(value['generation'])
    group.members.clear()
    const count = Array.isArray(members) ? members.length : 0
    for (let index = 0; index < count; index++) group.members.add(index.toString())
  }

  #epoch(name: string, type: GroupType, value: Struct | null): void {
    const group = this.#group(name)
    if (value === null) {
      if (group.type === type) this.#forget(group)
      return
    }
    if (group.type !== type) group.members.clear()
    group.type = type
    group.epoch = int(value['epoch'])
  }

  #member(name: string, type: GroupType, memberId: string, value: Struct | null): void {
    const group = this.#group(name)
    if (value === null) group.members.delete(memberId)
    else {
      if (group.type !== type) group.members.clear()
      group.type = type
      group.members.add(memberId)
    }
  }

  #forget(group: Group): void {
    group.type = null
    group.epoch = null
    group.members.clear()
  }

  /** Groups that still are or still have offsets, by name. */
  summary(): GroupSummary[] {
    return [...this.#groups]
      .filter(([, { type, offsets }]) => type !== null || offsets.size > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, { type, epoch, members, offsets }]) => ({
        group,
        type,
        epoch,
        members: members.size,
        offsets: [...offsets.values()].sort((a, b) =>
          a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
        ),
      }))
  }
}
