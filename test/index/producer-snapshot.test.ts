import { expect } from 'chai'
import fc from 'fast-check'
import {
  checkProducerSnapshot,
  decodeProducerSnapshot,
  encodeProducerSnapshot,
  NO_OPEN_TXN,
} from '../../src/index/producer-snapshot.ts'
import { concat, fromHex, messagesOf, zeros } from './bytes.ts'

/** Parsed as valid by Kafka 4.1.0. */
const GOLDEN = fromHex(
  '000119483b1f00000001000000000000000700010000001d000000000000006d0000000900000000000003e800000004ffffffffffffffff',
)

const patched = (position: number, ...bytes: number[]): Uint8Array => {
  const copy = GOLDEN.slice()
  copy.set(bytes, position)
  return copy
}

describe('decodeProducerSnapshot', () => {
  it("reads Kafka's bytes, and encodes to them", () => {
    const snapshot = decodeProducerSnapshot(GOLDEN)
    expect(snapshot).to.deep.equal({
      version: 1,
      entries: [
        {
          producerId: 7n,
          producerEpoch: 1,
          lastSequence: 29,
          lastOffset: 109n,
          offsetDelta: 9,
          timestamp: 1000n,
          coordinatorEpoch: 4,
          currentTxnFirstOffset: NO_OPEN_TXN,
        },
      ],
      problems: [],
    })
    expect(encodeProducerSnapshot(snapshot.entries)).to.deep.equal(GOLDEN)
  })

  it('is the inverse of encoding', () => {
    const int16 = fc.integer({ min: -32768, max: 32767 })
    const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const entries = fc.array(
      fc.record({
        producerId: int64,
        producerEpoch: int16,
        lastSequence: int32,
        lastOffset: int64,
        offsetDelta: int32,
        timestamp: int64,
        coordinatorEpoch: int32,
        currentTxnFirstOffset: int64,
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(entries, (list) => {
        const snapshot = decodeProducerSnapshot(encodeProducerSnapshot(list))
        expect(snapshot).to.deep.equal({ version: 1, entries: list, problems: [] })
      }),
    )
  })

  it('gives the whole entries of a cut file, with the problems', () => {
    const { entries, problems } = decodeProducerSnapshot(
      encodeProducerSnapshot([...decodeProducerSnapshot(GOLDEN).entries, ...decodeProducerSnapshot(GOLDEN).entries]).subarray(0, 70), // prettier-ignore
    )
    expect(entries).to.have.lengthOf(1)
    expect(problems).to.have.lengthOf(2)
  })

  it('reads no entries of an unknown version', () => {
    expect(decodeProducerSnapshot(patched(1, 2))).to.deep.include({ version: 2, entries: [] })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeProducerSnapshot(bytes).problems).to.not.be.empty
      }),
    )
  })
})

describe('checkProducerSnapshot', () => {
  const cases: { name: string; bytes: Uint8Array; messages: (string | RegExp)[] }[] = [
    { name: 'a good file', bytes: GOLDEN, messages: [] },
    {
      name: 'an empty file',
      bytes: zeros(0),
      messages: ['the file is 0 bytes long, too short for the header of 10'],
    },
    {
      name: 'a file of nine bytes',
      bytes: GOLDEN.subarray(0, 9),
      messages: ['the file is 9 bytes long, too short for the header of 10'],
    },
    {
      name: 'another version',
      bytes: patched(0, 0, 2),
      messages: ['the version is 2; only version 1 is known'],
    },
    {
      name: 'a flipped bit',
      bytes: patched(20, 0x81),
      messages: [/^the CRC in the file is 424164127, but its bytes have \d+: it is damaged$/],
    },
    {
      name: 'bytes at the end',
      bytes: concat(GOLDEN, zeros(1)),
      messages: [
        /^the CRC in the file/,
        'the header announces 1 entry (56 bytes), the file has 57',
      ],
    },
    {
      name: 'a negative count',
      bytes: patched(6, 0xff, 0xff, 0xff, 0xff),
      messages: [
        /^the CRC in the file/,
        'the header announces -1 entries (-36 bytes), the file has 56',
      ],
    },
    {
      name: 'a file of zeros',
      bytes: zeros(56),
      messages: [
        'the version is 0; only version 1 is known',
        /^the CRC in the file is 0/,
        'the header announces 0 entries (10 bytes), the file has 56',
      ],
    },
  ]
  for (const { name, bytes, messages } of cases) {
    it(`judges ${name}`, () => {
      const found = messagesOf(checkProducerSnapshot(bytes))
      expect(found).to.have.lengthOf(messages.length)
      messages.forEach((message, n) => {
        if (typeof message === 'string') expect(found[n]).to.equal(message)
        else expect(found[n]).to.match(message)
      })
      expect(messagesOf(decodeProducerSnapshot(bytes).problems)).to.deep.equal(found)
    })
  }
})
