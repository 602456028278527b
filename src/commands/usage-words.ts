/** What is said of wrong usage: what yargs found, in the words of the command line that was typed. */
import type { Command } from './command-table.ts'

export interface Usage {
  /** The words behind `kmend`. */
  readonly args: readonly string[]
  readonly commands: readonly Command[]
  /** The options of all commands. */
  readonly known: ReadonlySet<string>
}

const listed = (words: readonly string[], last: 'and' | 'or'): string =>
  words.join(', ').replace(/, (?=[^,]*$)/, ` ${last} `)

const noOption = (word: string): string => `there is no option ${word.replace(/=.*/s, '')} here`

/** The name of an option as it was typed; null for any other word. */
const optionName = (word: string): string | null => /^--?(?:no-)?([^=]+)/.exec(word)?.[1] ?? null

/** An option that no command has; yargs may have taken the word behind it for its value. */
const strangeOption = ({ args, known }: Usage): string | undefined =>
  args.find((word) => {
    const name = optionName(word)
    return name !== null && !known.has(name)
  })

/** `names` are words or options; yargs names an option in camel case too. */
function unknown(names: readonly string[], usage: Usage): string {
  const { args, commands } = usage
  const word = names.find((name) => args.includes(name))
  if (word !== undefined)
    return commands.some(({ name }) => args.includes(name))
      ? `${word} is one word too many`
      : `there is no command ${word}; there are ${listed(
          commands.map(({ name }) => name),
          'and',
        )}`
  const option = args.find((each) => names.includes(optionName(each) ?? '')) ?? strangeOption(usage)
  return noOption(option ?? names.join(', '))
}

/** `faults` are lines like `Argument: fill, Given: "x", Choices: "empty-batch", "none"`. */
const notChosen = (faults: string): string =>
  [...faults.matchAll(/Argument: (\S+), Given: (.*), Choices: (.*)/g)]
    .map(([, name = '', given = '', choices = '']) => {
      const words = choices.replaceAll('"', '').split(', ')
      return `${name === 'shell' ? 'the shell' : `--${name}`} is ${listed(words, 'or')}, not ${given}`
    })
    .join('; ')

const missingOperand = ({ name, operand }: Command): string =>
  operand === undefined
    ? `name what to ${name}: kmend ${name} PATH…`
    : `name the ${operand.name}: kmend ${name} ${operand.choices.join('|')}`

/** `message` is what yargs says; what is not known here is told as it is. */
export function usageMessage(message: string, usage: Usage): string {
  const [, what = '', names = ''] = /^([\w -]+?)s?: ?(.*)$/s.exec(message) ?? []
  const command = usage.commands.find(({ name }) => usage.args.includes(name))
  switch (what) {
    case 'Unknown argument':
      return unknown(names.split(', '), usage)
    case 'Invalid value':
      return notChosen(names)
    case 'Missing required argument':
      return `--${names} is needed, with a value`
    case 'Not enough arguments following':
      return `--${names} needs a value`
    case 'Not enough non-option argument': {
      const strange = strangeOption(usage)
      if (strange !== undefined) return noOption(strange)
      return command === undefined ? message : missingOperand(command)
    }
    default:
      return message
  }
}
