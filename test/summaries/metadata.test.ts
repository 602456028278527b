import { expect } from 'chai'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { metadata } from '../../src/commands/metadata.ts'
import { newFolder } from '../commands/support.ts'
import { CORPUS, FIXTURES, LOG, RECORDS, run } from './support.ts'

interface PartitionAnswer {
  readonly partition: number
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly eligibleLeaderReplicas: readonly number[]
  readonly lastKnownElr: readonly number[]
}

interface MetadataAnswer {
  readonly topics: readonly {
    readonly name: string
    readonly topicId: string
    readonly partitions: readonly PartitionAnswer[]
  }[]
  readonly brokers: readonly {
    readonly id: number
    readonly epoch: number
    readonly isFenced: boolean
    readonly inControlledShutdown: boolean
  }[]
  readonly features: Readonly<Record<string, number>>
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly scramUsers: readonly string[]
}

const readMetadata = async (path: string, showSecrets = false): Promise<MetadataAnswer> =>
  JSON.parse(await run(metadata, [path], { showSecrets })) as MetadataAnswer

/** In the lines of the answer: see README.md in this folder. */
function imageLines({ topics, brokers, features, configs }: MetadataAnswer): string[] {
  const list = (values: readonly number[]): string => `[${values.join(', ')}]`
  return [
    ...topics.flatMap(({ name, topicId, partitions }) =>
      partitions.map(
        (entry) =>
          `topic ${name} ${topicId} ${entry.partition} leader=${entry.leader} leaderEpoch=${entry.leaderEpoch} partitionEpoch=${entry.partitionEpoch} replicas=${list(entry.replicas)} isr=${list(entry.isr)} elr=${list(entry.eligibleLeaderReplicas)} lastKnownElr=${list(entry.lastKnownElr)}`,
      ),
    ),
    ...brokers.map(
      ({ id, epoch, isFenced, inControlledShutdown }) =>
        `broker ${id} epoch=${epoch} fenced=${isFenced} stopping=${inControlledShutdown}`,
    ),
    // Kafka's image keeps this one feature elsewhere.
    ...Object.entries(features)
      .filter(([name]) => name !== 'metadata.version')
      .map(([name, level]) => `feature ${name} ${level}`),
    ...Object.entries(configs).flatMap(([resource, entries]) =>
      Object.entries(entries).map(([name, value]) => `config ${resource} ${name}=${value}`),
    ),
  ].sort()
}

describe('kmend metadata', () => {
  const corpus = existsSync(CORPUS) ? it : it.skip
  corpus("adds up to what Kafka's own image holds", async () => {
    const answer = gunzipSync(
      readFileSync(join(import.meta.dirname, 'cluster-metadata.image.txt.gz')),
    )
    const mine = imageLines(await readMetadata(join(CORPUS, '__cluster_metadata-0')))
    expect(mine).to.deep.equal(answer.toString().trim().split('\n').sort())
  })

  it('reads a snapshot by itself', async () => {
    const { features } = await readMetadata(join(FIXTURES, 'bootstrap.checkpoint'))
    expect(features).to.include({ 'group.version': 1 })
  })

  it('goes on from the newest snapshot beside the log', async () => {
    const folder = join(newFolder(), '__cluster_metadata-0')
    mkdirSync(folder)
    copyFileSync(
      join(FIXTURES, 'bootstrap.checkpoint'),
      join(folder, '00000000000000001000-0000000001.checkpoint'),
    )
    copyFileSync(join(RECORDS, '__cluster_metadata-0', LOG), join(folder, LOG))
    const { features, topics } = await readMetadata(folder)
    expect(Object.keys(features)).to.have.length(5)
    expect(topics).to.deep.equal([])
  })

  it('takes every record type of every version, and hides what is secret', async () => {
    const path = join(RECORDS, '__cluster_metadata-0')
    const text = await run(metadata, [path], { showSecrets: false }, false)
    expect(text).to.contain('users with SCRAM credentials: ')
    expect(text).to.contain('access rules\n')
    const { scramUsers } = await readMetadata(path)
    expect(scramUsers.length).to.be.above(0)
  })
})
