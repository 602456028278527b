/** The manual page of kmend in the man macros, made from what the parser and the help are made from. */
import { EXIT_CODES } from './common.ts'
import type { ListedCommand, ListedOption } from './option-list.ts'
import { listCommands, listCommonOptions } from './option-list.ts'

/** Text as roff prints it unchanged; a line must not begin with a control character. */
const roff = (text: string): string =>
  text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll(/^[.']/gm, '\\&$&')

function optionEntry({ word, describe, takesValue, choices, ...rest }: ListedOption): string {
  const value =
    choices.length > 0
      ? ` \\fR${roff(choices.join(' | '))}`
      : takesValue
        ? ` \\fI${(rest.completes ?? 'value').toUpperCase()}`
        : ''
  const byDefault = rest.default === null ? '' : ` (default: ${rest.default})`
  return `.TP\n\\fB${roff(word)}${value}\\fR\n${roff(describe + byDefault)}`
}

function commandEntry({ name, describe, paths, operand, options }: ListedCommand): string {
  const operands = operand === null ? 'PATH\\fR...' : `${operand.choices.join('\\fR | \\fI')}\\fR`
  return [
    `.SS ${name}`,
    `\\fBkmend ${name}\\fR [\\fIOPTION\\fR]... \\fI${operands}`,
    '.PP',
    roff(`${describe}.`),
    '.PP',
    roff(`${operand === null ? 'PATH' : operand.name.toUpperCase()}: ${paths}.`),
    ...options.map(optionEntry),
  ].join('\n')
}

function exitStatus(): string {
  return EXIT_CODES.split('\n')
    .slice(1)
    .map((line) => {
      const [, code = '', meaning = ''] = /^ *(\d+) +(.*)$/.exec(line) ?? []
      return `.TP\n.B ${code}\n${roff(meaning)}`
    })
    .join('\n')
}

/** The text of `man/kmend.1`; without a date, so that the same sources give the same page. */
export async function manPage(version: string): Promise<string> {
  const commands = await listCommands()
  return `.\\" Made by \`npm run build:man\`: not to be edited.
.TH KMEND 1 "" "kmend ${version}" "User Commands"
.SH NAME
kmend \\- find and repair damage in Apache Kafka log segments, offline
.SH SYNOPSIS
.B kmend
.I COMMAND
[\\fIOPTION\\fR]... \\fIPATH\\fR...
.SH DESCRIPTION
kmend reads the files that an Apache Kafka broker leaves on disk, without a broker, and says exactly what in them is
damaged.
It writes a repaired copy, the damaged bytes beside it, and a report.
It never writes to its source.
.SH COMMANDS
${commands.map(commandEntry).join('\n')}
.SH COMMON OPTIONS
${listCommonOptions().map(optionEntry).join('\n')}
.SH EXIT STATUS
${exitStatus()}
`
}
