import { expect } from 'chai'
import { constants, deflateRawSync } from 'node:zlib'
import { knownBytes, KnownBytes } from '../../bench/recovery/provenance.ts'
import { inflateKnown } from '../../bench/recovery/provenance-deflate.ts'
import { holeBetween, stillThereIn, sumOf } from '../../bench/recovery/still-there.ts'
import { originalOf } from '../../bench/recovery/original.ts'
import { defaultCodecs } from '../../src/kmend.ts'
import { salvageRecords } from '../../src/recover/salvage/salvage-records.ts'
import { loadSegment } from '../support/corpus.ts'
import { prng } from '../support/prng.ts'
import { text } from '../segment/build.ts'
import { believedEntry, damageSector, SECTOR } from '../recover/salvage/measure.ts'

const HEADER = 61
const nothing = (): boolean => false

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const segmentOf = (codec: string): ReturnType<typeof loadSegment> =>
  loadSegment(
    codec === 'zstd'
      ? 'kafka-4.1.0/franzgo-zstd-0/00000000000000000000'
      : `kafka-2.8.2/legacy-v2-${codec}-0/00000000000000000000`,
  )

describe('bench: what is still there', () => {
  for (const codec of codecs) {
    const segment = segmentOf(codec)
    const original = originalOf({ ...segment, batches: segment.batches.slice(1, 4) })
    const { bytes, records, expected } = original.batches[1]!
    const end = expected.position + bytes.length
    const left = (start: number, to: number): [number, number] => {
      const found = stillThereIn(original.batches[1]!, { start, end: to })!
      return [found.records, found.beforeTheHole]
    }

    if (codec !== 'zstd')
      it(`decodes ${codec} as the codec does`, () => {
        const payload = bytes.subarray(HEADER)
        const known = knownBytes(codec, payload, nothing)!
        const whole =
          codec === 'none'
            ? payload
            : defaultCodecs[codec](payload, {
                maxOutputBytes: 1e8,
                allowOldLz4HeaderChecksum: false,
              }).bytes
        expect(Buffer.compare(Uint8Array.from(known.bytes), whole)).to.equal(0)
        expect(known.isKnown.every(Boolean)).to.equal(true)
      })

    it(`bounds what is left of ${codec}`, () => {
      const all = records.length
      const before = codec === 'zstd' ? 0 : all
      expect(left(expected.position, expected.position + HEADER), 'header').to.deep.equal([
        all,
        before,
      ])
      expect(left(expected.position, end), 'all').to.deep.equal([0, 0])
      const [last, untilLast] = left(end - 1, end)
      expect(last, 'last byte').to.be.at.most(all)
      expect(untilLast, 'last byte').to.be.at.most(last)
      if (codec === 'none') expect([last, untilLast]).to.deep.equal([all - 1, all - 1])
    })

    it(`is never exceeded by what is salvaged of ${codec}`, () => {
      const random = prng(4)
      for (let sector = Math.floor(expected.position / SECTOR); sector * SECTOR < end; sector++) {
        const damaged = damageSector(bytes, expected.position, sector, 'random', random)
        const hole = holeBetween(bytes, damaged)
        if (hole === null) continue
        const [there] = left(expected.position + hole.start, expected.position + hole.end)
        const { records: salvaged } = salvageRecords(
          believedEntry(bytes, damaged, expected.position),
        )
        expect(salvaged.length, `sector ${sector}`).to.be.at.most(there)
      }
    })
  }

  it('does not look into magic 0 and 1', () => {
    const segment = loadSegment('kafka-2.8.2/legacy-v1-gzip-appendtime-0/00000000000000000000')
    const original = originalOf({ ...segment, batches: segment.batches.slice(0, 2) })
    const found = original.batches.map((batch) => stillThereIn(batch, { start: 0, end: 10 }))
    expect(found).to.deep.equal([null, null])
    expect(sumOf([{ records: 2, beforeTheHole: 1 }, ...found])).to.equal(null)
  })

  it('finds the hole between two files', () => {
    const bytes = text('undamaged')
    expect(holeBetween(bytes, bytes)).to.equal(null)
    expect(holeBetween(bytes, text('longer than that'))).to.equal(null)
    expect(holeBetween(bytes, text('un......d'))).to.deep.equal({ start: 2, end: 8 })
  })

  const content = new Uint8Array(
    Buffer.concat([text('abcabcabc'.repeat(300)), prng(1).bytes(3000)]),
  )
  for (const [name, options] of [
    ['stored', { level: 0 }],
    ['fixed codes', { strategy: constants.Z_FIXED }],
    ['many blocks', { memLevel: 1, level: 9 }],
    ['the usual', {}],
  ] as const)
    it(`follows DEFLATE of any kind: ${name}`, () => {
      const deflated = new Uint8Array(deflateRawSync(content, options))
      const output = new KnownBytes()
      inflateKnown(deflated, 0, nothing, output)
      expect(Buffer.compare(Uint8Array.from(output.bytes), content)).to.equal(0)
      const headless = new KnownBytes()
      inflateKnown(deflated, 0, (start) => start < 3, headless)
      // How long a stored block is may be found out; what the codes were may not.
      const least = name === 'stored' ? content.length : 0
      expect(headless.isKnown.filter(Boolean).length)
        .to.be.at.least(least)
        .and.at.most(content.length - (name === 'stored' ? 0 : 1))
    })

  it('follows copies back to what they copy', () => {
    const output = new KnownBytes()
    output.literal(1, true)
    output.literal(2, false)
    output.copy(2, 3, true)
    output.copy(5, 1, false)
    expect(output.bytes).to.deep.equal([1, 2, 1, 2, 1, 1])
    expect(output.isKnown).to.deep.equal([true, false, true, false, true, false])
  })
})
