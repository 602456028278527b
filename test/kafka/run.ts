/*
 * The acceptance test against a real broker: damaged copies of real partitions are repaired, put into a
 * KRaft broker's log dir after an unclean stop, and read by the Java consumer (check.crcs,
 * read_committed). All cases share one broker: `npm run build`, then `npm run test:kafka`.
 *
 * KMEND_CLI names another program than dist/cli.js; KMEND_KAFKA_CASE runs only the cases whose name
 * contains it.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Broker } from './broker.ts'
import type { Placement, TopicRead } from './broker.ts'
import { cases } from './cases.ts'
import type { Case } from './cases.ts'
import {
  brokerComplaints,
  checkMissing,
  checkRepaired,
  checkSource,
  checkStuck,
  checkTruncated,
} from './checks.ts'
import { seededRandom } from './damage.ts'
import type { DamageDone } from './damage.ts'
import { compareDumps } from './dump.ts'
import { buildClassPath } from './kafka-jars.ts'
import { hasCommand, run, temporaryDirectory } from './processes.ts'
import { readReport } from './report.ts'
import type { RepairReport } from './report.ts'

const root = join(import.meta.dirname, '..', '..')
const corpus = join(root, '..', 'shared', 'corpus')
const cli = process.env['KMEND_CLI'] ?? join(root, 'dist', 'cli.js')
const REPAIR_TIMEOUT_MS = 120_000
const MOST_COMPLAINTS = 8
/** A start raises the leader epoch by two; the corpus has 4 at most. */
const MOST_STARTS = 10

/** A case that came through `kmend repair`. */
interface Prepared {
  readonly case: Case
  readonly damage: DamageDone
  readonly report: RepairReport
  readonly sourceTopic: string
  readonly damaged: Placement
  readonly repaired: Placement
}

/** What one start of the broker gave. */
interface Served {
  readonly reads: ReadonlyMap<string, TopicRead>
  readonly output: string
}

interface Result {
  readonly name: string
  readonly complaints: readonly string[]
}

function reasonToSkip(): string | null {
  for (const command of ['java', 'mvn']) {
    if (!hasCommand(command)) return `no ${command} on this machine`
  }
  return existsSync(corpus) ? null : 'no ../shared/corpus beside this checkout'
}

async function main(): Promise<number> {
  const reason = reasonToSkip()
  if (reason !== null) {
    console.log(`test:kafka skipped: ${reason}`)
    return 0
  }
  if (!existsSync(cli)) throw new Error(`${cli} is missing: run \`npm run build\` first`)
  const chosen = cases.filter(({ name }) => name.includes(process.env['KMEND_KAFKA_CASE'] ?? ''))
  const directory = temporaryDirectory()
  const results: Result[] = []
  const prepared: Prepared[] = []
  for (const [index, each] of chosen.entries()) {
    const outcome = await prepare(each, index, join(directory, `${index}`))
    if ('complaints' in outcome) results.push(outcome)
    else prepared.push(outcome)
  }
  const classPath = await buildClassPath()
  const only = process.env['KMEND_KAFKA_CASE'] ?? ''
  results.push(...compareDumps({ classPath, cli, corpus }, join(directory, 'dump'), only))
  const broker = await Broker.format(classPath, join(directory, 'broker'))
  try {
    results.push(...(await checkOnBroker(broker, prepared)))
  } finally {
    await broker.kill()
  }
  return print(results)
}

/** Copies, damages and repairs one partition. */
async function prepare(each: Case, index: number, directory: string): Promise<Prepared | Result> {
  const source = join(corpus, each.source)
  const damagedDirectory = join(directory, 'damaged', basename(source))
  copyDirectory(source, damagedDirectory)
  const damage = each.damage(damagedDirectory, seededRandom(seedOf(each.name)))
  const out = join(directory, 'out')
  const args = [cli, 'repair', damagedDirectory, '--out', out, '--json']
  const { exitCode, stderr } = await run(process.execPath, args, REPAIR_TIMEOUT_MS)
  if (exitCode !== 0 && exitCode !== 3) {
    const message = `kmend repair failed (exit ${exitCode ?? 'by signal'}): ${stderr.trim()}`
    return { name: each.name, complaints: [message] }
  }
  let report: RepairReport
  try {
    report = readReport(out, exitCode)
  } catch (error) {
    return { name: each.name, complaints: [`kmend's output: ${String(error)}`] }
  }
  const logStartOffset = checkpointed(source, 'log-start-offset-checkpoint') ?? 0n
  const number = String(index).padStart(2, '0')
  const place = (topic: string, path: string) => ({ topic, directory: path, logStartOffset })
  return {
    case: each,
    damage,
    report,
    sourceTopic: topicOf(each.source),
    damaged: place(`damaged-${number}`, damagedDirectory),
    repaired: place(`repaired-${number}`, join(out, 'data', basename(source))),
  }
}

async function checkOnBroker(broker: Broker, prepared: readonly Prepared[]): Promise<Result[]> {
  const sources = [...new Set(prepared.map((each) => each.case.source))]
  const placements = [
    ...sources.map(placeSource),
    ...prepared.filter((each) => each.case.unrepaired).map(({ damaged }) => damaged),
    ...prepared.map(({ repaired }) => repaired),
  ]
  const topics = placements.map(({ topic }) => topic)
  if (topics.length === 0) return []
  await broker.start()
  await broker.createTopics(topics)
  await raiseLeaderEpoch(broker, topics[0]!, highestLeaderEpoch(placements))
  const unclean = await serve(broker, placements, 'unclean')
  const repaired = prepared.map((each) => each.repaired)
  const clean = await serve(broker, repaired, 'clean')
  return [
    ...sources.map((source) => sourceResult(source, unclean)),
    ...prepared.map((each) => caseResult(each, unclean, clean)),
  ]
}

