/** Command lines of the usual kind, which are read without yargs. */
import { COMMANDS } from './command-table.ts'
import type { Terminal } from './common.ts'
import { COMMON_OPTIONS } from './common.ts'
import { parsePlainArguments } from './plain-arguments.ts'

/** Runs a command and returns its exit code; null, and nothing is done, for any other command line. */
export async function runPlainCommand(
  [name, ...words]: readonly string[],
  terminal: Terminal,
): Promise<number | null> {
  const command = COMMANDS.find((each) => each.name === name)
  if (command === undefined || command.operand !== undefined) return null
  const parsed = parsePlainArguments(words, { ...COMMON_OPTIONS, ...(await command.options()) })
  return parsed === null ? null : await (await command.load())(parsed as never, terminal)
}
