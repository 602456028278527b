import { expect } from 'chai'
import fc from 'fast-check'
import SnappyJS from 'snappyjs'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import { createRunBuilder } from '../../src/recover/runs.ts'
import { skimmer } from '../../src/recover/segment-watch.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import { NOTHING_AHEAD } from '../../src/recover/ahead-of-walk.ts'
import type { BatchWatcher, StretchBase, StretchLimits } from '../../src/segment/stretch.ts'
import { takeStretch } from '../../src/segment/stretch.ts'
import { walkProvenBatches } from '../../src/segment/walk.ts'
import { eachBatch } from './batch-numbers.ts'
import { fakeSource } from '../bytes/fake-sources.ts'
import { concat, fixCrc, flipByte, joinedBatches, message, noise, v2Batch } from './build.ts'

const HIGHEST = 0x7fff_ffff_ffff_ffffn
const ANY: StretchLimits = { highestOffset: HIGHEST, startsBefore: Infinity }

const behind = (header: BatchHeader): StretchBase => ({
  ...header,
  end: header.position + header.sizeInBytes,
})

function headers(bytes: Uint8Array): BatchHeader[] {
  const window = new Window(memorySource(bytes))
  return [...walkProvenBatches(window)].flatMap((header) => header ?? [])
}

function runsOf(bytes: Uint8Array, windowBytes: number, first: bigint | null, skim: boolean) {
  const window = new Window(memorySource(bytes), windowBytes)
  const builder = createRunBuilder({ first, next: 5000n })
  for (const header of walkProvenBatches(
    window,
    skim ? skimmer(builder, NOTHING_AHEAD, undefined, null, new Map()) : undefined,
  ))
    if (header !== null) builder.add({ header, failure: null, records: header.recordsCount })
  return { runs: builder.runs, statistics: builder.statistics }
}

