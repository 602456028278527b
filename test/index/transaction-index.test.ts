import { expect } from 'chai'
import fc from 'fast-check'
import {
  checkTransactionIndex,
  decodeTransactionIndex,
  encodeTransactionIndex,
  type AbortedTxn,
} from '../../src/index/transaction-index.ts'
import { concat, fromHex, messagesOf, zeros } from './bytes.ts'

/** Written by Kafka 4.1.0 for an aborted transaction of producer 7 at offsets 0 to 1. */
const GOLDEN = fromHex('00000000000000000007000000000000000000000000000000010000000000000002')

const txn = (fields: Partial<AbortedTxn> = {}): AbortedTxn => ({
  version: 0,
  producerId: 7n,
  firstOffset: 90n,
  lastOffset: 110n,
  lastStableOffset: 111n,
  ...fields,
})

describe('decodeTransactionIndex', () => {
  it("reads Kafka's bytes, and encodes to them", () => {
    const entries = decodeTransactionIndex(GOLDEN)
    expect(entries).to.deep.equal([
      { version: 0, producerId: 7n, firstOffset: 0n, lastOffset: 1n, lastStableOffset: 2n },
    ])
    expect(encodeTransactionIndex(entries)).to.deep.equal(GOLDEN)
    expect(checkTransactionIndex(GOLDEN, 0n)).to.deep.equal({ problems: [], fragmentBytes: 0 })
  })

  it('is the inverse of encoding', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const entries = fc.array(
      fc.record({
        version: fc.integer({ min: -32768, max: 32767 }),
        producerId: int64,
        firstOffset: int64,
        lastOffset: int64,
        lastStableOffset: int64,
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(entries, (list) => {
        expect(decodeTransactionIndex(encodeTransactionIndex(list))).to.deep.equal(list)
      }),
    )
  })
})

describe('checkTransactionIndex', () => {
  it('accepts an empty file and one in order', () => {
    const bytes = encodeTransactionIndex([
      txn(),
      txn({ producerId: 8n, lastOffset: 120n, lastStableOffset: 95n }),
    ])
    expect(checkTransactionIndex(zeros(0), 100n).problems).to.deep.equal([])
    expect(checkTransactionIndex(bytes, 100n).problems).to.deep.equal([])
  })

  it('only counts a fragment at the end', () => {
    expect(checkTransactionIndex(concat(GOLDEN, zeros(33)), 0n)).to.deep.equal({
      problems: [],
      fragmentBytes: 33,
    })
  })

  const cases: { name: string; entries: AbortedTxn[]; message: string }[] = [
    {
      name: 'an unknown version',
      entries: [txn({ version: 1, firstOffset: -1n })],
      message: 'entry 0 has version 1; only version 0 is known',
    },
    {
      name: 'a negative producerId',
      entries: [txn({ producerId: -1n })],
      message: 'entry 0 has the negative producerId -1',
    },
    {
      name: 'a negative firstOffset',
      entries: [txn({ firstOffset: -5n })],
      message: 'entry 0 has the negative firstOffset -5',
    },
    {
      name: 'a marker below the segment',
      entries: [txn({ lastOffset: 99n, lastStableOffset: 100n })],
      message: "entry 0 has lastOffset 99, below the segment's first, 100",
    },
    {
      name: 'an end before the start',
      entries: [txn({ firstOffset: 111n })],
      message: 'entry 0 has firstOffset 111 above its lastOffset 110',
    },
    {
      name: 'a last stable offset beyond the marker',
      entries: [txn({ lastStableOffset: 112n })],
      message: 'entry 0 has lastStableOffset 112, outside 0 to lastOffset + 1',
    },
    {
      name: 'a negative last stable offset',
      entries: [txn({ lastStableOffset: -1n })],
      message: 'entry 0 has lastStableOffset -1, outside 0 to lastOffset + 1',
    },
    {
      name: 'markers out of order',
      entries: [txn(), txn()],
      message: 'entry 1 has lastOffset 110, which is not above 110 in the entry before it',
    },
  ]
  for (const { name, entries, message } of cases) {
    it(`reports ${name}`, () => {
      const { problems } = checkTransactionIndex(encodeTransactionIndex(entries), 100n)
      expect(messagesOf(problems)).to.deep.equal([message])
      expect(problems[0]).to.include({
        file: 'transactionIndex',
        position: (entries.length - 1) * 34,
      })
    })
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(checkTransactionIndex(bytes, 0n).fragmentBytes).to.equal(bytes.length % 34)
      }),
    )
  })
})
