/*
 * kmend groups and kmend transactions against the broker itself: a broker with groups and transactions of every
 * kind is asked with Kafka's own tools, killed, and its log dirs are read.
 */
import { compareGroups, compareTransactions, parseAnswers } from '../support/coordinator-answers.ts'
import type {
  Comparison,
  GroupsDocument,
  TransactionsDocument,
} from '../support/coordinator-answers.ts'
import { Broker } from './broker.ts'
import { run } from './processes.ts'

/** Few partitions, so that the scene's groups and transactional ids share them. */
const SETTINGS = {
  'offsets.topic.num.partitions': '3',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '3',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  // Without it nobody can make a transaction hang (KIP-890).
  'transaction.partition.verification.enable': 'false',
}

const SUMMARY_TIMEOUT_MS = 60_000

async function summary(cli: string, command: string, paths: readonly string[]): Promise<unknown> {
  const args = [cli, command, '--json', ...paths]
  const { exitCode, stdout, stderr } = await run(process.execPath, args, SUMMARY_TIMEOUT_MS)
  if (exitCode !== 0)
    throw new Error(`kmend ${command} (exit ${exitCode ?? 'by signal'}): ${stderr}`)
  return JSON.parse(stdout)
}

/** Plays the scene on a broker of its own below `directory`, and compares. */
export async function compareCoordinators(
  { classPath, cli }: { classPath: readonly string[]; cli: string },
  directory: string,
): Promise<Comparison[]> {
  const broker = await Broker.format(classPath, directory, SETTINGS)
  let output: string
  try {
    await broker.start()
    output = await broker.playCoordinatorScene()
  } finally {
    await broker.kill()
  }
  const answers = parseAnswers(output)
  const groups = (await summary(cli, 'groups', broker.logDirs.slice(0, 1))) as GroupsDocument
  const transactions = await summary(cli, 'transactions', broker.logDirs)
  return [
    ...compareGroups(answers, groups),
    ...compareTransactions(answers, transactions as TransactionsDocument),
  ]
}
