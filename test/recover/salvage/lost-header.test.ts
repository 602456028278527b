import { expect } from 'chai'
import fc from 'fast-check'
import type { Salvaged } from '../../../src/recover/salvage/entry.ts'
import type { LostHeader } from '../../../src/recover/salvage/lost-header.ts'
import { salvageLostHeader } from '../../../src/recover/salvage/lost-header.ts'
import { DEFAULT_MAX_DECOMPRESSED_BYTES } from '../../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import { prng } from '../../support/prng.ts'
import { concat, v2Batch } from '../../segment/build.ts'
import { CODECS, builtBatch, compressions, textRecords } from './built.ts'
import { SECTOR, count, decodeWhole, newTally } from './measure.ts'
import type { Tally } from './measure.ts'
import { upTo } from './repaired.ts'

const FIRST = 5000n
const headerOf = (batch: Uint8Array): LostHeader['around']['before'] => decodeBatchHeader(batch, 0)
const plainNeighbour = headerOf(v2Batch())
const stamped = (maxTimestamp: bigint): LostHeader['around']['before'] =>
  headerOf(v2Batch({ attributes: 8, maxTimestamp }))

/** Bytes that end with a batch of `records` records from offset 5000 on, behind `before` other offsets. */
const lost = (bytes: Uint8Array, records: number, more: Partial<LostHeader> = {}): LostHeader => ({
  bytes,
  position: 10_000,
  baseOffset: FIRST,
  lastOffset: FIRST + BigInt(records - 1),
  around: { timeIndex: null, segmentBaseOffset: 0n, before: plainNeighbour, after: null },
  withoutGaps: true,
  damaged: [],
  maxDecompressedBytes: DEFAULT_MAX_DECOMPRESSED_BYTES,
  ...more,
})

/** The batch with [0, holeEnd) gone. */
function struck(batch: Uint8Array, holeEnd: number, damage: 'zero' | 'random'): Uint8Array {
  const bytes = batch.slice()
  bytes.set(damage === 'zero' ? new Uint8Array(holeEnd) : prng(holeEnd).bytes(holeEnd))
  return bytes
}

function tallyOf(batch: Uint8Array, salvaged: Salvaged | null): Tally {
  const tally = newTally()
  const original = decodeWhole(batch, 0)
  count(
    tally,
    original,
    salvaged ?? { records: [], codec: 'none', isLocated: true, headerStands: false },
  )
  return tally
}

