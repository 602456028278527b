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
import {
  checkCompanionReport,
  checkCompanionServed,
  checkInPlace,
  followSteps,
} from './companions.ts'
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
  /** Complaints about files beside the segments, by topic. */
  readonly beside: ReadonlyMap<string, readonly string[]>
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

async function checkOnBroker(broker: Broker, outcomes: readonly Prepared[]): Promise<Result[]> {
  const sources = [...new Set(outcomes.map((each) => each.case.source))]
  const asTheyAre = [
    ...sources.map(placeSource),
    ...outcomes.filter((each) => each.case.unrepaired).map(({ damaged }) => damaged),
  ]
  const served = [...asTheyAre, ...outcomes.map(({ repaired }) => repaired)]
  const beside = outcomes.filter((each) => each.case.companion).map(({ damaged }) => damaged)
  const topics = [...served, ...beside].map(({ topic }) => topic)
  await broker.start()
  await broker.createTopics(topics)
  await raiseLeaderEpoch(broker, topics[0]!, highestLeaderEpoch(served))
  const prepared = await followSteps(broker, outcomes, cli)
  const unclean = await serve(broker, asTheyAre, prepared, 'unclean')
  const clean = await serve(broker, [], prepared, 'clean')
  const inPlace = await checkInPlace(broker, prepared, unclean.reads)
  return [
    ...sources.map((source) => sourceResult(source, unclean)),
    ...prepared.map((each) => caseResult(each, unclean, clean)),
    ...inPlace,
  ]
}

/** Starts the broker over these directories and the repaired ones, and reads them. */
async function serve(
  broker: Broker,
  others: readonly Placement[],
  prepared: readonly Prepared[],
  stop: 'clean' | 'unclean',
): Promise<Served> {
  const placements = [...others, ...prepared.map(({ repaired }) => repaired)]
  await broker.kill()
  broker.place(placements, stop)
  await broker.start()
  const reads = await broker.read(placements.map(({ topic }) => topic))
  const beside = new Map(
    prepared.map((each) => [each.repaired.topic, checkCompanionServed(broker, each, stop)]),
  )
  return { reads, output: broker.output(), beside }
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
    ...brokerComplaints(served.output, topic, each.case.companion?.file),
    ...served.beside.get(topic)!,
  ]
  const complaints = [
    ...checkMissing(each),
    ...checkCompanionReport(each),
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