describe('takeStretch', () => {
  const batches = joinedBatches(40)
  const bytes = concat(...batches)
  const [first, second] = headers(bytes) as [BatchHeader, BatchHeader]

  it('takes what goes on exactly, and tells where it ended and with which header', () => {
    const stretch = takeStretch(new Window(memorySource(bytes)), behind(first), ANY, null, null)
    expect(stretch).to.deep.equal({
      end: bytes.length,
      batches: 39,
      records: 117,
      withoutProducers: true,
      variants: new Map(),
      withoutTransactions: true,
      withoutControlBatches: true,
      last: headers(bytes).at(-1),
    })
  })

  it('takes no batch that lies in two windows, and goes on in the next', () => {
    const window = new Window(memorySource(bytes), 1024)
    let [before, batchesTaken] = [first, 1]
    for (let turn = 0; turn < 40; turn++) {
      const stretch = takeStretch(window, behind(before), ANY, null, null)
      if (stretch === null) break
      batchesTaken += stretch.batches
      before = stretch.last
    }
    expect(batchesTaken).to.equal(40)
  })

  it('reads the file once', () => {
    const source = fakeSource(bytes)
    const builder = createRunBuilder({ first: null, next: null })
    const walk = walkProvenBatches(
      new Window(source, 4096),
      skimmer(builder, NOTHING_AHEAD, undefined, null, new Map()),
    )
    for (const header of walk)
      if (header !== null) builder.add({ header, failure: null, records: header.recordsCount })
    expect(builder.runs[0]?.batches).to.equal(40)
    expect(source.bytesRead).to.be.below(1.3 * bytes.length)
  })

  const second2 = batches[1] ?? bytes
  const next = second.baseOffset
  const ordinary = { baseOffset: next, records: [{}, {}] }
  const others: { name: string; batch: Uint8Array }[] = [
    { name: 'a flipped bit', batch: flipByte(second2, 70) },
    { name: 'a gap', batch: v2Batch({ ...ordinary, baseOffset: next + 1n }) },
    { name: 'another epoch', batch: v2Batch({ ...ordinary, partitionLeaderEpoch: 1 }) },
    { name: 'a delete horizon', batch: v2Batch({ ...ordinary, attributes: 0x40 }) },
    { name: 'an unknown codec', batch: v2Batch({ ...ordinary, attributes: 5 }) },
    { name: 'fewer records than offsets', batch: v2Batch({ ...ordinary, lastOffsetDelta: 2 }) },
    { name: 'no records', batch: v2Batch({ baseOffset: next, records: [] }) },
    {
      name: 'a time that is no exact number',
      batch: v2Batch({ ...ordinary, maxTimestamp: HIGHEST }),
    },
    { name: 'an old message', batch: message({ magic: 1, offset: next }) },
    { name: 'noise', batch: noise(300) },
    { name: 'the end of the file', batch: second2.subarray(0, 50) },
  ]
  for (const { name, batch } of others) {
    it(`leaves alone what is out of the ordinary: ${name}`, () => {
      const window = new Window(memorySource(concat(batches[0] ?? bytes, batch, ...batches)))
      expect(takeStretch(window, behind(first), ANY, null, null)).to.equal(null)
    })
  }

  it('takes batches that only a variant of their codec decodes, and counts them', () => {
    const raw = [0n, 1n, 2n].map((baseOffset) =>
      v2Batch({ baseOffset, attributes: 2, records: [{}], compress: SnappyJS.compress }),
    )
    const window = new Window(memorySource(concat(...raw, flipByte(raw[0] ?? bytes, 70))))
    const before = behind(headers(raw[0] ?? bytes)[0] ?? first)
    const decode = { codecs: defaultCodecs, maxDecompressedBytes: 1000 }
    expect(takeStretch(window, before, ANY, null, decode)).to.deep.include({
      batches: 2,
      variants: new Map([['raw-snappy', 2]]),
    })
    expect(takeStretch(window, before, ANY, null, null)?.variants.size).to.equal(0)
  })

  const transactional = v2Batch({ ...ordinary, attributes: 0x10, producerId: 7n })
  const marker = v2Batch({ ...ordinary, baseOffset: next + 2n, attributes: 0x30, producerId: 7n })

  it('takes transactions and says so, and markers where nothing is decoded', () => {
    const decode = { codecs: defaultCodecs, maxDecompressedBytes: 1000 }
    const window = new Window(memorySource(concat(batches[0] ?? bytes, transactional, marker)))
    const taken = takeStretch(window, behind(first), ANY, null, null)
    expect(taken?.batches).to.equal(2)
    expect(taken?.withoutTransactions).to.equal(false)
    expect(taken?.withoutControlBatches).to.equal(false)
    const decoded = takeStretch(window, behind(first), ANY, null, decode)
    expect(decoded?.batches).to.equal(1)
    expect(decoded?.withoutTransactions).to.equal(false)
    expect(decoded?.withoutControlBatches).to.equal(true)
  })

  it('goes no higher than it may', () => {
    const window = new Window(memorySource(bytes))
    expect(
      takeStretch(
        window,
        behind(first),
        { ...ANY, highestOffset: first.lastOffset + 2n },
        null,
        null,
      ),
    ).to.equal(null)
    expect(
      takeStretch(
        window,
        behind(first),
        { ...ANY, highestOffset: first.lastOffset + 3n },
        null,
        null,
      )?.batches,
    ).to.equal(1)
    expect(
      takeStretch(
        window,
        behind(first),
        { ...ANY, highestOffset: first.lastOffset + 8n },
        null,
        null,
      )?.batches,
    ).to.equal(2)
  })

  it('goes no further than it may', () => {
    const window = new Window(memorySource(bytes))
    const taken = (startsBefore: number): number | undefined =>
      takeStretch(window, behind(first), { ...ANY, startsBefore }, null, null)?.batches
    const end = second.position + second.sizeInBytes
    expect(taken(second.position)).to.equal(undefined)
    expect(taken(second.position + 1)).to.equal(1)
    expect(taken(end)).to.equal(1)
    expect(taken(end + 1)).to.equal(2)
  })

  it('takes only what decodes, where that is asked', () => {
    const decode = { codecs: defaultCodecs, maxDecompressedBytes: 1000 }
    const broken = fixCrc(flipByte(batches[5] ?? bytes, 61, 0x7f))
    const file = concat(...batches.slice(0, 5), broken, ...batches.slice(6))
    const window = new Window(memorySource(file))
    expect(takeStretch(window, behind(first), ANY, null, null)?.batches).to.equal(39)
    expect(takeStretch(window, behind(first), ANY, null, decode)?.batches).to.equal(4)
  })

  it('counts over 32 bits', () => {
    const across = joinedBatches(10, 3, 0x1_ffff_fff8n)
    const [start] = headers(concat(...across)) as [BatchHeader]
    const stretch = takeStretch(
      new Window(memorySource(concat(...across))),
      behind(start),
      ANY,
      null,
      null,
    )
    expect(stretch?.batches).to.equal(9)
    expect(stretch?.last.lastOffset).to.equal(0x1_ffff_fff8n + 29n)
  })

  it('shows a watcher every batch in numbers', () => {
    const seen: number[][] = []
    const watcher: BatchWatcher = {
      baseOffset: 1n,
      onBatches(position, relativeBase, numbers) {
        for (const batch of eachBatch(position, relativeBase, numbers)) seen.push(batch)
      },
    }
    takeStretch(new Window(memorySource(bytes)), behind(first), ANY, watcher, null)
    expect(seen).to.deep.equal(
      headers(bytes)
        .slice(1)
        .map(({ position, sizeInBytes, lastOffset, maxTimestamp }) => [
          position,
          sizeInBytes,
          Number(lastOffset) - 1,
          Number(maxTimestamp),
        ]),
    )
  })

  it('makes the same runs as batch by batch, whatever lies in the file', () => {
    const part = fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.nat(30), fc.nat(8))
          .map(([from, count]) => concat(...batches.slice(from, from + count))),
      },
      fc.constantFrom(concat(transactional, marker), ...others.map(({ batch }) => batch)),
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.constantFrom(128, 1024, Infinity),
        fc.constantFrom(null, 0n, 20n),
        (parts, windowBytes, base) => {
          const file = concat(bytes, ...parts)
          expect(runsOf(file, windowBytes, base, true)).to.deep.equal(
            runsOf(file, windowBytes, base, false),
          )
        },
      ),
    )
  })
})
