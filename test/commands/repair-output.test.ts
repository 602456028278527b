import { expect } from 'chai'
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { SegmentReport } from '../../src/recover/report.ts'
import {
  batchBytes,
  concat,
  contentBelow,
  destroyRecords,
  EXAMPLE,
  filesBelow,
  healthyBatches,
  kmend,
  newFolder,
  readReport,
  writeDamaged,
  writeHealthy,
  writePartition,
} from './support.ts'

const BASE = '0'.repeat(20)

/** Puts the source together again from what a repair wrote: data/, quarantine/ and the report. */
function rebuildSource(out: string, segment: SegmentReport): Uint8Array {
  const data = readFileSync(join(out, segment.output!))
  const parts: Uint8Array[] = []
  let taken = 0
  for (const { outputPosition, outputSizeInBytes, quarantine } of segment.damage) {
    parts.push(data.subarray(taken, outputPosition), readFileSync(join(out, quarantine!)))
    taken = outputPosition! + outputSizeInBytes!
  }
  return concat(...parts, data.subarray(taken))
}

describe('kmend repair: the output folder', () => {
  let out: string
  before(async () => {
    out = join(newFolder(), 'out')
    const { code } = await kmend(['repair', EXAMPLE, '--out', out])
    expect(code).to.equal(3)
  })

  it('holds a partition that can be dropped in, the quarantine and the reports', () => {
    const { segments } = readReport(out)
    const bases = segments.map(({ segmentBaseOffset }) =>
      String(segmentBaseOffset).padStart(20, '0'),
    )
    const expected = [
      'report.json',
      ...bases.map((base) => `reports/orders-0/${base}.json`),
      ...bases.flatMap((base) =>
        ['.index', '.log', '.timeindex'].map((suffix) => `data/orders-0/${base}${suffix}`),
      ),
      ...bases.slice(1).map((base) => `data/orders-0/${base}.snapshot`),
      'data/orders-0/leader-epoch-checkpoint',
      'data/orders-0/partition.metadata',
      ...segments.flatMap(({ damage }) => damage.flatMap(({ salvaged }) => salvaged ?? [])),
      ...segments.flatMap(({ damage }, index) =>
        damage.map(({ position }) => `quarantine/orders-0/${bases[index]}-${position}.bin`),
      ),
    ]
    expect(filesBelow(out)).to.deep.equal(expected.sort())
  })

  it('finds the damage that the example is known to have', () => {
    const found = readReport(out).segments.flatMap(({ damage }) =>
      damage.map(({ reason, outcome }) => `${reason} ${outcome}`),
    )
    expect(found).to.deep.equal([
      'decompression-failed skipped',
      'crc-mismatch repaired',
      'crc-mismatch skipped',
      'torn-tail skipped',
    ])
  })

  it('scans clean', async () => {
    const { code, stdout } = await kmend(['scan', join(out, 'data/orders-0'), '--deep'])
    expect(code, stdout).to.equal(0)
  })

  it('holds, with the report, all of the source', () => {
    for (const segment of readReport(out).segments) {
      const rebuilt = Buffer.from(rebuildSource(out, segment))
      expect(rebuilt.equals(readFileSync(segment.source)), segment.source).to.equal(true)
    }
  })

  it('has segment reports that are parts of the whole report', () => {
    const { segments } = readReport(out)
    const single = filesBelow(join(out, 'reports/orders-0')).map(
      (name) => JSON.parse(readFileSync(join(out, 'reports/orders-0', name), 'utf8')) as unknown,
    )
    expect(single).to.deep.equal(segments)
  })

  it('is the same from a second run, but for the times in the report', async () => {
    const again = join(newFolder(), 'out')
    await kmend(['repair', EXAMPLE, '--out', again])
    const [first, second] = [contentBelow(out), contentBelow(again)]
    const withoutTimes = (folder: string): object => {
      const { startedAt, elapsedMs, ...rest } = readReport(folder)
      expect([typeof startedAt, typeof elapsedMs]).to.deep.equal(['string', 'number'])
      return rest
    }
    expect(withoutTimes(again)).to.deep.equal(withoutTimes(out))
    first.delete('report.json')
    second.delete('report.json')
    expect(second).to.deep.equal(first)
  })

  it('leaves the source as it was', () => {
    expect(filesBelow(EXAMPLE).every((name) => !/report|quarantine|tmp/.test(name))).to.equal(true)
    expect(contentBelow(EXAMPLE).size).to.equal(13)
  })
})

