/** `kmend completion`: the script by which a shell completes command lines of kmend. */
import type { Shell } from './command-table.ts'
import type { Terminal } from './common.ts'
import type { ListedCommand, ListedOption } from './option-list.ts'
import { listCommands, listCommonOptions } from './option-list.ts'

type Commands = readonly ListedCommand[]

const words = (options: readonly ListedOption[]): string =>
  options.map(({ word }) => word).join(' ')

/** Bash 3.2 and later. Where nothing is offered, bash offers file names itself, and quotes them as it should. */
function bashScript(commands: Commands): string {
  const names = commands.map(({ name }) => name)
  const reply = (offered: string): string =>
    `COMPREPLY=($(compgen -W '${offered}' -- "$word")); return`
  const branches = commands.flatMap(({ name, operand, options }) => {
    const closed = options.filter(({ choices }) => choices.length > 0)
    return [
      `    ${name})`,
      '      case $before in',
      ...closed.map(({ word, choices }) => `        ${word}) ${reply(choices.join(' '))} ;;`),
      ...options
        .filter(({ takesValue, choices }) => takesValue && choices.length === 0)
        .map(({ word }) => `        ${word}) return ;;`),
      '      esac',
      `      case $word in -*) ${reply(words(options))} ;; esac`,
      ...(operand === null ? [] : [`      ${reply(operand.choices.join(' '))}`]),
      '      ;;',
    ]
  })
  return `# Completion of kmend for bash: eval "$(kmend completion bash)"
_kmend() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= at
  COMPREPLY=()
  # Bash takes --name=value apart at the =.
  if [ "$word" = '=' ]; then
    word=
  elif [ "$before" = '=' ] && ((COMP_CWORD > 1)); then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in ${names.join('|')}) command=\${COMP_WORDS[at]}; break ;; esac
  done
  case $command in
    '') ${reply(`${names.join(' ')} ${words(listCommonOptions())}`)} ;;
${branches.join('\n')}
  esac
}
complete -o bashdefault -o default -F _kmend kmend
`
}

const quoteForZsh = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const inBrackets = (text: string): string => text.replaceAll(/[[\]:\\]/g, '\\$&')

function zshOption({ word, describe, takesValue, choices, completes }: ListedOption): string {
  const closed = choices.length > 0 ? `(${choices.join(' ')})` : null
  const action =
    closed ?? { file: '_files', directory: '_files -/', none: ' ' }[completes ?? 'none']
  // The star: kmend itself says what may not be given twice.
  const head = `*${word}${takesValue ? '=' : ''}[${inBrackets(describe)}]`
  return quoteForZsh(takesValue ? `${head}:${word.slice(2)}:${action}` : head)
}

function zshScript(commands: Commands): string {
  const branches = commands.flatMap(({ name, operand, options }) => [
    `        ${name})`,
    '          _arguments \\',
    ...options.map((option) => `            ${zshOption(option)} \\`),
    `            ${operand === null ? "'*:path:_files'" : quoteForZsh(`1:${operand.name}:(${operand.choices.join(' ')})`)}`,
    '          ;;',
  ])
  return `#compdef kmend
# Completion of kmend for zsh: a file _kmend on the fpath, or eval "$(kmend completion zsh)"
_kmend() {
  local curcontext=$curcontext state line
  local -a commands
  local -A opt_args
  commands=(
${commands.map(({ name, describe }) => `    ${quoteForZsh(`${name}:${describe}`)}`).join('\n')}
  )
  _arguments -C \\
${listCommonOptions()
  .map((option) => `    ${zshOption(option)} \\`)
  .join('\n')}
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${branches.join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _kmend ]]; then
  _kmend "$@"
else
  compdef _kmend kmend
fi
`
}

const quoteForFish = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`

function fishOption({ word, describe, takesValue, choices, completes }: ListedOption): string {
  const directories = " -x -a '(__fish_complete_directories)'"
  const free = { file: ' -r -F', directory: directories, none: ' -x' }[completes ?? 'none']
  const closed = choices.length > 0 ? ` -x -a ${quoteForFish(choices.join(' '))}` : null
  return `-l ${word.slice(2)}${takesValue ? (closed ?? free) : ''} -d ${quoteForFish(describe)}`
}

function fishScript(commands: Commands): string {
  const start = "complete -c kmend -n '__kmend_command none'"
  const lines = commands.flatMap(({ name, describe, operand, options }) => {
    const within = `complete -c kmend -n '__kmend_command ${name}'`
    return [
      `${start} -f -a ${name} -d ${quoteForFish(describe)}`,
      ...(operand === null ? [] : [`${within} -f -a ${quoteForFish(operand.choices.join(' '))}`]),
      ...options.map((option) => `${within} ${fishOption(option)}`),
    ]
  })
  return `# Completion of kmend for fish: kmend completion fish | source
function __kmend_command -d 'Whether the first command on the line is this one'
  for word in (commandline -opc)[2..]
    if contains -- $word ${commands.map(({ name }) => name).join(' ')}
      test $word = $argv[1]
      return
    end
  end
  test $argv[1] = none
end
${[...listCommonOptions().map((option) => `${start} ${fishOption(option)}`), ...lines].join('\n')}
`
}

const SCRIPTS: Readonly<Record<Shell, (commands: Commands) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** The script for one shell; it names every command, every option and every value of a closed set. */
export async function completionScript(shell: Shell): Promise<string> {
  const common = listCommonOptions()
  const commands = await listCommands()
  return SCRIPTS[shell](
    commands.map((command) => ({ ...command, options: [...command.options, ...common] })),
  )
}

/** Returns the exit code. */
export async function completion(
  { shell }: { readonly shell: Shell },
  terminal: Terminal,
): Promise<number> {
  terminal.stdout.write(await completionScript(shell))
  return 0
}
