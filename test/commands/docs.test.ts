import { expect } from 'chai'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EXIT_CODES } from '../../src/commands/common.ts'
import { TOOL_VERSION } from '../../src/recover/tool-version.ts'
import { CORRUPTION_REASONS } from '../../src/segment/events.ts'
import { EXAMPLE, filesBelow, kmend, newFolder, ROOT } from './support.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const documents = [
  'README.md',
  'CHANGELOG.md',
  'examples/README.md',
  ...filesBelow(join(ROOT, 'docs')).map((name) => join('docs', name)),
]

describe('README.md', () => {
  const readme = read('README.md')

  it('starts with the two commands that matter, each on one line', () => {
    const commands = [...readme.matchAll(/```sh\n(.*?)\n```/gs)].map(([, command]) => command)
    expect(commands).to.deep.equal([
      'npm ci && npm start -- repair examples/orders-0 --out repaired',
      'npm ci && npm test',
    ])
  })

  it('shows what the first command prints', async () => {
    const folder = newFolder()
    cpSync(EXAMPLE, join(folder, 'examples/orders-0'), { recursive: true })
    const { stdout } = await kmend(['repair', 'examples/orders-0', '--out', 'repaired'], folder)
    const shown = /```\n(examples.*?)```/s.exec(readme)?.[1]
    expect(shown).to.equal(stdout)
  })

  it('has the exit codes of --help', () => {
    const rows = [...readme.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map(
      ([, code, text]) => `${code} ${text}`,
    )
    const help = [...EXIT_CODES.matchAll(/^ +(\d+) +(.*)$/gm)].map(
      ([, code, text]) => `${code} ${text}`,
    )
    expect(rows).to.deep.equal(help)
  })
})

describe('the pages of docs/jobs', () => {
  for (const name of filesBelow(join(ROOT, 'docs/jobs')))
    it(`${name} shows what its commands print`, async () => {
      const folder = newFolder()
      cpSync(EXAMPLE, join(folder, 'examples/orders-0'), { recursive: true })
      const blocks = [...read(join('docs/jobs', name)).matchAll(/```console\n(.*?)```/gs)]
      expect(blocks).not.to.have.length(0)
      for (const [, shown] of blocks) {
        let printed = ''
        for (const [line, args] of shown!.matchAll(/^\$ kmend (.*)$/gm)) {
          const { stdout, stderr } = await kmend(args!.split(' '), folder)
          expect(stderr).to.equal('')
          printed += `${line}\n${stdout}`
        }
        expect(shown).to.equal(printed)
      }
    })
})

describe('the documents', () => {
  for (const path of documents) {
    it(`${path} links only to files that are there, and names no machine`, () => {
      const text = read(path)
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
        expect(existsSync(join(ROOT, dirname(path), target!)), target).to.equal(true)
      expect(text).to.not.match(/\/(home|work|root|tmp|Users)\//)
    })
  }

  it('explain every reason of the report', () => {
    const text = read('docs/report.md')
    for (const reason of CORRUPTION_REASONS) expect(text).to.include(`\`${reason}\``)
  })

  it('tell the changes of this version, and package.json has it too', () => {
    expect(read('CHANGELOG.md')).to.include(`## ${TOOL_VERSION}`)
    expect(JSON.parse(read('package.json'))).to.include({ version: TOOL_VERSION })
  })
})