describe('kmend repair: files', () => {
  it('puts a lone file of no partition into data/ under its own name', async () => {
    const folder = newFolder()
    const batches = healthyBatches(9n, 10)
    destroyRecords(batches[4]!)
    writeFileSync(join(folder, 'copy.log'), concat(...batches))
    writeFileSync(join(folder, 'other.snapshot'), 'of another segment')
    writeFileSync(join(folder, 'leader-epoch-checkpoint'), 'of another partition')
    const { code } = await kmend(['repair', 'copy.log', '--out', 'out'], folder)
    expect(code).to.equal(3)
    const position = concat(...batches.slice(0, 4)).length
    const base = '9'.padStart(20, '0')
    const files = filesBelow(join(folder, 'out'))
    expect(files.filter((name) => !/^(quarantine|salvaged)/.test(name))).to.deep.equal([
      'data/copy.index',
      'data/copy.log',
      'data/copy.timeindex',
      'report.json',
      `reports/${base}.json`,
    ])
    const [segment] = readReport(join(folder, 'out')).segments
    expect(segment).to.deep.include({ topic: null, partition: null, output: 'data/copy.log' })
    expect(segment?.damage[0]?.position).to.equal(position)
    expect(segment?.damage[0]?.quarantine).to.equal(`quarantine/${base}-${position}.bin`)
  })

  it('takes along what belongs to a lone segment of a partition, and no other segment', async () => {
    const folder = newFolder()
    const path = writeHealthy(folder)
    writeFileSync(join(path, `${BASE}.txnindex`), '')
    const segment = `orders-0/${BASE}.log`
    const { code } = await kmend(['repair', segment, '--out', 'out'], folder)
    expect(code).to.equal(0)
    expect(filesBelow(join(folder, 'out/data/orders-0'))).to.deep.equal([
      `${BASE}.index`,
      `${BASE}.log`,
      `${BASE}.timeindex`,
      `${BASE}.txnindex`,
      'leader-epoch-checkpoint',
      'partition.metadata',
    ])
  })

  it('keeps modes and modification times', async () => {
    const folder = newFolder()
    const path = writeDamaged(folder)
    const time = new Date('2024-02-29T12:00:00.000Z')
    const names = [`${BASE}.log`, `${BASE}.snapshot`, 'leader-epoch-checkpoint']
    for (const name of names) {
      chmodSync(join(path, name), 0o640)
      utimesSync(join(path, name), time, time)
    }
    await kmend(['repair', 'orders-0', '--out', 'out'], folder)
    for (const name of [...names, `${BASE}.index`, `${BASE}.timeindex`]) {
      const { mode, mtime } = statSync(join(folder, 'out/data/orders-0', name))
      expect(mode & 0o777, name).to.equal(0o640)
      expect(mtime.toISOString(), name).to.equal(time.toISOString())
    }
  })

  it('writes only what differs with --only-changed', async () => {
    const folder = newFolder()
    writeHealthy(folder, 'orders-0')
    writeDamaged(folder, 'orders-1')
    const { code } = await kmend(
      ['repair', 'orders-0', 'orders-1', '--only-changed', '--out', 'out'],
      folder,
    )
    expect(code).to.equal(3)
    const logs = filesBelow(join(folder, 'out/data')).filter((name) => name.endsWith('.log'))
    expect(logs).to.deep.equal([`orders-1/${BASE}.log`])
    expect(readReport(join(folder, 'out')).segments.map(({ output }) => output)).to.deep.equal([
      null,
      null,
      `data/orders-1/${BASE}.log`,
    ])
  })

  it('fills lost offsets with one empty batch, or with nothing', async () => {
    const folder = newFolder()
    const source = readFileSync(join(writeDamaged(folder), `${BASE}.log`))
    for (const [fill, size] of [
      ['empty-batch', 61],
      ['none', 0],
    ] as const) {
      const out = join(folder, fill)
      const { code } = await kmend(['repair', 'orders-0', '--fill', fill, '--out', out], folder)
      expect(code).to.equal(3)
      const [segment] = readReport(out).segments
      const [entry] = segment!.damage
      expect(entry?.outputSizeInBytes).to.equal(size)
      expect(segment?.outputSizeInBytes).to.equal(source.length - entry!.sizeInBytes + size)
      const { damage } = readReport(out).segments[0]!
      expect(damage.map(({ baseOffset, lastOffset }) => [baseOffset, lastOffset])).to.deep.equal([
        [12, 14],
      ])
    }
  })

  it('drops garbage between batches and exits 0: every record is there', async () => {
    const folder = newFolder()
    const batches = healthyBatches(0n, 6)
    const bytes = concat(...batches.slice(0, 3), new Uint8Array(700).fill(7), ...batches.slice(3))
    writePartition(folder, 'orders-0', [[0n, bytes]])
    expect((await kmend(['scan', 'orders-0'], folder)).code).to.equal(3)
    const { code } = await kmend(['repair', 'orders-0', '--out', 'out'], folder)
    expect(code).to.equal(0)
    const written = readFileSync(join(folder, `out/data/orders-0/${BASE}.log`))
    expect(written.equals(concat(...batches))).to.equal(true)
  })

  it('leaves batches that do not decode in place on request, and still exits 3', async () => {
    const folder = newFolder()
    const args = ['repair', EXAMPLE, '--keep-undecodable', '--out', join(folder, 'out')]
    expect((await kmend(args)).code).to.equal(3)
    const [first] = readReport(join(folder, 'out')).segments
    expect(first?.batches).to.deep.include({ kept: 1, repaired: 1, skipped: 0 })
  })

  it('does not see with --shallow what only decoding shows', async () => {
    const folder = newFolder()
    await kmend(['repair', EXAMPLE, '--shallow', '--out', join(folder, 'out')])
    const { segments } = readReport(join(folder, 'out'))
    expect(segments[0]?.batches).to.deep.include({ intact: 14, repaired: 1, skipped: 0 })
    expect(segments.every(({ checked }) => checked === 'crc')).to.equal(true)
  })

  it('goes on with the other segments when one cannot be read', async () => {
    const folder = newFolder()
    const path = writeHealthy(folder)
    // Nobody can open a link that leads nowhere, whoever runs the tests.
    const unreadable = `0${'1'.repeat(19)}.log`
    symlinkSync('nowhere', join(path, unreadable))
    const { code, stderr } = await kmend(['repair', 'orders-0', '--out', 'out'], folder)
    expect(code).to.equal(1)
    expect(stderr).to.include(unreadable)
    expect(filesBelow(join(folder, 'out'))).to.include(`data/orders-0/${BASE}.log`)
    expect(filesBelow(join(folder, 'out'))).to.not.include('report.json')
  })
})

