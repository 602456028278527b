/*
 * One real single-node KRaft broker on loopback, with a log dir of our making.
 *
 * A broker serves a partition directory only when its cluster knows the topic under the id in the
 * directory's partition.metadata, otherwise the directory becomes "stray". So the topics are created
 * first, the broker is killed, and only then the directories get the contents to be tested; the
 * broker's own partition.metadata stays, unless a case is about it.
 */
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { kill, run, startInBackground } from './processes.ts'

/** What the broker says of one topic's log, and what a read_committed consumer got out of it. */
export interface TopicRead {
  readonly earliest: bigint
  readonly logEndOffset: bigint
  readonly lastStableOffset: bigint
  readonly leaderEpoch: number
  /** Offset to digest of timestamp, key, value and headers. */
  readonly records: ReadonlyMap<bigint, string>
  /** Where the consumer came to. */
  readonly position: bigint
  /** Set when it could not go on from there. */
  readonly stuckOn: string | null
  /** Seeks to an offset or a time that led elsewhere. */
  readonly astray: readonly string[]
}

/** What a topic's directory is to hold. */
export interface Placement {
  readonly topic: string
  readonly directory: string
  /** Above the first segment's base where records were deleted. */
  readonly logStartOffset: bigint
  /** Instead of the broker's own; null: none. */
  readonly partitionMetadata?: Buffer | string | null
  /** Files whose names end so stay away. */
  readonly without?: string
}

const CLIENT_TIMEOUT_MS = 240_000
const SETTLE_TIMEOUT_MS = 120_000
const SETTLE_POLL_MS = 250
/** No JVM here lives long enough to win back what the optimising compiler costs. */
const SHORT_LIVED = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

export class Broker {
  readonly #classPath: string
  readonly #directory: string
  readonly #settings: Readonly<Record<string, string>>
  #bootstrap = ''
  #process: ChildProcess | null = null
  /** The partition.metadata that the broker made, by topic. */
  readonly #ownMetadata = new Map<string, Buffer>()
  #starts = 0

  private constructor(
    classPath: string,
    directory: string,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#classPath = classPath
    this.#directory = directory
    this.#settings = settings
  }

