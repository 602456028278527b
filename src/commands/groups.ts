/** `kmend groups`: the committed offsets of each group, from `__consumer_offsets`. */
import { TransactionOutcomes, collectOutcomes } from '../dump/transaction-outcomes.ts'
import { INTERNAL_TOPICS } from '../topics/internal-topics.ts'
import { toJson } from '../recover/report-json.ts'
import { GroupState } from '../summaries/group-state.ts'
import type { CommittedOffset, GroupSummary } from '../summaries/group-summary.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { parseTime } from './dump-arguments.ts'
import { createSummaryReader, damageNote, logsByPartition, logsOfTopic } from './summary-inputs.ts'
import { isoTime, printable, table } from './table.ts'
import { counted } from '../words/words.ts'

export interface GroupsArguments extends CommonArguments {
  readonly atTime?: string | undefined
}

/** Returns the exit code. */
export async function groups(args: GroupsArguments, terminal: Terminal): Promise<number> {
  const atTime = parseTime('at-time', args.atTime)
  const partitions = logsOfTopic(logsByPartition(args.paths), INTERNAL_TOPICS.offsets)
  const reader = createSummaryReader(args, terminal)
  const state = new GroupState()
  for (const { files } of partitions) {
    const outcomes = new TransactionOutcomes()
    for (const file of files)
      await reader.walk(file, (window) =>
        collectOutcomes(window, outcomes, { ...reader.options, untilTime: atTime }),
      )
    for (const file of files)
      await reader.read(file, (item) => {
        if (atTime === null || item.record.timestamp <= atTime) state.apply(item, outcomes)
      })
  }
  const summary = state.summary()
  const note = damageNote(reader.damage)
  if (args.json)
    terminal.stdout.write(
      `${toJson({ groups: summary, atTime, undecodableRecords: state.undecodable, damagedPlaces: reader.damage.places }, 2)}\n`,
    )
  else if (!args.quiet) {
    terminal.stdout.write(summary.map(groupText).join('\n'))
    if (summary.length === 0) terminal.stdout.write('no groups\n')
    if (state.undecodable > 0)
      terminal.stdout.write(
        `\n${counted(state.undecodable, 'record')} of a kind that is not known\n`,
      )
    if (note !== null) terminal.stdout.write(`\n${note}\n`)
  }
  return 0
}

function groupText({ group, type, state, epoch, members, ...rest }: GroupSummary): string {
  const kind =
    type === null
      ? 'deleted, but for these offsets'
      : [type, state, epoch === null ? null : `epoch ${epoch}`, `${members.length} members`]
          .filter((part) => part !== null)
          .join(', ')
  const lines = members.map(
    ({ memberId, clientId, clientHost, groupInstanceId }) =>
      `  ${printable(`member ${memberId}  client ${clientId} at ${clientHost}${groupInstanceId === null ? '' : `, instance ${groupInstanceId}`}`)}\n`,
  )
  const pending =
    rest.pendingOffsets.length === 0
      ? ''
      : `  in transactions that are open, not committed yet\n${offsetTable(rest.pendingOffsets)}`
  const offsets = rest.offsets.length === 0 ? '  no committed offsets\n' : offsetTable(rest.offsets)
  return `group ${printable(group)}  (${kind})\n${lines.join('')}${offsets}${pending}`
}

function offsetTable(offsets: readonly CommittedOffset[]): string {
  const rows = offsets.map((entry) => [
    entry.topic,
    entry.partition.toString(),
    entry.offset.toString(),
    entry.leaderEpoch < 0 ? '-' : entry.leaderEpoch.toString(),
    isoTime(entry.commitTimestamp),
    entry.metadata,
  ])
  const heading = ['TOPIC', 'PARTITION', 'OFFSET', 'LEADER-EPOCH', 'COMMITTED', 'METADATA']
  return table([heading, ...rows])
}
