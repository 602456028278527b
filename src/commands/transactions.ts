/** `kmend transactions`: how transactions ended, which are open, and which of them hang. */
import { walkLog } from '../dump/walk-log.ts'
import { toJson } from '../recover/report-json.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import { isControl } from '../segment/record-batch.ts'
import type {
  OpenFate,
  OpenTransaction,
  PartitionTransactions,
  TransactionalIdState,
} from '../summaries/transaction-state.ts'
import {
  CoordinatorState,
  fateOf,
  PartitionTransactionState,
} from '../summaries/transaction-state.ts'
import type { InternalTopic } from '../topics/internal-topics.ts'
import { INTERNAL_TOPICS } from '../topics/internal-topics.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { readMetadataImage } from './read-metadata-image.ts'
import type { PartitionFiles, SummaryReader } from './summary-inputs.ts'
import { createSummaryReader, damageNote, logsByPartition } from './summary-inputs.ts'
import { abortCommand } from '../words/words.ts'
import { isoTime, printable, table } from './table.ts'

/** Returns the exit code. */
export async function transactions(args: CommonArguments, terminal: Terminal): Promise<number> {
  const partitions = logsByPartition(args.paths)
  const reader = createSummaryReader(args, terminal)
  const coordinator = new CoordinatorState()
  const summaries: PartitionTransactions[] = []
  const isOf = (topic: InternalTopic) => (partition: PartitionFiles) =>
    partition.topic === INTERNAL_TOPICS[topic]
  const states = partitions.filter(isOf('transaction-log'))
  for (const file of states.flatMap(({ files }) => files))
    await reader.read(file, (item) => {
      coordinator.apply(item)
    })
  const areAll = await areAllPartitions(states, partitions.filter(isOf('cluster-metadata')), reader)
  const isWhole = areAll && reader.damage.places + coordinator.undecodable === 0
  for (const partition of partitions)
    if (!isOf('transaction-log')(partition) && !isOf('cluster-metadata')(partition))
      summaries.push(await readPartition(partition, reader))
  const ids = coordinator.summary()
  const open = summaries
    .flatMap((summary) => summary.open.map((transaction) => ({ transaction, summary })))
    .map(({ transaction, summary }) => ({
      ...transaction,
      ageMs: summary.lastTimestamp - transaction.firstTimestamp,
      transactionalId:
        ids.find(({ producerId }) => producerId === transaction.producerId)?.transactionalId ??
        null,
      fate: fateOf(transaction, ids, isWhole),
    }))
  const shown = summaries.filter(({ producers, open: left }) => producers.length + left.length > 0)
  if (args.json)
    terminal.stdout.write(
      `${toJson({ partitions: shown, open, transactionalIds: ids, damagedPlaces: reader.damage.places }, 2)}\n`,
    )
  else if (!args.quiet) {
    terminal.stdout.write(renderAll(shown, open, ids))
    const note = damageNote(reader.damage)
    if (note !== null)
      terminal.stdout.write(`\n${note}; a lost marker makes its transaction look open\n`)
  }
  return 0
}

/** Whether these are all partitions of `__transaction_state`, as far as the cluster's metadata is there to tell. */
async function areAllPartitions(
  states: readonly PartitionFiles[],
  metadata: readonly PartitionFiles[],
  reader: SummaryReader,
): Promise<boolean> {
  const topic = INTERNAL_TOPICS['transaction-log']
  const { image } = await readMetadataImage(metadata, reader)
  const known = [...image.topics.values()].find(({ name }) => name === topic)
  const given = new Set(states.map(({ partition }) => partition))
  return (
    known !== undefined &&
    image.undecodable === 0 &&
    [...known.partitions.keys()].every((partition) => given.has(`${topic}-${partition}`))
  )
}

/** Headers alone, but for control batches. */
async function readPartition(
  { partition, files }: PartitionFiles,
  { walk, options, damage }: SummaryReader,
): Promise<PartitionTransactions> {
  const state = new PartitionTransactionState(partition)
  for (const file of files)
    await walk(file, function* batches(window) {
      for (const item of walkLog(window, null)) {
        if (item?.type === 'damage' && item.reason !== 'zero-fill') damage.places++
        if (item?.type === 'batch') {
          const { header } = item
          state.onBatch(header)
          if (isControl(header)) {
            const bytes = window.copy(header.position, header.sizeInBytes)
            const batch = decodeBatch(bytes, header, options)
            if (batch.ok)
              for (const record of batch.records) state.onControlRecord({ header, record })
          }
        }
        yield null
      }
    })
  return state.summary()
}

interface OpenRow extends OpenTransaction {
  readonly ageMs: bigint
  readonly transactionalId: string | null
  readonly fate: OpenFate
}

const FATES: Readonly<Record<OpenFate, string>> = {
  ongoing: 'ongoing: its coordinator has it and times it out',
  ending: 'ending: its markers are being written',
  hanging:
    'HANGING: its coordinator does not have it, so no marker will come; read_committed consumers stop there',
  unknown:
    'open; give all of __transaction_state and __cluster_metadata as well to know whether it hangs',
}

function renderAll(
  partitions: readonly PartitionTransactions[],
  open: readonly OpenRow[],
  ids: readonly TransactionalIdState[],
): string {
  const parts: string[] = []
  for (const { partition, producers } of partitions) {
    const rows = producers.map((totals) => [
      totals.producerId.toString(),
      totals.committed.toString(),
      totals.aborted.toString(),
      totals.markersAlone.toString(),
    ])
    const heading = ['PRODUCER', 'COMMITTED', 'ABORTED', 'MARKERS-ALONE']
    parts.push(`${partition}\n${table([heading, ...rows])}`)
  }
  for (const row of open) parts.push(openText(row))
  if (ids.length > 0) {
    const rows = ids.map((id) => [
      id.transactionalId,
      id.producerId.toString(),
      id.producerEpoch.toString(),
      id.state,
      isoTime(id.lastUpdateTimestamp),
      id.partitions.join(' '),
    ])
    const heading = ['TRANSACTIONAL-ID', 'PRODUCER', 'EPOCH', 'STATE', 'LAST-UPDATE', 'PARTITIONS']
    parts.push(`transactional ids\n${table([heading, ...rows])}`)
  }
  return parts.length === 0 ? 'no transactions\n' : parts.join('\n')
}

const openText = (row: OpenRow): string =>
  `open in ${row.partition} from offset ${row.firstOffset}: producer ${row.producerId} epoch ${row.producerEpoch}` +
  `${row.transactionalId === null ? '' : ` (${printable(row.transactionalId)})`}, since ${isoTime(row.firstTimestamp)}\n` +
  `  ${FATES[row.fate]}\n` +
  (row.fate === 'hanging'
    ? `  ${abortCommand(row.partition.replace(/-\d+$/, ''), row.partition.replace(/^.*-/, ''), row.firstOffset)}\n`
    : '')
