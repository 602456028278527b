/** What is told of a group, and how its state follows from what the log has of it. */

export type GroupType = 'classic' | 'consumer' | 'share' | 'streams'

/** GroupState of Kafka, as far as a log tells: a classic group's rebalance in progress is not written. */
export type GroupStateName = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

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

export interface GroupMember {
  readonly memberId: string
  /** Of a static member (KIP-345). */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
}

export interface GroupSummary {
  readonly group: string
  /**
   * As a coordinator would tell after loading the log: a group that only ever committed offsets is an empty classic
   * one. Null where the group itself was deleted and offsets of it are left.
   */
  readonly type: GroupType | null
  /** Null where the log does not tell it: of streams groups with members, and where type or epoch are missing. */
  readonly state: GroupStateName | null
  /** The generation of a classic group, the epoch of the others. */
  readonly epoch: number | null
  /** By member id. */
  readonly members: readonly GroupMember[]
  readonly offsets: readonly CommittedOffset[]
  /** Committed in transactions that are open: they count as soon as these are committed. */
  readonly pendingOffsets: readonly CommittedOffset[]
}

/** A member, with what tells whether it has what it is to have (ConsumerGroupMember.isReconciledTo). */
export interface Member extends GroupMember {
  readonly memberEpoch: number
  readonly isSettled: boolean
}

/** A group while its log is read. */
export interface Group {
  type: GroupType | null
  epoch: number | null
  assignmentEpoch: number
  readonly members: Map<string, Member>
  readonly offsets: Map<string, CommittedOffset>
  readonly pending: Map<string, CommittedOffset>
}

/** As ConsumerGroup.maybeUpdateGroupState and, for the others, by whether there are members. */
function stateOf({ type, epoch, assignmentEpoch, members }: Group): GroupStateName | null {
  if (type === null) return null
  if (members.size === 0) return 'Empty'
  if (type === 'classic' || type === 'share') return 'Stable'
  if (type === 'streams' || epoch === null) return null
  if (epoch > assignmentEpoch) return 'Assigning'
  const isReconciled = [...members.values()].every(
    ({ isSettled, memberEpoch }) => isSettled && memberEpoch === assignmentEpoch,
  )
  return isReconciled ? 'Stable' : 'Reconciling'
}

const inOrder = (offsets: ReadonlyMap<string, CommittedOffset>): CommittedOffset[] =>
  [...offsets.values()].sort((a, b) =>
    a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
  )

/** What is told of a group once its log has been read. */
export const summarizeGroup = (name: string, group: Group): GroupSummary => ({
  group: name,
  type: group.type,
  state: stateOf(group),
  epoch: group.epoch,
  members: [...group.members.values()]
    .map(({ memberId, groupInstanceId, clientId, clientHost }) => ({
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
    }))
    .sort((a, b) => (a.memberId < b.memberId ? -1 : 1)),
  offsets: inOrder(group.offsets),
  pendingOffsets: inOrder(group.pending),
})
