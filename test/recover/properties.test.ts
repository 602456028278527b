/** What holds for any bytes at all. fast-check prints the seed and the smallest case when one does not. */
import { expect } from 'chai'
import fc from 'fast-check'
import { scanSegment } from '../../src/kmend.ts'
import type { ReadOptions, SegmentEvent } from '../../src/kmend.ts'
import type { ExpectedBatch } from '../support/corpus.ts'
import { loadSegment } from '../support/corpus.ts'
import { DamagedSegment } from '../support/damage.ts'

const SEGMENTS = [
  'kafka-2.8.2/legacy-v2-snappy-0/00000000000000000000',
  'kafka-2.8.2/legacy-v2-gzip-0/00000000000000000000',
  'kafka-4.1.0/customers-compacted-0/00000000000000000000',
  'kafka-2.8.2/legacy-v0-none-0/00000000000000001440',
  'kafka-2.8.2/legacy-v1-gzip-appendtime-0/00000000000000000000',
].map((name) => loadSegment(name))

const numRuns = 25 * Number(process.env['KMEND_TEST_SEEDS'] ?? 1)

async function eventsOf(bytes: Uint8Array, options: ReadOptions = {}): Promise<SegmentEvent[]> {
  const events: SegmentEvent[] = []
  for await (const event of scanSegment(bytes, options)) events.push(event)
  return events
}

function expectTiled(events: readonly SegmentEvent[], sizeInBytes: number): void {
  let position = 0
  for (const event of events) {
    expect(event.position, 'events touch').to.equal(position)
    position += event.sizeInBytes
  }
  expect(position, 'events end where the file ends').to.equal(sizeInBytes)
}

/** A damaged copy of a real segment: some bytes overwritten, put in, or taken out. */
const splices = fc.array(
  fc.record({
    kind: fc.constantFrom('overwrite', 'insert', 'remove', 'copy'),
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    other: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 700 }),
  }),
  { minLength: 1, maxLength: 8 },
)

const spliced = fc
  .record({ segment: fc.nat(SEGMENTS.length - 1), splices })
  .map(({ segment, splices: all }) => {
    const damaged = new DamagedSegment(SEGMENTS[segment]!.bytes)
    for (const { kind, place, other, bytes } of all) {
      const size = damaged.bytes.length
      const [at, from] = [Math.floor(place * size), Math.floor(other * size)]
      if (kind === 'overwrite') damaged.overwrite(at, bytes)
      else if (kind === 'insert') damaged.insertBytes(at, bytes)
      else if (kind === 'remove') damaged.removeBytes(at, Math.min(bytes.length, size - at))
      else damaged.copyPageWithin(from, at, 4 * bytes.length)
    }
    return damaged.bytes
  })

describe('scanSegment, for any bytes', () => {
  for (const deep of [false, true]) {
    const name = deep ? 'records decoded' : 'headers only'

    it(`tiles random bytes (${name})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
          expectTiled(await eventsOf(bytes, { deep }), bytes.length)
        }),
        { numRuns: 2 * numRuns },
      )
    })

    it(`tiles real segments with random splices (${name})`, async () => {
      await fc.assert(
        fc.asyncProperty(spliced, async (bytes) => {
          expectTiled(await eventsOf(bytes, { deep }), bytes.length)
        }),
        { numRuns },
      )
    })
  }

  it('finds the same at any read size', async () => {
    await fc.assert(
      fc.asyncProperty(spliced, fc.integer({ min: 1, max: 5000 }), async (bytes, windowBytes) => {
        const plain = (events: readonly SegmentEvent[]): unknown[] =>
          events.map((event) => ({ ...event, cause: undefined }))
        const whole = await eventsOf(bytes)
        expect(plain(await eventsOf(bytes, { windowBytes }))).to.deep.equal(plain(whole))
      }),
      { numRuns },
    )
  })
})

describe('damage inside one batch', () => {
  for (const { name, bytes, batches, baseOffset } of SEGMENTS)
    it(`leaves the others as they were: ${name}`, async () => {
      const before = await eventsOf(bytes, { segmentBaseOffset: baseOffset, deep: true })
      const batchNumber = fc.nat(batches.length - 1)
      // Behind the fields that no CRC covers: of those some values cannot be told from right ones.
      const damage = fc.record({
        batchNumber,
        at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        put: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      })
      await fc.assert(
        fc.asyncProperty(damage, async ({ batchNumber: number, at, put }) => {
          const batch = batches[number]!
          const damaged = damageInside(bytes, batch, at, put)
          const changed = Buffer.compare(damaged, bytes) !== 0
          const after = await eventsOf(damaged, { segmentBaseOffset: baseOffset, deep: true })
          const good = after.filter(({ type }) => type === 'batch')
          const others = before.filter(({ position }) => position !== batch.position)
          expect(good).to.deep.equal(changed ? others : before)
          expect(after).to.have.lengthOf(before.length)
        }),
        { numRuns },
      )
    })
})

function damageInside(
  bytes: Uint8Array,
  { position, sizeInBytes }: ExpectedBatch,
  at: number,
  put: Uint8Array,
): Uint8Array {
  const start = position + 17 + Math.floor(at * (sizeInBytes - 17))
  return new DamagedSegment(bytes).overwrite(start, put.subarray(0, position + sizeInBytes - start))
    .bytes
}
