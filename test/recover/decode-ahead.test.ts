import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import { collectSound, isSound, startDecodeAhead } from '../../src/recover/decode-ahead.ts'
import { findSound } from '../../src/recover/decode-worker.ts'
import { resolveInput } from '../../src/recover/inputs.ts'
import { resolveOptions } from '../../src/recover/options.ts'
import { toJson } from '../../src/recover/report-json.ts'
import type { Report } from '../../src/recover/report.ts'
import { scanPartitions } from '../../src/recover/scan-paths.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import {
  concat,
  fixCrc,
  flipByte,
  joinedBatches,
  message,
  noise,
  v2Batch,
} from '../segment/build.ts'

const SETTINGS = {
  maxDecompressedBytes: 1024 * 1024,
  taskBytes: 32_768,
  module: new URL('../support/decode-worker.mjs', import.meta.url),
}

/** Under a CRC that holds, records that are none. */
const undecodable = (batch: Uint8Array): Uint8Array => fixCrc(flipByte(batch, 61, 0x7f))

function soundIn(bytes: Uint8Array, from = 0, end = bytes.length): number[] {
  const task = { id: 0, path: '', from, end, ...SETTINGS }
  return findSound(new Window(memorySource(bytes), 65_536), task)
}

describe('findSound', () => {
  const batches = joinedBatches(10)
  const bytes = concat(...batches)
  const endOf = (count: number): number => concat(...batches.slice(0, count)).length

  it('vouches for batches that decode, wherever its range begins and ends', () => {
    expect(soundIn(bytes)).to.deep.equal([0, bytes.length])
    expect(soundIn(bytes, endOf(1) - 5, endOf(3) + 1)).to.deep.equal([endOf(1), endOf(4)])
    expect(soundIn(bytes, endOf(3), endOf(3))).to.deep.equal([])
  })

  it('vouches for nothing else', () => {
    const broken = undecodable(batches[3] ?? bytes)
    const file = concat(...batches.slice(0, 3), broken, ...batches.slice(4))
    expect(soundIn(file)).to.deep.equal([0, endOf(3), endOf(4), file.length])
    expect(soundIn(message({ magic: 1, value: 'v' }))).to.deep.equal([])
    expect(soundIn(noise(5000))).to.deep.equal([])
    expect(soundIn(new Uint8Array(100))).to.deep.equal([])
    const large = v2Batch({ records: [{ value: noise(70_000) }] })
    expect(soundIn(concat(large, bytes))).to.deep.equal([])
    const few = v2Batch({ records: [{}], recordsCount: 2, lastOffsetDelta: 1 })
    expect(soundIn(few)).to.deep.equal([])
  })
})

describe('collectSound', () => {
  const at = (position: number, sizeInBytes: number): BatchHeader =>
    ({ position, sizeInBytes }) as BatchHeader

  it('says what is waited for, and then what is sound', async () => {
    const sound = collectSound([Promise.resolve([0, 150]), Promise.resolve([150, 190])], 100)
    expect(sound.pending(0)).to.be.a('promise')
    await sound.pending(0)
    await sound.pending(100)
    expect([sound.pending(99), sound.pending(100), sound.pending(500)]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ])
    expect(isSound(at(0, 60), sound)).to.equal(true)
    expect(sound.soundUntil(60)).to.equal(150)
    expect(isSound(at(60, 90), sound)).to.equal(true)
    expect(isSound(at(150, 41), sound)).to.equal(false)
    expect(isSound(at(150, 40), sound)).to.equal(true)
    expect(isSound(at(190, 1), sound)).to.equal(false)
  })

  it('does not vouch for a place that nobody came to batch by batch', async () => {
    const sound = collectSound([Promise.resolve([0, 150])], 200)
    await sound.pending(0)
    expect(isSound(at(60, 10), sound)).to.equal(false)
    expect(isSound(at(0, 60), sound)).to.equal(true)
    // The batch at 60 was not proven, and the search found one at 80: inside it, perhaps.
    expect(isSound(at(80, 10), sound)).to.equal(false)
    expect(isSound(at(90, 10), sound)).to.equal(false)
  })
})

describe('scan with threads that decode ahead', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kmend-ahead-'))
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const batches = joinedBatches(4000)
  const inner = concat(...joinedBatches(3))
  const files: { name: string; bytes: () => Uint8Array }[] = [
    { name: 'healthy', bytes: () => concat(...batches) },
    {
      name: 'damaged in every way',
      bytes: () =>
        concat(
          ...batches.map((batch, index) => {
            if (index % 97 === 50) return flipByte(batch, 70)
            if (index % 101 === 60) return undecodable(batch)
            if (index % 211 === 90) return noise(500)
            if (index % 307 === 10) return v2Batch({ records: [{ value: inner }] })
            return batch
          }),
        ),
    },
  ]
  for (const { name, bytes } of files) {
    it(`finds the same as without: ${name}`, async () => {
      const path = join(folder, '00000000000000000000.log')
      writeFileSync(path, bytes())
      const options = resolveOptions({ deep: true }, true)
      const head = { command: 'scan', options: {} }
      const timeless = (report: Report): string =>
        toJson({ ...report, startedAt: '', elapsedMs: 0 }, 2)
      const alone = await scanPartitions(resolveInput(path), options, head)
      const ahead = startDecodeAhead(2, SETTINGS)
      try {
        const helped = await scanPartitions(resolveInput(path), { ...options, ahead }, head)
        expect(timeless(helped)).to.equal(timeless(alone))
      } finally {
        ahead.close()
      }
    })
  }

  it('decodes in its threads', async () => {
    const path = join(folder, '00000000000000000000.log')
    const bytes = concat(...batches)
    writeFileSync(path, bytes)
    const ahead = startDecodeAhead(2, SETTINGS)
    try {
      ahead.prepare(path, bytes.length)
      const sound = ahead.follow(path, bytes.length)
      for (let position = 0; position < bytes.length; position += 32_768)
        await sound.pending(position)
      let position = 0
      for (let end = sound.soundUntil(0); end > position; end = sound.soundUntil(position)) {
        sound.taken(end)
        position = end
      }
      expect(position).to.equal(bytes.length)
    } finally {
      ahead.close()
    }
  })

  it('goes on alone when the threads are gone', async () => {
    const path = join(folder, '00000000000000000000.log')
    writeFileSync(path, concat(...batches))
    const ahead = startDecodeAhead(1, SETTINGS)
    ahead.close()
    const sound = ahead.follow(path, 1_000_000)
    await sound.pending(0)
    expect(sound.soundUntil(0)).to.equal(0)
  })
})
