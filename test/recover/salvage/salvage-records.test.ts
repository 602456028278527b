import { expect } from 'chai'
import fc from 'fast-check'
import { DEFAULT_MAX_DECOMPRESSED_BYTES } from '../../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import type { SalvageEntry } from '../../../src/recover/salvage/entry.ts'
import { entryOf } from '../../../src/recover/salvage/entry.ts'
import { salvageRecords } from '../../../src/recover/salvage/salvage-records.ts'
import { hasCorpus, loadSegment } from '../../support/corpus.ts'
import { prng, seedOf } from '../../support/prng.ts'
import { encodeRecord, v2Batch } from '../../segment/build.ts'
import { CODECS, binaryRecords, builtBatch, textRecords } from './built.ts'
import type { BuiltCodec } from './built.ts'
import type { Damage, Tally } from './measure.ts'
import { HEADER_BYTES, SECTOR, count, decodeWhole, measureBatch, newTally } from './measure.ts'

const DAMAGES: readonly Damage[] = ['zero', 'random']
/** Of the records in batches that are hit. */
const NEEDED: Readonly<Record<BuiltCodec, number>> = { none: 0.9, gzip: 0.4, snappy: 0.4, lz4: 0.4 }

const entry = (bytes: Uint8Array, position = 0): SalvageEntry =>
  entryOf(bytes, decodeBatchHeader(bytes, position)!, DEFAULT_MAX_DECOMPRESSED_BYTES)

const deltas = (given: SalvageEntry): number[] =>
  salvageRecords(given).records.map(({ offset }) => Number(offset - (given.baseOffset ?? 0n)))

const upTo = (end: number, from = 0): number[] =>
  Array.from({ length: end - from }, (_, index) => from + index)

