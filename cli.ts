#!/usr/bin/env node
/**
 * The command line: wiring, and the only place that turns an outcome into an exit code.
 */
import type { Argv, Options } from 'yargs'
import type { Terminal } from './src/commands/common.ts'
import { KmendError } from './src/errors.ts'
import { TOOL_VERSION } from './src/recover/tool-version.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130

/** Raised for words on the command line that mean nothing. */
class UsageError extends Error {}

const interruption = new AbortController()
const terminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  environment: process.env,
}

process.on('SIGINT', () => {
  interruption.abort(new DOMException('interrupted', 'AbortError'))
})
// `kmend … | head`: a reader that has seen enough is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(process.exitCode ?? 0)
})

/** What may be given more than once, and what yargs itself keeps as a list. */
const REPEATABLE: ReadonlySet<string> = new Set(['paths', '_', 'header'])

type Done = (exitCode: number) => void

const paths = {
  type: 'string',
  array: true,
  demandOption: true,
  describe: '.log files, partition directories (topic-0) or log dirs',
} as const
const flag = (describe: string) => ({ type: 'boolean', default: false, describe }) as const

const fileToWrite = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const
const reportFiles = {
  html: fileToWrite('Write the report as one HTML page into this file too'),
  metrics: fileToWrite(
    "Write figures for Prometheus (node_exporter's textfile collector) into this file",
  ),
} as const

const addScan = (parser: Argv, done: Done): Argv =>
  parser.command(
    'scan <paths..>',
    'Check segments, partition directories or whole log dirs; writes nothing',
    (command) =>
      command
        .positional('paths', paths)
        .option('deep', flag('Decode every record; otherwise CRC and framing only'))
        .option(
          'digests',
          flag("Add the SHA-256 of each batch's records, to compare copies (implies --deep)"),
        )
        .options(reportFiles),
    async (parsed) => {
      const { scan } = await import('./src/commands/scan.ts')
      done(await scan(parsed as unknown as Parameters<typeof scan>[0], terminal))
    },
  )

const addRepair = (parser: Argv, done: Done): Argv =>
  parser.command(
    'repair <paths..>',
    'Write a repaired copy, the damaged bytes and a report into a new folder',
    (command) =>
      command
        .positional('paths', paths)
        .option('out', { type: 'string', describe: 'The output folder: new or empty' })
        .option('shallow', flag('CRC only, do not decode records'))
        .option('keep-undecodable', flag('Leave batches that do not decode in the output'))
        .option('undo', {
          type: 'boolean',
          default: true,
          describe: 'Put right what can be proven; --no-undo only skips',
        })
        .option('max-false-match', {
          type: 'number',
          describe: 'Largest accepted chance that an undo is wrong [default: 1e-4]',
        })
        .option('repair-effort', {
          type: 'number',
          describe: 'Steps (not time) that the search may take for one batch [default: 536870912]',
        })
        .option('salvage', {
          choices: ['none', 'side', 'data'],
          default: 'side',
          describe:
            'Records read out of batches that stay broken: nowhere, beside the data, or into it',
        })
        .option('lost-marker', {
          choices: ['leave', 'abort', 'commit'],
          default: 'leave',
          describe:
            'What is written for a lost transaction marker of a producer that is known for certain: nothing, or a marker of this outcome',
        })
        .option('fill', {
          choices: ['empty-batch', 'none'],
          default: 'empty-batch',
          describe: 'What stands for skipped offsets',
        })
        .option('dry-run', flag('Say what would be done; write nothing'))
        .option('only-changed', flag('Write only segments that differ from their source'))
        .option('allow-metadata-loss', flag('Write __cluster_metadata even with a hole in it'))
        .options(reportFiles)
        .option('force', flag('Replace an earlier output of kmend')),
    async (parsed) => {
      const { repair } = await import('./src/commands/repair.ts')
      done(await repair(parsed as unknown as Parameters<typeof repair>[0], terminal))
    },
  )

const addReindex = (parser: Argv, done: Done): Argv =>
  parser.command(
    'reindex <paths..>',
    'Rebuild .index and .timeindex, and nothing else, into a new folder',
    (command) =>
      command
        .positional('paths', paths)
        .option('out', {
          type: 'string',
          demandOption: true,
          describe: 'The output folder: new or empty',
        })
        .option('force', flag('Replace an earlier output of kmend')),
    async (parsed) => {
      const { reindex } = await import('./src/commands/reindex.ts')
      done(await reindex(parsed as unknown as Parameters<typeof reindex>[0], terminal))
    },
  )

const addDump = (parser: Argv, done: Done, options: Readonly<Record<string, Options>>): Argv =>
  parser.command(
    'dump <paths..>',
    'Print batches, records, indexes and snapshots as kafka-dump-log does; damage neither ends it nor changes its exit code',
    (command) =>
      command
        .positional('paths', {
          ...paths,
          describe: '.log, index, snapshot and checkpoint files, partition directories or log dirs',
        })
        .options(options),
    async (parsed) => {
      const { dump } = await import('./src/commands/dump.ts')
      done(await dump(parsed as unknown as Parameters<typeof dump>[0], terminal))
    },
  )

