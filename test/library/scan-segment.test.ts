import { expect } from 'chai'
import fc from 'fast-check'
import type { CorruptionEvent, SegmentEvent } from '../../src/kmend.ts'
import { CodecError, readBatches, scanSegment } from '../../src/kmend.ts'
import { concat, flipByte, noise, v2Batch } from '../segment/build.ts'
import {
  bases,
  BATCHES,
  collect,
  CORRUPT,
  HEALTHY,
  SIZE,
  UNDECODABLE,
  UNDECODABLE_BATCH,
} from './segments.ts'

/** In order, without gap or overlap, their sizes summing to the file's. */
function expectTiling(events: readonly SegmentEvent[], size: number): void {
  let end = 0
  for (const { position, sizeInBytes } of events) {
    expect(position).to.equal(end)
    end += sizeInBytes
  }
  expect(end).to.equal(size)
}

const corruption = (events: readonly SegmentEvent[]): CorruptionEvent[] =>
  events.filter((event) => event.type === 'corruption')

describe('scanSegment', () => {
  it('yields a header for each good batch', async () => {
    const events = await collect(scanSegment(HEALTHY))
    expect(events.map(({ type }) => type)).to.deep.equal(Array(5).fill('batch'))
    expect(bases(events)).to.deep.equal([0, 3, 6, 9, 12])
    expect(events[2]).to.include({
      position: 2 * SIZE,
      sizeInBytes: SIZE,
      lastOffset: 8n,
      recordsCount: 3,
    })
  })

  it('yields damage as an event, where it lies', async () => {
    const events = await collect(scanSegment(CORRUPT))
    expect(events.map(({ type }) => type)).to.deep.equal([
      'batch',
      'batch',
      'corruption',
      'batch',
      'batch',
    ])
    expect(events[2]).to.deep.include({
      type: 'corruption',
      reason: 'crc-mismatch',
      position: 2 * SIZE,
      sizeInBytes: SIZE,
      baseOffset: 6n,
      lastOffset: 8n,
      nextOffset: 9n,
      verified: true,
      outcome: 'skipped',
    })
    expect(corruption(events)[0]?.message).to.be.a('string').that.is.not.empty
  })

  it('finds what does not decode only where it decodes', async () => {
    expect(corruption(await collect(scanSegment(UNDECODABLE)))).to.deep.equal([])
    const [found] = corruption(await collect(scanSegment(UNDECODABLE, { deep: true })))
    expect(found).to.include({
      reason: 'decompression-failed',
      position: 2 * SIZE,
      baseOffset: 6n,
      outcome: 'skipped',
    })
    expect(found?.cause).to.be.instanceOf(CodecError)
  })

  it('says the same of an undecodable batch as readBatches does', async () => {
    const [event] = corruption(await collect(scanSegment(UNDECODABLE, { deep: true })))
    const error: unknown = await collect(readBatches(UNDECODABLE)).catch((cause: unknown) => cause)
    for (const field of [
      'reason',
      'position',
      'sizeInBytes',
      'baseOffset',
      'lastOffset',
      'nextOffset',
      'verified',
    ] as const)
      expect(error, field).to.have.property(field, event?.[field])
  })

  it('keeps what does not decode by request', async () => {
    const events = await collect(scanSegment(UNDECODABLE, { deep: true, keepUndecodable: true }))
    expect(corruption(events)).to.have.lengthOf(1)
    expect(corruption(events)[0]).to.include({ outcome: 'kept', baseOffset: 6n, lastOffset: 8n })
    expectTiling(events, UNDECODABLE.length)
  })

  it('yields a zero tail as dropped zero-fill', async () => {
    const events = await collect(scanSegment(concat(HEALTHY, new Uint8Array(100))))
    expect(events.at(-1)).to.deep.include({
      type: 'corruption',
      reason: 'zero-fill',
      outcome: 'dropped',
      sizeInBytes: 100,
      baseOffset: null,
      lastOffset: null,
      nextOffset: null,
    })
  })

  it('yields nothing of an empty file', async () => {
    expect(await collect(scanSegment(new Uint8Array()))).to.deep.equal([])
  })

  it('shows its progress', async () => {
    const seen: { source: string; position: number; sizeInBytes: number }[] = []
    const bytes = concat(HEALTHY, noise(50_000))
    await collect(
      scanSegment(bytes, { windowBytes: 1024, onProgress: (progress) => seen.push(progress) }),
    )
    expect(seen.length).to.be.above(0)
    expect(seen[0]).to.include({ source: '(memory)', sizeInBytes: bytes.length })
  })

  const part = fc.oneof(
    fc.constantFrom(
      ...BATCHES,
      UNDECODABLE_BATCH,
      v2Batch({ baseOffset: 6n, attributes: 7, records: [{}] }),
    ),
    fc
      .tuple(fc.constantFrom(...BATCHES), fc.nat(SIZE - 1))
      .map(([bytes, at]) => flipByte(bytes, at)),
    fc.uint8Array({ maxLength: 90 }),
    fc.nat(200).map((size) => new Uint8Array(size)),
  )
  const segments = fc.array(part, { maxLength: 9 }).map((parts) => concat(...parts))

  for (const options of [{}, { deep: true }, { deep: true, keepUndecodable: true }]) {
    it(`tiles any bytes, at any window: ${JSON.stringify(options)}`, async () => {
      await fc.assert(
        fc.asyncProperty(segments, async (bytes) => {
          const events = await collect(scanSegment(bytes, options))
          expectTiling(events, bytes.length)
          const again = await collect(scanSegment(bytes, { ...options, windowBytes: 128 }))
          expect(again).to.deep.equal(events)
        }),
      )
    })
  }

  it('agrees, where nothing is undone, with readBatches on what is good', async () => {
    await fc.assert(
      fc.asyncProperty(segments, async (bytes) => {
        const good = (await collect(scanSegment(bytes, { deep: true, undo: false }))).filter(
          ({ type }) => type === 'batch',
        )
        const read = await collect(readBatches(bytes, { onCorruption: () => 'skip' }))
        expect(read.map(({ position }) => position)).to.deep.equal(
          good.map(({ position }) => position),
        )
      }),
    )
  })
})
