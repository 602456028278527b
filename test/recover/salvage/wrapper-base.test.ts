/** Wrappers of magic 1 that lost their end: from where their relative offsets count. */
import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { encoders } from '../../../src/codec/encode.ts'
import { concat, message } from '../../segment/build.ts'
import { prng } from '../../support/prng.ts'
import { SECTOR } from './measure.ts'
import { repair, upTo } from './repaired.ts'

const COUNT = 100
const LOG_APPEND_TIME = 8
const codecs = {
  gzip: { bits: 1, compress: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) },
  snappy: { bits: 2, compress: encoders.snappy },
  lz4: { bits: 3, compress: encoders.lz4 },
} as const

interface WrapperSpec {
  readonly codec?: keyof typeof codecs
  readonly flags?: number
  /** Of its messages: relative ones. */
  readonly relative?: readonly number[]
}

/** One that stands for the offsets from `COUNT * index` on. */
function wrapper(index: number, spec: WrapperSpec = {}): Uint8Array {
  const random = prng(index + 1)
  const { bits, compress } = codecs[spec.codec ?? 'gzip']
  const relative = spec.relative ?? upTo(COUNT, 0)
  const messages = relative.map((offset) =>
    message({
      magic: 1,
      offset: BigInt(offset),
      value: `{"n":${offset},"id":${random.below(1e9)},"text":"${random.below(1e9)}"}`,
      timestamp: 5000n + BigInt(offset),
    }),
  )
  return message({
    magic: 1,
    offset: BigInt(COUNT * index + (relative.at(-1) ?? 0)),
    attributes: bits | (spec.flags ?? 0),
    timestamp: 9999n,
    value: compress(concat(...messages)),
  })
}

/** A log in which the last whole sector of one wrapper is zeros. */
function logOf(wrappers: readonly Uint8Array[], hit: number): Uint8Array {
  const bytes = concat(...wrappers)
  const end = wrappers.slice(0, hit + 1).reduce((sum, { length }) => sum + length, 0)
  const sector = Math.floor(end / SECTOR) - 1
  return bytes.fill(0, sector * SECTOR, (sector + 1) * SECTOR)
}

describe('repair of wrappers of magic 1 that lost their end', () => {
  for (const codec of ['gzip', 'snappy', 'lz4'] as const)
    it(`counts from the wrapper before: ${codec}`, async () => {
      const wrappers = [0, 1, 2].map((index) => wrapper(index, { codec }))
      const { lines } = await repair(logOf(wrappers, 1))
      expect(lines.length).to.be.within(10, COUNT - 5)
      expect(lines.map(({ offset }) => offset)).to.deep.equal(upTo(COUNT + lines.length, COUNT))
      expect(lines[3]!.timestamp).to.equal(5003)
    })

  it('takes the time that the broker stamped', async () => {
    const wrappers = [0, 1, 2].map((index) => wrapper(index, { flags: LOG_APPEND_TIME }))
    const { lines } = await repair(logOf(wrappers, 1))
    expect(new Set(lines.map(({ timestamp }) => timestamp))).to.deep.equal(new Set([9999]))
  })

  for (const [name, start, expected] of [
    ['in one sector', 100, 5000],
    ['in two, of which the first may be anything', SECTOR - 20, null],
  ] as const)
    it(`knows the time at an end that nothing bounds: a header ${name}`, async () => {
      const filler = message({ magic: 1, offset: 99n, value: 'f'.repeat(start - 34) })
      const { lines } = await repair(logOf([filler, wrapper(1)], 1))
      expect(lines[0]).to.include({ offset: 100, timestamp: expected })
    })

  const compacted = { relative: upTo(COUNT, 0).filter((offset) => offset % 7 !== 3) }
  for (const [name, wrappers, hit] of [
    ['in a compacted log', [0, 1, 2].map((index) => wrapper(index, compacted)), 1],
    ['where nothing lies before it', [0, 1, 2].map((index) => wrapper(index)), 0],
    [
      'where its own beginning is gone',
      [wrapper(0), wrapper(1, { relative: upTo(COUNT, 9) }), wrapper(2)],
      1,
    ],
  ] as const)
    it(`gives nothing: ${name}`, async () => {
      const { report, lines } = await repair(logOf(wrappers, hit))
      expect(lines).to.deep.equal([])
      expect(report.batches.skipped).to.equal(1)
    })
})
