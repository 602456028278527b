import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listCommands, listCommonOptions } from '../../src/commands/option-list.ts'
import { manPage } from '../../src/commands/man-page.ts'
import { TOOL_VERSION } from '../../src/recover/tool-version.ts'
import { ROOT } from './support.ts'

const page = readFileSync(join(ROOT, 'man', 'kmend.1'), 'utf8')

describe('man page', () => {
  it('is in step with the command tables; else run npm run build:man', async () => {
    const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
    expect(page).to.equal(await manPage(TOOL_VERSION, changelog))
  })

  it('has the date of its version, and is not made without one', async () => {
    const dated = (date: string): string =>
      `# Changes\n\n## 0.2.0 (${date})\n\n## 0.1.0 (2020-02-02)\n`
    expect(await manPage('0.2.0', dated('2021-12-31'))).to.include(
      '.TH KMEND 1 2021-12-31 "kmend 0.2.0"',
    )
    const error = await manPage('0.2.0', dated('soon')).catch(String)
    expect(error).to.include('CHANGELOG.md: no line "## 0.2.0 (YYYY-MM-DD)"')
  })

  const renderers: readonly (readonly [tool: string, args: readonly string[]])[] = [
    ['groff', ['-man', '-ww', '-z']],
    ['mandoc', ['-Tlint', '-Wwarning']],
  ]
  for (const [tool, args] of renderers)
    it(`has nothing that ${tool} warns of`, function () {
      const { error, status, stdout, stderr } = spawnSync(tool, args, {
        input: page,
        encoding: 'utf8',
      })
      if (error !== undefined) {
        process.stderr.write(`NOT CHECKED: no ${tool} here to read the man page\n`)
        this.skip()
      }
      expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '', stderr: '' })
    })

  it('prints every command and option as they are typed', async function () {
    const { error, stdout } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou'], {
      input: page,
      encoding: 'utf8',
    })
    if (error !== undefined) {
      process.stderr.write('NOT CHECKED: no groff here to print the man page\n')
      this.skip()
    }
    const commands = await listCommands()
    const options = [...listCommonOptions(), ...commands.flatMap((each) => each.options)]
    for (const { name } of commands) expect(stdout).to.include(`kmend ${name} [OPTION]`)
    for (const { word } of options) expect(stdout).to.match(new RegExp(`^ +${word}( |$)`, 'm'))
  })
})
