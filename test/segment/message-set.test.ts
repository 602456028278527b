import { expect } from 'chai'
import fc from 'fast-check'
import { crc32 } from '../../src/bytes/crc.ts'
import { decodePlainMessage, decodeWrapper, wrapperPayload } from '../../src/segment/message-set.ts'
import type { WrapperContext } from '../../src/segment/message-set.ts'
import type { Record } from '../../src/segment/record.ts'
import { RecordError } from '../../src/segment/record.ts'
import { concat, fixCrc, flipByte, message, text } from './build.ts'
import type { MessageSpec } from './build.ts'

const entry = (bytes: Uint8Array): Record => decodePlainMessage(bytes, 42n)

describe('decodePlainMessage', () => {
  it('reads magic 0, which has no timestamp', () => {
    expect(entry(message({ magic: 0, key: 'k', value: 'v' }))).to.deep.equal({
      offset: 42n,
      timestamp: -1n,
      key: text('k'),
      value: text('v'),
      headers: [],
    })
  })

  it('reads magic 1 with its timestamp', () => {
    expect(entry(message({ magic: 1, timestamp: 77n, key: '', value: null }))).to.deep.equal({
      offset: 42n,
      timestamp: 77n,
      key: text(''),
      value: null,
      headers: [],
    })
  })

  const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer)
  const withInt32 = (position: number, value: number): Uint8Array => {
    const bytes = message({ magic: 0, key: 'k', value: 'v' })
    view(bytes).setInt32(position, value)
    return fixCrc(bytes)
  }
  const cases: { name: string; bytes: Uint8Array; error: string }[] = [
    {
      name: 'bytes left over',
      bytes: concat(message({ magic: 1 }), Uint8Array.of(0)),
      error: '1 byte left over',
    },
    {
      name: 'a message that is cut off',
      bytes: message({ magic: 0 }).subarray(0, 25),
      error: '4 bytes wanted, 3 left',
    },
    { name: 'a key length of -2', bytes: withInt32(18, -2), error: 'length -2' },
    {
      name: 'a key longer than the message',
      bytes: withInt32(18, 1000),
      error: 'length 1000 with 6 bytes left',
    },
    { name: 'a value length of -2', bytes: withInt32(23, -2), error: 'length -2' },
    {
      name: 'a value longer than the message',
      bytes: withInt32(23, 2),
      error: 'length 2 with 1 byte left',
    },
    {
      name: 'another magic',
      bytes: message({ magic: 0 }).fill(2, 16, 17),
      error: 'magic 2 in a message set',
    },
  ]
  for (const { name, bytes, error } of cases) {
    it(`refuses ${name}`, () => {
      expect(() => entry(bytes)).to.throw(RecordError, error)
    })
  }
})

describe('wrapperPayload', () => {
  it('is the value of the wrapper', () => {
    for (const magic of [0, 1] as const)
      expect(wrapperPayload(message({ magic, attributes: 1, value: 'gz' }))).to.deep.equal(
        text('gz'),
      )
  })

  it('refuses a wrapper without a value', () => {
    expect(() => wrapperPayload(message({ magic: 1, attributes: 1, value: null }))).to.throw(
      RecordError,
      'without a value',
    )
  })

  it('refuses a wrapper that is cut off', () => {
    expect(() => wrapperPayload(message({ magic: 1, value: 'gz' }).subarray(0, 35))).to.throw(
      RecordError,
    )
  })
})

const v0: WrapperContext = { magic: 0, lastOffset: 12n, logAppendTime: null }
const v1: WrapperContext = { magic: 1, lastOffset: 12n, logAppendTime: null }
const inner = (magic: 0 | 1, ...offsets: bigint[]): Uint8Array =>
  concat(
    ...offsets.map((offset) => message({ magic, offset, value: 'v', timestamp: 500n + offset })),
  )
const offsetsOf = (bytes: Uint8Array, context: WrapperContext): bigint[] =>
  decodeWrapper(bytes, context).map(({ offset }) => offset)

/** Magic 2 in a message: fixCrc would take it for a batch. */
function claimingMagic2(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice().fill(2, 16, 17)
  new DataView(copy.buffer).setUint32(12, crc32.update(0, copy, 16))
  return copy
}

