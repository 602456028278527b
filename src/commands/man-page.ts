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

/** The heading of a version in CHANGELOG.md tells when it was made. */
function releaseDate(version: string, changelog: string): string {
  const heading = changelog.split('\n').find((line) => line.startsWith(`## ${version} `)) ?? ''
  const [date] = /\d{4}-\d{2}-\d{2}(?=\)$)/.exec(heading) ?? []
  if (date === undefined) throw new Error(`CHANGELOG.md: no line "## ${version} (YYYY-MM-DD)"`)
  return date
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

/** The text of `man/kmend.1`. Its date is the version's, so that the same sources give the same page on any day. */
export async function manPage(version: string, changelog: string): Promise<string> {
  const commands = await listCommands()
  return `.\\" Made by \`npm run build:man\`: not to be edited.
.TH KMEND 1 ${releaseDate(version, changelog)} "kmend ${version}" "User Commands"
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
