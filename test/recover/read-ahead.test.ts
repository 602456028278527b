import { expect } from 'chai'
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import type { Worker } from 'node:worker_threads'
import { NOTHING_AHEAD, withReadAhead } from '../../src/recover/ahead-of-walk.ts'
import { startThread } from '../../src/recover/early-threads.ts'
import type { PartitionInput } from '../../src/recover/inputs.ts'
import { resolveInput } from '../../src/recover/inputs.ts'
import type { ScanOptions } from '../../src/recover/options.ts'
import { resolveOptions } from '../../src/recover/options.ts'
import type { SourceFile } from '../../src/recover/read-ahead.ts'
import { startReadAhead } from '../../src/recover/read-ahead.ts'
import { toJson } from '../../src/recover/report-json.ts'
import type { Report } from '../../src/recover/report.ts'
import { scanPartitions } from '../../src/recover/scan-paths.ts'
import { concat, fixCrc, flipByte, joinedBatches, noise, v2Batch } from '../segment/build.ts'

const SETTINGS = {
  decoding: { codecs: 'native', maxDecompressedBytes: 1024 * 1024 } as const,
  pieceBytes: 32_768,
  module: new URL('../support/read-ahead-worker.mjs', import.meta.url),
}

/** Under a CRC that holds, records that are none. */
const undecodable = (batch: Uint8Array): Uint8Array => fixCrc(flipByte(batch, 61, 0x7f))

describe('startReadAhead', () => {
  let folder: string
  let path: string
  const batches = joinedBatches(4000)
  const healthy = concat(...batches)
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kmend-ahead-'))
    path = join(folder, '00000000000000000000.log')
    writeFileSync(path, healthy)
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const head = { command: 'scan', options: {} }
  const timeless = (report: Report): string => toJson({ ...report, startedAt: '', elapsedMs: 0 }, 2)
  const sourcesOf = (): SourceFile[] =>
    resolveInput(folder).flatMap(({ segments }) =>
      segments.map(({ source }) => ({ path: source, sizeInBytes: statSync(source).size })),
    )

  const inner = concat(...joinedBatches(3))
  const damaged = concat(
    ...batches.map((batch, index) => {
      if (index % 97 === 50) return flipByte(batch, 70)
      if (index % 101 === 60) return undecodable(batch)
      if (index % 211 === 90) return noise(500)
      if (index % 307 === 10) return v2Batch({ records: [{ value: inner }] })
      return batch
    }),
  )
  for (const deep of [true, false])
    it(`finds the same as without threads, ${deep ? 'decoding' : 'by CRC'}`, async () => {
      writeFileSync(join(folder, '00000000000000012000.log'), damaged)
      const options = resolveOptions({ deep }, deep)
      const alone = await scanPartitions(resolveInput(folder), options, head)
      const readAhead = startReadAhead(2, {
        ...SETTINGS,
        sources: sourcesOf(),
        decoding: deep ? SETTINGS.decoding : null,
      })
      try {
        const helped = await scanPartitions(resolveInput(folder), { ...options, readAhead }, head)
        expect(timeless(helped)).to.equal(timeless(alone))
      } finally {
        readAhead.close()
        rmSync(join(folder, '00000000000000012000.log'))
      }
    })

  it('has its threads look at the files that are followed, and at the next one', async () => {
    const next = join(folder, 'next.log')
    writeFileSync(next, healthy)
    const sources = [path, next].map((each) => ({ path: each, sizeInBytes: healthy.length }))
    const readAhead = startReadAhead(1, { ...SETTINGS, sources })
    try {
      const ahead = readAhead.follow(path, healthy.length)
      ahead.end()
      const nextAhead = readAhead.follow(next, healthy.length)
      while (nextAhead.stretchAt(0) === undefined) await setTimeout(2)
      expect(nextAhead.pending(0)).to.equal(undefined)
      expect(nextAhead.stretchAt(0)?.stretch.batches).to.be.above(100)
    } finally {
      readAhead.close()
      rmSync(next)
    }
  })

  for (const sourcesOnly of [true, false])
    it(`${sourcesOnly ? 'ends' : 'keeps'} its threads with the last source where ${sourcesOnly ? 'nothing else' : 'more'} is read`, () => {
      const sources = [{ path, sizeInBytes: healthy.length }]
      const readAhead = startReadAhead(1, { ...SETTINGS, sources, sourcesOnly })
      readAhead.follow(path, healthy.length).end()
      expect(readAhead.follow(path, healthy.length) === NOTHING_AHEAD).to.equal(sourcesOnly)
      readAhead.close()
    })

  /** A thread that takes every piece, tells it, and does no more. */
  const thread = (then: string): URL =>
    new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from 'node:worker_threads'
        parentPort.on('message', ({ id, claims }) => {
          claims.fill(2)
          const found = { stretches: [], sound: [0, 7] }
          ${then}
        })`)}`,
    )

  it('waits for a piece that a thread has taken, as long as there is one', async () => {
    for (const then of [
      'setTimeout(() => [1, 0].forEach((piece) => parentPort.postMessage({ id, piece, found })), 200)',
      'setTimeout(() => { throw new Error("gone") }, 200)',
    ]) {
      const readAhead = startReadAhead(1, { ...SETTINGS, module: thread(then) })
      const ahead = readAhead.follow(path, 50_000)
      while (ahead.pending(0) === undefined) await setTimeout(2)
      await ahead.pending(0)
      expect(ahead.pending(0)).to.equal(undefined)
      readAhead.close()
    }
  })

  it('takes threads that are there already before it starts others', () => {
    const thread = startThread(SETTINGS.module)
    const asked: number[] = []
    const take = (count: number): Worker[] => [thread].slice(0, asked.push(count))
    const readAhead = startReadAhead(1, { ...SETTINGS, threads: { take } })
    expect(asked).to.deep.equal([1])
    expect(thread.listenerCount('message')).to.equal(1)
    readAhead.close()
  })

  it('leaves all to the walk when the threads are gone', () => {
    const readAhead = startReadAhead(1, SETTINGS)
    readAhead.close()
    expect(readAhead.follow(path, healthy.length)).to.equal(NOTHING_AHEAD)
  })
})

describe('withReadAhead', () => {
  const partition = (sizeInBytes: number): readonly PartitionInput[] => {
    const file = join(mkdtempSync(join(tmpdir(), 'kmend-ahead-')), '00000000000000000000.log')
    writeFileSync(file, '')
    truncateSync(file, sizeInBytes)
    return resolveInput(file)
  }
  const helped = async (mib: number, options: ScanOptions): Promise<boolean> => {
    const input = partition(mib * 1024 * 1024)
    try {
      return await withReadAhead(resolveOptions(options, false), input, true, ({ readAhead }) =>
        Promise.resolve(readAhead !== undefined),
      )
    } finally {
      rmSync(dirname(input[0]?.segments[0]?.source ?? ''), { recursive: true })
    }
  }

  it('starts threads where they are asked for and worth it', async () => {
    expect(await helped(200, { jobs: 2 })).to.equal(true)
    expect(await helped(20, { jobs: 2, deep: true })).to.equal(true)
    expect(await helped(20, { jobs: 2 })).to.equal(false)
    expect(await helped(20, { jobs: 2, deep: true, codecs: 'native' })).to.equal(true)
    expect(await helped(200, {})).to.equal(false)
    expect(await helped(200, { jobs: 2, digests: true })).to.equal(false)
    expect(await helped(200, { jobs: 2, deep: true, codecs: defaultCodecs })).to.equal(false)
    expect(await helped(200, { jobs: 2, codecs: defaultCodecs })).to.equal(true)
  })
})
