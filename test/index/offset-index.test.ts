import { expect } from 'chai'
import fc from 'fast-check'
import {
  createOffsetIndexBuilder,
  decodeOffsetIndex,
  lookupOffset,
} from '../../src/index/offset-index.ts'
import { concat, fromHex, messagesOf, offsetIndexOf, zeros } from './bytes.ts'

describe('decodeOffsetIndex', () => {
  it('reads big-endian pairs', () => {
    const index = decodeOffsetIndex(fromHex('000000080000012e0000000e0000025c'))
    expect([...index.relativeOffsets]).to.deep.equal([8, 14])
    expect([...index.positions]).to.deep.equal([302, 604])
    expect(index).to.deep.include({ entryCount: 2, trustedCount: 2, zeroTailBytes: 0 })
    expect(index.problems).to.deep.equal([])
  })

  it('finds nothing wrong with an empty file', () => {
    expect(decodeOffsetIndex(zeros(0))).to.deep.include({ entryCount: 0, problems: [] })
  })

  it('takes the preallocated tail of an active segment for what it is', () => {
    const index = decodeOffsetIndex(concat(offsetIndexOf([8, 302], [14, 0x100]), zeros(8000)))
    expect(index).to.deep.include({ entryCount: 2, zeroTailBytes: 8000 })
  })

  it('takes a file of zeros for a preallocated one without entries', () => {
    expect(decodeOffsetIndex(zeros(4096))).to.deep.include({
      entryCount: 0,
      zeroTailBytes: 4096,
      problems: [],
    })
  })

  const cases: {
    name: string
    bytes: Uint8Array
    trustedCount: number
    messages: string[]
  }[] = [
    {
      name: 'a cut-off end',
      bytes: concat(offsetIndexOf([8, 302]), fromHex('000000')),
      trustedCount: 1,
      messages: ['the file is 11 bytes long, which is no multiple of 8: its end is cut off'],
    },
    {
      name: 'a relative offset that does not increase',
      bytes: offsetIndexOf([5, 10], [9, 20], [9, 30], [12, 40]),
      trustedCount: 1,
      messages: ['entry 2 has the relative offset 9, which is not above 9 in the entry before it'],
    },
    {
      name: 'a position that does not increase',
      bytes: offsetIndexOf([5, 10], [9, 8]),
      trustedCount: 0,
      messages: ['entry 1 has the position 8, which is not above 10 in the entry before it'],
    },
    {
      name: 'negative values',
      bytes: offsetIndexOf([5, 10], [-9, 20], [12, -40]),
      trustedCount: 1,
      messages: [
        'entry 1 has the negative relative offset -9',
        'entry 2 has the negative position -40',
      ],
    },
    {
      name: 'a negative first entry',
      bytes: offsetIndexOf([5, -10]),
      trustedCount: 0,
      messages: ['entry 0 has the negative position -10'],
    },
    {
      name: 'a lost sector, as one finding',
      bytes: concat(offsetIndexOf([5, 10]), zeros(512), offsetIndexOf([90, 200])),
      trustedCount: 1,
      messages: ['entry 1 is empty (all zero), but there are entries after it'],
    },
    {
      name: 'a first entry of zeros with entries after it',
      bytes: concat(zeros(8), offsetIndexOf([5, 10])),
      trustedCount: 2,
      messages: [],
    },
  ]
  for (const { name, bytes, trustedCount, messages } of cases) {
    it(`judges ${name}`, () => {
      const index = decodeOffsetIndex(bytes)
      expect(messagesOf(index.problems)).to.deep.equal(messages)
      expect(index.trustedCount).to.equal(trustedCount)
    })
  }

  it('tells where in the file a problem is', () => {
    const { problems } = decodeOffsetIndex(offsetIndexOf([5, 10], [9, 20], [8, 30]))
    expect(problems).to.have.lengthOf(1)
    expect(problems[0]).to.deep.include({ file: 'offsetIndex', entry: 2, position: 16 })
  })

  it('never throws, and trusts only an increasing prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const index = decodeOffsetIndex(bytes)
        expect(index.entryCount * 8 + index.zeroTailBytes + (bytes.length % 8)).to.equal(
          bytes.length,
        )
        expect(index.trustedCount).to.be.within(0, index.entryCount)
        const trusted = [...index.relativeOffsets.subarray(0, index.trustedCount)]
        expect(trusted).to.deep.equal([...new Set(trusted)].sort((a, b) => a - b))
      }),
    )
  })
})

