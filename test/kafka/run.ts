/*
 * The acceptance test against a real broker: damaged copies of real partitions are repaired, put into a
 * KRaft broker's log dir after an unclean stop, and read by the Java consumer (check.crcs,
 * read_committed). All cases share one broker: `npm run build`, then `npm run test:kafka`.
 *
 * KMEND_CLI names another program than dist/cli.js; KMEND_KAFKA_CASE runs only the cases whose name
 * contains it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Broker } from './broker.ts'
import type { Placement, TopicRead } from './broker.ts'
import { cases } from './cases.ts'
import {
  brokerComplaints,
  checkMissing,
  checkRepaired,
  checkSource,
  checkStuck,
  checkTruncated,
} from './checks.ts'
import { compareCoordinators } from './coordinators.ts'
import { corpus, highestLeaderEpoch, logEndOffsetOf, placeSource, topicOf } from './corpus.ts'
import { compareDumps } from './dump.ts'
import { buildClassPath } from './kafka-jars.ts'
import { prepareAll } from './prepare.ts'
import type { Prepared } from './prepare.ts'
import { hasCommand, temporaryDirectory } from './processes.ts'

const cli = process.env['KMEND_CLI'] ?? join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
const MOST_COMPLAINTS = 8
const COORDINATOR_SCENE = 'groups and transactions'
/** A start raises the leader epoch by two; the corpus has 4 at most. */
const MOST_STARTS = 10

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
  for (const outcome of await prepareAll(chosen, cli, directory)) {
    if ('complaints' in outcome) results.push(outcome)
    else prepared.push(outcome)
  }
  const classPath = await buildClassPath()
  const only = process.env['KMEND_KAFKA_CASE'] ?? ''
  results.push(...compareDumps({ classPath, cli, corpus }, join(directory, 'dump'), only))
  if (COORDINATOR_SCENE.includes(only)) {
    results.push(
      ...(await compareCoordinators({ classPath, cli }, join(directory, 'coordinators'))),
    )
  }
  if (prepared.length > 0) {
    const broker = await Broker.format(classPath, join(directory, 'broker'))
    try {
      results.push(...(await checkOnBroker(broker, prepared)))
    } finally {
      await broker.kill()
    }
  }
  return print(results)
}

async function checkOnBroker(broker: Broker, prepared: readonly Prepared[]): Promise<Result[]> {
  const sources = [...new Set(prepared.map((each) => each.case.source))]
  const placements = [
    ...sources.map(placeSource),
    ...prepared.filter((each) => each.case.unrepaired).map(({ damaged }) => damaged),
    ...prepared.map(({ repaired }) => repaired),
  ]
  const topics = placements.map(({ topic }) => topic)
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
  const complaints = [
    ...checkSource(readOf(served, topic), logEndOffsetOf(source)),
    ...brokerComplaints(served.output, topic),
  ]
  return { name: `undamaged ${source} is served whole`, complaints }
}

/** Both starts: the unclean one rebuilds the indexes, the clean one relies on those of the repair. */
function caseResult(each: Prepared, unclean: Served, clean: Served): Result {
  const { topic } = each.repaired
  const source = readOf(unclean, each.sourceTopic)
  const repairedComplaints = (served: Served) => [
    ...checkRepaired(readOf(served, topic), source, each),
    ...brokerComplaints(served.output, topic),
  ]
  const complaints = [
    ...checkMissing(each),
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
