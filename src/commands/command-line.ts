/** The command line as yargs reads it: every form of words there is, help, and what is said of wrong usage. */
import type { Argv } from 'yargs'
import yargs from 'yargs'
import { TOOL_VERSION } from '../recover/tool-version.ts'
import type { Command, OptionTable } from './command-table.ts'
import { COMMANDS } from './command-table.ts'
import { COMMON_OPTIONS, EXIT_CODES } from './common.ts'
import { UsageError } from './usage-error.ts'
import { usageMessage } from './usage-words.ts'

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
    .options(withValues(COMMON_OPTIONS))
  const known = new Set(['help', 'version', ...Object.keys(COMMON_OPTIONS)])
  for (const command of COMMANDS) {
    const options = withValues(await command.options())
    for (const name of Object.keys(options)) known.add(name)
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
      // Yargs has an error class of its own for what it finds on the command line.
      if (error !== undefined && error.name !== 'YError') throw error
      throw new UsageError(
        usageMessage(message ?? error?.message ?? '', { args, commands: COMMANDS, known }),
      )
    })
}

/** An option that takes a value is never without one: yargs would go on as if it had not been given. */
const withValues = (options: OptionTable): OptionTable =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      option.type === 'boolean' ? option : { ...option, requiresArg: true },
    ]),
  )

function operandOf({ operand, pathsOptional }: Command): string {
  if (operand !== undefined) return `<${operand.name}>`
  return pathsOptional === true ? '[paths..]' : '<paths..>'
}

function checkArguments(parsed: Readonly<Record<string, unknown>>): true {
  const twice = Object.entries(parsed).find(
    ([name, value]) => Array.isArray(value) && !REPEATABLE.has(name),
  )
  if (twice !== undefined) throw new UsageError(`--${twice[0]} is given more than once`)
  for (const [name, { fits, wants }] of Object.entries(NUMBERS)) {
    const value = parsed[name]
    if (value !== undefined && !fits(Number(value)))
      throw new UsageError(`--${name} wants ${wants}`)
  }
  return true
}

const NUMBERS: Readonly<
  Record<string, { readonly fits: (value: number) => boolean; readonly wants: string }>
> = {
  jobs: {
    fits: (value) => Number.isSafeInteger(value) && value > 0,
    wants: 'a whole number above 0',
  },
  'max-false-match': {
    fits: (value) => value > 0 && value <= 1,
    wants: 'a chance above 0 and up to 1, like 1e-4',
  },
  'repair-effort': {
    fits: (value) => Number.isSafeInteger(value) && value >= 0,
    wants: 'a whole number of steps from 0 on',
  },
}
