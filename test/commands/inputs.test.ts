import { expect } from 'chai'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError, SegmentIoError } from '../../src/errors.ts'
import { gatherEvidence, resolveInput, resolveWhole } from '../../src/recover/inputs.ts'
import {
  concat,
  filesBelow,
  healthyBatches,
  kmend,
  newFolder,
  parseReport,
  readReport,
  writeDamaged,
  writeHealthy,
} from './support.ts'

describe('resolveInput', () => {
  it('takes a partition directory with its segments in offset order', () => {
    const path = writeHealthy(newFolder())
    const [partition, ...others] = resolveInput(path)
    expect(others).to.deep.equal([])
    expect(partition).to.deep.include({ topicPartition: { topic: 'orders', partition: 0 } })
    expect(partition?.segments.map((segment) => segment.baseOffset)).to.deep.equal([0n, 30n])
    expect(partition?.segments.map((segment) => segment.nextSegmentBaseOffset)).to.deep.equal([
      30n,
      null,
    ])
    expect(partition?.segments.map(({ isLast }) => isLast)).to.deep.equal([false, true])
  })

  it('takes a log dir with the partitions in it, and leaves other folders alone', () => {
    const folder = newFolder()
    writeHealthy(folder, 'a-b-1')
    writeHealthy(folder, 'orders-0')
    writeHealthy(folder, 'orders-1.9a0364b9e99bb480dd25e1f0284c8555-delete')
    mkdirSync(join(folder, 'empty-0'))
    const found = resolveInput(folder).map(({ topicPartition }) => topicPartition)
    expect(found).to.deep.equal([
      { topic: 'a-b', partition: 1 },
      { topic: 'orders', partition: 0 },
    ])
  })

  it('knows what lies beside a lone segment of a partition', () => {
    const path = join(writeHealthy(newFolder()), `${'0'.repeat(20)}.log`)
    const segment = resolveInput(path)[0]!.segments[0]!
    expect(segment).to.deep.include({ source: path, nextSegmentBaseOffset: 30n, isLast: false })
    const { epochAt, ...evidence } = gatherEvidence(segment)
    // The partition's leader-epoch-checkpoint says so.
    expect(epochAt(3n)).to.equal(0)
    expect(evidence).to.deep.equal({
      segmentBaseOffset: 0n,
      nextSegmentBaseOffset: 30n,
      snapshotOffset: null,
      offsetIndex: null,
      abortedTransactions: null,
      producersAtBase: [],
    })
  })

  it('believes a snapshot above the last segment', () => {
    const path = writeHealthy(newFolder())
    for (const offset of [45, 60])
      writeFileSync(join(path, `${offset}`.padStart(20, '0') + '.snapshot'), '')
    const last = resolveInput(path)[0]!.segments.at(-1)!
    expect(gatherEvidence(last).snapshotOffset).to.equal(60n)
  })

  it('reads the base offset of a file of any name from its leading digits', () => {
    const folder = newFolder()
    const names: readonly (readonly [string, bigint | null])[] = [
      [`${'7'.padStart(20, '0')}-Wkg1pUfwTSuqBuqpFzVZ1g.log`, 7n],
      ['copy.log', null],
      ['segment', null],
    ]
    for (const [name, baseOffset] of names) {
      writeFileSync(join(folder, name), '')
      const [partition] = resolveInput(join(folder, name))
      expect(partition?.topicPartition).to.equal(null)
      expect(partition?.segments[0]?.baseOffset).to.equal(baseOffset)
      expect(gatherEvidence(partition!.segments[0]!).snapshotOffset).to.equal(null)
    }
  })

  it('throws for a path that is not there, and for a folder without segments', () => {
    const folder = newFolder()
    expect(() => resolveInput(join(folder, 'x'))).to.throw(InvalidArgumentError, 'no such file')
    expect(() => resolveInput(folder)).to.throw(InvalidArgumentError, 'no segment here')
  })
})

