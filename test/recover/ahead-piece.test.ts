import { expect } from 'chai'
import fc from 'fast-check'
import SnappyJS from 'snappyjs'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import type { VariantCounts } from '../../src/codec/codec.ts'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import type { AheadOfWalk } from '../../src/recover/ahead-of-walk.ts'
import { isSound, NOTHING_AHEAD, soundRuns } from '../../src/recover/ahead-of-walk.ts'
import type { AheadStretch, Found } from '../../src/recover/ahead-piece.ts'
import { lookAhead } from '../../src/recover/ahead-piece.ts'
import type { ProvenBatch } from '../../src/recover/runs.ts'
import { createRunBuilder } from '../../src/recover/runs.ts'
import type { SegmentWatch } from '../../src/recover/segment-watch.ts'
import { skimmer } from '../../src/recover/segment-watch.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import { decodeBatchHeader, isControl, isTransactional } from '../../src/segment/record-batch.ts'
import type { BatchWatcher, Stretch } from '../../src/segment/stretch.ts'
import { walkProvenBatches } from '../../src/segment/walk.ts'
import {
  concat,
  fixCrc,
  flipByte,
  joinedBatches,
  message,
  noise,
  v2Batch,
} from '../segment/build.ts'
import { eachBatch } from '../segment/batch-numbers.ts'

const DECODE = { codecs: defaultCodecs, maxDecompressedBytes: 1024 * 1024 }

/** Under a CRC that holds, records that are none. */
const undecodable = (batch: Uint8Array): Uint8Array => fixCrc(flipByte(batch, 61, 0x7f))

const foundIn = (bytes: Uint8Array, from = 0, end = bytes.length): Found =>
  lookAhead(new Window(memorySource(bytes), 65_536), from, end, DECODE)

const firstOf = (bytes: Uint8Array): ProvenBatch => {
  const header = decodeBatchHeader(bytes, 0)
  if (header === null) throw new Error('no header')
  return { header, failure: null, records: header.recordsCount }
}

const placesIn = (...given: Parameters<typeof foundIn>): number[][] =>
  foundIn(...given).stretches.map(({ start, stretch }) => [start, stretch.end])

