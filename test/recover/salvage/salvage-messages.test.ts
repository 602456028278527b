import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { encoders } from '../../../src/codec/encode.ts'
import type { SalvageEntry } from '../../../src/recover/salvage/entry.ts'
import { salvageRecords } from '../../../src/recover/salvage/salvage-records.ts'
import { hasCorpus, loadSegment } from '../../support/corpus.ts'
import { prng, seedOf } from '../../support/prng.ts'
import { concat, fixCrc, message, text } from '../../segment/build.ts'
import type { Tally } from './measure.ts'
import { believedEntry, measureBatch, newTally } from './measure.ts'

const COUNT = 200
const codecs = {
  gzip: { bits: 1, compress: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) },
  snappy: { bits: 2, compress: encoders.snappy },
  lz4: { bits: 3, compress: encoders.lz4 },
} as const

/** Inner messages whose offsets start at 1000, relative in magic 1. */
function inner(magic: 0 | 1, seed = 1): Uint8Array[] {
  const random = prng(seed)
  return Array.from({ length: COUNT }, (_, index) =>
    message({
      magic,
      offset: BigInt(index) + (magic === 0 ? 1000n : 0n),
      key: `k${index}`,
      value: `{"n":${index},"text":"${'lorem ipsum '.repeat(random.below(20))}${random.below(1e9)}"}`,
      timestamp: 5000n + BigInt(index),
    }),
  )
}

const wrapper = (
  magic: 0 | 1,
  codec: keyof typeof codecs,
  messages: readonly Uint8Array[],
  flags = 0,
): Uint8Array =>
  message({
    magic,
    offset: 1000n + BigInt(COUNT) - 1n,
    attributes: codecs[codec].bits | flags,
    timestamp: 9999n,
    value: codecs[codec].compress(concat(...messages)),
  })

describe('salvageRecords of compressed wrappers', () => {
  for (const magic of [0, 1] as const) {
    for (const codec of ['gzip', 'snappy', 'lz4'] as const) {
      it(`gives enough and nothing wrong: magic ${magic}, ${codec}`, () => {
        const tally = newTally()
        for (const damage of ['zero', 'random'] as const) {
          const entry = wrapper(magic, codec, inner(magic))
          measureBatch(tally, entry, 123_400, damage, prng(magic + 5), 20)
        }
        expect(tally.wrong).to.equal(0)
        expect((tally.correct + tally.timeless) / tally.records).to.be.at.least(0.35)
      })
    }
  }

  const offsetsOf = (entry: SalvageEntry): number[] =>
    salvageRecords(entry).records.map(({ offset }) => Number(offset))
  const all = Array.from({ length: COUNT }, (_, index) => 1000 + index)

  it('gives all messages when only the wrapper is damaged', () => {
    for (const magic of [0, 1] as const) {
      const entry = wrapper(magic, 'gzip', inner(magic))
      expect(offsetsOf(believedEntry(entry, entry, 0))).to.deep.equal(all)
      const alone = { ...believedEntry(entry, entry, 0), baseOffset: null }
      expect(offsetsOf(alone)).to.deep.equal(all)
      expect(
        offsetsOf({ ...alone, magic: magic === 0 ? 1 : 0, baseOffset: null, lastOffset: null }),
      ).to.satisfy((found: number[]) => found.length === 0 || magic === 1)
    }
  })

  it('leaves out a message whose CRC does not hold, and no other', () => {
    const messages = inner(0)
    messages[7]!.fill(88, 40, 42)
    const entry = wrapper(0, 'lz4', messages)
    const broken = believedEntry(wrapper(0, 'lz4', inner(0)), entry, 0)
    expect(offsetsOf(broken)).to.deep.equal(all.filter((offset) => offset !== 1007))
  })

  it('leaves out a message whose offset no neighbour confirms: no CRC covers it', () => {
    const messages = inner(1)
    messages[7]![5] = 1
    const original = wrapper(1, 'gzip', inner(1))
    const found = offsetsOf(believedEntry(original, wrapper(1, 'gzip', messages), 0))
    expect(found).to.deep.equal(all.filter((offset) => offset !== 1007))
  })

  it('gives the broker’s time in magic 1, and none when the wrapper’s header is lost', () => {
    const stamped = wrapper(1, 'gzip', inner(1), 8)
    const entry = believedEntry(stamped, stamped, 0)
    const times = (given: SalvageEntry): Set<unknown> =>
      new Set(salvageRecords(given).records.map(({ timestamp }) => timestamp))
    expect(times(entry)).to.deep.equal(new Set([9999n]))
    expect(times({ ...entry, times: null })).to.deep.equal(new Set([null]))
  })

  it('has nothing to salvage in a message of its own', () => {
    const entry = message({ magic: 1, value: text('v'.repeat(900)), offset: 5n })
    entry.fill(0, 100, 612)
    expect(salvageRecords(believedEntry(fixCrc(entry.slice()), entry, 0)).records).to.deep.equal([])
  })

  it('gives enough and nothing wrong of real wrappers', function () {
    if (!hasCorpus) this.skip()
    for (const name of ['v0-lz4', 'v0-snappy', 'v1-lz4', 'v1-snappy', 'v1-gzip-appendtime']) {
      const { bytes, batches } = loadSegment(`kafka-2.8.2/legacy-${name}-0/00000000000000000000`)
      const tally: Tally = newTally()
      for (const { position, sizeInBytes, codec } of batches) {
        if (codec === 'none') continue
        const entry = bytes.subarray(position, position + sizeInBytes)
        measureBatch(tally, entry, position, 'zero', prng(seedOf(name, position)), 3)
        measureBatch(tally, entry, position, 'random', prng(seedOf(name, position)), 3)
      }
      expect(tally.wrong, name).to.equal(0)
      expect((tally.correct + tally.timeless) / tally.records, name).to.be.at.least(0.2)
    }
  })
})