describe('decodeWrapper', () => {
  const offsets: {
    name: string
    bytes: Uint8Array
    context: WrapperContext
    expected: bigint[]
  }[] = [
    {
      name: 'takes offsets in magic 0 as they are',
      bytes: inner(0, 10n, 11n, 12n),
      context: v0,
      expected: [10n, 11n, 12n],
    },
    {
      name: 'counts offsets in magic 1 back from the wrapper',
      bytes: inner(1, 0n, 1n, 2n),
      context: v1,
      expected: [10n, 11n, 12n],
    },
    {
      name: 'keeps the gaps that compaction left',
      bytes: inner(1, 2n, 5n, 9n),
      context: v1,
      expected: [5n, 8n, 12n],
    },
    {
      name: 'reads a wrapper at offset 0 of one message',
      bytes: inner(1, 0n),
      context: { ...v1, lastOffset: 0n },
      expected: [0n],
    },
    {
      name: 'takes the base for 0 where old librdkafka left the wrapper at 0',
      bytes: inner(1, 0n, 1n, 2n),
      context: { ...v1, lastOffset: 0n },
      expected: [0n, 1n, 2n],
    },
    {
      name: 'reads inner magic 0 in a wrapper of magic 1 (KAFKA-4298)',
      bytes: inner(0, 0n, 1n),
      context: v1,
      expected: [11n, 12n],
    },
    {
      name: 'reads inner magic 1 in a wrapper of magic 0',
      bytes: inner(1, 11n, 12n),
      context: v0,
      expected: [11n, 12n],
    },
    {
      name: 'ignores a message that is cut off at the end',
      bytes: concat(inner(1, 0n, 1n), inner(1, 2n).subarray(0, 30)),
      context: v1,
      expected: [11n, 12n],
    },
    {
      name: 'ignores fewer bytes than an offset and a size at the end',
      bytes: concat(inner(1, 0n, 1n), new Uint8Array(11)),
      context: v1,
      expected: [11n, 12n],
    },
  ]
  for (const { name, bytes, context, expected } of offsets) {
    it(name, () => {
      expect(offsetsOf(bytes, context)).to.deep.equal(expected)
    })
  }

  it('keeps the times of the producer', () => {
    expect(decodeWrapper(inner(1, 0n, 1n), v1).map(({ timestamp }) => timestamp)).to.deep.equal([
      500n,
      501n,
    ])
    expect(decodeWrapper(inner(0, 12n), v0)[0]?.timestamp).to.equal(-1n)
  })

  it('gives every message the time of a wrapper that the broker stamped', () => {
    const records = decodeWrapper(inner(1, 0n, 1n), { ...v1, logAppendTime: 9000n })
    expect(records.map(({ timestamp }) => timestamp)).to.deep.equal([9000n, 9000n])
  })

  const one = inner(1, 0n)
  const sized = (size: number): Uint8Array => {
    const bytes = one.slice()
    new DataView(bytes.buffer).setInt32(8, size)
    return bytes
  }
  const refused: { name: string; bytes: Uint8Array; context?: WrapperContext; error: string }[] = [
    { name: 'no messages', bytes: new Uint8Array(), error: 'without messages' },
    {
      name: 'nothing but a message that is cut off',
      bytes: one.subarray(0, 30),
      error: 'without messages',
    },
    { name: 'an inner message whose CRC fails', bytes: flipByte(one, 34), error: 'fails its CRC' },
    { name: 'an inner magic 2', bytes: claimingMagic2(one), error: 'magic 2' },
    {
      name: 'a wrapper in a wrapper',
      bytes: message({ magic: 1, attributes: 1, value: 'gz' }),
      error: 'a compressed message inside a wrapper',
    },
    { name: 'a size below a message', bytes: sized(13), error: 'inner message size 13' },
    { name: 'a negative size', bytes: sized(-1), error: 'inner message size -1' },
    {
      name: 'zeros after the last message',
      bytes: concat(one, new Uint8Array(40)),
      error: 'inner message size 0',
    },
    {
      name: 'an inner offset above the wrapper',
      bytes: inner(1, 20n),
      error: "inner offset 20 above the wrapper's 12",
    },
    {
      name: 'inner offsets that repeat',
      bytes: inner(1, 3n, 3n),
      error: 'inner offset 12 after 12',
    },
    {
      name: 'inner offsets that fall',
      bytes: inner(0, 12n, 11n),
      context: v0,
      error: 'inner offset 11 after 12',
    },
    {
      name: 'a negative inner offset',
      bytes: inner(0, -4n),
      context: v0,
      error: 'inner offset -4 after -1',
    },
  ]
  for (const { name, bytes, context, error } of refused) {
    it(`refuses ${name}`, () => {
      expect(() => decodeWrapper(bytes, context ?? v1)).to.throw(RecordError, error)
    })
  }

  it('reads back whatever messages are written', () => {
    const nullable = fc.option(fc.uint8Array({ maxLength: 20 }))
    const specs = fc.array(
      fc.record({ key: nullable, value: nullable, timestamp: fc.bigInt(0n, 2n ** 50n) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    fc.assert(
      fc.property(specs, fc.bigInt(0n, 2n ** 50n), (parts, base) => {
        const messages: MessageSpec[] = parts.map((part, index) => ({
          magic: 1,
          offset: BigInt(index),
          ...part,
        }))
        const lastOffset = base + BigInt(parts.length - 1)
        const records = decodeWrapper(concat(...messages.map(message)), { ...v1, lastOffset })
        // At 0 the base cannot be told; see old librdkafka above.
        const first = lastOffset === 0n ? 0n : base
        expect(records).to.deep.equal(
          parts.map((part, index) => ({ ...part, offset: first + BigInt(index), headers: [] })),
        )
      }),
    )
  })
})
