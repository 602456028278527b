import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCommandLine } from '../../src/commands/command-line.ts'
import { COMMANDS, SHELLS } from '../../src/commands/command-table.ts'
import type { Shell } from '../../src/commands/command-table.ts'
import { completion, completionScript } from '../../src/commands/completion.ts'
import { withWorkspace } from '../support/workspace.ts'
import { ROOT, recordingTerminal } from './support.ts'

/** What `--help` of a command itself prints, and what turns its defaults off, so that nothing here is a second list of options. */
async function optionsInHelp(command: string): Promise<string[]> {
  const parser = await createCommandLine([command, '--help'], 250, () => undefined)
  const help = await new Promise<string>((resolve) => {
    void parser.parse([command, '--help'], {}, (_error, _parsed, output) => {
      resolve(output)
    })
  })
  return [...help.matchAll(/^ +--([a-z-]+).*$/gm)].flatMap(([line, name = '']) =>
    line.includes('[default: true]') ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  )
}

const isThere = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined

type Asks = (script: string, folder: string, lines: readonly string[]) => readonly string[][]

/** The words between the dots that a shell printed, one a line; zsh may offer one twice, and shows it once. */
const answers = (text: string): string[][] =>
  text
    .split(/^\.\n/m)
    .slice(0, -1)
    .map((part) => [...new Set(part.split('\n').filter((word) => word !== ''))])

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, HOME: cwd },
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect({ status, stderr }, command).to.deep.equal({ status: 0, stderr: '' })
  return stdout
}

/** What a shell itself offers for lines whose end is being typed, in a folder that holds `a.log` and `logs/`. */
const ASKS: Readonly<Record<Shell, Asks>> = {
  bash: (script, folder, lines) => {
    const asked = lines.map((line) => {
      const words = line.replaceAll('=', ' = ').trimEnd().split(/ +/)
      if (line.endsWith(' ') || line.endsWith('=')) words.push('')
      const quoted = words.map((word) => `'${word}'`).join(' ')
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _kmend; printf '%s\n' "\${COMPREPLY[@]}" .`
    })
    const registered = 'complete -o bashdefault -o default -F _kmend kmend'
    const text = run(
      'bash',
      ['--norc', '-c', [script, 'complete -p kmend', ...asked].join('\n')],
      folder,
    )
    expect(text).to.match(new RegExp(`^${registered}\n`))
    return answers(text.slice(registered.length + 1))
  },
  zsh: (script, folder, lines) => {
    const [file, out] = [join(folder, '.script'), join(folder, '.answers')]
    writeFileSync(file, script)
    run('zsh', ['-f', join(ROOT, 'test/commands/completion.zsh'), file, out, ...lines], folder)
    return answers(readFileSync(out, 'utf8'))
  },
  fish: (script, folder, lines) => {
    const asked = 'for line in $argv; complete -C $line; echo .; end'
    const text = run('fish', ['--no-config', '-c', `${script}\n${asked}`, ...lines], folder)
    return answers(text.replaceAll(/\t.*$/gm, ''))
  },
}

/** Each shell's files come of their own: bash offers them where the script offers nothing. */
const FILES = ['a.log', 'logs']

describe('completion', () => {
  it('is printed by its command', async () => {
    const terminal = recordingTerminal()
    expect(await completion({ shell: 'fish' }, terminal)).to.equal(0)
    expect(terminal.out()).to.equal(await completionScript('fish'))
  })

  const lines: readonly (readonly [typed: string, offered: readonly string[]])[] = [
    ['re', ['repair', 'reindex']],
    ['--quiet tr', ['transactions']],
    ['--js', ['--json']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['dump --format ', ['text', 'ndjson', 'csv', 'parquet']],
    ['dump --format=p', ['parquet']],
    ['repair --fill=', ['empty-batch', 'none']],
    ['repair a.log --lost-marker ', ['leave', 'abort', 'commit']],
    ['--quiet repair --salvage s', ['side']],
    ['--jobs 2 repair --salvage s', ['side']],
    ['scan --codecs n', ['native']],
    ['repair --no-', ['--no-undo', '--no-color']],
    ['dump scan --dee', ['--deep-iteration']],
    ['repair --max-false-match ', []],
    ['repair --out ', ['logs']],
    ['scan --html ', FILES],
    ['scan ', FILES],
  ]
  for (const shell of SHELLS)
    it(`${shell} offers commands, options, values and files, as they fit`, async function () {
      if (!isThere(shell)) {
        process.stderr.write(`NOT CHECKED: no ${shell} here to run the completion script\n`)
        this.skip()
      }
      const script = await completionScript(shell)
      const byCommand = await Promise.all(
        COMMANDS.map(async ({ name }) => [`${name} --`, await optionsInHelp(name)] as const),
      )
      expect(byCommand[0]?.[1]).to.include.members(['--deep', '--json', '--help'])
      const typed = [...lines, ...byCommand].map(([line]) => `kmend ${line}`)
      await withWorkspace((folder) => {
        mkdirSync(join(folder, 'logs'))
        writeFileSync(join(folder, 'a.log'), '')
        const offered = ASKS[shell](script, folder, typed)
        expect(offered).to.have.length(typed.length)
        for (const [index, [line, expected]] of [...lines, ...byCommand].entries()) {
          const leftToBash = shell === 'bash' && expected.some((word) => FILES.includes(word))
          const words = (offered[index] ?? []).map((word) => word.replace(/^--.*=|\/$/g, ''))
          expect(words, line).to.have.members(leftToBash ? [] : expected)
        }
        return Promise.resolve()
      })
    })

  for (const shell of ['zsh', 'fish'] as const)
    it(`${shell} reads its script without complaint`, async function () {
      if (!isThere(shell)) {
        process.stderr.write(`NOT CHECKED: no ${shell} here to read the completion script\n`)
        this.skip()
      }
      const script = await completionScript(shell)
      await withWorkspace((folder) => {
        const file = join(folder, 'script')
        writeFileSync(file, script)
        expect(run(shell, ['-n', file], folder)).to.equal('')
        return Promise.resolve()
      })
    })
})
