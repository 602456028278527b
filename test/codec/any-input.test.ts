import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import SnappyJS from 'snappyjs'
import { CodecError } from '../../src/codec/codec.ts'
import type { CodecFailure, Decompress } from '../../src/codec/codec.ts'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import { kafkaZstdBatches, lz4Fixtures, zstdFixtures } from './fixtures.ts'
import {
  MEBIBYTE,
  attempt,
  concat,
  hex,
  options,
  overwrite,
  randomNumbers,
  sameBytes,
  text,
} from './support.ts'

const { gzip, snappy, lz4, zstd } = defaultCodecs

const reasons: readonly CodecFailure[] = [
  'truncated',
  'header-invalid',
  'block-invalid',
  'checksum-mismatch',
  'size-mismatch',
  'trailing-bytes',
  'dictionary-needed',
  'limit-exceeded',
]

interface Sample {
  readonly name: string
  readonly codec: Decompress
  readonly bytes: Uint8Array
  /** Whether damage cannot go unseen. */
  readonly isChecked: boolean
}

const fixture = (from: typeof zstdFixtures, name: string): Uint8Array =>
  from.find((each) => each.name === name)!.bytes

const samples: readonly Sample[] = [
  { name: 'gzip', codec: gzip, bytes: new Uint8Array(gzipSync(text(3000))), isChecked: true },
  {
    name: 'gzip, fixed codes',
    codec: gzip,
    bytes: new Uint8Array(gzipSync(text(60))),
    isChecked: true,
  },
  {
    name: 'snappy, framed',
    codec: snappy,
    bytes: concat(
      hex('82 534e41505059 00 00000001 00000001 00000000'),
      SnappyJS.compress(text(2000)),
    ),
    isChecked: false,
  },
  { name: 'snappy, raw', codec: snappy, bytes: SnappyJS.compress(text(2000)), isChecked: false },
  { name: 'lz4, checked', codec: lz4, bytes: fixture(lz4Fixtures, 'linked'), isChecked: true },
  {
    name: 'lz4, not checked',
    codec: lz4,
    bytes: fixture(lz4Fixtures, 'fourMebibyteBlocks'),
    isChecked: false,
  },
  ...zstdFixtures.map(({ name, bytes, madeBy }) => ({
    name: `zstd, ${name}`,
    codec: zstd,
    bytes,
    isChecked: !madeBy.includes('--no-check'),
  })),
  ...kafkaZstdBatches.map(([name, bytes]) => ({
    name: `zstd, ${name}`,
    codec: zstd,
    bytes,
    isChecked: false,
  })),
]
// The length of the one chunk goes where the header was written with 0.
const framed = samples[2]!.bytes
new DataView(framed.buffer).setInt32(16, framed.length - 20)

/** Whatever the input, a codec returns or reports; what it reports makes sense. */
function checkOutcome(codec: Decompress, bytes: Uint8Array, maxOutputBytes: number): void {
  const result = attempt(codec, bytes, { ...options, maxOutputBytes })
  if (result instanceof CodecError) {
    expect(reasons).to.include(result.reason)
    expect(result.position).to.be.within(0, bytes.length)
    expect(result.decodedSoFar.length).to.be.at.most(maxOutputBytes)
  } else {
    expect(result.bytes.length).to.be.at.most(maxOutputBytes)
  }
}

describe('every codec', () => {
  for (const [name, codec] of Object.entries(defaultCodecs)) {
    it(`reports an empty ${name} input as truncated`, () => {
      expect(attempt(codec, new Uint8Array())).to.include({ reason: 'truncated', position: 0 })
    })

    it(`survives any bytes: ${name}`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(5000), (bytes, limit) => {
          checkOutcome(codec, bytes, limit)
        }),
        { numRuns: 1000 },
      )
    })
  }

  for (const { name, codec, bytes, isChecked } of samples) {
    const expected = codec(bytes, options).bytes

    it(`survives any bytes after a valid start: ${name}`, () => {
      fc.assert(
        fc.property(fc.nat(bytes.length), fc.uint8Array({ maxLength: 200 }), (kept, junk) => {
          checkOutcome(codec, concat(bytes.subarray(0, kept), junk), MEBIBYTE)
        }),
        { numRuns: 300 },
      )
    })

    it(`survives 2000 one-byte changes${isChecked ? ' and sees each' : ''}: ${name}`, () => {
      const random = randomNumbers(2026)
      let errors = 0
      for (let round = 0; round < 2000; round++) {
        const position = random(bytes.length)
        const value = (bytes[position]! + 1 + random(255)) & 255
        const result = attempt(codec, overwrite(bytes, position, value))
        if (result instanceof CodecError) {
          errors++
          expect(reasons).to.include(result.reason)
        } else if (isChecked && !sameBytes(result.bytes, expected)) {
          expect.fail(`byte ${position} changed to ${value} went unseen`)
        }
      }
      expect(errors, 'errors').to.be.above(isChecked ? 1500 : 10)
    })

    it(`never takes a part for the whole: ${name}`, () => {
      for (let size = 0; size < bytes.length; size++) {
        const result = attempt(codec, bytes.subarray(0, size))
        expect(result, `${size} bytes`).to.satisfy(
          (each: typeof result) => each instanceof CodecError || each.bytes.length === 0,
        )
      }
    })

    it(`decodes the same at any place in memory: ${name}`, () => {
      for (const shift of [1, 2, 3]) {
        const shifted = concat(new Uint8Array(shift).fill(0xff), bytes, [0xff]).subarray(shift, -1)
        expect(sameBytes(codec(shifted, options).bytes, expected)).to.equal(true)
      }
    })

    it(`stays within any limit: ${name}`, () => {
      const exact = { ...options, maxOutputBytes: expected.length }
      expect(sameBytes(codec(bytes, exact).bytes, expected)).to.equal(true)
      for (const limit of [0, 1, expected.length >> 1, expected.length - 1]) {
        if (limit < 0 || limit >= expected.length) continue
        const result = attempt(codec, bytes, { ...options, maxOutputBytes: limit })
        expect(result).to.include({ reason: 'limit-exceeded' })
      }
    })
  }
})
