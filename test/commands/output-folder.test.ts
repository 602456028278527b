import { expect } from 'chai'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { openFileSource } from '../../src/bytes/file-source.ts'
import { InvalidArgumentError, OutputExistsError } from '../../src/errors.ts'
import { resolveInput } from '../../src/recover/inputs.ts'
import { canonicalPath, checkOutputFolder } from '../../src/recover/output-folder.ts'
import { checkDistinctBases } from '../../src/recover/output-places.ts'
import {
  contentBelow,
  filesBelow,
  kmend,
  newFolder,
  readReport,
  writeDamaged,
  writeHealthy,
} from './support.ts'

interface Case {
  readonly name: string
  /** Prepares the folder and returns what --out is. */
  readonly prepare: (folder: string) => string
  readonly error: typeof InvalidArgumentError | typeof OutputExistsError
  readonly says: RegExp
}

const file = (folder: string, name: string, text = ''): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
}

const cases: readonly Case[] = [
  {
    name: 'a folder that is not empty',
    prepare: (folder) => (file(join(folder, 'out'), 'notes.txt'), 'out'),
    error: OutputExistsError,
    says: /not empty/,
  },
  {
    name: 'a file',
    prepare: (folder) => (file(folder, 'out'), 'out'),
    error: OutputExistsError,
    says: /is a file/,
  },
  {
    name: 'a folder below a file',
    prepare: (folder) => (file(folder, 'out'), 'out/a/b'),
    error: InvalidArgumentError,
    says: /out\/a\/b cannot be made, because .*out is a file/,
  },
  {
    name: 'a link that leads nowhere',
    prepare: (folder) => (symlinkSync('nowhere', join(folder, 'out')), 'out'),
    error: InvalidArgumentError,
    says: /a link that leads nowhere/,
  },
  {
    name: 'the source itself',
    prepare: () => 'orders-0',
    error: InvalidArgumentError,
    says: /is the source;/,
  },
  {
    name: 'a folder inside the source',
    prepare: () => 'orders-0/new/out',
    error: InvalidArgumentError,
    says: /inside the source/,
  },
  {
    name: 'a link into the source',
    prepare: (folder) => (symlinkSync('orders-0', join(folder, 'link')), 'link/out'),
    error: InvalidArgumentError,
    says: /inside the source/,
  },
  {
    name: 'a folder that contains the source',
    prepare: () => '.',
    error: InvalidArgumentError,
    says: /contains the source/,
  },
  {
    name: "a broker's log dir",
    prepare: (folder) => (file(join(folder, 'dir'), 'meta.properties'), 'dir'),
    error: InvalidArgumentError,
    says: /broker's log dir.*meta\.properties/,
  },
  {
    name: 'a folder deep inside a log dir that is locked',
    prepare: (folder) => (file(join(folder, 'dir'), '.lock'), 'dir/a/b'),
    error: InvalidArgumentError,
    says: /broker's log dir.*\.lock/,
  },
]

describe('checkOutputFolder', () => {
  for (const { name, prepare, error, says } of cases) {
    it(`refuses ${name}, with --force too`, () => {
      const folder = newFolder()
      const inputs = resolveInput(writeHealthy(folder))
      const out = join(folder, prepare(folder))
      if (name !== 'a folder that is not empty')
        expect(() => checkOutputFolder(out, inputs, true)).to.throw(error, says)
      expect(() => checkOutputFolder(out, inputs, false)).to.throw(error, says)
    })
  }

  it('refuses the log dir that the source is in, when it is the source', () => {
    const folder = newFolder()
    writeHealthy(join(folder, 'dir'))
    expect(() =>
      checkOutputFolder(join(folder, 'dir', 'out'), resolveInput(join(folder, 'dir')), false),
    ).to.throw(InvalidArgumentError)
  })

  it('takes a new folder, an empty one, and one beside a lone file', () => {
    const folder = newFolder()
    const inputs = resolveInput(writeHealthy(folder))
    expect(checkOutputFolder(join(folder, 'new/deep'), inputs, false).replaces).to.equal(false)
    mkdirSync(join(folder, 'empty'))
    expect(checkOutputFolder(join(folder, 'empty'), inputs, false).replaces).to.equal(false)
    file(folder, 'copy.log')
    const lone = resolveInput(join(folder, 'copy.log'))
    expect(checkOutputFolder(join(folder, 'out'), lone, false).replaces).to.equal(false)
  })

  it('replaces with force what is its own, and nothing foreign', () => {
    const folder = newFolder()
    const inputs = resolveInput(writeHealthy(folder))
    const out = join(folder, 'out')
    const check = () => checkOutputFolder(out, inputs, true).replaces
    file(out, 'report.json', '{"tool":"kmend"}')
    file(join(out, 'data'), 'x')
    expect(check()).to.equal(true)
    for (const other of ['{"tool":"other"}', 'no JSON', '']) {
      file(out, 'report.json', other)
      expect(check).to.throw(OutputExistsError, 'only an output of kmend')
    }
    // What an interrupted run leaves has no report.json; a folder of that name may be anyone's.
    file(join(out, 'reports'), 'sales.json')
    expect(check).to.throw(OutputExistsError, 'only an output of kmend')
    rmSync(join(out, 'reports/sales.json'))
    expect(check).to.throw(OutputExistsError, 'only an output of kmend')
    file(join(out, 'reports/orders-0'), `${'0'.repeat(20)}.json`)
    expect(check()).to.equal(true)
    rmSync(join(out, 'reports'), { recursive: true })
    file(join(out, 'quarantine'), `${'0'.repeat(20)}-1024-2.bin`)
    expect(check()).to.equal(true)
    file(out, 'notes.txt')
    expect(check).to.throw(OutputExistsError, 'notes.txt')
  })

  it('resolves links in the part of a path that exists', () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'link'))
    expect(canonicalPath(join(folder, 'link/a/b'))).to.equal(
      canonicalPath(join(folder, 'real/a/b')),
    )
  })
})