describe('salvageRecords of built batches', () => {
  for (const codec of CODECS) {
    for (const damage of DAMAGES) {
      it(`gives enough and nothing wrong: ${codec}, a ${damage} sector in text`, () => {
        const tally = newTally()
        for (const seed of [1, 2]) {
          const batch = builtBatch(textRecords(250, seed), codec)
          measureBatch(tally, batch, 1_000_000 + seed * 777, damage, prng(seed), 12)
        }
        expect(tally.wrong).to.equal(0)
        expect(tally.correct / tally.records).to.be.at.least(NEEDED[codec])
      })

      it(`gives nothing wrong: ${codec}, a ${damage} sector in values that could be anything`, () => {
        const tally = newTally()
        for (const seed of [1, 2, 3]) {
          const batch = builtBatch(binaryRecords(25, seed), codec)
          measureBatch(tally, batch, 1_000_000 + seed * 777, damage, prng(seed), 12)
        }
        expect(tally.wrong).to.equal(0)
        if (damage === 'zero' && codec !== 'gzip')
          expect(tally.correct / tally.records).to.be.at.least(0.8)
      })
    }
  }

  it('reads uncompressed records on both sides of the hole, and says where', () => {
    const records = textRecords(40, 9)
    const batch = builtBatch(records, 'none')
    const position = 10 * SECTOR - 100
    const damaged = batch.slice().fill(0, 100 + 3 * SECTOR, 100 + 4 * SECTOR)
    const { records: found, codec, isLocated } = salvageRecords(entry(damaged, position))
    expect([codec, isLocated]).to.deep.equal(['none', true])
    const ends = records.map((record, index) => encodeRecord(record, index).length)
    let start = HEADER_BYTES
    const expected: number[] = []
    for (const size of ends) {
      if (start + size <= 100 + 3 * SECTOR || start >= 100 + 4 * SECTOR)
        expected.push(position + start)
      start += size
    }
    expect(found.map((record) => record.position)).to.deep.equal(expected)
    expect(expected.length).to.be.within(30, 39)
  })

  it('leaves out a record whose value holds a sector of zeros, and goes on behind it', () => {
    const records = [
      { value: 'a' },
      { value: new Uint8Array(1200).fill(65).fill(0, 300, 1100) },
      { value: 'b' },
      { value: 'c' },
    ]
    expect(deltas(entry(v2Batch({ records })))).to.deep.equal([0, 2, 3])
  })

  it('leaves out all that may hold the damage when everything decodes, and the last record', () => {
    const random = prng(3)
    const sizes = [10, 1500, 20, 600, 30, 40]
    const batch = v2Batch({ records: sizes.map((size) => ({ value: random.bytes(size) })) })
    const result = salvageRecords(entry(batch))
    expect(result.isLocated).to.be.false
    const kept = result.records.map(({ value }) => value?.length)
    // The value of 600 bytes holds no whole sector where it stands.
    expect(kept).to.deep.equal([10, 20, 600, 30])
  })

  it('believes all of a gzip batch whose own CRC-32 holds', () => {
    expect(deltas(entry(builtBatch(binaryRecords(10, 4), 'gzip')))).to.deep.equal(upTo(10))
  })

  it('does without bytes that are known to be wrong', () => {
    const batch = builtBatch(textRecords(40, 5), 'none')
    const damaged = [{ start: 1000, end: 1010 }]
    const found = deltas({ ...entry(batch), damaged })
    expect(found.length).to.be.within(38, 39)
    expect(found).to.include.members([0, 39])
  })

  for (const codec of ['gzip', 'snappy', 'lz4'] as const) {
    it(`recognises ${codec} when the attributes are damaged`, () => {
      const batch = builtBatch(textRecords(300, 6), codec)
      const cut = batch.slice().fill(0, batch.length - 700)
      const known = salvageRecords(entry(cut))
      expect(known.records.length).to.be.greaterThan(40)
      for (const believed of [null, 'none', 'zstd'] as const) {
        const result = salvageRecords({ ...entry(cut), codec: believed })
        expect(result.codec).to.equal(codec)
        expect(result.records).to.deep.equal(known.records)
      }
    })
  }

  it('finds records without their header, but not their times', () => {
    const batch = builtBatch(textRecords(60, 7), 'none')
    batch.fill(0, 0, HEADER_BYTES + 30)
    const believed = { codec: null, recordsCount: null, times: null, magic: 2 as const }
    const lost: SalvageEntry = {
      bytes: batch,
      position: 0,
      baseOffset: 5000n,
      lastOffset: 5059n,
      maxDecompressedBytes: DEFAULT_MAX_DECOMPRESSED_BYTES,
      ...believed,
    }
    const found = salvageRecords(lost).records
    expect(found.at(-1)?.offset).to.equal(5059n)
    expect(found.length).to.be.at.least(56)
    expect(found.every(({ timestamp }) => timestamp === null)).to.be.true
    expect(deltas({ ...lost, lastOffset: null }).length).to.equal(found.length)
    expect(salvageRecords({ ...lost, baseOffset: null }).records).to.deep.equal([])
  })

  it('gives the broker’s time to records of a batch that it stamped', () => {
    const batch = v2Batch({
      records: textRecords(30, 8),
      attributes: 8,
      maxTimestamp: 77n,
    })
    batch.fill(0, 1024, 1536)
    const found = salvageRecords(entry(batch)).records
    expect(found.length).to.be.greaterThan(20)
    expect(found.every(({ timestamp }) => timestamp === 77n)).to.be.true
  })

  it('takes gaps for gaps in a batch that has them, and for damage in one that has none', () => {
    const records = textRecords(60, 10).map((record, index) => ({
      ...record,
      offsetDelta: index + (index > 30 ? 7 : 0),
    }))
    const gaps = v2Batch({ records, lastOffsetDelta: 66, maxTimestamp: 2000n })
    gaps.fill(0, 1024, 1536)
    const found = deltas(entry(gaps))
    expect(found).to.include.members([30, 38, 66])
    expect(found).to.not.include.members([31])
    const dense = deltas({ ...entry(gaps), recordsCount: 67 })
    expect(dense).to.not.include(30) // right before a break that nothing explains
    expect(dense).to.include.members([29, 66])
  })

  it('gives no times when those of the header contradict each other', () => {
    const batch = builtBatch(textRecords(40, 13), 'none')
    const view = new DataView(batch.buffer)
    const timestamps = (): unknown[] => salvageRecords(entry(batch)).records.map((r) => r.timestamp)
    expect(timestamps()).to.have.length(39).and.include(1_700_000_000_000n)
    view.setBigInt64(27, 1_700_000_000_000n - 4096n)
    expect(new Set(timestamps())).to.deep.equal(new Set([null]))
    batch.fill(0, 1024, 1536)
    view.setBigInt64(27, 1_700_000_000_000n + 4096n)
    expect(new Set(timestamps())).to.deep.equal(new Set([null]))
  })

  it('is not led astray by records inside a value', () => {
    const inner = Array.from({ length: 6 }, (_, index) =>
      encodeRecord({ value: `inner ${index}` }, index),
    )
    const records = textRecords(30, 11)
    records[10] = { value: Buffer.concat([Buffer.alloc(600, 'x'), ...inner]) }
    const batch = v2Batch({ records, maxTimestamp: 2000n })
    const start = Buffer.from(batch).indexOf('xxxx')
    batch.fill(0xee, start - 40, start + 100)
    const found = salvageRecords(entry(batch)).records
    expect(found.every(({ value }) => !Buffer.from(value!).toString().startsWith('inner'))).to.be
      .true
    expect(found.length).to.be.at.least(26)
  })

  it('has records in order and within the batch, whatever the bytes', () => {
    const batches = CODECS.map((codec) => builtBatch(textRecords(60, 12), codec))
    fc.assert(
      fc.property(
        fc.constantFrom(...batches),
        fc.array(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 600 })), {
          maxLength: 3,
        }),
        fc.nat(2000),
        (batch, damages, position) => {
          const damaged = batch.slice()
          for (const [at, bytes] of damages) {
            const start = HEADER_BYTES + (at % (batch.length - HEADER_BYTES))
            damaged.set(bytes.subarray(0, batch.length - start), start)
          }
          const found = deltas(entry(damaged, position))
          const ascending = found.every((delta, index) => delta > (found[index - 1] ?? -1))
          expect(ascending && found.every((delta) => delta < 60)).to.be.true
        },
      ),
      { numRuns: 150 },
    )
  })

  it('ends on any bytes under any belief', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.constantFrom(null, 'none', 'gzip', 'snappy', 'lz4', 'zstd'),
        fc.constantFrom<0 | 1 | 2>(0, 1, 2),
        fc.option(fc.nat(50)),
        (bytes, codec, magic, last) => {
          const lastOffset = last === null ? null : BigInt(last)
          const result = salvageRecords({
            bytes,
            position: 300,
            magic,
            codec,
            baseOffset: 0n,
            lastOffset,
            recordsCount: null,
            times: null,
            maxDecompressedBytes: 1_000_000,
          })
          expect(result.records).to.be.an('array')
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('salvageRecords of real batches', () => {
  before(function () {
    if (!hasCorpus) this.skip()
  })

  const tallyOf = (
    names: readonly string[],
    damage: Damage,
    every: number,
    codec: string,
  ): Tally => {
    const tally = newTally()
    for (const name of names) {
      const { bytes, batches } = loadSegment(`kafka-4.1.0/${name}`)
      for (const [index, batch] of batches.entries()) {
        const { position, sizeInBytes } = batch
        const isWanted = batch.codec === codec && batch.records > 0 && sizeInBytes < 300_000
        if (index % every !== 0 || !isWanted) continue
        const original = bytes.subarray(position, position + sizeInBytes)
        measureBatch(tally, original, position, damage, prng(seedOf(name + damage, index)), 2)
      }
    }
    return tally
  }
  const first = '00000000000000000000'
  const cases = [
    { codec: 'none', names: [`orders-none-0/${first}`, `non-idempotent-0/${first}`], needed: 0.9 },
    { codec: 'lz4', names: [`orders-lz4-0/${first}`, `trimmed-0/${first}`], needed: 0.4 },
    { codec: 'snappy', names: [`orders-snappy-0/${first}`], needed: 0.4 },
    // 3 to 9 sectors each: what stands before a hit is less than half of them.
    {
      codec: 'gzip',
      names: [`librdkafka-gzip-0/${first}`, `audit-appendtime-gzip-0/${first}`],
      needed: 0.3,
    },
    { codec: 'gzip', names: [`leader-epochs-0/${first}`], needed: 0.4 },
    // Most have a single block, of which nothing is left.
    { codec: 'zstd', names: [`orders-zstd-0/${first}`], needed: 0 },
  ]
  for (const { codec, names, needed } of cases) {
    for (const damage of DAMAGES) {
      it(`gives enough and nothing wrong: ${names.join(', ')}, ${codec}, a ${damage} sector`, () => {
        const tally = tallyOf(names, damage, codec === 'gzip' ? 1 : 8, codec)
        expect(tally.records).to.be.greaterThan(500)
        expect(tally.wrong).to.equal(0)
        expect(tally.correct / tally.records).to.be.at.least(needed)
      })
    }
  }

  it('gives the blocks before the damage of a large zstd batch', () => {
    const { bytes, batches } = loadSegment(`kafka-4.1.0/big-batches-zstd-0/${first}`)
    const { position, sizeInBytes } = batches.toSorted((a, b) => b.sizeInBytes - a.sizeInBytes)[0]!
    const original = bytes.subarray(position, position + sizeInBytes)
    const damaged = original.slice().fill(0, sizeInBytes - 2 * SECTOR)
    const tally = newTally()
    count(tally, decodeWhole(original, position), salvageRecords(entry(damaged, position)))
    expect(tally).to.include({ wrong: 0, batches: 1 })
    expect(tally.correct / tally.records).to.be.at.least(0.3)
  })
})
