/**
 * Which commands there are, with their options as data: what they mean to a parser, and what help says of them. A
 * command's own module is loaded when it is run.
 */
import type { Options } from 'yargs'
import type { Terminal } from './common.ts'

export interface TableOption extends Options {
  /** What a shell offers as its value; a free text where it is absent and there are no choices. */
  readonly completes?: 'file' | 'directory'
  /** A number with bounds that are not those of whole ones: which values fit is for command-line.ts to say. */
  readonly fraction?: true
}

export type OptionTable = Readonly<Record<string, TableOption>>

/** The shells that `kmend completion` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export interface Command {
  readonly name: string
  readonly describe: string
  /** What its paths may be. */
  readonly paths: string
  /** Paths may be given by an option instead. */
  readonly pathsOptional?: true
  /** Where the command takes one word of a closed set in place of paths. */
  readonly operand?: { readonly name: string; readonly choices: readonly string[] }
  readonly options: () => OptionTable | Promise<OptionTable>
  /** The arguments are those of `options`, in camel case, with `paths` and the common ones. */
  readonly load: () => Promise<(args: never, terminal: Terminal) => Promise<number>>
}

const LOGS = '.log files, partition directories (topic-0) or log dirs'

const flag = (describe: string): Options => ({ type: 'boolean', default: false, describe })
const text = (describe: string): Options => ({ type: 'string', describe })
const withValue = (describe: string): Options => ({
  type: 'string',
  requiresArg: true,
  describe,
})
const folder = (describe: string): TableOption => ({ ...text(describe), completes: 'directory' })
const file = (describe: string): TableOption => ({ ...withValue(describe), completes: 'file' })

const reportFiles: OptionTable = {
  html: file('Write the report as one HTML page into this file too'),
  metrics: file("Write figures for Prometheus (node_exporter's textfile collector) into this file"),
}

const codecs: Options = {
  choices: ['js', 'native'],
  default: 'js',
  describe:
    "What decodes: kmend's own code, or the running Node where it gives the same (gzip); the result is the same",
}

const undoLimits: OptionTable = {
  'max-false-match': {
    type: 'number',
    fraction: true,
    describe: 'Largest accepted chance that an undo is wrong [default: 1e-4]',
  },
  'repair-effort': {
    type: 'number',
    describe: 'Steps (not time) that the search may take for one batch [default: 536870912]',
  },
}

const scanOptions = (): OptionTable => ({
  deep: flag('Decode every record; otherwise CRC and framing only'),
  digests: flag("Add the SHA-256 of each batch's records, to compare copies (implies --deep)"),
  codecs,
  ...reportFiles,
})

const repairOptions = (): OptionTable => ({
  out: folder('The output folder: new or empty'),
  shallow: flag('CRC only, do not decode records'),
  'keep-undecodable': flag('Leave batches that do not decode in the output'),
  undo: {
    type: 'boolean',
    default: true,
    describe: 'Put right what can be proven; --no-undo only skips',
  },
  ...undoLimits,
  salvage: {
    choices: ['none', 'side', 'data'],
    default: 'side',
    describe: 'Records read out of batches that stay broken: nowhere, beside the data, or into it',
  },
  'lost-marker': {
    choices: ['leave', 'abort', 'commit'],
    default: 'leave',
    describe:
      'What is written for a lost transaction marker of a producer that is known for certain: nothing, or a marker of this outcome',
  },
  fill: {
    choices: ['empty-batch', 'none'],
    default: 'empty-batch',
    describe: 'What stands for skipped offsets',
  },
  codecs,
  'dry-run': flag('Say what would be done; write nothing'),
  'only-changed': flag('Write only segments that differ from their source'),
  'allow-metadata-loss': flag('Write __cluster_metadata even with a hole in it'),
  ...reportFiles,
  force: flag('Replace an earlier output of kmend'),
})

const reindexOptions = (): OptionTable => ({
  out: { ...folder('The output folder: new or empty'), demandOption: true },
  force: flag('Replace an earlier output of kmend'),
})

const explainOptions = (): OptionTable => ({
  position: withValue('The batch or the damage at this byte of the file'),
  offset: withValue('The batch with this offset, or the damage where it was'),
  ...undoLimits,
})

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'scan',
    describe: 'Check segments, partition directories or whole log dirs; writes nothing',
    paths: LOGS,
    options: scanOptions,
    load: async () => (await import('./scan.ts')).scan,
  },
  {
    name: 'repair',
    describe: 'Write a repaired copy, the damaged bytes and a report into a new folder',
    paths: LOGS,
    options: repairOptions,
    load: async () => (await import('./repair.ts')).repair,
  },
  {
    name: 'reindex',
    describe: 'Rebuild .index and .timeindex, and nothing else, into a new folder',
    paths: LOGS,
    options: reindexOptions,
    load: async () => (await import('./reindex.ts')).reindex,
  },
  {
    name: 'dump',
    describe:
      'Print batches, records, indexes and snapshots as kafka-dump-log does; damage neither ends it nor changes its exit code',
    paths: '.log, index, snapshot and checkpoint files, partition directories or log dirs',
    pathsOptional: true,
    options: async () => (await import('./dump-arguments.ts')).DUMP_OPTIONS,
    load: async () => (await import('./dump.ts')).dump,
  },
  {
    name: 'explain',
    describe:
      'One batch on one screen: each header field with its meaning, the CRC, the records in short; of damage, what repair tries and why it takes or refuses it',
    paths: 'The .log file, or a .checkpoint',
    options: explainOptions,
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'groups',
    describe: 'Committed offsets of each group, from __consumer_offsets',
    paths: LOGS,
    options: () => ({ 'at-time': text('As of this time: milliseconds, or ISO 8601') }),
    load: async () => (await import('./groups.ts')).groups,
  },
  {
    name: 'transactions',
    describe: 'Open, committed and aborted transactions, by producer',
    paths: LOGS,
    options: () => ({}),
    load: async () => (await import('./transactions.ts')).transactions,
  },
  {
    name: 'metadata',
    describe: 'Brokers, topics and configs, from __cluster_metadata or a .checkpoint',
    paths: LOGS,
    options: () => ({ 'show-secrets': flag('Print the values of passwords and the like') }),
    load: async () => (await import('./metadata.ts')).metadata,
  },
  {
    name: 'completion',
    describe: 'Print the script by which a shell completes command lines of kmend',
    paths: 'Which shell the script is for',
    operand: { name: 'shell', choices: SHELLS },
    options: () => ({}),
    load: async () => (await import('./completion.ts')).completion,
  },
]