/** Starts the broker over these directories and reads them. */
async function serve(
  broker: Broker,
  placements: readonly Placement[],
  stop: 'clean' | 'unclean',
): Promise<Served> {
  await broker.kill()
  broker.place(placements, stop)
  await broker.start()
  const reads = await broker.read(placements.map(({ topic }) => topic))
  return { reads, output: broker.output() }
}

/**
 * A cluster whose leader epoch is below that of the batches makes the broker clear its leader epoch
 * cache (it reads on all the same). Every start of the only replica raises it by two, which puts the
 * test where a partition put back into its own cluster would be.
 */
async function raiseLeaderEpoch(broker: Broker, topic: string, needed: number): Promise<void> {
  for (let starts = 1; starts < MOST_STARTS; starts++) {
    const read = (await broker.read([topic])).get(topic)
    if (read && read.leaderEpoch >= needed) return
    await broker.kill()
    await broker.start()
  }
  throw new Error(`The leader epoch stays below ${needed}`)
}

function sourceResult(source: string, served: Served): Result {
  const topic = topicOf(source)
  const logEndOffset = checkpointed(join(corpus, source), 'replication-offset-checkpoint') ?? -1n
  const complaints = [
    ...checkSource(readOf(served, topic), logEndOffset),
    ...brokerComplaints(served.output, topic),
  ]
  return { name: `undamaged ${source} is served whole`, complaints }
}

/** Both starts: the unclean one rebuilds the indexes, the clean one relies on those of the repair. */
function caseResult(each: Prepared, unclean: Served, clean: Served): Result {
  const { topic } = each.repaired
  const source = readOf(unclean, each.sourceTopic)
  const repairedComplaints = (served: Served) => [
    ...checkRepaired(readOf(served, topic), source, each.report),
    ...brokerComplaints(served.output, topic),
  ]
  const complaints = [
    ...checkMissing(each.case, each.damage, each.report),
    ...repairedComplaints(unclean),
    ...repairedComplaints(clean).map((complaint) => `after a clean stop: ${complaint}`),
    ...unrepairedComplaints(each, unclean),
  ]
  const kept = readOf(unclean, topic).records.size
  const what = each.case.unrepaired ? `, ${each.case.unrepaired} before` : ''
  return {
    name: `${each.case.name} (${kept} of ${source.records.size} records${what})`,
    complaints,
  }
}

function unrepairedComplaints(each: Prepared, served: Served): string[] {
  if (!each.case.unrepaired) return []
  const { topic } = each.damaged
  const read = readOf(served, topic)
  return each.case.unrepaired === 'stuck'
    ? checkStuck(read, readOf(served, each.sourceTopic), each.damage)
    : checkTruncated(read, each.damage, brokerComplaints(served.output, topic))
}

function print(results: readonly Result[]): number {
  for (const { name, complaints } of results) {
    console.log(`${complaints.length > 0 ? 'FAIL' : 'ok  '} ${name}`)
    for (const complaint of complaints.slice(0, MOST_COMPLAINTS)) console.log(`     ${complaint}`)
    const more = complaints.length - MOST_COMPLAINTS
    if (more > 0) console.log(`     and ${more} more`)
  }
  const failed = results.filter(({ complaints }) => complaints.length > 0).length
  console.log(`${results.length - failed} passed, ${failed} failed`)
  return failed > 0 || results.length === 0 ? 1 : 0
}

function placeSource(source: string): Placement {
  const directory = join(corpus, source)
  const logStartOffset = checkpointed(directory, 'log-start-offset-checkpoint') ?? 0n
  return { topic: topicOf(source), directory, logStartOffset }
}

/** The partition's line in one of its log dir's checkpoint files. */
function checkpointed(partitionDirectory: string, checkpoint: string): bigint | null {
  const path = join(dirname(partitionDirectory), checkpoint)
  const topic = basename(partitionDirectory).replace(/-0$/, '')
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${topic} 0 `))
  return line === undefined ? null : BigInt(line.split(' ')[2]!)
}

function highestLeaderEpoch(placements: readonly Placement[]): number {
  const epochs = placements
    .map(({ directory }) => join(directory, 'leader-epoch-checkpoint'))
    .filter((path) => existsSync(path))
    .map((path) => Number(readFileSync(path, 'utf8').trim().split('\n').at(-1)?.split(' ')[0]))
  return Math.max(0, ...epochs)
}

function copyDirectory(source: string, target: string): void {
  mkdirSync(target, { recursive: true })
  for (const name of readdirSync(source)) {
    copyFileSync(join(source, name), join(target, name))
    chmodSync(join(target, name), 0o644)
  }
}

function topicOf(source: string): string {
  return `source-${source.replace('/', '-')}`
}

function seedOf(name: string): number {
  return Buffer.from(name).reduce((seed, byte) => Math.imul(seed, 31) + byte, 0)
}

function readOf({ reads }: Served, topic: string): TopicRead {
  const read = reads.get(topic)
  if (!read) throw new Error(`The client said nothing about ${topic}`)
  return read
}

try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
