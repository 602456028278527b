import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT_CODES } from '../../src/commands/common.ts'
import { CLI, EXAMPLE, filesBelow, kmend, newFolder, parseReport, start } from './support.ts'

const oneLine = (text: string): void => {
  expect(text.trimEnd().split('\n'), text).to.have.length(1)
}

describe('kmend: help and wrong usage', () => {
  it('prints help with the exit codes when called without arguments', async () => {
    const [bare, asked] = await Promise.all([kmend([]), kmend(['--help'])])
    expect(bare).to.deep.include({ code: 0, stderr: '' })
    expect(bare.stdout).to.include(EXIT_CODES)
    expect(asked.code).to.equal(0)
    for (const word of ['scan', 'repair', 'reindex', ...EXIT_CODES.split('\n')]) {
      expect(bare.stdout).to.include(word)
      expect(asked.stdout).to.include(word)
    }
  })

  it('prints its version', async () => {
    const { code, stdout } = await kmend(['--version'])
    expect(code).to.equal(0)
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/)
  })

  const usage: readonly { name: string; args: readonly string[]; says: RegExp }[] = [
    { name: 'an unknown command', args: ['mend', EXAMPLE], says: /mend/ },
    { name: 'an unknown option', args: ['scan', EXAMPLE, '--shalow'], says: /shalow/ },
    { name: 'only options', args: ['--quiet'], says: /name a command/ },
    { name: 'scan without a path', args: ['scan'], says: /name what to scan/ },
    {
      name: 'an option without its value',
      args: ['scan', EXAMPLE, '--html'],
      says: /--html needs/,
    },
    { name: 'repair without --out', args: ['repair', EXAMPLE], says: /needs --out/ },
    { name: 'reindex without --out', args: ['reindex', EXAMPLE], says: /out/ },
    {
      name: 'a fill that is none',
      args: ['repair', EXAMPLE, '--dry-run', '--fill', 'zeros'],
      says: /fill/,
    },
    {
      name: 'two output folders',
      args: ['repair', EXAMPLE, '--out', 'a', '--out', 'b'],
      says: /^kmend: (?!this should not).*out/,
    },
    {
      name: 'an output folder without a name, as from an unset variable',
      args: ['repair', EXAMPLE, '--out', ''],
      says: /--out/,
    },
    {
      name: 'a number of jobs that is none',
      args: ['scan', EXAMPLE, '--jobs', 'many'],
      says: /jobs/,
    },
    {
      name: 'a size that is none',
      args: ['scan', EXAMPLE, '--max-decompressed', 'lots'],
      says: /lots is no size/,
    },
    {
      name: 'a path behind -- that is not there',
      args: ['scan', '--', '--quiet'],
      says: /^kmend: .\/--quiet: no such file/,
    },
  ]
  for (const { name, args, says } of usage) {
    it(`exits 2 for ${name}, with the reason on stderr`, async () => {
      const { code, stdout, stderr } = await kmend(args)
      expect(stderr).to.match(says)
      expect(stdout).to.equal('')
      expect(code).to.equal(2)
    })
  }

  it('exits 2 and writes nothing for a path that does not exist', async () => {
    const folder = newFolder()
    for (const args of [
      ['scan', 'missing.log'],
      ['repair', 'missing.log', '--out', 'out'],
      ['repair', EXAMPLE, 'missing.log', '--out', 'out'],
      ['reindex', 'missing.log', '--out', 'out'],
    ]) {
      const { code, stdout, stderr } = await kmend(args, folder)
      expect(code, args.join(' ')).to.equal(2)
      expect(stdout).to.equal('')
      expect(stderr).to.equal('kmend: missing.log: no such file or directory\n')
    }
    expect(filesBelow(folder)).to.deep.equal([])
  })

  it('exits 2 for a path below a file', async () => {
    const path = join(EXAMPLE, 'partition.metadata', 'x')
    const { code, stderr } = await kmend(['scan', path])
    expect(stderr)
      .to.match(/no such file|not a directory/)
      .and.not.include('should not')
    expect(code).to.equal(2)
  })

  it('exits 2 for a directory with no segment in it', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'orders-0'))
    writeFileSync(join(folder, 'orders-0', 'server.log'), 'INFO started\n')
    for (const path of ['.', 'orders-0']) {
      const { code, stdout, stderr } = await kmend(['scan', path], folder)
      expect(code).to.equal(2)
      expect(stdout).to.equal('')
      expect(stderr).to.match(/no segment here/)
      oneLine(stderr)
    }
  })
})

describe('kmend: what goes where', () => {
  it('prints only JSON on stdout with --json', async () => {
    const folder = newFolder()
    const runs = await Promise.all([
      kmend(['scan', EXAMPLE, '--json']),
      kmend(['scan', EXAMPLE, '--json', '--quiet']),
      kmend(['repair', EXAMPLE, '--json', '--dry-run']),
      kmend(['repair', EXAMPLE, '--json', '--out', join(folder, 'out')]),
    ])
    for (const { code, stdout, stderr } of runs) {
      expect(code).to.equal(3)
      expect(stderr).to.equal('')
      expect(parseReport(stdout).summary).to.deep.include({ segments: 3, exitCode: 3 })
    }
  })

  it('prints nothing with --quiet, whatever it finds', async () => {
    const folder = newFolder()
    const runs = await Promise.all([
      kmend(['scan', EXAMPLE, '--quiet']),
      kmend(['repair', EXAMPLE, '--quiet', '--out', join(folder, 'out')]),
    ])
    for (const ended of runs) expect(ended).to.deep.equal({ code: 3, stdout: '', stderr: '' })
  })

  it('uses no colours and draws no progress into a pipe', async () => {
    const { stdout, stderr } = await kmend(['scan', EXAMPLE, '--deep'])
    expect(stdout).to.include('DAMAGED')
    expect(stdout + stderr).to.not.include('\u001b')
    expect(stderr).to.equal('')
  })

  it('ends quietly when the reader of its output goes away', async () => {
    const command = `"${process.execPath}" "${CLI}" scan --json --digests "$0" | head -n 1`
    const { code, stdout, stderr } = await start('sh', ['-c', command, EXAMPLE]).ended
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: '{\n', stderr: '' })
  })

  for (const [args, reader] of [
    ['scan --json --digests', 'true'],
    ['scan', 'head -n 1'],
    ['repair --out out', 'head -n 1'],
  ] as const)
    it(`says damage in its exit code even when nobody reads its output: ${args} | ${reader}`, async () => {
      const folder = newFolder()
      const command = `{ "${process.execPath}" "${CLI}" ${args} "$0"; echo "exit $?" >&2; } | ${reader}`
      const { stderr } = await start('sh', ['-c', command, EXAMPLE], folder).ended
      expect(stderr).to.equal('exit 3\n')
      if (args.startsWith('repair')) expect(filesBelow(folder)).to.include('out/report.json')
    })
})
