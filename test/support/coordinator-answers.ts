/** The answers of kafka-consumer-groups and kafka-transactions, held against those of kmend, for tests of both kinds. */

export interface Comparison {
  readonly name: string
  readonly complaints: readonly string[]
}

type Row = Readonly<Record<string, string>>

/** What the tools said, by the question. */
export type Answers = ReadonlyMap<string, string>

/** The output of CoordinatorScene.java. */
export function parseAnswers(output: string): Answers {
  const sections = output.split(/^=== /m).slice(1)
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n')
      return [section.slice(0, end), section.slice(end + 1)]
    }),
  )
}

/** kafka-consumer-groups: cells stand below the start of their column's name; names come again before each group. */
function groupRows(answer: string, columns: readonly string[]): Row[] {
  const rows: Row[] = []
  let starts: readonly number[] = []
  for (const line of answer.split('\n').filter((text) => text.trim() !== '')) {
    const found = columns.map((column) => line.search(new RegExp(`(?<!\\S)${column}(?!\\S)`)))
    if (line.startsWith('GROUP ')) starts = found
    else
      rows.push(
        Object.fromEntries(
          columns.map((column, at) => [column, line.slice(starts[at]).split(/\s+/, 1)[0]!]),
        ),
      )
  }
  return rows
}

/** kafka-transactions: cells are divided by tabs. */
function transactionRows(answer: string): Row[] {
  const [heading = [], ...rows] = answer
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split('\t').map((cell) => cell.trim()))
  return rows.map((cells) =>
    Object.fromEntries(heading.map((name, at): [string, string] => [name, cells[at] ?? ''])),
  )
}

/** Both say the same, in any order. */
function same(
  name: string,
  broker: readonly (readonly unknown[])[],
  kmend: readonly (readonly unknown[])[],
): Comparison {
  const [theirs, mine] = [broker, kmend].map((rows) => rows.map((row) => row.join(' ')).sort())
  const complaints = [
    ...theirs!.filter((row) => !mine!.includes(row)).map((row) => `only the broker says: ${row}`),
    ...mine!.filter((row) => !theirs!.includes(row)).map((row) => `only kmend says: ${row}`),
    ...(theirs!.length === mine!.length ? [] : [`${mine!.length} rows, not ${theirs!.length}`]),
    ...(theirs!.length === 0 ? ['the broker says nothing at all'] : []),
  ]
  return { name: `${name} (${theirs!.length} rows)`, complaints }
}

export interface GroupsDocument {
  readonly groups: readonly {
    readonly group: string
    readonly type: string | null
    readonly state: string | null
    readonly epoch: number | null
    readonly members: readonly {
      readonly memberId: string
      readonly clientId: string
      readonly clientHost: string
    }[]
    readonly offsets: readonly {
      readonly topic: string
      readonly partition: number
      readonly offset: number
      readonly leaderEpoch: number
    }[]
  }[]
  readonly undecodableRecords: number
  readonly damagedPlaces: number
}

/** `-` for what the tool has no value for. */
const orDash = (value: number): number | string => (value < 0 ? '-' : value)

