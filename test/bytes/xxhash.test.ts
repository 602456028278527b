import { expect } from 'chai'
import { xxhash32 } from '../../src/bytes/xxhash32.ts'
import { xxhash64Low } from '../../src/bytes/xxhash64.ts'

const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

interface Variant {
  readonly bits: bigint
  readonly primes: readonly [bigint, bigint, bigint, bigint, bigint]
}

const variant32: Variant = {
  bits: 32n,
  primes: [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn, 0x27d4eb2fn, 0x165667b1n],
}
const variant64: Variant = {
  bits: 64n,
  primes: [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ],
}

/** The specification once more, in the plainest words, to compare with. */
function reference(bytes: Uint8Array, { bits, primes: [p1, p2, p3, p4, p5] }: Variant): bigint {
  const is64 = bits === 64n
  const wrap = (value: bigint): bigint => BigInt.asUintN(Number(bits), value)
  const rotate = (value: bigint, by: bigint): bigint =>
    wrap((value << by) | (wrap(value) >> (bits - by)))
  const number = (at: number, size: number): bigint =>
    bytes.subarray(at, at + size).reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)
  const round = (value: bigint, input: bigint): bigint =>
    wrap(rotate(wrap(value + input * p2), is64 ? 31n : 13n) * p1)
  const wordBytes = is64 ? 8 : 4
  let at = 0
  let hash = p5
  if (bytes.length >= 4 * wordBytes) {
    const state = [wrap(p1 + p2), p2, 0n, wrap(-p1)]
    for (; at + 4 * wordBytes <= bytes.length; at += 4 * wordBytes) {
      for (let lane = 0; lane < 4; lane++) {
        state[lane] = round(state[lane]!, number(at + lane * wordBytes, wordBytes))
      }
    }
    const [a, b, c, d] = state as [bigint, bigint, bigint, bigint]
    hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n))
    if (is64) for (const lane of state) hash = wrap((hash ^ round(0n, lane)) * p1 + p4)
  }
  hash = wrap(hash + BigInt(bytes.length))
  for (; is64 && at + 8 <= bytes.length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, number(at, 8)), 27n) * p1 + p4)
  }
  for (; at + 4 <= bytes.length; at += 4) {
    hash = is64
      ? wrap(rotate(hash ^ wrap(number(at, 4) * p1), 23n) * p2 + p3)
      : wrap(rotate(wrap(hash + number(at, 4) * p3), 17n) * p4)
  }
  for (; at < bytes.length; at++) {
    hash = is64
      ? wrap(rotate(hash ^ wrap(number(at, 1) * p5), 11n) * p1)
      : wrap(rotate(wrap(hash + number(at, 1) * p5), 11n) * p1)
  }
  hash = wrap((hash ^ (hash >> (is64 ? 33n : 15n))) * p2)
  hash = wrap((hash ^ (hash >> (is64 ? 29n : 13n))) * p3)
  return hash ^ (hash >> (is64 ? 32n : 16n))
}

const sample = Uint8Array.from({ length: 300 }, (_, index) => (index * 151 + 89) ^ (index >> 3))

describe('xxhash32', () => {
  it('gives the published values', () => {
    expect(xxhash32(bytesOf(''))).to.equal(0x02cc5d05)
    expect(xxhash32(bytesOf('abc'))).to.equal(0x32d153ff)
  })

  it('agrees with the specification for every length, at any place', () => {
    for (let size = 0; size < 150; size++) {
      const expected = Number(reference(sample.subarray(7, 7 + size), variant32))
      expect(xxhash32(sample, 7, 7 + size), `${size} bytes`).to.equal(expected)
    }
  })

  it('is the header checksum of Kafka’s LZ4 frames', () => {
    expect((xxhash32(Uint8Array.of(0x60, 0x40)) >>> 8) & 0xff).to.equal(0x82)
  })
})

describe('xxhash64Low', () => {
  it('gives the published values', () => {
    expect(xxhash64Low(bytesOf(''))).to.equal(0x51d8e999)
    expect(xxhash64Low(bytesOf('abc'))).to.equal(0xad770999)
  })

  it('agrees with the specification for every length, at any place', () => {
    for (let size = 0; size < 150; size++) {
      const expected = Number(reference(sample.subarray(5, 5 + size), variant64) & 0xffffffffn)
      expect(xxhash64Low(sample, 5, 5 + size), `${size} bytes`).to.equal(expected)
    }
  })
})