describe('lookAhead', () => {
  const batches = joinedBatches(10)
  const bytes = concat(...batches)
  const endOf = (count: number): number => concat(...batches.slice(0, count)).length

  it('finds batches that go on from each other, wherever its range begins and ends', () => {
    expect(placesIn(bytes)).to.deep.equal([[0, bytes.length]])
    expect(placesIn(bytes, endOf(1) - 5, endOf(3) + 1)).to.deep.equal([[endOf(1), endOf(4)]])
    expect(placesIn(bytes, endOf(3), endOf(3))).to.deep.equal([])
    const [found] = foundIn(bytes, endOf(1), endOf(3)).stretches
    expect(found?.stretch).to.deep.include({ batches: 2, records: 6 })
    expect([...(found?.numbers ?? [])].filter((_, index) => index % 3 < 2)).to.deep.equal([
      batches[1]?.length,
      2,
      batches[2]?.length,
      5,
    ])
  })

  it('finds nothing in what does not decode, and goes on behind it', () => {
    const broken = undecodable(batches[3] ?? bytes)
    const file = concat(...batches.slice(0, 3), broken, ...batches.slice(4))
    expect(placesIn(file)).to.deep.equal([
      [0, endOf(3)],
      [endOf(4), file.length],
    ])
    expect(foundIn(message({ magic: 1, value: 'v' }))).to.deep.equal({ stretches: [], sound: [] })
    for (const odd of [noise(5000), new Uint8Array(100)])
      expect([placesIn(odd), placesIn(odd, 1)]).to.deep.equal([[], []])
    const few = v2Batch({ records: [{}], recordsCount: 2, lastOffsetDelta: 1 })
    expect(foundIn(few)).to.deep.equal({ stretches: [], sound: [] })
  })

  it('vouches for batches out of the ordinary that decode', () => {
    const horizon = { attributes: 0x40, records: [{}] }
    const [one, other] = [v2Batch(horizon), v2Batch({ ...horizon, baseOffset: 7n })]
    const all = concat(one, other, undecodable(one), bytes)
    const start = one.length * 3
    expect(foundIn(all).sound).to.deep.equal([0, 2 * one.length])
    expect(placesIn(all)).to.deep.equal([[start, all.length]])
    const shallow = lookAhead(new Window(memorySource(all)), 0, all.length, null)
    expect(shallow.sound).to.deep.equal([])
  })

  it('counts what only a variant of its codec decodes over all windows of a stretch', () => {
    const raw = Array.from({ length: 30 }, (_, index) =>
      v2Batch({
        baseOffset: BigInt(index),
        attributes: 2,
        records: [{ value: noise(100, index + 1) }],
        compress: SnappyJS.compress,
      }),
    )
    const file = concat(...raw)
    const { stretches } = lookAhead(new Window(memorySource(file), 1024), 0, file.length, DECODE)
    const [found] = stretches
    expect(found?.stretch).to.deep.include({
      batches: 30,
      variants: new Map([['raw-snappy', 30]]),
    })
    const builder = createRunBuilder({ first: 0n, next: null })
    builder.add(firstOf(raw[0] ?? file))
    const variants: VariantCounts = new Map([['raw-snappy', 1]])
    const rest = lookAhead(new Window(memorySource(file)), raw[0]?.length ?? 0, file.length, DECODE)
    const ahead = { ...NOTHING_AHEAD, stretchAt: () => rest.stretches[0] }
    const end = skimmer(builder, ahead, undefined, DECODE, variants)(new Window(memorySource(file)))
    expect([end, variants.get('raw-snappy')]).to.deep.equal([file.length, 30])
  })

  it('leaves to the walk what is larger than its window', () => {
    const large = v2Batch({ records: [{ value: noise(70_000) }] })
    expect(placesIn(concat(large, bytes))).to.deep.equal([])
    expect(placesIn(concat(large, bytes), 1)).to.deep.equal([
      [large.length, large.length + bytes.length],
    ])
  })

  it('leaves to the walk what would take much to note, or much to find', () => {
    const many = new Window(memorySource(concat(...joinedBatches(1000, 1))), 4096)
    const [found] = lookAhead(many, 0, 51_200, null).stretches
    expect(found?.stretch.batches).to.be.within(256, 400)
    const claim = flipByte(v2Batch({ records: [{ value: new Uint8Array(2000) }] }), 70)
    const false_ = concat(...Array.from({ length: 40 }, () => claim.subarray(0, 100)), claim)
    const file = concat(new Uint8Array(10), false_, bytes)
    expect(placesIn(file, 1, 5000)).to.deep.equal([])
  })
})

/** What threads would have found in all pieces of a file that the walk does not take first. */
function everythingAhead(bytes: Uint8Array, pieceBytes: number): AheadOfWalk {
  const found = new Map<number, AheadStretch>()
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    const end = Math.min(from + pieceBytes, bytes.length)
    const window = new Window(memorySource(bytes))
    for (const stretch of lookAhead(window, from, end, null).stretches)
      found.set(stretch.start, stretch)
  }
  return {
    ...NOTHING_AHEAD,
    stretchAt: (position) => found.get(position),
    reachOf: (position) => (Math.floor(position / pieceBytes) + 1) * pieceBytes,
  }
}

