import { expect } from 'chai'
import { join } from 'node:path'
import {
  createProgressBar,
  paletteFor,
  parseSize,
  resolvePaths,
} from '../../src/commands/common.ts'
import { createPalette } from '../../src/commands/palette.ts'
import { createPrinter } from '../../src/commands/printer.ts'
import { reindex } from '../../src/commands/reindex.ts'
import { repair } from '../../src/commands/repair.ts'
import { scan } from '../../src/commands/scan.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { reindexArguments, repairArguments, scanArguments } from './arguments.ts'
import {
  EXAMPLE,
  filesBelow,
  newFolder,
  parseReport,
  readReport,
  recordingTerminal,
  writeDamaged,
  writeHealthy,
} from './support.ts'

describe('parseSize', () => {
  for (const [text, bytes] of [
    ['0', 0],
    ['65536', 65536],
    ['10b', 10],
    ['1k', 1024],
    ['512MiB', 512 * 1024 ** 2],
    [' 2 gb ', 2 * 1024 ** 3],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${bytes}`, () => {
      expect(parseSize(text)).to.equal(bytes)
    })
  }
  for (const text of ['', 'many', '-1', '1.5g', '1TiB', '0x10', 'MiB']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseSize(text)).to.throw(InvalidArgumentError, 'is no size')
    })
  }
})

describe('palette', () => {
  it('is colourful only on a terminal that was not told otherwise', () => {
    const args = scanArguments([])
    const isColourful = (palette: ReturnType<typeof createPalette>) => palette.bad('x') !== 'x'
    expect(isColourful(paletteFor(recordingTerminal({ isTTY: true }), args))).to.equal(true)
    expect(isColourful(paletteFor(recordingTerminal(), args))).to.equal(false)
    const quiet = { isTTY: true, environment: { NO_COLOR: '1' } }
    expect(isColourful(paletteFor(recordingTerminal(quiet), args))).to.equal(false)
    const off = { ...args, color: false }
    expect(isColourful(paletteFor(recordingTerminal({ isTTY: true }), off))).to.equal(false)
  })

  it('wraps text in codes that end where they began, and leaves plain text alone', () => {
    const names = ['good', 'bad', 'warn', 'dim', 'bold'] as const
    for (const name of names) {
      // eslint-disable-next-line no-control-regex
      expect(createPalette(true)[name]('text')).to.match(/^\u001b\[\d+mtext\u001b\[\d+m$/)
      expect(createPalette(false)[name]('text')).to.equal('text')
    }
  })
})

describe('createProgressBar', () => {
  const progress = { source: 'orders-0/x.log', position: 512, sizeInBytes: 1024 }
  const realNow = performance.now.bind(performance)
  let elapsed = 0
  beforeEach(() => {
    elapsed = 0
    performance.now = () => elapsed
  })
  afterEach(() => {
    performance.now = realNow
  })

  it('is drawn on a terminal once the work takes long, over its own line, and cleared', () => {
    const terminal = recordingTerminal({ isTTY: true, columns: 100 })
    const bar = createProgressBar(terminal, scanArguments([]))
    bar.update(progress)
    expect(terminal.err(), 'soon done').to.equal('')
    elapsed = 600
    bar.update(progress)
    const line = '[##########..........] 50% of 1.0 KiB  orders-0/x.log'
    expect(terminal.err()).to.equal(line)
    bar.update({ ...progress, position: 1024 })
    expect(terminal.err()).to.include(`\r${' '.repeat(line.length)}\r[####################] 100%`)
    bar.clear()
    bar.clear()
    expect(terminal.err().endsWith(`${' '.repeat(line.length + 1)}\r`)).to.equal(true)
    expect(terminal.out()).to.equal('')
  })

  it('never wraps a narrow terminal, and takes an empty file for done', () => {
    const terminal = recordingTerminal({ isTTY: true, columns: 20 })
    const bar = createProgressBar(terminal, scanArguments([]))
    elapsed = 600
    bar.update({ source: 'x'.repeat(200), position: 0, sizeInBytes: 0 })
    expect(terminal.err()).to.have.length(19)
    const wide = recordingTerminal({ isTTY: true })
    const other = createProgressBar(wide, scanArguments([]))
    elapsed = 1200
    other.update({ source: 'x'.repeat(200), position: 0, sizeInBytes: 0 })
    expect(wide.err()).to.have.length(79).and.to.include('100%')
  })

  it('is silent in a pipe, with --quiet and with --json', () => {
    for (const [isTTY, changes] of [
      [false, {}],
      [true, { quiet: true }],
      [true, { json: true }],
    ] as const) {
      const terminal = recordingTerminal({ isTTY })
      const bar = createProgressBar(terminal, scanArguments([], changes))
      elapsed += 600
      bar.update(progress)
      bar.clear()
      expect(terminal.err()).to.equal('')
    }
  })
})

describe('scan, repair and reindex', () => {
  it('need a path, and repair a folder', async () => {
    const terminal = recordingTerminal()
    expect(() => resolvePaths([])).to.throw(InvalidArgumentError, 'no path')
    let thrown: unknown
    await repair(repairArguments([EXAMPLE]), terminal).catch((error: unknown) => (thrown = error))
    expect(thrown).to.be.instanceOf(InvalidArgumentError)
    expect(terminal.out() + terminal.err()).to.equal('')
  })

  it('scan prints a block a damage and what to do next', async () => {
    const terminal = recordingTerminal()
    expect(await scan(scanArguments([EXAMPLE], { deep: true }), terminal)).to.equal(3)
    expect(terminal.out()).to.include('decompression-failed').and.include('Next: kmend repair')
    const healthy = recordingTerminal()
    expect(await scan(scanArguments([writeHealthy(newFolder())]), healthy)).to.equal(0)
    expect(healthy.out()).to.include('Nothing is damaged.').and.not.include('Next:')
  })

  it('scan prints colours on a terminal, and nothing with --quiet', async () => {
    const colourful = recordingTerminal({ isTTY: true })
    await scan(scanArguments([EXAMPLE]), colourful)
    expect(colourful.out()).to.include('\u001b[31mDAMAGED\u001b[39m')
    const quiet = recordingTerminal({ isTTY: true })
    expect(await scan(scanArguments([EXAMPLE], { quiet: true }), quiet)).to.equal(3)
    expect(quiet.out() + quiet.err()).to.equal('')
  })

  it('repair says where everything is and how to put it back', async () => {
    const out = join(newFolder(), 'out')
    const terminal = recordingTerminal()
    expect(await repair(repairArguments([EXAMPLE], { out }), terminal)).to.equal(3)
    for (const words of [
      `${out}/data`,
      `${out}/quarantine`,
      `${out}/report.json`,
      '  1. if another',
    ])
      expect(terminal.out()).to.include(words)
    expect(readReport(out).options).to.deep.equal({
      shallow: false,
      keepUndecodable: false,
      undo: true,
      salvage: 'side',
      fill: 'empty-batch',
      onlyChanged: false,
      allowMetadataLoss: false,
      maxDecompressed: '1GiB',
    })
  })

  it('repair says with --dry-run that nothing was written', async () => {
    const terminal = recordingTerminal()
    const path = writeDamaged(newFolder())
    expect(await repair(repairArguments([path], { dryRun: true }), terminal)).to.equal(3)
    expect(terminal.out()).to.include('Nothing was written (--dry-run).')
    expect(filesBelow(path).join()).to.not.include('report')
  })

  it('reindex prints the files it wrote, in words, as JSON or not at all', async () => {
    const folder = newFolder()
    const path = writeHealthy(folder)
    const run = async (out: string, changes: object): Promise<string> => {
      const terminal = recordingTerminal()
      const args = reindexArguments([path], join(folder, out), changes)
      expect(await reindex(args, terminal)).to.equal(0)
      return terminal.out()
    }
    expect(await run('a', {})).to.include(`data/orders-0/${'0'.repeat(20)}.timeindex`)
    expect(await run('b', { quiet: true })).to.equal('')
    const json = JSON.parse(await run('c', { json: true })) as { files: unknown[] }
    expect(json.files).to.have.length(2)
  })

  it('reindex replaces its own earlier output with --force', async () => {
    const folder = newFolder()
    const args = reindexArguments([writeHealthy(folder)], join(folder, 'out'), { force: true })
    expect(await reindex(args, recordingTerminal())).to.equal(0)
    expect(await reindex(args, recordingTerminal())).to.equal(0)
  })

  it('end with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const terminal = recordingTerminal({ signal })
    const out = join(newFolder(), 'out')
    for (const work of [
      scan(scanArguments([EXAMPLE]), terminal),
      repair(repairArguments([EXAMPLE], { out }), terminal),
    ]) {
      const error: unknown = await work.then(
        () => null,
        (reason: unknown) => reason,
      )
      expect(error).to.have.property('message', 'enough')
    }
    expect(filesBelow(out)).to.deep.equal([])
  })

  it('tell an error on stderr even with --quiet', async () => {
    const terminal = recordingTerminal()
    await scan(scanArguments([EXAMPLE], { json: true }), terminal)
    const report = { ...parseReport(terminal.out()), segments: [], errors: ['cannot read x'] }
    for (const changes of [{ quiet: true }, {}]) {
      const other = recordingTerminal()
      createPrinter(scanArguments([], changes), other).finish(report, null)
      expect(other.err()).to.equal('kmend: cannot read x\n')
    }
  })
})
