import { expect } from 'chai'
import fc from 'fast-check'
import { createIndexBuilder, type IndexedBatch } from '../../src/index/index-builder.ts'
import { createOffsetIndexCheck } from '../../src/index/offset-index-check.ts'
import { decodeOffsetIndex, lookupOffset } from '../../src/index/offset-index.ts'
import { createTimeIndexCheck } from '../../src/index/time-index-check.ts'
import { decodeTimeIndex } from '../../src/index/time-index.ts'
import { offsetIndexOf, timeIndexOf } from './bytes.ts'

/** Logs with offset gaps, times that go back, and batches without a time. */
const logs = fc
  .record({
    baseOffset: fc.bigInt({ min: 0n, max: 2n ** 60n }),
    shape: fc.array(
      fc.record({
        sizeInBytes: fc.integer({ min: 61, max: 3000 }),
        offsetCount: fc.bigInt({ min: 1n, max: 50n }),
        maxTimestamp: fc.bigInt({ min: -1n, max: 40n }),
      }),
      { maxLength: 60 },
    ),
  })
  .map(({ baseOffset, shape }) => {
    let position = 0
    let lastOffset = baseOffset - 1n
    const batches = shape.map(({ sizeInBytes, offsetCount, maxTimestamp }): IndexedBatch => {
      lastOffset += offsetCount
      const batch = { position, sizeInBytes, lastOffset, maxTimestamp }
      position += sizeInBytes
      return batch
    })
    return { baseOffset, batches }
  })

const intervals = fc.integer({ min: 0, max: 8192 })

function build(
  baseOffset: bigint,
  batches: readonly IndexedBatch[],
  intervalBytes: number,
): { offsetIndex: Uint8Array; timeIndex: Uint8Array } {
  const builder = createIndexBuilder(baseOffset, intervalBytes)
  for (const batch of batches) builder.onBatch(batch)
  return builder.finish()
}

describe('createIndexBuilder', () => {
  it('attempts a time entry at each offset entry and one at the end', () => {
    const sizes = [3000, 3000, 3000, 3000, 100]
    const times = [10n, 20n, 30n, 5n, 40n]
    const batches = sizes.map((sizeInBytes, n) => ({
      position: n * 3000,
      sizeInBytes,
      lastOffset: BigInt(n),
      maxTimestamp: times[n]!,
    }))
    const { offsetIndex, timeIndex } = build(0n, batches, 4096)
    expect(offsetIndex).to.deep.equal(offsetIndexOf([2, 6000], [4, 12000]))
    expect(timeIndex).to.deep.equal(timeIndexOf([30n, 2], [40n, 4]))
  })

  it('defaults to an interval of 4096 bytes', () => {
    const builder = createIndexBuilder(0n)
    builder.onBatch({ position: 0, sizeInBytes: 4096, lastOffset: 0n, maxTimestamp: 1n })
    builder.onBatch({ position: 4096, sizeInBytes: 1, lastOffset: 1n, maxTimestamp: 1n })
    expect(builder.finish().offsetIndex).to.deep.equal(offsetIndexOf())
  })

  it('builds what the checks accept', () => {
    fc.assert(
      fc.property(logs, intervals, ({ baseOffset, batches }, intervalBytes) => {
        const { offsetIndex, timeIndex } = build(baseOffset, batches, intervalBytes)
        const offsets = createOffsetIndexCheck(decodeOffsetIndex(offsetIndex), baseOffset)
        const times = createTimeIndexCheck(decodeTimeIndex(timeIndex), baseOffset)
        for (const { position, sizeInBytes, lastOffset, maxTimestamp } of batches) {
          offsets.onBatch(position, sizeInBytes, lastOffset, null)
          times.onBatch(position, sizeInBytes, lastOffset, maxTimestamp)
        }
        expect(offsets.finish()).to.deep.equal([])
        expect(times.finish()).to.deep.equal({ problems: [], lacksFinalEntry: false })
      }),
    )
  })

  it('builds an index through which each offset is found as by a scan of the whole log', () => {
    fc.assert(
      fc.property(
        logs,
        intervals,
        fc.bigInt({ min: 0n, max: 3000n }),
        ({ baseOffset, batches }, intervalBytes, distance) => {
          const index = decodeOffsetIndex(build(baseOffset, batches, intervalBytes).offsetIndex)
          const wanted = baseOffset + distance
          const start = lookupOffset(index, baseOffset, wanted)
          // The broker's rule: from there on, the first batch that reaches the offset.
          const found = batches.find(
            ({ position, lastOffset }) => position >= start.position && lastOffset >= wanted,
          )
          expect(found).to.equal(batches.find(({ lastOffset }) => lastOffset >= wanted))
          expect(start.offset <= wanted).to.be.true
        },
      ),
    )
  })

  it('builds a time index whose entries give the largest time up to their offset', () => {
    fc.assert(
      fc.property(logs, intervals, ({ baseOffset, batches }, intervalBytes) => {
        const index = decodeTimeIndex(build(baseOffset, batches, intervalBytes).timeIndex)
        index.timestamps.forEach((timestamp, entry) => {
          const offset = baseOffset + BigInt(index.relativeOffsets[entry]!)
          const upTo = batches.filter(({ lastOffset }) => lastOffset <= offset)
          const earlier = upTo.slice(0, -1).map(({ maxTimestamp }) => maxTimestamp)
          expect(upTo.at(-1)).to.deep.include({ lastOffset: offset, maxTimestamp: timestamp })
          expect(earlier.every((time) => time < timestamp)).to.be.true
        })
      }),
    )
  })

  it('accepts or reports any index bytes without throwing', () => {
    fc.assert(
      fc.property(logs, fc.uint8Array({ maxLength: 240 }), ({ baseOffset, batches }, bytes) => {
        const offsets = createOffsetIndexCheck(decodeOffsetIndex(bytes), baseOffset)
        const times = createTimeIndexCheck(decodeTimeIndex(bytes), baseOffset)
        for (const { position, sizeInBytes, lastOffset, maxTimestamp } of batches) {
          offsets.onBatch(position, sizeInBytes, lastOffset, null)
          times.onBatch(position, sizeInBytes, lastOffset, maxTimestamp)
        }
        expect(offsets.finish().length).to.be.at.most(42)
        expect(times.finish().problems.length).to.be.at.most(42)
      }),
    )
  })
})