/** Runs as a walk makes them, and all that a watcher is told. */
function walk(bytes: Uint8Array, next: bigint | null, ahead: AheadOfWalk): unknown {
  const builder = createRunBuilder({ first: 0n, next })
  const told: number[][] = []
  const onBatches: BatchWatcher['onBatches'] = (...batches) => {
    told.push(...eachBatch(...batches))
  }
  let transactions = false
  const onStretch = (stretch: Stretch): void => {
    transactions ||= !stretch.withoutTransactions || !stretch.withoutControlBatches
  }
  const watch = {
    indexes: () => ({ baseOffset: 0n, onBatches }),
    onStretch,
  } as unknown as SegmentWatch
  const skim = skimmer(builder, ahead, watch, null, new Map())
  for (const header of walkProvenBatches(new Window(memorySource(bytes), 1024), skim)) {
    if (header === null) continue
    builder.add({ header, failure: null, records: header.recordsCount })
    transactions ||= isTransactional(header) || isControl(header)
    const { position, sizeInBytes, lastOffset, maxTimestamp } = header
    told.push([position, sizeInBytes, Number(lastOffset), Number(maxTimestamp)])
  }
  return { runs: builder.runs, statistics: builder.statistics, told, transactions }
}

describe('a walk that others look ahead of', () => {
  const batches = joinedBatches(40)
  const bytes = concat(...batches)

  it('takes what they found in one step', () => {
    const ahead = everythingAhead(bytes, 1_000_000)
    let steps = 0
    walk(bytes, null, { ...ahead, reachOf: () => (steps++, Infinity) })
    // Nothing lies before the first batch that the threads' stretch could go on from.
    expect(steps).to.be.above(0)
    const first = batches[0]?.length ?? 0
    const rest = lookAhead(new Window(memorySource(bytes)), first, bytes.length, null).stretches[0]
    steps = 0
    walk(bytes, null, {
      ...ahead,
      stretchAt: (position) => (position === first ? rest : undefined),
      reachOf: () => (steps++, Infinity),
    })
    expect(steps).to.equal(2)
  })

  it('finds the same as alone, whatever lies in the file', () => {
    const part = fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.nat(30), fc.nat(8))
          .map(([from, count]) => concat(...batches.slice(from, from + count))),
      },
      fc.constantFrom(
        flipByte(batches[7] ?? bytes, 70),
        v2Batch({ baseOffset: 120n, partitionLeaderEpoch: 1, records: [{}, {}] }),
        v2Batch({ baseOffset: 122n, records: [{}] }),
        v2Batch({ baseOffset: 120n, attributes: 0x10, producerId: 1n, records: [{}] }),
        v2Batch({ baseOffset: 120n, attributes: 0x30, producerId: 1n, records: [{}] }),
        message({ magic: 1, offset: 120n }),
        v2Batch({ records: [{ value: concat(...batches.slice(0, 3)) }] }),
        noise(200),
      ),
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.integer({ min: 200, max: 3000 }),
        fc.constantFrom(null, 100n, 130n),
        (parts, pieceBytes, next) => {
          const file = concat(bytes, ...parts)
          expect(walk(file, next, everythingAhead(file, pieceBytes))).to.deep.equal(
            walk(file, next, NOTHING_AHEAD),
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  it('believes in a sound batch only where it came batch by batch', () => {
    const at = (position: number, sizeInBytes: number): BatchHeader =>
      ({ position, sizeInBytes }) as BatchHeader
    const sound = { ...NOTHING_AHEAD, ...soundRuns(new Map([[0, 150]])) }
    expect(isSound(at(0, 60), NOTHING_AHEAD)).to.equal(false)
    expect(isSound(at(60, 10), sound)).to.equal(false)
    expect(isSound(at(0, 60), sound)).to.equal(true)
    expect(isSound(at(60, 90), sound)).to.equal(true)
    expect(isSound(at(150, 1), sound)).to.equal(false)
    expect(isSound(at(0, 60), sound)).to.equal(true)
    // The batch at 60 was not proven, and the search found one at 80: inside it, perhaps.
    expect(isSound(at(80, 10), sound)).to.equal(false)
    expect(isSound(at(90, 10), sound)).to.equal(false)
  })
})