describe('kmend repair: the metadata log', () => {
  const damagedMetadata = (folder: string): void => {
    const batches = [0n, 3n, 6n, 9n].map((baseOffset) =>
      batchBytes({ baseOffset, values: ['x', 'y', 'z'], producerId: -1n }),
    )
    destroyRecords(batches[2]!)
    writePartition(folder, '__cluster_metadata-0', [[0n, concat(...batches)]])
    mkdirSync(join(folder, 'other'))
    writeHealthy(join(folder, 'other'))
  }

  it('is not written with a hole in it; the other inputs are', async () => {
    const folder = newFolder()
    damagedMetadata(folder)
    const inputs = ['__cluster_metadata-0', 'other/orders-0']
    const { code, stdout } = await kmend(['repair', ...inputs, '--out', 'out'], folder)
    expect(code).to.equal(3)
    expect(stdout).to.include('--allow-metadata-loss')
    const data = filesBelow(join(folder, 'out/data'))
    expect(data.filter((name) => name.startsWith('__'))).to.deep.equal([])
    expect(
      data.filter((name) => name.startsWith('orders-0') && name.endsWith('.log')),
    ).to.have.length(2)
    const [segment] = readReport(join(folder, 'out')).segments
    expect(segment).to.deep.include({ output: null, outputSizeInBytes: 0 })
    expect(segment?.notes.join()).to.include('--allow-metadata-loss')
    const alone = await kmend(['repair', inputs[0] ?? '', '--out', 'alone'], folder)
    expect(alone.stdout).to.include('No repaired copy was written').and.not.include('put it back')
    expect(readReport(join(folder, 'alone')).restore).to.deep.equal([])
  })

  it('is written without empty batches with --allow-metadata-loss', async () => {
    const folder = newFolder()
    damagedMetadata(folder)
    const args = ['repair', '__cluster_metadata-0', '--allow-metadata-loss', '--out', 'out']
    expect((await kmend(args, folder)).code).to.equal(3)
    const [segment] = readReport(join(folder, 'out')).segments
    expect(segment?.output).to.equal(`data/__cluster_metadata-0/${BASE}.log`)
    expect(segment?.damage.map(({ outputSizeInBytes }) => outputSizeInBytes)).to.deep.equal([0])
  })
})

describe('examples', () => {
  it('are small', () => {
    const sizes = filesBelow(EXAMPLE).map((name) => statSync(join(EXAMPLE, name)).size)
    expect(sizes.reduce((a, b) => a + b)).to.be.below(400_000)
  })
})
