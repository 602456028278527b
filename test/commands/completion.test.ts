import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { createCommandLine } from '../../src/commands/command-line.ts'
import { COMMANDS, SHELLS } from '../../src/commands/command-table.ts'
import { completion, completionScript } from '../../src/commands/completion.ts'
import { recordingTerminal } from './support.ts'

/** What `--help` of a command itself prints, so that nothing here is a second list of options. */
async function optionsInHelp(command: string): Promise<string[]> {
  const parser = await createCommandLine([command, '--help'], 200, () => undefined)
  const help = await new Promise<string>((resolve) => {
    void parser.parse([command, '--help'], {}, (_error, _parsed, output) => {
      resolve(output)
    })
  })
  return [...help.matchAll(/^ +(--[a-z-]+)/gm)].map((match) => match[1] ?? '')
}

const isThere = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined

describe('completion', () => {
  for (const shell of SHELLS)
    it(`${shell}: has every option that --help shows, under its command`, async () => {
      const script = await completionScript(shell)
      for (const { name } of COMMANDS) {
        const part =
          shell === 'fish'
            ? script
                .split('\n')
                .filter((line) => line.includes(`from ${name}'`))
                .join('\n')
            : (script.split(`\n    ${name})\n`)[1]?.split(/\n {6};;\n/)[0] ?? '')
        const options = await optionsInHelp(name)
        expect(options, name).to.include.members(['--json', '--help'])
        for (const option of options) {
          const word = shell === 'fish' ? `-l ${option.slice(2)}` : option
          expect(part, `${name} ${option}`).to.match(new RegExp(`${word}(?![a-z-])`))
        }
      }
    })

  it('is printed by its command', async () => {
    const terminal = recordingTerminal()
    expect(await completion({ shell: 'fish' }, terminal)).to.equal(0)
    expect(terminal.out()).to.equal(await completionScript('fish'))
  })

  const lines: readonly (readonly [typed: readonly string[], offered: readonly string[]])[] = [
    [['re'], ['repair', 'reindex']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['dump', '--format', ''],
      ['text', 'ndjson', 'csv', 'parquet'],
    ],
    [['dump', '--format', '=', 'p'], ['parquet']],
    [
      ['repair', '--fill', '='],
      ['empty-batch', 'none'],
    ],
    [
      ['repair', 'a.log', '--lost-marker', ''],
      ['leave', 'abort', 'commit'],
    ],
    [['--quiet', 'repair', '--salvage', 's'], ['side']],
    [['scan', '--codecs', 'n'], ['native']],
    [
      ['repair', '--no-'],
      ['--no-undo', '--no-color'],
    ],
    [['reindex', '--out', ''], []],
    [['scan', ''], []],
  ]
  it('bash offers commands, options and values, and leaves files to itself', async function () {
    if (!isThere('bash')) {
      process.stderr.write('NOT CHECKED: no bash here to run the completion script\n')
      this.skip()
    }
    const script = await completionScript('bash')
    for (const [typed, offered] of lines) {
      const quoted = ['kmend', ...typed].map((word) => `'${word}'`).join(' ')
      const { stdout, stderr } = spawnSync(
        'bash',
        [
          '--norc',
          '-c',
          `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${typed.length}; _kmend; echo "\${COMPREPLY[*]}"; complete -p kmend`,
        ],
        { encoding: 'utf8' },
      )
      expect(stderr).to.equal('')
      expect(stdout.split('\n').slice(0, 2), typed.join(' ')).to.deep.equal([
        offered.join(' '),
        'complete -o bashdefault -o default -F _kmend kmend',
      ])
    }
  })

  for (const shell of ['zsh', 'fish'] as const)
    it(`${shell} reads its script without complaint`, async function () {
      if (!isThere(shell)) {
        process.stderr.write(`NOT CHECKED: no ${shell} here to read the completion script\n`)
        this.skip()
      }
      const { status, stderr } = spawnSync(shell, ['-n'], {
        input: await completionScript(shell),
        encoding: 'utf8',
      })
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    })
})
