/** Whole batches in the wrong place where there is other damage or doubt: what is put back, and what must not be. */
import { expect } from 'chai'
import { createIndexBuilder } from '../../../src/index/index-builder.ts'
import { decodeOffsetIndex } from '../../../src/index/offset-index.ts'
import { loadSegment } from '../../support/corpus.ts'
import { DamagedSegment } from '../../support/damage.ts'
import { prng } from '../../support/prng.ts'
import { walkBatches } from '../../support/walk-batches.ts'
import { logBatch, logOf, outcomes, repairBytes, swap, together } from './in-memory.ts'

describe('batches that may not be put back', () => {
  const parts = logOf(9)
  /** The log without its fourth batch, and another batch after the seventh. */
  const with3 = (other: Uint8Array): Uint8Array =>
    together([...parts.slice(0, 3), ...parts.slice(4, 7), other, ...parts.slice(7)])

  it('takes the one that is missing', async () => {
    const { output } = await repairBytes(with3(parts[3]!), { segmentBaseOffset: 0n })
    expect(Buffer.compare(output, together(parts))).to.equal(0)
  })

  for (const { name, other } of [
    { name: 'a sequence that cannot be there', other: logBatch({ from: 30, sequence: 4000 }) },
    { name: 'a sequence of a batch before', other: logBatch({ from: 30, sequence: 20 }) },
    { name: 'an older epoch of its producer', other: logBatch({ from: 30, epoch: -1 }) },
    { name: 'a leader epoch that goes ahead', other: logBatch({ from: 30, leaderEpoch: 3 }) },
  ])
    it(`fits by its offsets, with ${name}`, async () => {
      const repaired = await repairBytes(with3(other), { segmentBaseOffset: 0n })
      expect(outcomes(repaired).join()).to.not.include('repaired')
      expect(
        repaired.diagnosis.ranges.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset]),
      ).to.deep.equal([[30n, 39n]])
    })

  it('fits by its offsets, of an unknown producer, where bytes are damaged as well', async () => {
    const torn = prng(1).bytes(500)
    const other = logBatch({ from: 30, producer: 9, sequence: 0 })
    const bytes = together([
      ...parts.slice(0, 3),
      ...parts.slice(4, 6),
      torn,
      other,
      ...parts.slice(7),
    ])
    const repaired = await repairBytes(bytes, { segmentBaseOffset: 0n })
    expect(outcomes(repaired).join()).to.not.include('repaired')
  })

  it('are two that claim the same place', async () => {
    const other = logBatch({ from: 30, size: 5 })
    const bytes = together([
      ...parts.slice(0, 3),
      ...parts.slice(4, 6),
      other,
      parts[6]!,
      parts[3]!,
      ...parts.slice(7),
    ])
    const repaired = await repairBytes(bytes, { segmentBaseOffset: 0n })
    expect(outcomes(repaired).join()).to.not.include('repaired')
  })

  it('is a second copy of one that is', async () => {
    const bytes = together([
      ...parts.slice(0, 3),
      ...parts.slice(4, 6),
      parts[3]!,
      parts[6]!,
      parts[3]!,
      ...parts.slice(7),
    ])
    const repaired = await repairBytes(bytes, { segmentBaseOffset: 0n })
    expect(outcomes(repaired)).to.deep.equal([
      'repaired offset-not-increasing',
      'dropped duplicate-batch',
    ])
    expect(Buffer.compare(repaired.output, together(parts))).to.equal(0)
  })

  it('joins nothing but a batch that does not decode', async () => {
    const broken = (index: number): Uint8Array =>
      new DamagedSegment(parts[index]!).corruptPayloadWithFreshCrc({
        position: 0,
        sizeInBytes: parts[index]!.length,
      }).bytes
    const bytes = together([
      ...parts.slice(0, 2),
      broken(2),
      broken(4),
      parts[5]!,
      parts[3]!,
      ...parts.slice(6),
    ])
    const repaired = await repairBytes(bytes, { segmentBaseOffset: 0n })
    expect(outcomes(repaired).join()).to.not.include('repaired')
    const follows = together([...parts.slice(0, 3), broken(4), parts[3]!, ...parts.slice(5)])
    expect(outcomes(await repairBytes(follows, { segmentBaseOffset: 0n }))).to.include(
      'repaired offset-not-increasing',
    )
  })
})