describe('kmend scan: inputs', () => {
  it('goes on with the other inputs when one cannot be read, and exits 1', async () => {
    const folder = newFolder()
    writeHealthy(folder, 'orders-0')
    mkdirSync(join(folder, 'orders-1'))
    // A link to itself is listed, and cannot be opened.
    const broken = join(folder, 'orders-1', `${'0'.repeat(20)}.log`)
    symlinkSync(broken, broken)
    writeHealthy(folder, 'orders-2')
    const { code, stdout, stderr } = await kmend(['scan', '.', '--json'], folder)
    expect(code).to.equal(1)
    expect(stderr).to.not.include('should not have happened')
    const report = parseReport(stdout)
    expect(report.errors).to.have.length(1)
    expect(report.errors[0]).to.include('orders-1')
    expect(report.segments.map(({ topic, partition }) => `${topic}-${partition}`)).to.deep.equal([
      'orders-0',
      'orders-0',
      'orders-2',
      'orders-2',
    ])
  })

  it('goes on when a path cannot be looked at, or a file beside the segments cannot be read', async () => {
    const folder = newFolder()
    for (const name of ['orders-0', 'orders-1']) writeHealthy(folder, name)
    symlinkSync('loop', join(folder, 'loop'))
    const snapshot = `${'0'.repeat(19)}9.snapshot`
    symlinkSync(snapshot, join(folder, 'orders-0', snapshot))
    const paths = ['loop', 'orders-0', 'orders-1']
    const runs = await Promise.all([
      kmend(['scan', ...paths, '--json'], folder),
      kmend(['repair', ...paths, '--json', '--out', 'out'], folder),
    ])
    for (const { code, stdout, stderr } of runs) {
      expect(stderr).to.equal('')
      const { errors, segments, files } = parseReport(stdout)
      expect(errors).to.have.length(2)
      expect(errors[0]).to.include('loop')
      expect(errors[1]).to.include(snapshot)
      expect(segments).to.have.length(4)
      expect(files).to.have.length(6)
      expect(code).to.equal(1)
    }
    expect(filesBelow(join(folder, 'out'))).to.include('data/orders-1/partition.metadata')
    expect(filesBelow(join(folder, 'out'))).to.not.include('report.json')
  })

  it('fails before it writes when it can look at no path, and when all of a path is wanted', async () => {
    const folder = newFolder()
    symlinkSync('loop', join(folder, 'loop'))
    for (const args of [
      ['repair', 'loop', '--out', 'out'],
      ['reindex', 'loop', '--out', 'out'],
      ['scan', 'loop', '--json'],
    ]) {
      const { code, stdout, stderr } = await kmend(args, folder)
      expect(stderr).to.match(/^kmend: cannot look at loop.*\n$/)
      expect(stdout).to.equal('')
      expect(code).to.equal(1)
    }
    expect(existsSync(join(folder, 'out'))).to.equal(false)
    expect(() => resolveWhole(join(folder, 'loop'))).to.throw(SegmentIoError, 'cannot look at')
  })

  it('does not call undamaged what it could not read', async () => {
    const { code, stdout, stderr } = await kmend(['scan', '/dev/null'])
    expect(code).to.equal(1)
    expect(stderr).to.include('/dev/null is not a file')
    expect(stdout).to.not.include('Nothing is damaged')
  })

  it('goes into partitions of a log dir that are links to directories', async () => {
    const folder = newFolder()
    writeHealthy(join(folder, 'elsewhere'))
    mkdirSync(join(folder, 'dir'))
    writeHealthy(join(folder, 'dir'), 'orders-1')
    symlinkSync('../elsewhere/orders-0', join(folder, 'dir', 'orders-0'))
    const { stdout } = await kmend(['scan', 'dir', '--json'], folder)
    expect(parseReport(stdout).partitions).to.have.length(2)
  })

  it('finds nothing wrong with an empty segment', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, `${'0'.repeat(20)}.log`), '')
    const { code, stdout } = await kmend(['scan', `${'0'.repeat(20)}.log`, '--json'], folder)
    expect(code).to.equal(0)
    const [segment] = parseReport(stdout).segments
    expect(segment).to.deep.include({ sizeInBytes: 0, firstOffset: null, damage: [] })
    expect(segment?.notes).to.deep.equal(['the file is empty'])
  })

  it('repairs an empty segment to an empty segment', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'empty.log'), '')
    const { code } = await kmend(['repair', 'empty.log', '--out', 'out'], folder)
    expect(code).to.equal(0)
    expect(readFileSync(join(folder, 'out/data/empty.log'))).to.have.length(0)
  })

  it('calls a text file what it is: bytes that are no batch', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'server.log'), 'INFO [KafkaServer id=0] started\n'.repeat(100))
    const { code, stdout } = await kmend(['scan', 'server.log', '--json'], folder)
    expect(code).to.equal(3)
    const [segment] = parseReport(stdout).segments
    expect(segment?.batches.intact).to.equal(0)
    expect(segment?.damage.map(({ reason }) => reason)).to.deep.equal(['unrecognised-bytes'])
  })

  it('names other .log files of a directory and leaves them out', async () => {
    const folder = newFolder()
    const path = writeHealthy(folder)
    for (const name of ['copy.log', `${'0'.repeat(20)}.orig.log`])
      writeFileSync(join(path, name), 'not a segment')
    const scanned = await kmend(['scan', 'orders-0'], folder)
    expect(scanned.code).to.equal(0)
    expect(scanned.stdout).to.include('orders-0/copy.log')
    expect(scanned.stdout).to.include('.orig.log')
    const repaired = await kmend(['repair', 'orders-0', '--out', 'out'], folder)
    expect(repaired.code).to.equal(0)
    const { files } = readReport(join(folder, 'out'))
    expect(
      files.filter(({ action }) => action === 'left-out').map(({ source }) => source),
    ).to.have.members(['orders-0/copy.log', `orders-0/${'0'.repeat(20)}.orig.log`])
    expect(filesBelow(join(folder, 'out')).filter((name) => /copy|orig/.test(name))).to.deep.equal(
      [],
    )
  })

  it('exits 3 for damage, 0 without, and shows where in one line a segment', async () => {
    const folder = newFolder()
    writeHealthy(folder, 'orders-0')
    writeDamaged(folder, 'orders-1')
    const healthy = await kmend(['scan', 'orders-0'], folder)
    expect(healthy.code).to.equal(0)
    expect(healthy.stdout).to.include('Nothing is damaged.')
    expect(healthy.stdout).to.include('CRC checked, records not decoded')
    const both = await kmend(['scan', 'orders-0', 'orders-1', '--deep'], folder)
    expect(both.code).to.equal(3)
    expect(both.stdout).to.include('every record decoded')
    expect(both.stdout).to.match(/crc-mismatch.*offsets 12 to 14/)
    expect(both.stdout).to.include('kmend repair')
  })

  it('starts source paths as they were typed', async () => {
    const folder = newFolder()
    writeHealthy(folder)
    for (const typed of ['orders-0', './orders-0', join(folder, 'orders-0')]) {
      const { stdout } = await kmend(['scan', typed, '--json'], folder)
      for (const { source } of parseReport(stdout).segments)
        expect(source.startsWith(`${typed}/`), `${source} for ${typed}`).to.equal(true)
    }
  })

  it('adds a digest of each batch on request, the same for copies of the same records', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'a.log'), concat(...healthyBatches(0n, 3)))
    writeFileSync(join(folder, 'b.log'), concat(...healthyBatches(0n, 3), new Uint8Array(100)))
    const lists = await Promise.all(
      ['a.log', 'b.log'].map(async (name) => {
        const { stdout } = await kmend(['scan', name, '--digests', '--json'], folder)
        return parseReport(stdout).segments[0]?.batchList
      }),
    )
    expect(lists[0]).to.have.length(3)
    expect(lists[0]).to.deep.equal(lists[1])
  })
})
