/**
 * Reads command lines of the usual kind without yargs, whose loading takes longer than checking a file of many
 * megabytes. It understands only what can be understood in one way; everything else, all that is wrong included, is
 * left to yargs. Where it answers, it answers what yargs would.
 */
import type { OptionTable, TableOption } from './command-table.ts'

export type PlainArguments = Record<string, unknown> & { readonly paths: readonly string[] }

/** Words that yargs gives a meaning of its own as the value of a flag. */
const FLAG_VALUES: ReadonlySet<string> = new Set(['true', 'false'])
const WHOLE_NUMBER = /^[1-9]\d{0,8}$/

const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function defaultsOf(options: OptionTable): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(options))
    if (option.default !== undefined) values[camelCase(name)] = option.default
  return values
}

/** Behind `--` every word is a path, whatever it begins with; yargs would not count them. */
export function withoutDashes(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--')
  if (at === -1) return args
  const paths = args.slice(at + 1).map((word) => (word.startsWith('-') ? `./${word}` : word))
  return [...args.slice(0, at), ...paths]
}

/** The value of an option that is no flag; undefined where the text is not plainly one. */
function valueOf(option: TableOption, text: string | undefined): string | number | undefined {
  if (text === undefined || text === '' || text.startsWith('-')) return undefined
  if (option.choices !== undefined) return option.choices.includes(text) ? text : undefined
  if (option.type === 'number')
    return WHOLE_NUMBER.test(text) && option.fraction !== true ? Number(text) : undefined
  return option.type === 'string' && option.array !== true ? text : undefined
}

/** The arguments behind the name of a command, under their names in camel case; null where yargs has to be asked. */
export function parsePlainArguments(
  words: readonly string[],
  options: OptionTable,
): PlainArguments | null {
  const paths: string[] = []
  const values = defaultsOf(options)
  const given = new Set<string>()
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('-')) {
      if (word === '') return null
      paths.push(word)
      continue
    }
    const match = /^--(no-)?([a-z-]+)$/.exec(word)
    const name = match?.[2] ?? ''
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (option === undefined || given.has(name)) return null
    given.add(name)
    const next = words[index + 1]
    if (option.type === 'boolean') {
      if (next !== undefined && FLAG_VALUES.has(next)) return null
      values[camelCase(name)] = match?.[1] === undefined
      continue
    }
    const value = match?.[1] === undefined ? valueOf(option, next) : undefined
    if (value === undefined) return null
    values[camelCase(name)] = value
    index++
  }
  const lacks = Object.entries(options).some(
    ([name, { demandOption }]) => demandOption !== undefined && !given.has(name),
  )
  return paths.length === 0 || lacks ? null : { ...values, paths }
}