/** A command with few options: paths in, one answer out. */
const addSummary = (
  parser: Argv,
  [name, describe, options]: readonly [string, string, Readonly<Record<string, Options>>],
  load: () => Promise<(args: never, terminal: Terminal) => Promise<number>>,
  done: Done,
): Argv =>
  parser.command(
    `${name} <paths..>`,
    describe,
    (command) => command.positional('paths', paths).options(options),
    async (parsed) => {
      const summarise = await load()
      done(await summarise(parsed as never, terminal))
    },
  )

const wholeNumber = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const

const addExplain = (parser: Argv, done: Done): Argv =>
  addSummary(
    parser,
    [
      'explain',
      'One batch on one screen: every header field with its meaning, the CRC, the records in short',
      {
        position: wholeNumber('The batch or the damage at this byte of the file'),
        offset: wholeNumber('The batch with this offset, or the damage where it was'),
      },
    ],
    async () => (await import('./src/commands/explain.ts')).explain,
    done,
  )

const addSummaries = (parser: Argv, done: Done): Argv => {
  const atTime = { type: 'string', describe: 'As of this time: milliseconds, or ISO 8601' } as const
  addSummary(
    parser,
    ['groups', 'Committed offsets of each group, from __consumer_offsets', { 'at-time': atTime }],
    async () => (await import('./src/commands/groups.ts')).groups,
    done,
  )
  addSummary(
    parser,
    ['transactions', 'Open, committed and aborted transactions, by producer', {}],
    async () => (await import('./src/commands/transactions.ts')).transactions,
    done,
  )
  return addSummary(
    parser,
    [
      'metadata',
      'Brokers, topics and configs, from __cluster_metadata or a .checkpoint',
      { 'show-secrets': flag('Print the values of passwords and the like') },
    ],
    async () => (await import('./src/commands/metadata.ts')).metadata,
    done,
  )
}

async function run(args: readonly string[]): Promise<number> {
  // Scripts ask for it often; nothing else has to be loaded for it.
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(`${TOOL_VERSION}\n`)
    return 0
  }
  const [{ default: yargs }, { COMMON_OPTIONS, EXIT_CODES }, { DUMP_OPTIONS }] = await Promise.all([
    import('yargs'),
    import('./src/commands/common.ts'),
    import('./src/commands/dump-arguments.ts'),
  ])
  let exitCode = 0
  const done = (code: number): void => {
    exitCode = code
  }
  const parser = yargs([...args])
    .scriptName('kmend')
    .usage(
      '$0 <command>\n\nFinds and repairs damage in Apache Kafka log segments, offline. Never writes to its source.',
    )
    .version(TOOL_VERSION)
    .options(COMMON_OPTIONS)
  for (const add of [addScan, addRepair, addReindex]) add(parser, done)
  addDump(parser, done, DUMP_OPTIONS)
  for (const add of [addExplain, addSummaries]) add(parser, done)
  parser
    .strict()
    .check((parsed) => {
      const twice = Object.entries(parsed).find(
        ([name, value]) => Array.isArray(value) && !REPEATABLE.has(name),
      )
      if (twice !== undefined) throw new UsageError(`--${twice[0]} is given more than once`)
      const jobs = parsed['jobs']
      if (jobs !== undefined && !(Number.isInteger(jobs) && Number(jobs) > 0))
        throw new UsageError('--jobs wants a whole number above 0')
      return true
    })
    .demandCommand(1, 'name a command, e.g. scan or repair')
    .epilogue(EXIT_CODES)
    .wrap(Math.min(110, process.stdout.columns || 100))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? 'wrong usage')
    })
  if (args.length === 0) {
    process.stdout.write(`${await parser.getHelp()}\n`)
    return 0
  }
  await parser.parseAsync()
  return exitCode
}

function explain(error: unknown): number {
  if (interruption.signal.aborted) {
    process.stderr.write(
      'kmend: interrupted; what is finished stays, nothing half-written is left\n',
    )
    return EXIT_INTERRUPTED
  }
  if (error instanceof UsageError) {
    process.stderr.write(`kmend: ${error.message}\nSee kmend --help.\n`)
    return EXIT_USAGE
  }
  if (error instanceof KmendError) {
    process.stderr.write(`kmend: ${error.message}\n`)
    return error.code === 'INVALID_ARGUMENT' || error.code === 'OUTPUT_EXISTS'
      ? EXIT_USAGE
      : EXIT_FAILED
  }
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `kmend: this should not have happened: ${text}\nPlease report it, with --debug for details.\n`,
  )
  return EXIT_FAILED
}

const args = process.argv.slice(2)
try {
  process.exitCode = await run(args)
} catch (error) {
  process.exitCode = explain(error)
  if (args.includes('--debug') && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`)
}
