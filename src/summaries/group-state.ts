/**
 * What `__consumer_offsets` adds up to: each group, and the offsets it has committed. A transaction's offsets count
 * from its COMMIT marker on (KIP-98), and of two commits the later record wins.
 */
import { isControl, isTransactional } from '../segment/record-batch.ts'
import type {
  Outcome as TransactionOutcome,
  TransactionOutcomes,
} from '../dump/transaction-outcomes.ts'
import { decodeCoordinatorRecord } from '../topics/coordinator-record.ts'
import type { CoordinatorRecord } from '../topics/coordinator-record.ts'
import { MessageError } from '../topics/decode-message.ts'
import type { Struct, Value } from '../topics/message-value.ts'
import type { Group, GroupSummary, GroupType } from './group-summary.ts'
import { summarizeGroup } from './group-summary.ts'
import type { RecordInBatch } from './read-records.ts'

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '')
const textOrNull = (value: Value | undefined): string | null => (value == null ? null : text(value))
const int = (value: Value | undefined): number => (typeof value === 'number' ? value : -1)
const long = (value: Value | undefined): bigint => (typeof value === 'bigint' ? value : -1n)

/** Record types that tell of a group's epochs and of its members, by the kind of the group. */
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
/** Of consumer groups alone: the state of the others is not told by these. */
const ASSIGNMENT_EPOCH_TYPE = 6
const CURRENT_ASSIGNMENT_TYPE = 8
/** MemberState.STABLE. */
const SETTLED = 0

export class GroupState {
  readonly #groups = new Map<string, Group>()
  /** Records that no table could read. */
  undecodable = 0

  #group(name: string): Group {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const group: Group = {
      type: null,
      epoch: null,
      assignmentEpoch: -1,
      members: new Map(),
      offsets: new Map(),
      pending: new Map(),
    }
    this.#groups.set(name, group)
    return group
  }

  /** Takes a record in log order; `outcomes` are those of its partition. */
  apply({ header, record }: RecordInBatch, outcomes: TransactionOutcomes): void {
    if (isControl(header)) return
    let decoded: CoordinatorRecord
    try {
      decoded = decodeCoordinatorRecord('offsets', record)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      this.undecodable++
      return
    }
    const outcome = isTransactional(header)
      ? outcomes.outcomeOf(header.producerId, record.offset)
      : 'committed'
    this.#apply(decoded, record.offset, outcome)
  }

  #apply(
    { type, key, value }: CoordinatorRecord,
    recordOffset: bigint,
    outcome: TransactionOutcome,
  ): void {
    if (type <= 1) this.#commit(key, value, recordOffset, outcome)
    else if (outcome !== 'committed') return
    else if (type === 2) this.#classic(text(key['group']), value)
    else {
      const [epochOf, memberOf] = [EPOCH_TYPES.get(type), MEMBER_TYPES.get(type)]
      const name = text(key['groupId'])
      if (epochOf !== undefined) this.#epoch(name, epochOf, value)
      else if (memberOf !== undefined) this.#member(name, memberOf, text(key['memberId']), value)
      else if (type === ASSIGNMENT_EPOCH_TYPE)
        this.#group(name).assignmentEpoch = int(value?.['assignmentEpoch'])
      else if (type === CURRENT_ASSIGNMENT_TYPE)
        this.#assignment(name, text(key['memberId']), value)
    }
  }

  /** Any offset, also of an aborted transaction, makes the group (OffsetMetadataManager.replay). */
  #commit(
    key: Struct,
    value: Struct | null,
    recordOffset: bigint,
    outcome: TransactionOutcome,
  ): void {
    const group = this.#group(text(key['group']))
    const [topic, partition] = [text(key['topic']), int(key['partition'])]
    const place = `${topic}-${partition}`
    if (value === null) {
      if (outcome === 'committed') group.offsets.delete(place)
      return
    }
    group.type ??= 'classic'
    if (outcome === 'aborted') return
    const offsets = outcome === 'open' ? group.pending : group.offsets
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
    const members = value['members'] as readonly Struct[]
    group.type = 'classic'
    group.epoch = int(value['generation'])
    group.members.clear()
    for (const member of members)
      this.#join(group, text(member['memberId']), member, member['groupInstanceId'])
  }

  #epoch(name: string, type: GroupType, value: Struct | null): void {
    const group = this.#group(name)
    if (value === null) {
      if (group.type === type) this.#forget(group)
      return
    }
    this.#become(group, type)
    group.epoch = int(value['epoch'])
  }

  #member(name: string, type: GroupType, memberId: string, value: Struct | null): void {
    const group = this.#group(name)
    if (value === null) group.members.delete(memberId)
    else {
      this.#become(group, type)
      this.#join(group, memberId, value, value['instanceId'])
    }
  }

  #assignment(name: string, memberId: string, value: Struct | null): void {
    const { members } = this.#group(name)
    const member = members.get(memberId)
    if (member !== undefined)
      members.set(memberId, {
        ...member,
        memberEpoch: int(value?.['memberEpoch']),
        isSettled: value?.['state'] === SETTLED,
      })
  }

  #join(group: Group, memberId: string, value: Struct, instanceId: Value | undefined): void {
    const { memberEpoch = -1, isSettled = false } = group.members.get(memberId) ?? {}
    group.members.set(memberId, {
      memberId,
      groupInstanceId: textOrNull(instanceId),
      clientId: text(value['clientId']),
      clientHost: text(value['clientHost']),
      memberEpoch,
      isSettled,
    })
  }

  #become(group: Group, type: GroupType): void {
    if (group.type !== type) group.members.clear()
    group.type = type
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
      .map(([name, group]) => summarizeGroup(name, group))
  }
}
