import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { crc32c } from '../../src/bytes/crc.ts'
import type { ReindexReport } from '../../src/recover/reindex-paths.ts'
import type { Ended, Run } from './support.ts'
import {
  CLI,
  concat,
  destroyRecords,
  EXAMPLE,
  filesBelow,
  healthyBatches,
  kmend,
  newFolder,
  start,
  writeHealthy,
  writePartition,
} from './support.ts'

const SEGMENTS = 5
const BATCHES = 20_000
const OFFSETS = BATCHES * 3

/** Some seconds of work: many small batches, whose baseOffset lies outside of their CRC and can be moved on. */
function writeLarge(parent: string): string {
  const [batch] = healthyBatches(0n, 1)
  const segments = Array.from({ length: SEGMENTS }, (_, index) => {
    const base = BigInt(index * OFFSETS)
    const bytes = new Uint8Array(batch!.length * BATCHES)
    const view = new DataView(bytes.buffer)
    for (let count = 0; count < BATCHES; count++) {
      bytes.set(batch!, count * batch!.length)
      view.setBigInt64(count * batch!.length, base + BigInt(count * 3))
    }
    // One damaged batch a segment, so that there is a quarantine as well.
    destroyRecords(bytes.subarray(batch!.length * 1000, batch!.length * 1001))
    return [base, bytes] as const
  })
  return writePartition(parent, 'orders-0', segments)
}

/** Starts a repair and sends `signal` as soon as the first segment is in its place. */
async function interrupted(folder: string, signal: NodeJS.Signals): Promise<Ended> {
  const args = [CLI, 'repair', 'orders-0', '--out', 'out', '--quiet']
  const run: Run = start(process.execPath, args, folder)
  const state = { over: false }
  void run.ended.then(() => (state.over = true))
  while (!state.over && wholeSegments(folder).length === 0) await sleep(2)
  expect(state.over, 'the repair was done before it could be interrupted').to.equal(false)
  process.kill(run.pid, signal)
  return await run.ended
}

const wholeSegments = (folder: string): string[] => {
  const data = join(folder, 'out/data/orders-0')
  return existsSync(data) ? readdirSync(data).filter((name) => name.endsWith('.log')) : []
}

/** Everything in data/ must read as whole batches to its end, whoever interrupted the writing. */
function expectWhole(folder: string): void {
  for (const name of wholeSegments(folder)) {
    const bytes = readFileSync(join(folder, 'out/data/orders-0', name))
    let position = 0
    while (position < bytes.length) {
      const size = bytes.readInt32BE(position + 8) + 12
      const crc = crc32c.update(0, bytes.subarray(position + 21, position + size))
      expect(crc, `${name} at ${position}`).to.equal(bytes.readUInt32BE(position + 17))
      position += size
    }
    expect(position).to.equal(bytes.length)
    for (const suffix of ['.index', '.timeindex'])
      expect(existsSync(join(folder, 'out/data/orders-0', name.replace('.log', suffix)))).to.equal(
        true,
      )
  }
}

describe('kmend repair: interrupted', function () {
  this.timeout(60_000)
  let folder: string
  before(() => {
    folder = newFolder()
    writeLarge(folder)
  })

  it('leaves after SIGKILL only whole segments and no report, and --force replaces it', async () => {
    const { code } = await interrupted(folder, 'SIGKILL')
    expect(code).to.equal(null)
    expect(wholeSegments(folder)).to.have.length.within(1, SEGMENTS - 1)
    expect(existsSync(join(folder, 'out/report.json'))).to.equal(false)
    expectWhole(folder)
    const again = ['repair', 'orders-0', '--out', 'out', '--quiet', '--shallow']
    expect((await kmend(again, folder)).code).to.equal(2)
    expect((await kmend([...again, '--force'], folder)).code).to.equal(3)
    expect(wholeSegments(folder)).to.have.length(SEGMENTS)
    expect(existsSync(join(folder, 'out/.tmp'))).to.equal(false)
    execFileSync('rm', ['-rf', join(folder, 'out')])
  })

  it('exits 130 on Ctrl-C, with whole segments, no temporaries and no report', async () => {
    const { code, stdout, stderr } = await interrupted(folder, 'SIGINT')
    expect(code).to.equal(130)
    expect(stdout).to.equal('')
    expect(stderr).to.match(/^kmend: interrupted.*\n$/)
    expect(wholeSegments(folder)).to.have.length.within(1, SEGMENTS - 1)
    expect(existsSync(join(folder, 'out/report.json'))).to.equal(false)
    expect(existsSync(join(folder, 'out/.tmp'))).to.equal(false)
    expectWhole(folder)
  })

  it('exits 130 on Ctrl-C during a scan, without a report', async () => {
    // The same partition many times over: work enough for any machine.
    const paths = Array.from({ length: 12 }, () => 'orders-0')
    const run = start(process.execPath, [CLI, 'scan', ...paths, '--deep', '--json'], folder)
    await untilReading(run.pid)
    process.kill(run.pid, 'SIGINT')
    const { code, stdout } = await run.ended
    expect(code).to.equal(130)
    expect(stdout).to.equal('')
  })
})

/** Until the process has a segment open; where that cannot be seen, for as long as that may take. */
async function untilReading(pid: number): Promise<void> {
  const descriptors = `/proc/${pid}/fd`
  if (!existsSync(descriptors)) {
    await sleep(1500)
    return
  }
  for (;;) {
    const open = readdirSync(descriptors).map((name) => {
      try {
        return readlinkSync(join(descriptors, name))
      } catch {
        // Closed since it was listed.
        return ''
      }
    })
    if (open.some((target) => target.endsWith('.log'))) return
    await sleep(5)
  }
}