describe('batches that changed places in a damaged log', () => {
  const parts = logOf(9, { size: 4 })
  const order = (middle: Uint8Array): Uint8Array =>
    together([...parts.slice(0, 2), parts[4]!, middle, parts[2]!, ...parts.slice(5)])

  it('come back around one that is put right', async () => {
    const flipped = parts[3]!.slice()
    flipped[80]! ^= 4
    const { output, diagnosis } = await repairBytes(order(flipped), { segmentBaseOffset: 0n })
    expect(diagnosis.damage.map(({ outcome }) => outcome)).to.not.include('skipped')
    expect(Buffer.compare(output, together(parts))).to.equal(0)
  })

  it('come back around one that is lost, which is reported in its place', async () => {
    const lost = prng(3).bytes(parts[3]!.length)
    const repaired = await repairBytes(order(lost), { segmentBaseOffset: 0n })
    expect(repaired.diagnosis.ranges).to.have.lengthOf(1)
    expect(repaired.diagnosis.ranges[0]).to.deep.include({
      firstOffset: 30n,
      lastOffset: 39n,
      verified: true,
    })
    expect(walkBatches(repaired.output).map(({ baseOffset }) => baseOffset)).to.deep.equal(
      parts.map((_, index) => BigInt(index * 10)),
    )
    expect(outcomes(repaired).toSorted()).to.deep.equal([
      'repaired offset-not-increasing',
      'skipped unrecognised-bytes',
    ])
  })

  for (const { name, bytes } of [
    {
      name: 'two such places',
      bytes: (() => {
        const log = logOf(16, { size: 4 })
        const lost = prng(3).bytes(300)
        return together([
          log[0]!,
          log[3]!,
          lost,
          log[1]!,
          ...log.slice(4, 9),
          log[12]!,
          lost,
          log[10]!,
          ...log.slice(13),
        ])
      })(),
    },
    {
      name: 'a whole batch of another log among the bytes',
      bytes: order(together([prng(3).bytes(200), logBatch({ from: 900, producer: 3 })])),
    },
    { name: 'bytes that may have been a marker', bytes: order(prng(3).bytes(70)) },
  ])
    it(`come back, and nothing is said of where the rest belongs: ${name}`, async () => {
      const repaired = await repairBytes(bytes, { segmentBaseOffset: 0n })
      expect(outcomes(repaired)).to.include('repaired offset-not-increasing')
      for (const { damage } of repaired.diagnosis.ranges)
        expect(damage.map(({ sizeInBytes }) => sizeInBytes)).to.deep.equal([0])
    })

  it('come back before and behind other damage', async () => {
    const bytes = together([
      parts[1]!,
      parts[0]!,
      parts[2]!,
      prng(4).bytes(700),
      parts[4]!,
      parts[5]!,
      parts[7]!,
      parts[6]!,
      parts[8]!,
    ])
    const { diagnosis } = await repairBytes(bytes, { segmentBaseOffset: 0n })
    expect(
      diagnosis.ranges.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset]),
    ).to.deep.equal([[30n, 39n]])
    expect(diagnosis.damage.filter(({ outcome }) => outcome === 'repaired')).to.have.lengthOf(2)
  })

  it('come back at the end, whatever an index says of the place', async () => {
    const even = Array.from({ length: 9 }, (_, index) =>
      logBatch({ from: index * 10, producer: -1 }),
    )
    const indexes = createIndexBuilder(0n, 1)
    for (const { position, bytes, lastOffset } of walkBatches(together(even)))
      indexes.onBatch({ position, sizeInBytes: bytes.length, lastOffset, maxTimestamp: 0n })
    const { output } = await repairBytes(together(swap(even, 7, 8)), {
      segmentBaseOffset: 0n,
      offsetIndex: decodeOffsetIndex(indexes.finish().offsetIndex),
    })
    expect(Buffer.compare(output, together(even))).to.equal(0)
  })
})

describe('batches of a compacted log, in another order', () => {
  const compacted = logOf(12, { records: 3, span: 20 })
  for (const seed of [1, 4])
    it(`get no other offset, however they are shuffled (seed ${seed})`, async () => {
      const { bytes, batches, baseOffset } = loadSegment(
        'kafka-4.1.0/customers-compacted-0/00000000000000000000',
      )
      const random = prng(seed)
      const order = batches.map(({ position, sizeInBytes }) =>
        bytes.subarray(position, position + sizeInBytes),
      )
      for (let left = order.length - 1; left > 0; left--) {
        const other = random.below(left + 1)
        ;[order[left], order[other]] = [order[other]!, order[left]!]
      }
      const evidence = { segmentBaseOffset: baseOffset, nextSegmentBaseOffset: 7242n }
      const repaired = await repairBytes(together(order), evidence)
      expect(outcomes(repaired).join()).to.not.include('repaired')
    })

  const anonymous = logOf(12, { records: 3, span: 20, producer: -1 })

  it('come back where the sequences of their producer say so', async () => {
    const { output, diagnosis } = await repairBytes(together(swap(compacted, 4, 8)), {
      segmentBaseOffset: 0n,
    })
    expect(Buffer.compare(output, together(compacted))).to.equal(0)
    expect(diagnosis.damage[0]!.repair!.evidence)
      .to.include('sequence')
      .and.not.include('neighbours')
  })

  for (const { name, bytes } of [
    { name: 'nothing but the fit says so', bytes: together(swap(anonymous, 4, 8)) },
    {
      name: 'not every byte is a batch',
      bytes: together([...swap(compacted, 4, 8), prng(2).bytes(300)]),
    },
    {
      name: 'one of them contradicts it',
      bytes: together([
        ...swap(compacted, 4, 8).slice(0, -1),
        logBatch({ from: 205, records: 3, span: 10, sequence: 0 }),
      ]),
    },
  ])
    it(`stay where ${name}`, async () => {
      const repaired = await repairBytes(bytes, { segmentBaseOffset: 0n })
      const moved = repaired.diagnosis.kept.filter(({ movedTo }) => movedTo !== undefined)
      expect(moved).to.deep.equal([])
      expect(outcomes(repaired).join()).to.not.include('repaired')
    })
})
