import { execFile, spawn } from 'node:child_process'
import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createOutput, writeAll } from '../../src/commands/output.ts'
import { CLI, concat, EXAMPLE, healthyBatches, kmend, newFolder } from './support.ts'

const LOG = '00000000000000000000.log'

/** A log whose dump is far larger than what a pipe holds. */
function largeLog(): string {
  const folder = newFolder()
  const path = join(folder, LOG)
  const batches = healthyBatches(0n, 4000)
  writeFileSync(path, concat(...batches))
  return path
}

describe('kmend dump', () => {
  it('explains its options and the exit code', async () => {
    const { code, stdout } = await kmend(['dump', '--help'])
    expect(code).to.equal(0)
    for (const option of ['--print-data-log', '--offsets-decoder', '--from-offset', '--where'])
      expect(stdout).to.include(option)
  })

  it('exits 0 where it has shown damage', async () => {
    const { code, stdout, stderr } = await kmend(['dump', EXAMPLE, '--where', 'damaged', '--json'])
    expect(code).to.equal(0)
    expect(stdout.split('\n').filter(Boolean)).to.have.length(4)
    expect(stderr).to.equal('')
  })

  it('takes files as kafka-dump-log does', async () => {
    const index = LOG.replace('.log', '.index')
    const paths = [LOG, index].map((name) => join(EXAMPLE, name))
    const asPaths = await kmend(['dump', '--deep-iteration', ...paths])
    const asFiles = await kmend(['dump', '--deep-iteration', '--files', paths.join(',')])
    expect(asFiles).to.deep.equal(asPaths)
    expect(asFiles.stdout).to.include(`Dumping ${paths[1]}\n`)
    expect(
      await kmend(['dump', paths[0]!, '--deep-iteration', '--files', paths[1]!]),
    ).to.deep.equal(asPaths)
  })

  const usage: readonly (readonly [string[], RegExp])[] = [
    [[], /^kmend: name what to dump: kmend dump PATH\.\.\.\nSee kmend --help\.\n$/],
    [['--files', ','], /name what to dump/],
    [['missing.log'], /^kmend: missing\.log: no such file or directory\n$/],
    [['.'], /^kmend: \.: no segment here.*\n$/],
    [['notes.txt'], /^kmend: notes\.txt: no file of a broker by its name.*\n$/],
    [[LOG, '--limit', 'many'], /^kmend: --limit wants a whole number, not many\n$/],
    [[LOG, '--from-offset', '1', '--from-offset', '2'], /--from-offset is given more than once/],
  ]
  for (const [args, says] of usage)
    it(`exits 2 and prints nothing for ${args.join(' ')}`, async () => {
      const folder = newFolder()
      writeFileSync(join(folder, 'notes.txt'), 'x')
      mkdirSync(join(folder, 'empty'))
      const { code, stdout, stderr } = await kmend(['dump', ...args], folder)
      expect(code).to.equal(2)
      expect(stdout).to.equal('')
      expect(stderr).to.match(says)
    })

  for (const option of ['--print-data-log', '--format=ndjson', '--format=csv'])
    it(`ends quietly when its reader has seen enough: ${option}`, async () => {
      const run = promisify(execFile)
      const script = '"$0" "$1" dump "$2" "$3" | head -n 5; echo "${PIPESTATUS[0]}"'
      const args = ['-c', script, process.execPath, CLI, option, largeLog()]
      const { stdout, stderr } = await run('bash', args)
      expect(stderr).to.equal('')
      const lines = stdout.trimEnd().split('\n')
      expect(lines).to.have.length(6)
      expect(lines.at(-1)).to.equal('0')
    })

  it('exits 130 when it is interrupted', async () => {
    const child = spawn(process.execPath, [CLI, 'dump', '--json', largeLog()])
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    // It has begun, and cannot end before the rest is read.
    child.stdout.once('data', () => {
      child.stdout.pause()
      child.kill('SIGINT')
      child.stdout.resume()
    })
    expect(await closed).to.equal(130)
    expect(stderr).to.match(/^kmend: interrupted/)
  })
})

describe('createOutput', () => {
  it('gathers lines, and waits where the reader is full', async () => {
    const written: string[] = []
    let drained: (() => void) | null = null
    const stdout = {
      write: (text: string) => written.push(text) !== 2,
      once: (_event: 'drain', listener: () => void) => (drained = listener),
    }
    const { signal } = new AbortController()
    const output = createOutput({ stdout, signal })
    output.add('a\n')
    output.add('b\n')
    await output.flush()
    expect(written).to.deep.equal(['a\nb\n'])
    output.add('c\n')
    const waiting = output.flush()
    expect(drained).not.to.equal(null)
    drained!()
    await waiting
    // Nothing is kept of rows that went elsewhere.
    output.add('')
    await output.flush()
    expect(written).to.deep.equal(['a\nb\n', 'c\n'])
  })

  it('does not wait any more once it is interrupted', async () => {
    const interruption = new AbortController()
    const stdout = { write: () => false, once: () => undefined }
    const output = createOutput({ stdout, signal: interruption.signal })
    output.add('a')
    const waiting = output.flush().catch((error: unknown) => error)
    const reason = new Error('enough')
    interruption.abort(reason)
    expect(await waiting).to.equal(reason)
  })

  it('writes long before all is there, and gives its caller a turn', async () => {
    let [pieces, turns, largest] = [0, 0, 0]
    const stdout = {
      write(text: string) {
        pieces++
        largest = Math.max(largest, text.length)
        return true
      },
    }
    function* lines(): Generator<string | null, string> {
      for (let count = 0; count < 10_000; count++) yield count % 100 === 0 ? null : 'x'.repeat(99)
      return 'done'
    }
    const turn = (): Promise<void> => {
      turns++
      return Promise.resolve()
    }
    expect(
      await writeAll(lines(), createOutput({ stdout, signal: new AbortController().signal }), turn),
    ).to.equal('done')
    expect(pieces).to.be.above(10)
    expect(largest).to.be.below(70_000)
    expect(turns).to.be.at.least(100)
  })
})