  /** Formats a new log dir; nothing runs yet. `settings` come on top of its own. */
  static async format(
    classPath: readonly string[],
    directory: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Broker> {
    const broker = new Broker(classPath.join(delimiter), directory, settings)
    mkdirSync(directory)
    await broker.#configure()
    const clusterId = randomBytes(16).toString('base64url')
    const args = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', broker.#configPath]
    await broker.#java(args, 'formatting the log dir')
    return broker
  }

  get #configPath(): string {
    return join(this.#directory, 'server.properties')
  }

  get #logDir(): string {
    return join(this.#directory, 'logs')
  }

  get #metadataLogDir(): string {
    return join(this.#directory, 'metadata')
  }

  /** Where the partitions are, and the cluster's metadata. */
  get logDirs(): readonly string[] {
    return [this.#logDir, this.#metadataLogDir]
  }

  async start(): Promise<void> {
    await this.#configure()
    const options = ['-Xmx512m', ...SHORT_LIVED, '-cp', this.#classPath]
    const args = [...options, 'kafka.Kafka', this.#configPath]
    this.#process = startInBackground('java', args, this.#outputPath(++this.#starts))
  }

  /** Whether the broker that was started comes up, or ends by itself. */
  async settle(): Promise<'started' | 'ended'> {
    const child = this.#process
    if (!child) throw new Error('No broker was started')
    const isOver = () => child.exitCode !== null || child.signalCode !== null
    for (let waited = 0; waited < SETTLE_TIMEOUT_MS; waited += SETTLE_POLL_MS) {
      await setTimeout(SETTLE_POLL_MS)
      if (isOver()) return 'ended'
      if (!this.output().includes('Kafka Server started')) continue
      // A log dir that has failed ends it a moment later.
      await setTimeout(SETTLE_POLL_MS * 4)
      return isOver() ? 'ended' : 'started'
    }
    throw new Error(`The broker neither starts nor ends\n${this.output().slice(-3000)}`)
  }

  async kill(): Promise<void> {
    if (this.#process) await kill(this.#process)
    this.#process = null
  }

  /** Everything the broker has logged since its last start. */
  output(): string {
    return readFileSync(this.#outputPath(this.#starts), 'utf8')
  }

  async createTopics(topics: readonly string[]): Promise<void> {
    await this.#client('create', topics)
  }

  /** What CoordinatorScene.java prints: groups and transactions, and what Kafka's own tools say of them. */
  async playCoordinatorScene(): Promise<string> {
    return this.#java(['kmend.CoordinatorScene', this.#bootstrap], 'the coordinator scene')
  }

  /** What kafka-topics.sh --describe prints. */
  async describeTopics(): Promise<string> {
    const args = ['org.apache.kafka.tools.TopicCommand', '--bootstrap-server', this.#bootstrap]
    return this.#java([...args, '--describe'], 'kafka-topics --describe')
  }

  /** The topic's id as the broker wrote it down. */
  ownMetadata(topic: string): Buffer {
    const own =
      this.#ownMetadata.get(topic) ??
      readFileSync(join(this.partitionDirectory(topic), 'partition.metadata'))
    this.#ownMetadata.set(topic, own)
    return own
  }

  partitionDirectory(topic: string): string {
    return join(this.#logDir, `${topic}-0`)
  }

  async read(topics: readonly string[]): Promise<Map<string, TopicRead>> {
    return parseReads(await this.#client('read', topics))
  }

  /**
   * Fills the directories of a killed broker. After an `unclean` stop, without checkpoints, it verifies
   * every byte of them when it starts and builds the indexes anew; after a `clean` one it takes all
   * files for what they are.
   */
  place(placements: readonly Placement[], stop: 'clean' | 'unclean'): void {
    for (const name of readdirSync(this.#logDir)) {
      if (name.endsWith('-offset-checkpoint')) rmSync(join(this.#logDir, name))
    }
    const cleanShutdown = join(this.#logDir, '.kafka_cleanshutdown')
    rmSync(cleanShutdown, { force: true })
    if (stop === 'clean') writeFileSync(cleanShutdown, '{"version":0,"brokerEpoch":0}')
    for (const { topic, directory, partitionMetadata, without } of placements) {
      const own = this.ownMetadata(topic)
      const metadata = partitionMetadata === undefined ? own : partitionMetadata
      const target = this.partitionDirectory(topic)
      replaceContents(target, directory, without)
      if (metadata !== null) writeFileSync(join(target, 'partition.metadata'), metadata)
    }
    const raised = placements.filter(({ logStartOffset }) => logStartOffset > 0n)
    const lines = raised.map(({ topic, logStartOffset }) => `${topic} 0 ${logStartOffset}\n`)
    const text = `0\n${raised.length}\n${lines.join('')}`
    writeFileSync(join(this.#logDir, 'log-start-offset-checkpoint'), text)
  }

  #outputPath(start: number): string {
    return join(this.#directory, `broker-${start}.log`)
  }

  /** New ports for every start: the old ones may linger. */
  async #configure(): Promise<void> {
    const [brokerPort, controllerPort] = await freePorts(2)
    this.#bootstrap = `127.0.0.1:${brokerPort!}`
    const controller = `127.0.0.1:${controllerPort!}`
    const settings = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@${controller}`,
      listeners: `PLAINTEXT://${this.#bootstrap},CONTROLLER://${controller}`,
      'advertised.listeners': `PLAINTEXT://${this.#bootstrap}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'log.dirs': this.#logDir,
      'metadata.log.dir': this.#metadataLogDir,
      // Nothing but the start may change the logs.
      'log.cleaner.enable': 'false',
      'log.retention.ms': '-1',
      'producer.id.expiration.ms': '2147483647',
      'log.index.size.max.bytes': '1048576',
      // The killed broker's registration blocks the next start until this has passed.
      'broker.session.timeout.ms': '1500',
      'broker.heartbeat.interval.ms': '200',
      ...this.#settings,
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(this.#configPath, lines.join(''))
  }

  #client(command: string, topics: readonly string[]): Promise<string> {
    const work = `${command} over ${topics.length} topics`
    return this.#java(['kmend.BrokerClient', command, this.#bootstrap, ...topics], work)
  }

  /** A short-lived JVM; what it printed. */
  async #java(args: readonly string[], work: string): Promise<string> {
    const log = '-Dkmend.logLevel=ERROR'
    const options = ['-Xmx256m', ...SHORT_LIVED, log, '-cp', this.#classPath]
    const { exitCode, stdout, stderr } = await run('java', [...options, ...args], CLIENT_TIMEOUT_MS)
    if (exitCode === 0) return stdout
    const broker = this.#starts ? this.output().slice(-3000) : ''
    throw new Error(`Failed: ${work} (exit ${exitCode ?? 'by signal'})\n${stderr}\n${broker}`)
  }
}

function replaceContents(target: string, source: string, without: string | undefined): void {
  for (const name of readdirSync(target)) {
    rmSync(join(target, name))
  }
  for (const name of readdirSync(source)) {
    if (name === 'partition.metadata') continue
    if (without !== undefined && name.endsWith(without)) continue
    copyFileSync(join(source, name), join(target, name))
    chmodSync(join(target, name), 0o644)
  }
}

/** Free now; all are held together so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ports.push((server.address() as AddressInfo).port)
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return ports
}

/** The lines that BrokerClient.java describes. */
function parseReads(output: string): Map<string, TopicRead> {
  const reads = new Map<string, TopicRead & { records: Map<bigint, string> }>()
  for (const line of output.split('\n').filter(Boolean)) {
    const [kind, topic, ...fields] = line.split('\t') as [string, string, ...string[]]
    if (kind === 'log') {
      const [earliest, logEndOffset, lastStableOffset] = fields.slice(0, 3).map(BigInt)
      reads.set(topic, {
        earliest: earliest!,
        logEndOffset: logEndOffset!,
        lastStableOffset: lastStableOffset!,
        leaderEpoch: Number(fields[3]),
        records: new Map(),
        position: -1n,
        stuckOn: null,
        astray: [],
      })
      continue
    }
    const read = reads.get(topic)
    if (!read) throw new Error(`A line before its topic's offsets: ${line}`)
    if (kind === 'record') read.records.set(BigInt(fields[0]!), fields[1]!)
    else if (kind === 'astray') reads.set(topic, { ...read, astray: [...read.astray, fields[0]!] })
    else reads.set(topic, { ...read, position: BigInt(fields[0]!), stuckOn: fields[1] ?? null })
  }
  return reads
}