describe('salvageLostHeader', () => {
  const RECORDS = 60
  for (const codec of CODECS) {
    const batch = builtBatch(textRecords(RECORDS, 3), codec)
    for (const damage of ['zero', 'random'] as const)
      for (const [holeEnd, timesAre] of [
        [12, 'there'],
        [23, 'there'],
        // The offsets are lost too, but baseTimestamp and maxTimestamp prove each other.
        [27, 'there'],
        [43, 'lost'],
        [61, 'lost'],
      ] as const)
        it(`reads all records of a batch without its first ${holeEnd} bytes: ${codec}, ${damage}`, () => {
          const tally = tallyOf(
            batch,
            salvageLostHeader(lost(struck(batch, holeEnd, damage), RECORDS)),
          )
          const expected = timesAre === 'there' ? [RECORDS, 0] : [0, RECORDS]
          expect([tally.correct, tally.timeless, tally.wrong]).to.deep.equal([...expected, 0])
        })

    it(`takes its time from the time index: ${codec}`, () => {
      const maxTimestamp = headerOf(batch)!.maxTimestamp
      const timeIndex = {
        entryCount: 2,
        trustedCount: 2,
        timestamps: BigInt64Array.of(7n, maxTimestamp),
        relativeOffsets: Int32Array.of(4999, 5000 + RECORDS - 1),
        zeroTailBytes: 0,
        problems: [],
      }
      const around = { timeIndex, segmentBaseOffset: 0n, before: plainNeighbour, after: null }
      const tally = tallyOf(
        batch,
        salvageLostHeader(lost(struck(batch, 50, 'zero'), RECORDS, { around })),
      )
      expect([tally.correct, tally.wrong]).to.deep.equal([RECORDS, 0])
    })
  }

  for (const [name, codec, holeEnd] of [
    ['the magic of gzip', 'gzip', 64],
    ['the header of an LZ4 frame', 'lz4', 68],
    ['the header of the snappy framing', 'snappy', 70],
  ] as const)
    it(`does without ${name}`, () => {
      const batch = builtBatch(textRecords(RECORDS, 21), codec)
      for (const damage of ['zero', 'random'] as const) {
        const salvaged = salvageLostHeader(lost(struck(batch, holeEnd, damage), RECORDS))
        expect(salvaged?.records).to.have.lengthOf(RECORDS)
        expect(tallyOf(batch, salvaged).wrong).to.equal(0)
      }
    })

  it('reads what is behind the hole of uncompressed records, in whatever batch they are', () => {
    const batch = builtBatch(textRecords(RECORDS, 5), 'none')
    const others = concat(v2Batch(), v2Batch())
    for (const damage of ['zero', 'random'] as const)
      for (const before of [new Uint8Array(), others]) {
        const bytes = concat(before, batch)
        const damaged = struck(bytes, before.length + 700, damage)
        const baseOffset = before.length === 0 ? FIRST : FIRST - 2n
        const salvaged = salvageLostHeader(lost(damaged, RECORDS, { baseOffset }))
        const tally = tallyOf(batch, salvaged)
        expect([tally.correct, tally.wrong]).to.deep.equal([0, 0])
        expect(tally.timeless).to.be.within(RECORDS - 10, RECORDS - 2)
        const found = salvaged!.records[0]!
        const start = found.position - 10_000
        expect(Buffer.from(bytes.subarray(start)).indexOf(found.value!)).to.be.within(0, 40)
      }
  })

  it('finds a compressed batch behind others that are gone with their headers', () => {
    const batch = builtBatch(textRecords(RECORDS, 6), 'gzip')
    const bytes = struck(concat(v2Batch(), batch), v2Batch().length + 20, 'zero')
    const salvaged = salvageLostHeader(lost(bytes, RECORDS, { baseOffset: FIRST - 1n }))
    expect(tallyOf(batch, salvaged).correct).to.equal(RECORDS)
    expect(salvaged?.isLocated).to.equal(true)
  })

  for (const [name, before, after, expected] of [
    ['between two that are equal', stamped(77n), stamped(77n), 77n],
    ['between others', stamped(77n), stamped(78n), null],
    ['beside one', stamped(77n), null, null],
    ['between two kinds of times', stamped(77n), plainNeighbour, null],
  ] as const)
    it(`gives append times only where they are certain: ${name}`, () => {
      const batch = builtBatch(textRecords(RECORDS, 7), 'lz4')
      const around = { timeIndex: null, segmentBaseOffset: 0n, before, after }
      const salvaged = salvageLostHeader(lost(struck(batch, 61, 'zero'), RECORDS, { around }))
      expect(new Set(salvaged?.records.map(({ timestamp }) => timestamp))).to.deep.equal(
        new Set([expected]),
      )
    })

  it('takes the append time of a header that two of its fields prove', () => {
    const batch = v2Batch({
      baseOffset: FIRST,
      records: textRecords(9, 8),
      attributes: 8,
      maxTimestamp: 4242n,
    })
    const around = { timeIndex: null, segmentBaseOffset: 0n, before: stamped(1n), after: null }
    const salvaged = salvageLostHeader(lost(struck(batch, 21, 'zero'), 9, { around }))
    expect(salvaged?.records.map(({ timestamp }) => timestamp)).to.deep.equal(
      new Array(9).fill(4242n),
    )
  })

  for (const [bytes, isEnough] of [
    [35, true],
    // Two bytes of it that are 0 in every time until the year 10889.
    [37, true],
    [38, false],
  ] as const)
    it(`counts back from a maxTimestamp in a sector that was not lost: behind ${bytes} bytes`, () => {
      const position = 20 * SECTOR - bytes
      for (const codec of CODECS) {
        const batch = builtBatch(textRecords(RECORDS, 13), codec)
        const given = lost(struck(batch, bytes, 'random'), RECORDS, { position })
        const tally = tallyOf(batch, salvageLostHeader(given))
        expect([tally.correct, tally.wrong]).to.deep.equal([isEnough ? RECORDS : 0, 0])
      }
    })

  it('takes an append time from there', () => {
    const batch = v2Batch({ records: textRecords(9, 8), attributes: 8, maxTimestamp: 4242n })
    const around = { timeIndex: null, segmentBaseOffset: 0n, before: stamped(1n), after: null }
    const given = lost(struck(batch, 35, 'random'), 9, { around, position: 20 * SECTOR - 35 })
    expect(
      new Set(salvageLostHeader(given)?.records.map(({ timestamp }) => timestamp)),
    ).to.deep.equal(new Set([4242n]))
  })

  describe('in a log with gaps', () => {
    const records = textRecords(40, 14).filter((_, index) => index % 5 !== 4)
    const offsets = upTo(40, 0).filter((index) => index % 5 !== 4)
    const sparse = (lastOffsetDelta: number): Uint8Array =>
      v2Batch({
        baseOffset: FIRST,
        records: records.map((record, index) => ({ ...record, offsetDelta: offsets[index]! })),
        lastOffsetDelta,
        attributes: CODECS.indexOf('snappy'),
        compress: compressions.snappy,
      })
    const [ending, open] = [sparse(38), sparse(39)]
    const other = new Uint8Array(80)
    for (const { name, bytes, room, expected } of [
      {
        name: 'a CRC holds, and its offsets fill the room',
        bytes: struck(open, 17, 'random'),
        room: 40,
        expected: true,
      },
      {
        name: 'the same behind another batch',
        bytes: concat(other, struck(open, 17, 'random')),
        room: 41,
        expected: true,
      },
      {
        name: 'there is more room',
        bytes: struck(open, 17, 'random'),
        room: 41,
        expected: false,
      },
      {
        name: 'there is less',
        bytes: concat(other, struck(open, 17, 'random')),
        room: 40,
        expected: false,
      },
      {
        name: 'the CRC is lost, and the last offset has no record',
        bytes: struck(open, 18, 'random'),
        room: 40,
        expected: false,
      },
      {
        name: 'the CRC is lost, and the records fill the room',
        bytes: struck(ending, 18, 'random'),
        room: 39,
        expected: true,
      },
      {
        name: 'the payload has lost its beginning',
        bytes: struck(ending, 90, 'random'),
        room: 39,
        expected: false,
      },
    ])
      it(`${expected ? 'gives the records' : 'gives nothing'}: ${name}`, () => {
        const baseOffset = FIRST - (bytes.length > open.length ? 1n : 0n)
        const lastOffset = baseOffset + BigInt(room - 1)
        const found = salvageLostHeader(
          lost(bytes, 40, { withoutGaps: false, baseOffset, lastOffset }),
        )
        expect((found?.records ?? []).map(({ offset }) => Number(offset - FIRST))).to.deep.equal(
          expected ? offsets : [],
        )
      })
  })

  const marker = { key: Uint8Array.of(0, 0, 0, 1), value: new Uint8Array(6) }
  for (const { name, bytes, records, more } of [
    { name: 'nothing but noise', bytes: prng(1).bytes(4000), records: 20 },
    { name: 'zeros', bytes: new Uint8Array(3000), records: 20 },
    { name: 'fewer bytes than a header', bytes: prng(2).bytes(30), records: 1 },
    {
      name: 'more records than there are offsets',
      bytes: struck(builtBatch(textRecords(30, 9), 'none'), 61, 'zero'),
      records: 20,
    },
    {
      name: 'records that do not reach the end',
      bytes: concat(struck(builtBatch(textRecords(30, 9), 'none'), 61, 'zero'), prng(3).bytes(9)),
      records: 30,
    },
    {
      name: 'what may be a marker',
      bytes: struck(v2Batch({ records: [marker], attributes: 0x30 }), 30, 'zero'),
      records: 1,
    },
    {
      name: 'what its header says is a control batch',
      bytes: struck(v2Batch({ records: textRecords(3, 1), attributes: 0x20 }), 20, 'zero'),
      records: 3,
    },
  ] as {
    name: string
    bytes: Uint8Array
    records: number
    more?: Partial<LostHeader>
  }[])
    it(`finds nothing in ${name}`, () => {
      expect(salvageLostHeader(lost(bytes, records, more))).to.equal(null)
    })

  it('reads a single record that is no marker', () => {
    const batch = v2Batch({ baseOffset: FIRST, records: [{ key: 'k', value: 'one' }] })
    const found = salvageLostHeader(lost(struck(batch, 20, 'zero'), 1))
    expect(found?.records.map(({ offset, timestamp }) => [offset, timestamp])).to.deep.equal([
      [FIRST, 1000n],
    ])
  })

  it('never gives a wrong record, whatever is lost', () => {
    const batches = CODECS.map((codec) => builtBatch(textRecords(40, 11), codec))
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.nat(1500),
        fc.nat(400),
        fc.integer(),
        fc.boolean(),
        (codec, holeEnd, before, seed, isZero) => {
          const batch = batches[codec]!
          const random = prng(seed)
          const bytes = concat(random.bytes(before), batch)
          const end = Math.min(bytes.length, before + holeEnd)
          bytes.set(isZero ? new Uint8Array(end) : random.bytes(end))
          const given = lost(bytes, 40, { baseOffset: before === 0 ? FIRST : FIRST - 3n })
          expect(tallyOf(batch, salvageLostHeader(given)).wrong).to.equal(0)
        },
      ),
      { numRuns: 150, seed: 20 },
    )
  })
})
