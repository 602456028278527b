import { expect } from 'chai'
import fc from 'fast-check'
import { crc32c } from '../../src/bytes/crc.ts'
import type { ExpectedBatch, TakenBatches } from '../../src/bytes/crc32c-memory.ts'
import { BATCHES_AT_ONCE, instantiateCrc32c } from '../../src/bytes/crc32c-memory.ts'
import { V2_FIELDS } from '../../src/segment/layout.ts'
import { takeBatches, takeBatchesHere } from '../../src/segment/take-batches.ts'
import { concat, fixCrc, flipByte, joinedBatches } from './build.ts'

const EXPECTED: ExpectedBatch = {
  upper: 0,
  lower: 0,
  partitionLeaderEpoch: 0,
  room: Infinity,
  oddAttributes: ~0x3f,
  relative: 0,
}

/** Its own: nobody else has borrowed of it. */
const memory = instantiateCrc32c()

const copied = (taken: TakenBatches): TakenBatches => ({ ...taken, numbers: taken.numbers.slice() })

/** What both ways take, which has to be the same; what lies behind the bytes is not theirs. */
function take(bytes: Uint8Array, startsBefore: number, expected: ExpectedBatch): TakenBatches {
  const loan = memory?.borrow(bytes.length + 200)
  if (loan == null) throw new Error('this Node has no WebAssembly SIMD')
  try {
    loan.bytes.set(bytes)
    loan.bytes.fill(0xa5, bytes.length)
    const lent = loan.bytes.subarray(0, bytes.length)
    const there = copied(takeBatches(lent, startsBefore, expected, null))
    const here = copied(takeBatchesHere(bytes, startsBefore, expected, null))
    expect(there).to.deep.equal(here)
    return here
  } finally {
    loan.giveBack()
  }
}

describe('takeBatches, in WebAssembly and without', () => {
  const batches = joinedBatches(12)
  const bytes = concat(...batches)
  const sizeOf = (count: number): number => concat(...batches.slice(0, count)).length

  it('takes what is asked for, and no more than lies there', () => {
    expect(take(bytes, Infinity, EXPECTED)).to.include({ batches: 12, end: bytes.length })
    expect(take(bytes, Infinity, EXPECTED).lastStart).to.equal(sizeOf(11))
    expect(take(bytes.subarray(0, -1), Infinity, EXPECTED).batches).to.equal(11)
    expect(take(bytes.subarray(0, sizeOf(3) + 60), Infinity, EXPECTED).batches).to.equal(3)
    expect(take(bytes.subarray(0, 60), Infinity, EXPECTED)).to.include({ batches: 0, end: 0 })
    expect(take(new Uint8Array(0), Infinity, EXPECTED).batches).to.equal(0)
  })

  it('ends before a place, and at the room there is', () => {
    for (const startsBefore of [-1, 0, 1, sizeOf(1), sizeOf(1) + 1, sizeOf(4), 1e12])
      take(bytes, startsBefore, EXPECTED)
    expect(take(bytes, sizeOf(1), EXPECTED).batches).to.equal(1)
    expect(take(bytes, sizeOf(1) + 1, EXPECTED).batches).to.equal(2)
    for (const room of [-1, 0, 2, 3, 8, 2 ** 33]) take(bytes, Infinity, { ...EXPECTED, room })
    expect(take(bytes, Infinity, { ...EXPECTED, room: 8 }).batches).to.equal(2)
  })

  it('takes so many at once', () => {
    const many = concat(...joinedBatches(BATCHES_AT_ONCE + 5, 1))
    expect(take(many, Infinity, EXPECTED).batches).to.equal(BATCHES_AT_ONCE)
  })

  it('counts offsets over 32 bits, and below 0', () => {
    const across = concat(...joinedBatches(10, 3, 0x1_ffff_fff8n))
    const expected = { ...EXPECTED, upper: 1, lower: 0xffff_fff8, relative: 2 ** 40 }
    expect(take(across, Infinity, expected)).to.include({ batches: 10 })
    expect(take(across, Infinity, expected).numbers[28]).to.equal(2 ** 40 + 30)
    const negative = concat(...joinedBatches(4, 3, -5n))
    expect(
      take(negative, Infinity, { ...EXPECTED, upper: -1, lower: 0xffff_fffb }).batches,
    ).to.equal(4)
  })

  /** Values at which a field of a header changes its meaning, under a CRC that holds. */
  const values = [
    -1n,
    0n,
    1n,
    2n,
    3n,
    4n,
    5n,
    7n,
    49n,
    0x7fffn,
    0x7fff_ffffn,
    -0x8000_0000n,
    1n << 52n,
    (1n << 53n) - 1n,
    1n << 53n,
    -(1n << 53n),
  ]

  it('agree on every field, whatever is in it', () => {
    let odd = 0
    for (const { name, offset, type } of V2_FIELDS) {
      for (const value of values) {
        const batch = (batches[4] ?? bytes).slice()
        const view = new DataView(batch.buffer)
        if (type === 'int64') view.setBigInt64(offset, value)
        else if (type === 'int32' || type === 'uint32')
          view.setInt32(offset, Number(BigInt.asIntN(32, value)))
        else if (type === 'int16') view.setInt16(offset, Number(BigInt.asIntN(16, value)))
        else view.setInt8(offset, Number(BigInt.asIntN(8, value)))
        const file = concat(
          ...batches.slice(0, 4),
          name === 'crc' ? batch : fixCrc(batch),
          ...batches.slice(5),
        )
        if (take(file, Infinity, EXPECTED).batches < 12) odd++
      }
    }
    expect(odd).to.be.within(50, 180)
  })

  it('agree on any bytes', () => {
    const damage = fc.tuple(
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
    )
    fc.assert(
      fc.property(
        damage,
        fc.nat(bytes.length + 50),
        fc.nat(40),
        ([at, mask, reseal], startsBefore, room) => {
          let file = flipByte(bytes, at, mask)
          if (reseal) {
            const batch = batches.findIndex((_, index) => at < sizeOf(index + 1))
            const [start, end] = [sizeOf(batch), sizeOf(batch + 1)]
            file = concat(
              file.subarray(0, start),
              fixCrc(file.slice(start, end)),
              file.subarray(end),
            )
          }
          take(file, startsBefore, { ...EXPECTED, room })
          take(file, Infinity, EXPECTED)
        },
      ),
    )
  })

  it('asks for the records last, and only where they are wanted', () => {
    const asked: number[] = []
    const taken = takeBatches(flipByte(bytes, sizeOf(5) + 70), Infinity, EXPECTED, (start) => {
      asked.push(start)
      return asked.length < 4
    })
    expect(taken.batches).to.equal(3)
    expect(asked).to.deep.equal([0, 1, 2, 3].map(sizeOf))
    expect(crc32c.update(0, bytes, 21, sizeOf(1))).to.equal(
      new DataView(bytes.buffer, bytes.byteOffset).getUint32(17),
    )
  })
})