describe('kmend repair --out', () => {
  for (const { name, prepare, says } of cases) {
    it(`exits 2 for ${name} and changes nothing`, async () => {
      const folder = newFolder()
      writeHealthy(folder)
      const out = prepare(folder)
      const before = contentBelow(folder)
      const { code, stdout, stderr } = await kmend(['repair', 'orders-0', '--out', out], folder)
      expect(stderr).to.match(says)
      expect(stderr.trimEnd().split('\n')).to.have.length(1)
      expect(stdout).to.equal('')
      expect(code).to.equal(2)
      expect(contentBelow(folder)).to.deep.equal(before)
    })
  }

  it('replaces its own output with --force only', async () => {
    const folder = newFolder()
    writeHealthy(folder)
    const args = ['repair', 'orders-0', '--out', 'out', '--quiet']
    expect((await kmend(args, folder)).code).to.equal(0)
    file(join(folder, 'out/data'), 'old.log', 'left from the earlier run')
    const refused = await kmend(args, folder)
    expect(refused.code).to.equal(2)
    expect(refused.stderr).to.include('--force')
    expect((await kmend([...args, '--force'], folder)).code).to.equal(0)
    expect(filesBelow(join(folder, 'out')))
      .to.include('report.json')
      .and.not.include('data/old.log')
    file(join(folder, 'out'), 'notes.txt', 'mine')
    const foreign = await kmend([...args, '--force'], folder)
    expect(foreign.code).to.equal(2)
    expect(foreign.stderr).to.include('notes.txt')
    expect(readFileSync(join(folder, 'out/notes.txt'), 'utf8')).to.equal('mine')
  })

  it('exits 2 when two inputs would be written to one place', async () => {
    const folder = newFolder()
    writeHealthy(join(folder, 'a'))
    writeHealthy(join(folder, 'b'))
    for (const inputs of [
      ['a/orders-0', 'b/orders-0'],
      ['a/orders-0', 'a/orders-0/'],
      ['a', 'b'],
    ]) {
      const { code, stderr } = await kmend(['repair', ...inputs, '--out', 'out'], folder)
      expect(code, inputs.join(' ')).to.equal(2)
      expect(stderr).to.include('would both be written to data/orders-0')
    }
    expect(existsSync(join(folder, 'out'))).to.equal(false)
  })

  it('exits 2 when two files begin at one offset, whose quarantine and reports would be one', async () => {
    const folder = newFolder()
    const source = join(writeDamaged(folder), `${'0'.repeat(20)}.log`)
    const digits = '0'.repeat(20)
    for (const name of ['a.log', 'b.log', 'a', `${digits}-a.log`, `${digits}-b.log`])
      copyFileSync(source, join(folder, name))
    for (const [inputs, place] of [
      [['a.log', 'b.log'], `reports/${digits}.json`],
      [[`${digits}-a.log`, `${digits}-b.log`], `reports/${digits}.json`],
      [['a.log', `${digits}-b.log`], `reports/${digits}.json`],
      [['a', 'a.log'], 'data/a.index'],
    ] as const) {
      const { code, stderr } = await kmend(['repair', ...inputs, '--out', 'out'], folder)
      expect(stderr).to.include(`would both be written to ${place}`)
      expect(code, inputs.join(' ')).to.equal(2)
    }
    expect(existsSync(join(folder, 'out'))).to.equal(false)
  })

  it('leaves a file that cannot be read to its turn when offsets are compared', async () => {
    const folder = newFolder()
    copyFileSync(join(writeHealthy(folder), `${'0'.repeat(20)}.log`), join(folder, 'a.log'))
    const inputs = resolveInput(join(folder, 'a.log'))
    const gone = inputs.map((partition) => ({
      ...partition,
      segments: partition.segments.map((segment) => ({ ...segment, source: join(folder, 'gone') })),
    }))
    await checkDistinctBases([...inputs, ...gone], ({ source }) => {
      openFileSource(source).close()
      return Promise.resolve(0n)
    })
  })

  it('exits 2 for segments of two copies of a partition', async () => {
    const folder = newFolder()
    for (const name of ['a', 'b']) writeHealthy(join(folder, name))
    const paths = [`a/orders-0/${'0'.repeat(20)}.log`, `b/orders-0/${'30'.padStart(20, '0')}.log`]
    const { code, stderr } = await kmend(['repair', ...paths, '--out', 'out'], folder)
    expect(stderr).to.include('lie in different folders')
    expect(code).to.equal(2)
    const same = paths.map((path) => path.replace('b/', 'a/'))
    expect((await kmend(['repair', ...same, '--out', 'out', '--quiet'], folder)).code).to.equal(0)
    const { files } = readReport(join(folder, 'out'))
    expect(new Set(files.map(({ output }) => output)).size).to.equal(files.length)
  })

  it('writes nothing with --dry-run, and says what it would do', async () => {
    const folder = newFolder()
    writeHealthy(folder)
    const before = contentBelow(folder)
    for (const args of [['--dry-run'], ['--dry-run', '--out', 'out']]) {
      const { code, stdout } = await kmend(['repair', 'orders-0', ...args], folder)
      expect(code).to.equal(0)
      expect(stdout).to.include('Nothing was written (--dry-run).')
    }
    expect(contentBelow(folder)).to.deep.equal(before)
    expect(existsSync(join(folder, 'out'))).to.equal(false)
  })
})
