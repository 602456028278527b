#!/usr/bin/env node
/**
 * The command line: wiring, and the only place that turns an outcome into an exit code.
 */
import type { Terminal } from './src/commands/common.ts'
import { withoutDashes } from './src/commands/plain-arguments.ts'
import { UsageError } from './src/commands/usage-error.ts'
import { ioError, KmendError } from './src/errors.ts'
import { startEarlyThreads } from './src/recover/early-threads.ts'
import { TOOL_VERSION } from './src/recover/tool-version.ts'
import { printable } from './src/words/words.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130

const interruption = new AbortController()
const ownTerminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  environment: process.env,
}

process.on('SIGINT', () => {
  interruption.abort(new DOMException('interrupted', 'AbortError'))
})
/** What these find or write is the same whoever reads of it: they go on, and their exit code is that of the work. */
const GO_ON_UNREAD: ReadonlySet<string> = new Set(['scan', 'repair', 'reindex'])
const output = { goesOnUnread: false, failed: false }

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') {
    // `kmend dump … | head`: a reader that has seen enough is no error, and nothing is left to do.
    if (!output.goesOnUnread) process.exit(process.exitCode ?? 0)
    return
  }
  if (output.failed) return
  output.failed = true
  process.exitCode = EXIT_FAILED
  process.stderr.write(`kmend: ${ioError('write to', 'stdout', error).message}\n`)
  if (!output.goesOnUnread) interruption.abort(error)
})

// Where nobody can be told, the exit code still tells.
process.stderr.on('error', () => undefined)

async function run(args: readonly string[]): Promise<number> {
  // Scripts ask for it often; nothing else has to be loaded for it.
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(`${TOOL_VERSION}\n`)
    return 0
  }
  output.goesOnUnread = GO_ON_UNREAD.has(args[0] ?? '')
  // Threads take as long to start as the command does to be loaded.
  const terminal = { ...ownTerminal, threads: startEarlyThreads(args) }
  const { runPlainCommand } = await import('./src/commands/plain-command.ts')
  let exitCode = await runPlainCommand(args, terminal)
  if (exitCode !== null) return exitCode
  exitCode = 0
  const { createCommandLine } = await import('./src/commands/command-line.ts')
  const columns = Math.min(110, process.stdout.columns || 100)
  const parser = await createCommandLine(args, columns, async (command, parsed) => {
    output.goesOnUnread = GO_ON_UNREAD.has(command.name)
    exitCode = await (await command.load())(parsed as never, terminal)
  })
  if (args.length === 0) {
    process.stdout.write(`${await parser.getHelp()}\n`)
    return 0
  }
  await parser.parseAsync()
  return exitCode
}

function explain(error: unknown): number {
  if (output.failed) return EXIT_FAILED
  if (interruption.signal.aborted) {
    process.stderr.write(
      'kmend: interrupted; what is finished stays, nothing half-written is left\n',
    )
    return EXIT_INTERRUPTED
  }
  if (error instanceof UsageError) {
    process.stderr.write(`kmend: ${printable(error.message)}\nSee kmend --help.\n`)
    return EXIT_USAGE
  }
  if (error instanceof KmendError) {
    process.stderr.write(`kmend: ${printable(error.message)}\n`)
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

async function main(args: readonly string[]): Promise<void> {
  try {
    const exitCode = await run(args)
    process.exitCode = output.failed ? EXIT_FAILED : exitCode
  } catch (error) {
    process.exitCode = explain(error)
    if (args.includes('--debug') && error instanceof Error)
      process.stderr.write(`${error.stack ?? ''}\n`)
  }
}

void main(withoutDashes(process.argv.slice(2)))
