import { expect } from 'chai'
import { CRC_FIELD_CANDIDATES } from '../../../src/recover/rungs/crc-field.ts'
import {
  neededChance,
  spanWithSector,
  wrongDecodeShare,
} from '../../../src/recover/rungs/false-match.ts'
import { Ledger } from '../../../src/recover/rungs/ledger.ts'
import { DEFAULT_MAX_FALSE_MATCH } from '../../../src/recover/rungs/rung.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import { v2Batch } from '../../segment/build.ts'
import { CODEC_NAMES } from './entries.ts'

const headerOf = (attributes: number): NonNullable<ReturnType<typeof decodeBatchHeader>> => {
  const header = decodeBatchHeader(v2Batch({ attributes }), 0)
  if (header === null) throw new Error('no header')
  return header
}

describe('wrongDecodeShare', () => {
  const expected = { none: 1, gzip: 0.01, snappy: 0.7, lz4: 0.7, zstd: 0.5 }
  for (const [codec, name] of CODEC_NAMES.entries()) {
    it(`is ${expected[name]} for ${name}, and 1 where a sector of any bytes would decode`, () => {
      expect(wrongDecodeShare(headerOf(codec), [])).to.equal(expected[name])
      expect(wrongDecodeShare(headerOf(codec), [{ start: 70, end: 581 }])).to.equal(expected[name])
      expect(wrongDecodeShare(headerOf(codec), [{ start: 70, end: 582 }])).to.equal(1)
    })
  }

  it('is 1 for a codec that nobody knows', () => {
    expect(wrongDecodeShare(headerOf(6), [])).to.equal(1)
  })
})

describe('the default of --max-false-match', () => {
  const area = (bytes: number): number => bytes - 21
  const cases = [
    { name: 'one bit in gzip up to 4 MiB', codec: 1, each: 8, bytes: 4 * 2 ** 20 },
    { name: 'one bit in zstd up to 100 KB', codec: 4, each: 8, bytes: 100_000 },
    { name: 'one bit in lz4 up to 75 KB', codec: 3, each: 8, bytes: 75_000 },
    { name: 'one bit in snappy up to 75 KB', codec: 2, each: 8, bytes: 75_000 },
    { name: 'one bit without compression up to 50 KB', codec: 0, each: 8, bytes: 50_000 },
    { name: 'one byte in gzip up to 160 KB', codec: 1, each: 8 + 255, bytes: 160_000 },
    { name: 'inserted bytes without compression up to 64 KiB', codec: 0, each: 1, bytes: 2 ** 16 },
  ]
  for (const { name, codec, each, bytes } of cases) {
    it(`allows ${name}`, () => {
      const ledger = new Ledger(1)
      ledger.count(CRC_FIELD_CANDIDATES)
      const share = wrongDecodeShare(headerOf(codec), [])
      expect(ledger.falseMatch(share, each * area(bytes))).to.be.at.most(DEFAULT_MAX_FALSE_MATCH)
    })
  }

  it('counts what was tried by the share, and undecoded candidates in full', () => {
    const ledger = new Ledger(1)
    ledger.count(1000)
    ledger.countUndecoded(10)
    expect(ledger.candidates).to.equal(1010)
    expect(ledger.falseMatch(0.5)).to.equal(510 / 2 ** 32)
    expect(ledger.falseMatch(0.5, 100)).to.equal(560 / 2 ** 32)
    expect(new Ledger(1, 0.25).falseMatch(1, 1)).to.equal(0.25 + 2 ** -32)
  })
})

describe('neededChance', () => {
  const cases = [
    { chance: 2 ** -16, words: '--max-false-match 1.6e-5' },
    { chance: 3.0001e-4, words: '--max-false-match 3.1e-4' },
    { chance: 0.001, words: '--max-false-match 1e-3' },
    { chance: 0.01, words: '--max-false-match 1e-2' },
  ]
  for (const { chance, words } of cases) {
    it(`is rounded up: ${words}`, () => {
      expect(neededChance(chance)).to.include(words)
      expect(Number(words.split(' ')[1])).to.be.at.least(chance)
    })
  }

  it('is not advised where it would be a gamble', () => {
    expect(neededChance(0.0101)).to.equal('something would fit by chance')
  })
})

describe('spanWithSector', () => {
  const cases = [
    { name: 'a span that is exactly a sector', position: 0, start: 512, end: 1024, holds: true },
    { name: 'a sector-sized span off the grid', position: 0, start: 513, end: 1025, holds: false },
    { name: 'the largest span without a sector', position: 0, start: 1, end: 1023, holds: false },
    { name: 'one byte more', position: 0, start: 1, end: 1024, holds: true },
    {
      name: 'a span on the grid by the position',
      position: 400,
      start: 112,
      end: 624,
      holds: true,
    },
    { name: 'the same span elsewhere', position: 401, start: 112, end: 624, holds: false },
    { name: 'an empty span', position: 0, start: 512, end: 512, holds: false },
  ]
  for (const { name, position, start, end, holds } of cases) {
    it(`says ${holds ? 'yes' : 'no'} to ${name}`, () => {
      const spans = [
        { start: 3, end: 5 },
        { start, end },
      ]
      expect(spanWithSector(spans, position)).to.deep.equal(holds ? { start, end } : null)
    })
  }
})
