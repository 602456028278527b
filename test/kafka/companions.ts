/*
 * Damaged files beside the segments, against the broker: what the report says of each, what comes of following its
 * steps, of not following them, and of leaving the file in place.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Broker, Placement, TopicRead } from './broker.ts'
import { checkRepaired } from './checks.ts'
import type { InPlace } from './companion-cases.ts'
import { corpus } from './corpus.ts'
import type { Prepared } from './prepare.ts'
import { run } from './processes.ts'

const METADATA_TIMEOUT_MS = 60_000
const EPOCHS = 'leader-epoch-checkpoint'
const METADATA = 'partition.metadata'

interface Result {
  readonly name: string
  readonly complaints: readonly string[]
}

type Stop = 'clean' | 'unclean'

const companionOf = ({ case: { companion } }: Prepared) => companion

/** A damaged snapshot goes along, because a broker drops it; the others are left out. */
export function checkCompanionReport(each: Prepared): string[] {
  const companion = companionOf(each)
  if (!companion) return []
  const { file } = companion
  const action = file === '.snapshot' ? 'copied' : 'left-out'
  const words = file === '.snapshot' ? /^copied all the same/ : /^left out/
  const damaged = each.report.files.filter(({ source }) => source.endsWith(file))
  const isTold = damaged.every(
    (told) => told.action === action && words.test(told.problems.at(-1) ?? ''),
  )
  const isThere = readdirSync(each.repaired.directory).some((name) => name.endsWith(file))
  const step = each.report.restore.some((text) => text.startsWith(`write ${METADATA}`))
  return [
    ...(damaged.length > 0 && isTold ? [] : [`the report does not call ${file} ${action}`]),
    ...(isThere === (action === 'copied') ? [] : [`${file} in data/: ${isThere}`]),
    ...(step === (file === METADATA) ? [] : [`a step to write ${METADATA}: ${step}`]),
  ]
}

/** The repaired directories, with partition.metadata written as the report's step says where it was left out. */
export async function followSteps(
  broker: Broker,
  prepared: readonly Prepared[],
  cli: string,
): Promise<Prepared[]> {
  const needed = prepared.filter((each) => companionOf(each)?.file === METADATA)
  if (needed.length === 0) return [...prepared]
  const described = await broker.describeTopics()
  const metadata = await topicsByMetadata(broker, cli)
  return prepared.map((each) => {
    if (!needed.includes(each)) return each
    const { topic } = each.repaired
    const topicId = idOf(described, topic)
    if (metadata.get(topic) !== topicId)
      throw new Error(`kmend metadata says ${metadata.get(topic) ?? 'nothing'}, not ${topicId}`)
    return { ...each, repaired: { ...each.repaired, partitionMetadata: written(each, topicId) } }
  })
}

function idOf(described: string, topic: string): string {
  const line = described.split('\n').find((text) => text.startsWith(`Topic: ${topic}\t`))
  const topicId = /TopicId: (\S+)/.exec(line ?? '')?.[1]
  if (topicId === undefined) throw new Error(`kafka-topics --describe shows no id of ${topic}`)
  return topicId
}

async function topicsByMetadata(broker: Broker, cli: string): Promise<Map<string, string>> {
  const args = [cli, 'metadata', '--json', ...broker.logDirs.slice(1)]
  const { exitCode, stdout, stderr } = await run(process.execPath, args, METADATA_TIMEOUT_MS)
  if (exitCode !== 0) throw new Error(`kmend metadata (exit ${exitCode ?? 'by signal'}): ${stderr}`)
  const { topics } = JSON.parse(stdout) as { topics: { name: string; topicId: string }[] }
  return new Map(topics.map(({ name, topicId }) => [name, topicId]))
}

/** The lines in quotation marks, each with its line end, as an editor leaves them. */
function written({ report }: Prepared, topicId: string): string {
  const step = report.restore.find((text) => text.startsWith(`write ${METADATA}`)) ?? ''
  const lines = [...step.matchAll(/"([^"]*)"/g)].map(([, line]) => `${line!}\n`)
  return lines.join('').replace('<id>', topicId)
}

/** What the broker made of the directory: read while it runs, or after its end. */
export function checkCompanionServed(broker: Broker, each: Prepared, stop: Stop): string[] {
  const companion = companionOf(each)
  if (!companion) return []
  const { topic } = each.repaired
  if (companion.file === EPOCHS) {
    // A broker that takes the stop for a clean one does not look into the batches.
    const expected = stop === 'unclean' ? epochsOf(join(corpus, each.case.source), each) : []
    const found = epochsOf(broker.partitionDirectory(topic), each)
    return expectEqual(`leader epochs after an ${stop} stop`, found, expected)
  }
  if (companion.file === '.snapshot') return checkSnapshots(broker, each)
  const own = broker.ownMetadata(topic).toString().trim()
  const inUse = readFileSync(join(broker.partitionDirectory(topic), METADATA), 'utf8').trim()
  return expectEqual(METADATA, [inUse], [own])
}

/** Those of the batches: the broker adds its own, from the log's end on. */
function epochsOf(directory: string, { report }: Prepared): string[] {
  const lines = readFileSync(join(directory, EPOCHS), 'utf8').trim().split('\n').slice(2)
  return lines.filter((line) => BigInt(line.split(' ')[1]!) < report.nextOffset)
}

/** Built again, producer by producer as it was. */
function checkSnapshots(
  broker: Broker,
  { case: { source }, repaired, report }: Prepared,
): string[] {
  const name = `${String(report.nextOffset).padStart(20, '0')}.snapshot`
  const [found, expected] = [broker.partitionDirectory(repaired.topic), join(corpus, source)].map(
    (directory) => readFileSync(join(directory, name)).toString('hex'),
  )
  return found === expected ? [] : [`${name} is not what it was before the damage`]
}