export function compareGroups(answers: Answers, { groups, ...rest }: GroupsDocument): Comparison[] {
  const ask = (question: string, columns: readonly string[]): string[][] =>
    groupRows(answers.get(`kafka-consumer-groups ${question}`) ?? '', columns).map((row) =>
      columns.map((column) => row[column]!),
    )
  const described = (what: string) => `--describe --all-groups --${what} --verbose`
  return [
    same(
      'kmend groups: type and state of each group',
      ask('--list --type --state', ['GROUP', 'TYPE', 'STATE']).map(([group, type, state]) => [
        group,
        type!.toLowerCase(),
        state,
      ]),
      groups.map(({ group, type, state }) => [group, type, state]),
    ),
    same(
      'kmend groups: epochs of groups of the newer protocol, and numbers of members',
      ask(described('state'), ['GROUP', 'STATE', 'GROUP-EPOCH', '#MEMBERS']),
      groups.map(({ group, state, type, epoch, members }) => [
        group,
        state,
        type === 'consumer' ? epoch : '-',
        members.length,
      ]),
    ),
    same(
      'kmend groups: members',
      ask(described('members'), ['GROUP', 'CONSUMER-ID', 'HOST', 'CLIENT-ID']),
      groups.flatMap(({ group, members }) =>
        members.map(({ memberId, clientHost, clientId }) => [
          group,
          memberId,
          clientHost,
          clientId,
        ]),
      ),
    ),
    same(
      'kmend groups: committed offsets',
      ask(described('offsets'), [
        'GROUP',
        'TOPIC',
        'PARTITION',
        'LEADER-EPOCH',
        'CURRENT-OFFSET',
      ]).filter(([, , , , offset]) => offset !== '-'),
      groups.flatMap(({ group, offsets }) =>
        offsets.map(({ topic, partition, leaderEpoch, offset }) => [
          group,
          topic,
          partition,
          orDash(leaderEpoch),
          offset,
        ]),
      ),
    ),
    same('kmend groups: nothing unread', [[0, 0]], [[rest.undecodableRecords, rest.damagedPlaces]]),
  ]
}

export interface TransactionsDocument {
  readonly open: readonly {
    readonly partition: string
    readonly producerId: number
    readonly producerEpoch: number
    readonly firstOffset: number
    readonly fate: string
  }[]
  readonly transactionalIds: readonly {
    readonly transactionalId: string
    readonly producerId: number
    readonly producerEpoch: number
    readonly state: string
    readonly timeoutMs: number
    readonly startTimestamp: number
    readonly partitions: readonly string[]
  }[]
}

export function compareTransactions(
  answers: Answers,
  { open, transactionalIds }: TransactionsDocument,
): Comparison[] {
  const ask = (question: RegExp): Row[] =>
    [...answers].flatMap(([name, answer]) => {
      const asked = question.exec(name)?.groups
      return asked === undefined ? [] : transactionRows(answer).map((row) => ({ ...asked, ...row }))
    })
  const partition = (row: Row) =>
    `${row['topic'] ?? row['Topic']}-${row['partition'] ?? row['Partition']}`
  const sorted = (partitions: readonly string[]) => [...partitions].sort().join(',')
  return [
    same(
      'kmend transactions: transactional ids',
      ask(/^kafka-transactions (?<asked>list)$/).map((row) => [
        row['TransactionalId'],
        row['ProducerId'],
        row['TransactionState'],
      ]),
      transactionalIds.map((id) => [id.transactionalId, id.producerId, id.state]),
    ),
    same(
      'kmend transactions: epoch, state, timeout, start and partitions of each',
      ask(/^kafka-transactions (?<asked>describe) /).map((row) => [
        row['TransactionalId'],
        row['ProducerId'],
        row['ProducerEpoch'],
        row['TransactionState'],
        row['TransactionTimeoutMs'],
        row['CurrentTransactionStartTimeMs'],
        sorted(row['TopicPartitions']!.split(',')),
      ]),
      transactionalIds.map((id) => [
        id.transactionalId,
        id.producerId,
        id.producerEpoch,
        id.state,
        id.timeoutMs,
        id.startTimestamp < 0 ? 'None' : id.startTimestamp,
        sorted(id.partitions),
      ]),
    ),
    same(
      'kmend transactions: what is open, and where it begins',
      ask(
        /^kafka-transactions describe-producers --topic (?<topic>\S+) --partition (?<partition>\d+)$/,
      )
        .filter((row) => row['CurrentTransactionStartOffset'] !== 'None')
        .map((row) => [
          partition(row),
          row['ProducerId'],
          row['ProducerEpoch'],
          row['CurrentTransactionStartOffset'],
        ]),
      open.map((each) => [each.partition, each.producerId, each.producerEpoch, each.firstOffset]),
    ),
    same(
      'kmend transactions: which of them hang',
      ask(/^kafka-transactions (?<asked>find-hanging) /).map((row) => [
        partition(row),
        row['ProducerId'],
        row['StartOffset'],
      ]),
      open
        .filter(({ fate }) => fate === 'hanging')
        .map((each) => [each.partition, each.producerId, each.firstOffset]),
    ),
  ]
}
