/** The command line as yargs reads it: every form of words there is, help, and what is said of wrong usage. */
import type { Argv } from 'yargs'
import yargs from 'yargs'
import { TOOL_VERSION } from '../recover/tool-version.ts'
import type { Command } from './command-table.ts'
import { COMMANDS } from './command-table.ts'
import { COMMON_OPTIONS, EXIT_CODES } from './common.ts'
import { UsageError } from './usage-error.ts'

/** What may be given more than once, and what yargs itself keeps as a list. */
const REPEATABLE: ReadonlySet<string> = new Set(['paths', '_', 'header'])

/** `run` is given the command that was named, with its arguments. Wrong usage is thrown as UsageError. */
export async function createCommandLine(
  args: readonly string[],
  columns: number,
  run: (command: Command, parsed: object) => Promise<void> | void,
): Promise<Argv> {
  const parser = yargs([...args])
    .scriptName('kmend')
    .usage(
      '$0 <command>\n\nFinds and repairs damage in Apache Kafka log segments, offline. Never writes to its source.',
    )
    .version(TOOL_VERSION)
    .options(COMMON_OPTIONS)
  for (const command of COMMANDS) {
    const options = await command.options()
    const { operand, pathsOptional } = command
    const demandOption = pathsOptional !== true
    const positional = { type: 'string', demandOption, describe: command.paths } as const
    parser.command(
      `${command.name} ${operandOf(command)}`,
      command.describe,
      (each) => {
        each.options(options)
        return operand === undefined
          ? each.positional('paths', { ...positional, array: true })
          : each.positional(operand.name, { ...positional, choices: operand.choices })
      },
      async (parsed) => {
        await run(command, parsed)
      },
    )
  }
  return parser
    .strict()
    .check(checkArguments)
    .demandCommand(1, 'name a command, e.g. scan or repair')
    .epilogue(EXIT_CODES)
    .wrap(columns)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? 'wrong usage')
    })
}

function operandOf({ operand, pathsOptional }: Command): string {
  if (operand !== undefined) return `<${operand.name}>`
  return pathsOptional === true ? '[paths..]' : '<paths..>'
}

function checkArguments(parsed: Readonly<Record<string, unknown>>): true {
  const twice = Object.entries(parsed).find(
    ([name, value]) => Array.isArray(value) && !REPEATABLE.has(name),
  )
  if (twice !== undefined) throw new UsageError(`--${twice[0]} is given more than once`)
  const jobs = parsed['jobs']
  if (jobs !== undefined && !(Number.isInteger(jobs) && Number(jobs) > 0))
    throw new UsageError('--jobs wants a whole number above 0')
  return true
}