describe('lookupOffset', () => {
  const index = decodeOffsetIndex(offsetIndexOf([8, 302], [14, 604], [20, 906]))
  const cases: [wanted: bigint, offset: bigint, position: number][] = [
    [0n, 1000n, 0],
    [1007n, 1000n, 0],
    [1008n, 1008n, 302],
    [1013n, 1008n, 302],
    [1014n, 1014n, 604],
    [1020n, 1020n, 906],
    [9_000_000_000_000_000_000n, 1020n, 906],
  ]
  for (const [wanted, offset, position] of cases) {
    it(`finds ${wanted} at or after ${position}`, () => {
      expect(lookupOffset(index, 1000n, wanted)).to.deep.equal({ offset, position })
    })
  }

  it('does not go by entries after the first problem', () => {
    const damaged = decodeOffsetIndex(offsetIndexOf([8, 302], [99, 604], [20, 906]))
    expect(lookupOffset(damaged, 0n, 99n)).to.deep.equal({ offset: 8n, position: 302 })
  })
})

describe('createOffsetIndexBuilder', () => {
  it('writes what Kafka 4.1.0 wrote for batches of about 150 bytes and an interval of 300', () => {
    // The executed example in the format notes: (8,302) (14,604) (20,906).
    const builder = createOffsetIndexBuilder(0n, 300)
    const positions = [0, 147, 302, 453, 604, 755, 906]
    const written = positions.map((position, batch) =>
      builder.onBatch(position, 151, BigInt(batch * 3 + 2)),
    )
    expect(written).to.deep.equal([false, false, true, false, true, false, true])
    expect(builder.finish()).to.deep.equal(offsetIndexOf([8, 302], [14, 604], [20, 906]))
  })

  it('never indexes the first batch, and wants more than the interval', () => {
    const builder = createOffsetIndexBuilder(100n)
    expect(builder.onBatch(0, 4096, 110n)).to.be.false
    expect(builder.onBatch(4096, 1, 120n)).to.be.false
    expect(builder.onBatch(4097, 4096, 130n)).to.be.true
    expect(builder.onBatch(8193, 10, 140n)).to.be.false
    expect(builder.finish()).to.deep.equal(offsetIndexOf([30, 4097]))
  })

  const rejected: { name: string; position: number; lastOffset: bigint }[] = [
    { name: 'a position beyond 2^31 - 1', position: 2 ** 31, lastOffset: 20n },
    { name: 'an offset beyond 2^31 - 1', position: 20_000, lastOffset: 2n ** 31n },
    { name: 'an offset that does not increase', position: 20_000, lastOffset: 10n },
    { name: 'an offset below the base', position: 20_000, lastOffset: -1n },
  ]
  for (const { name, position, lastOffset } of rejected) {
    it(`leaves out ${name}`, () => {
      const builder = createOffsetIndexBuilder(0n)
      builder.onBatch(5000, 10, 10n)
      expect(builder.onBatch(position, 10, lastOffset)).to.be.false
      expect(builder.finish()).to.deep.equal(offsetIndexOf([10, 5000]))
    })
  }

  it('grows', () => {
    const builder = createOffsetIndexBuilder(0n, 0)
    for (let batch = 0; batch < 5000; batch++) builder.onBatch(batch * 61, 61, BigInt(batch))
    const index = decodeOffsetIndex(builder.finish())
    expect(index).to.deep.include({ entryCount: 4999, problems: [] })
    expect(index.positions.at(-1)).to.equal(4999 * 61)
  })
})
