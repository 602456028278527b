/** The commands with all of their options resolved: what completion scripts and the man page are made from. */
import type { OptionTable, TableOption } from './command-table.ts'
import { COMMANDS } from './command-table.ts'
import { COMMON_OPTIONS } from './common.ts'

/** One way to write an option: a flag that is on by default has a second one, `--no-NAME`. */
export interface ListedOption {
  /** With its dashes. */
  readonly word: string
  readonly describe: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
  readonly completes: 'file' | 'directory' | null
  readonly default: string | null
}

export interface ListedCommand {
  readonly name: string
  readonly describe: string
  readonly paths: string
  readonly operand: { readonly name: string; readonly choices: readonly string[] } | null
  /** Its own, without the common ones. */
  readonly options: readonly ListedOption[]
}

/** What yargs adds of its own accord. */
const BUILT_IN: OptionTable = {
  help: { type: 'boolean', describe: 'Show help' },
  version: { type: 'boolean', describe: 'Show version number' },
}

function listOption([name, option]: readonly [string, TableOption]): ListedOption[] {
  const takesValue = option.type !== 'boolean'
  const listed: ListedOption = {
    word: `--${name}`,
    describe: option.describe ?? '',
    takesValue,
    choices: (option.choices ?? []).map(String),
    completes: option.completes ?? null,
    default: takesValue && option.default !== undefined ? String(option.default) : null,
  }
  return option.default === true ? [listed, { ...listed, word: `--no-${name}` }] : [listed]
}

const listOptions = (options: OptionTable): ListedOption[] =>
  Object.entries(options).flatMap(listOption)

/** The options that every command has. */
export const listCommonOptions = (): readonly ListedOption[] =>
  listOptions({ ...COMMON_OPTIONS, ...BUILT_IN })

/** In the order of the help. */
export const listCommands = (): Promise<readonly ListedCommand[]> =>
  Promise.all(
    COMMANDS.map(async ({ name, describe, paths, operand, options }) => ({
      name,
      describe,
      paths,
      operand: operand ?? null,
      options: listOptions(await options()),
    })),
  )