/** Starts the broker over the damaged files, and over what was repaired where a step is left out. */
export async function checkInPlace(
  broker: Broker,
  prepared: readonly Prepared[],
  reads: ReadonlyMap<string, TopicRead>,
): Promise<Result[]> {
  const all = prepared.filter((each) => each.case.companion)
  const results: Result[] = []
  for (const each of all) {
    const inPlace = companionOf(each)?.inPlace
    if (inPlace !== 'offline' && inPlace !== 'no-start') continue
    await restart(broker, all, (other) =>
      other === each ? damagedPlacement(each) : healthy(other),
    )
    results.push({
      name: `${each.case.name}, in place: ${inPlace}`,
      complaints: await checkEnded(broker, each, inPlace),
    })
  }
  return all.length === 0 ? results : [...results, ...(await checkStarting(broker, all, reads))]
}

async function restart(
  broker: Broker,
  all: readonly Prepared[],
  placementOf: (each: Prepared) => Placement,
): Promise<void> {
  await broker.kill()
  broker.place(all.map(placementOf), 'clean')
  await broker.start()
}

const healthy = ({ repaired, damaged: { topic } }: Prepared): Placement => {
  const { directory, logStartOffset } = repaired
  return { topic, directory, logStartOffset }
}

function damagedPlacement(each: Prepared): Placement {
  return companionOf(each)?.file === METADATA
    ? { ...each.damaged, partitionMetadata: readFileSync(join(each.damaged.directory, METADATA)) }
    : each.damaged
}

async function checkEnded(broker: Broker, each: Prepared, inPlace: InPlace): Promise<string[]> {
  const outcome = await broker.settle()
  const output = broker.output()
  const fatal = 'Encountered fatal fault: Error starting LogManager'
  const file = `${each.damaged.topic}-0/${each.case.companion!.file} (LogDirFailureChannel)`
  // Logs that are still loading when their dir goes offline end the start before the last dir does.
  const ends = inPlace === 'offline' ? ['Shutdown broker because all log dirs in', fatal] : [fatal]
  return [
    ...(outcome === 'ended' ? [] : ['the broker started']),
    ...(ends.some((text) => output.includes(text))
      ? []
      : [`it ended otherwise: ${errorsIn(output)}`]),
    ...(output.includes(file) === (inPlace === 'offline')
      ? []
      : [`not the file's log dir failure: ${errorsIn(output)}`]),
  ]
}

const errorsIn = (output: string): string =>
  output
    .split('\n')
    .filter((line) => /^(ERROR|FATAL)/.test(line))
    .map((line) => line.slice(0, 300))
    .join(' | ')

/** One start for all with which the broker does start. */
async function checkStarting(
  broker: Broker,
  all: readonly Prepared[],
  reads: ReadonlyMap<string, TopicRead>,
): Promise<Result[]> {
  const chosen = all.filter((each) => startingName(each) !== null)
  if (chosen.length === 0) return []
  await restart(broker, chosen, startingPlacement)
  const found = await broker.read(chosen.map(({ damaged }) => damaged.topic))
  return chosen.map((each) => ({
    name: `${each.case.name}, ${startingName(each)!}`,
    complaints: checkStarted(broker, each, found.get(each.damaged.topic)!, reads),
  }))
}

function startingName(each: Prepared): string | null {
  const companion = companionOf(each)!
  if (companion.file === METADATA) return 'without one: a stray, and an empty log'
  return companion.inPlace === 'wrong-epochs'
    ? 'in place: wrong epochs'
    : companion.file === '.snapshot'
      ? 'none at all after a clean stop: open transactions shown'
      : null
}

function startingPlacement(each: Prepared): Placement {
  switch (companionOf(each)!.file) {
    case METADATA:
      return { ...healthy(each), partitionMetadata: null }
    case '.snapshot':
      return { ...healthy(each), without: '.snapshot' }
    case EPOCHS:
      return damagedPlacement(each)
  }
}

function checkStarted(
  broker: Broker,
  each: Prepared,
  read: TopicRead,
  reads: ReadonlyMap<string, TopicRead>,
): string[] {
  const { topic } = each.damaged
  const source = reads.get(each.sourceTopic)!
  switch (companionOf(each)!.file) {
    case METADATA: {
      const isStray = (name: string) => name.startsWith(`${topic}-0.`) && name.endsWith('-stray')
      return [
        ...(readdirSync(broker.logDirs[0]!).some(isStray) ? [] : ['no directory was set aside']),
        ...expectEqual('log end offset', [`${read.logEndOffset}`], ['0']),
      ]
    }
    case '.snapshot':
      return [
        ...(source.lastStableOffset < source.logEndOffset ? [] : ['no transaction is open']),
        ...expectEqual(
          'last stable offset',
          [`${read.lastStableOffset}`],
          [`${read.logEndOffset}`],
        ),
        ...(read.records.size > source.records.size ? [] : ['no record of it is shown']),
      ]
    case EPOCHS: {
      const epochs = epochsOf(broker.partitionDirectory(topic), each).join()
      const expected = epochsOf(join(corpus, each.case.source), each).join()
      return [
        ...checkRepaired(read, source, each),
        ...(epochs === expected || epochs === '' ? [`the leader epochs are "${epochs}"`] : []),
      ]
    }
  }
}

function expectEqual(
  what: string,
  actual: readonly string[],
  expected: readonly string[],
): string[] {
  const [found, wanted] = [actual, expected].map((lines) => lines.join(', '))
  return found === wanted ? [] : [`${what}: "${found!}" instead of "${wanted!}"`]
}
