/*
 * kmend dump against the real kafka-dump-log, line for line: every healthy log of the corpus in every mode, every file
 * beside one, and logs that hold every record type of the internal topics, freshly encoded by Kafka's own classes.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface DumpResult {
  readonly name: string
  readonly complaints: readonly string[]
}

const BROKERS = ['kafka-4.1.0', 'kafka-2.8.2', 'kafka-4.1.0-crashed']

const MODES: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['shallow', []],
  ['--deep-iteration', ['--deep-iteration']],
  ['--print-data-log', ['--print-data-log']],
  ['--skip-record-metadata', ['--print-data-log', '--skip-record-metadata']],
]

const DECODERS: readonly (readonly [topic: string, option: string])[] = [
  ['__consumer_offsets', '--offsets-decoder'],
  ['__transaction_state', '--transaction-log-decoder'],
  ['__share_group_state', '--share-group-state-decoder'],
  ['__cluster_metadata', '--cluster-metadata-decoder'],
  ['__remote_log_metadata', '--remote-log-metadata-decoder'],
]

const BESIDE = /\.(index|timeindex|txnindex|snapshot)$/

interface DumpCase {
  readonly name: string
  readonly files: readonly string[]
  readonly options: readonly string[]
  /** What the Java tool has no word for. */
  readonly ownOptions?: readonly string[]
}

function filesBelow(folder: string, wanted: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => join(folder, name))
}

function corpusCases(copy: string): DumpCase[] {
  return BROKERS.flatMap((broker) => {
    const logs = filesBelow(join(copy, broker), /\.log$/)
    return [
      ...MODES.map(([mode, options]) => ({
        name: `dump ${mode} of all logs of ${broker} is kafka-dump-log's`,
        files: logs,
        options,
      })),
      {
        name: `dump of all indexes and snapshots of ${broker} is kafka-dump-log's`,
        files: filesBelow(join(copy, broker), BESIDE),
        options: [],
      },
    ]
  })
}

function decoderCases(copy: string, records: string): DumpCase[] {
  return DECODERS.flatMap(([topic, option]) => {
    const wanted = new RegExp(`${topic}-\\d+/\\d+\\.log$`)
    const found = [...filesBelow(copy, wanted), ...filesBelow(records, wanted)]
    return {
      name: `dump ${option} is kafka-dump-log's, for every record type`,
      files: found,
      options: [option],
      ownOptions: ['--show-secrets'],
    }
  })
}

/** Runs a program with its output in a file: some dumps are large. */
function runInto(path: string, command: string, args: readonly string[]): string | null {
  const descriptor = openSync(path, 'w')
  try {
    const { status, stderr } = spawnSync(command, args, {
      stdio: ['ignore', descriptor, 'pipe'],
      encoding: 'utf8',
    })
    return status === 0 ? null : `exit ${status ?? 'by signal'}: ${stderr.slice(0, 500)}`
  } finally {
    closeSync(descriptor)
  }
}

function firstDifference(theirs: string, mine: string): string | null {
  const [a, b] = [readFileSync(theirs), readFileSync(mine)]
  if (a.equals(b)) return null
  const [wanted, got] = [a.toString().split('\n'), b.toString().split('\n')]
  const line = wanted.findIndex((text, index) => text !== got[index])
  const cut = (text: string | undefined): string => (text ?? 'nothing').slice(0, 300)
  return `line ${line + 1}: ${cut(got[line])}\n     instead of ${cut(wanted[line])}`
}

/** Compares only the cases whose name contains `only`. The corpus is copied: the Java tool writes beside its files. */
export function compareDumps(
  { classPath, cli, corpus }: { classPath: readonly string[]; cli: string; corpus: string },
  directory: string,
  only: string,
): DumpResult[] {
  const [copy, records] = [join(directory, 'corpus'), join(directory, 'records')]
  mkdirSync(records, { recursive: true })
  for (const broker of BROKERS)
    cpSync(join(corpus, broker), join(copy, broker), { recursive: true })
  const java = ['-cp', classPath.join(delimiter)]
  const encoded = spawnSync('java', [...java, 'kmend.RecordsOfAllTypes', records], {
    encoding: 'utf8',
  })
  if (encoded.status !== 0)
    return [{ name: 'records of all types', complaints: [encoded.stderr.slice(0, 500)] }]
  const cases = [...corpusCases(copy), ...decoderCases(copy, records)]
  return cases
    .filter(({ name }) => name.includes(only))
    .map(({ name, files, options, ownOptions = [] }) => {
      const [theirs, mine] = [join(directory, 'theirs.txt'), join(directory, 'mine.txt')]
      const tool = [...java, 'kafka.tools.DumpLogSegments', ...options, '--files', files.join(',')]
      const failures = [
        runInto(theirs, 'java', tool),
        runInto(mine, process.execPath, [cli, 'dump', ...options, ...ownOptions, ...files]),
      ].filter((failure) => failure !== null)
      const difference = failures.length > 0 ? null : firstDifference(theirs, mine)
      const complaints = difference === null ? failures : [difference]
      return { name: `${name} (${files.length} files)`, complaints }
    })
}
