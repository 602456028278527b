/** `kmend metadata`: brokers, topics, configs of a KRaft cluster, from `__cluster_metadata` and its snapshots. */
import { toJson } from '../recover/report-json.ts'
import type { MetadataImage, NodeImage, TopicImage } from '../summaries/metadata-image.ts'
import { shownConfig } from '../summaries/metadata-image.ts'
import { INTERNAL_TOPICS } from '../topics/internal-topics.ts'
import { messageJson } from '../topics/message-value.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { readMetadataImage } from './read-metadata-image.ts'
import { createSummaryReader, damageNote, logsByPartition, logsOfTopic } from './summary-inputs.ts'
import { printable, table } from './table.ts'
import { counted } from '../words/words.ts'

export interface MetadataArguments extends CommonArguments {
  readonly showSecrets: boolean
}

/** Returns the exit code. */
export async function metadata(args: MetadataArguments, terminal: Terminal): Promise<number> {
  const partitions = logsOfTopic(logsByPartition(args.paths), INTERNAL_TOPICS['cluster-metadata'])
  const reader = createSummaryReader(args, terminal)
  const { image, lastOffset } = await readMetadataImage(partitions, reader)
  const note = damageNote(reader.damage)
  if (args.json)
    terminal.stdout.write(
      `${toJson({ lastOffset, ...plainImage(image, args.showSecrets), damagedPlaces: reader.damage.places }, 2)}\n`,
    )
  else if (!args.quiet) {
    terminal.stdout.write(imageText(image, args.showSecrets, lastOffset))
    if (note !== null) terminal.stdout.write(`\n${note}\n`)
  }
  return 0
}

const byName = (a: TopicImage, b: TopicImage): number => (a.name < b.name ? -1 : 1)

/** Plain values for JSON. */
function plainImage(image: MetadataImage, showSecrets: boolean): object {
  const configs = [...image.configs].map(([resource, entries]): [string, object] => [
    resource,
    Object.fromEntries(
      [...entries].map(([name, value]) => [name, shownConfig(name, value, showSecrets)]),
    ),
  ])
  return {
    brokers: [...image.brokers.values()],
    controllers: [...image.controllers.values()],
    topics: [...image.topics.values()].sort(byName).map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: [...partitions.values()],
    })),
    configs: Object.fromEntries(configs),
    features: Object.fromEntries(image.features),
    quotas: Object.fromEntries(
      [...image.quotas].map(([entity, value]) => [entity, messageJson(value)]),
    ),
    accessRules: [...image.accessRules.values()],
    scramUsers: [...image.scramUsers],
    delegationTokens: image.delegationTokens,
    openTransaction: image.hasOpenTransaction,
    undecodableRecords: image.undecodable,
  }
}

const nodeRow = ({
  id,
  isFenced,
  inControlledShutdown,
  rack,
  epoch,
  endPoints,
}: NodeImage): string[] => [
  id.toString(),
  isFenced ? 'fenced' : inControlledShutdown ? 'stopping' : 'active',
  rack ?? '-',
  epoch.toString(),
  endPoints.join(' '),
]

const numbers = (values: readonly number[]): string => values.join(',') || '-'

function imageText(image: MetadataImage, showSecrets: boolean, lastOffset: bigint): string {
  const parts = [
    `metadata up to offset ${lastOffset}\n`,
    `brokers\n${table([['ID', 'STATE', 'RACK', 'EPOCH', 'ENDPOINTS'], ...[...image.brokers.values()].map(nodeRow)])}`,
  ]
  if (image.features.size > 0)
    parts.push(
      `features\n${table([...image.features].map(([name, level]) => [name, level.toString()]))}`,
    )
  for (const { name, topicId, partitions } of [...image.topics.values()].sort(byName)) {
    const rows = [...partitions.values()].map((entry) => [
      entry.partition.toString(),
      entry.leader.toString(),
      entry.leaderEpoch.toString(),
      numbers(entry.replicas),
      numbers(entry.isr),
      numbers(entry.eligibleLeaderReplicas),
    ])
    const heading = ['PARTITION', 'LEADER', 'EPOCH', 'REPLICAS', 'ISR', 'ELR']
    parts.push(`topic ${name}  (${topicId})\n${table([heading, ...rows])}`)
  }
  for (const [resource, entries] of image.configs)
    parts.push(
      `config of ${printable(resource)}\n${table([...entries].map(([name, value]) => [`${name}=${shownConfig(name, value, showSecrets)}`]))}`,
    )
  if (image.quotas.size > 0)
    parts.push(
      `quotas\n${table([...image.quotas].map(([entity, value]) => [entity, messageJson(value)]))}`,
    )
  if (image.accessRules.size > 0)
    parts.push(
      `access rules\n${table([...image.accessRules.values()].map((rule) => [messageJson(rule)]))}`,
    )
  if (image.scramUsers.size > 0)
    parts.push(`users with SCRAM credentials: ${printable([...image.scramUsers].join(', '))}\n`)
  if (image.delegationTokens > 0) parts.push(`delegation tokens: ${image.delegationTokens}\n`)
  if (image.hasOpenTransaction)
    parts.push('a transaction of the controller is open at the end; its records do not count\n')
  if (image.undecodable > 0)
    parts.push(`${counted(image.undecodable, 'record')} of a kind that is not known\n`)
  return parts.join('\n')
}