describe('kmend repair: a full disk', () => {
  const size = filesBelow(EXAMPLE)
    .filter((name) => name.endsWith('.log'))
    .reduce((sum, name) => sum + readFileSync(join(EXAMPLE, name)).length, 0)

  /** A small disk of its own; null where it cannot be mounted. */
  function mountDisk(bytes: number): string | null {
    const path = join(newFolder(), 'disk')
    mkdirSync(path)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], {
        stdio: 'ignore',
      })
      return path
    } catch {
      return null
    }
  }

  for (const { name, bytes, says } of [
    {
      name: 'is noticed before anything is written',
      bytes: 64 * 1024,
      says: / are needed below .*iB are free/,
    },
    {
      name: 'that fills up on the way ends in exit 1, without half-written files',
      bytes: Math.ceil(size / 4096) * 4096 + 8192,
      says: /no space left/i,
    },
  ]) {
    it(name, async function () {
      const disk = mountDisk(bytes)
      if (disk === null) return this.skip()
      try {
        const { code, stderr } = await kmend(['repair', EXAMPLE, '--out', join(disk, 'out')])
        expect(stderr).to.match(says).and.not.include('should not have happened')
        expect(code).to.equal(1)
        const files = filesBelow(join(disk, 'out'))
        expect(files).to.not.include('report.json')
        expect(files.filter((path) => path.startsWith('.tmp'))).to.deep.equal([])
        const logs = files.filter((path) => path.endsWith('.log'))
        expect(logs.length).to.be.below(3)
        for (const log of logs) {
          const { code: scanned } = await kmend(['scan', join(disk, 'out', log), '--deep'])
          expect(scanned, log).to.equal(0)
        }
      } finally {
        execFileSync('umount', [disk])
      }
    })
  }

  it('says in one line that stdout takes no more, and ends the work as it should end', async function () {
    if (!existsSync('/dev/full')) return this.skip()
    const out = join(newFolder(), 'out')
    for (const args of ['scan --json "$0"', 'dump "$0"', '--help', `repair "$0" --out ${out}`]) {
      const command = `"${process.execPath}" "${CLI}" ${args} > /dev/full`
      const { code, stderr } = await start('sh', ['-c', command, EXAMPLE]).ended
      expect(stderr).to.equal('kmend: cannot write to stdout: no space left on device (ENOSPC)\n')
      expect(code, args).to.equal(1)
    }
    expect(filesBelow(out)).to.include('report.json')
    const unheard = `"${process.execPath}" "${CLI}" scan missing.log 2> /dev/full`
    expect((await start('sh', ['-c', unheard]).ended).code).to.equal(2)
  })
})

describe('kmend reindex', () => {
  const BASE = '0'.repeat(20)

  it('writes the two index files of each segment and nothing else', async () => {
    const folder = newFolder()
    writePartition(folder, 'orders-0', [[0n, concat(...healthyBatches(0n, 100))]])
    const { code, stdout } = await kmend(['reindex', 'orders-0', '--out', 'out'], folder)
    expect(code).to.equal(0)
    expect(stdout).to.include(`data/orders-0/${BASE}.index`)
    expect(filesBelow(join(folder, 'out'))).to.deep.equal([
      `data/orders-0/${BASE}.index`,
      `data/orders-0/${BASE}.timeindex`,
      // Marks the folder as ours; beside data/, never in it.
      'report.json',
    ])
    for (const suffix of ['.index', '.timeindex']) {
      const bytes = readFileSync(join(folder, `out/data/orders-0/${BASE}${suffix}`))
      expect(bytes.length).to.be.above(0)
      writeFileSync(join(folder, 'orders-0', `${BASE}${suffix}`), bytes)
    }
    const scanned = await kmend(['scan', 'orders-0'], folder)
    expect(scanned.code, scanned.stdout).to.equal(0)
  })

  it('leaves out a damaged segment, points to repair, and exits 3', async () => {
    const folder = newFolder()
    writeHealthy(folder, 'orders-1')
    const paths = [EXAMPLE, 'orders-1']
    const { code, stdout, stderr } = await kmend(['reindex', ...paths, '--out', 'out'], folder)
    expect(code).to.equal(3)
    expect(stderr.match(/use kmend repair/g)).to.have.length(3)
    expect(stdout).to.include(`orders-1/${BASE}.log: data/orders-1/${BASE}.index, `)
    expect(filesBelow(join(folder, 'out'))).to.have.length(5)
    const again = ['reindex', EXAMPLE, '--out', 'out', '--force', '--json']
    const refused = await kmend(again, folder)
    expect(refused.code).to.equal(3)
    expect(JSON.parse(refused.stdout)).to.deep.include({ files: [], errors: [], exitCode: 3 })
    expect(filesBelow(join(folder, 'out')), 'of the run before').to.have.length(5)
  })

  it('goes on with the other segments when one cannot be read, and exits 1', async () => {
    const folder = newFolder()
    const path = writeHealthy(folder)
    symlinkSync('nowhere', join(path, `0${'1'.repeat(19)}.log`))
    const args = ['reindex', 'orders-0', '--out', 'out', '--json']
    const { code, stdout } = await kmend(args, folder)
    const { files, errors, exitCode } = JSON.parse(stdout) as ReindexReport
    expect([files.length, errors.length, exitCode, code]).to.deep.equal([1, 1, 1, 1])
    expect(filesBelow(join(folder, 'out'))).to.not.include('report.json')
  })
})
