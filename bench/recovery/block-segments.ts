/**
 * Small segments in memory for the search for wrong repairs: a good batch, the victim, a good batch. What their values
 * are like decides how easily a wrong undo would go unnoticed.
 */
import lz4js from 'lz4js'
import SnappyJS from 'snappyjs'
import { v2Batch } from '../../test/segment/build.ts'
import type { RecordSpec } from '../../test/segment/build.ts'
import type { Prng } from '../../test/support/prng.ts'
import { prng, seedOf } from '../../test/support/prng.ts'

export interface BlockGroup {
  readonly name: string
  readonly damage: 'blocks' | 'scattered'
  readonly build: (random: Prng) => VictimSpec
}

interface VictimSpec {
  readonly records: readonly RecordSpec[]
  readonly codec: 'none' | 'snappy' | 'lz4' | 'zstd'
}

export interface BlockSegment {
  readonly bytes: Uint8Array
  readonly batches: readonly { readonly position: number; readonly bytes: Uint8Array }[]
  readonly victim: { readonly position: number; readonly sizeInBytes: number }
}

export const CODECS = {
  none: { bits: 0, compress: (plain: Uint8Array) => plain },
  snappy: { bits: 2, compress: xerialSnappy },
  lz4: { bits: 3, compress: lz4Frame },
  zstd: { bits: 4, compress: zstdRawFrame },
}

const KIBIBYTE = 1024
const BASE_TIMESTAMP = 1_750_000_000_000n
const PRODUCER_ID = 4711n

/** As many sizes between 4 and 8 KiB as between 512 KiB and 1 MiB. */
const between = (least: number, most: number, random: Prng): number =>
  Math.floor(least * (most / least) ** (random.below(2 ** 20) / 2 ** 20))

/** Faster than drawing byte by byte: a megabyte is drawn for each value. */
export function noise(size: number, random: Prng): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let word = 0; word < words.length; word++) words[word] = random.below(2 ** 32)
  return new Uint8Array(words.buffer, 0, size)
}

const WORDS = ['order', 'customer-', '"amount":', 'EUR', ' shipped ', '{"id":', 'true', ', ']

export function prose(size: number, random: Prng): Uint8Array {
  let text = ''
  while (text.length < size) text += `${WORDS[random.below(WORDS.length)]!}${random.below(100_000)}`
  return new TextEncoder().encode(text.slice(0, size))
}

/** Records up to about `total` bytes, at least one. */
function fill(total: number, value: () => Uint8Array): RecordSpec[] {
  const records: RecordSpec[] = []
  for (let size = 0; size < total || records.length === 0;) {
    const bytes = value()
    records.push({
      key: `k${records.length}`,
      value: bytes,
      timestampDelta: BigInt(records.length),
    })
    size += bytes.length
  }
  return records
}

const incompressible = (codec: VictimSpec['codec']): BlockGroup => ({
  name: `incompressible values, ${codec}`,
  damage: 'blocks',
  build: (random) => {
    const size = between(512, 128 * KIBIBYTE, random)
    return { codec, records: fill(16 * KIBIBYTE, () => noise(size, random)) }
  },
})

const scattered = (codec: VictimSpec['codec']): BlockGroup => ({
  name: `2 to 4 scattered bytes, ${codec}`,
  damage: 'scattered',
  build: (random) => {
    const total = between(2 * KIBIBYTE, 128 * KIBIBYTE, random)
    return { codec, records: fill(total, () => prose(between(20, 1000, random), random)) }
  },
})

export const BLOCK_GROUPS: readonly BlockGroup[] = [
  {
    name: 'values of 4 KiB to 1 MiB, no compression',
    damage: 'blocks',
    build: (random) => {
      const value = random.below(2) === 0 ? noise : prose
      return {
        codec: 'none',
        records: fill(1, () => value(between(4 * KIBIBYTE, KIBIBYTE ** 2, random), random)),
      }
    },
  },
  incompressible('lz4'),
  incompressible('snappy'),
  incompressible('zstd'),
  {
    name: 'records of 260 bytes, no compression',
    damage: 'blocks',
    build: (random) => {
      const value = random.below(2) === 0 ? noise : prose
      // With length, times and key a record of 245 bytes of value takes about 260.
      const total = between(4 * KIBIBYTE, 128 * KIBIBYTE, random)
      return { codec: 'none', records: fill(total, () => value(245, random)) }
    },
  },
  scattered('lz4'),
  scattered('snappy'),
]

/** The same for the same group, number and seed. */
export function buildBlockSegment(group: BlockGroup, number: number, seed: number): BlockSegment {
  const random = prng(seedOf(`${group.name}/${number}`, seed))
  const specs = [
    // The victim must not always begin at the same place in its sector.
    { codec: 'none' as const, records: fill(1 + random.below(3000), () => prose(100, random)) },
    group.build(random),
    { codec: 'none' as const, records: fill(1 + random.below(3000), () => prose(100, random)) },
  ]
  let [position, offset] = [0, 0]
  const batches = specs.map(({ codec, records }) => {
    const { bits, compress } = CODECS[codec]
    const bytes = v2Batch({
      baseOffset: BigInt(offset),
      records,
      compress,
      attributes: bits,
      baseTimestamp: BASE_TIMESTAMP,
      maxTimestamp: BASE_TIMESTAMP + BigInt(records.length - 1),
      producerId: PRODUCER_ID,
      producerEpoch: 0,
      baseSequence: offset,
    })
    const batch = { position, bytes }
    position += bytes.length
    offset += records.length
    return batch
  })
  const victim = batches[1]!
  return {
    bytes: new Uint8Array(Buffer.concat(batches.map(({ bytes }) => bytes))),
    batches,
    victim: { position: victim.position, sizeInBytes: victim.bytes.length },
  }
}

function chunks(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

function int32(value: number, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, littleEndian)
  return bytes
}

/** snappy-java's stream: a header, then chunks of 32 KiB. */
function xerialSnappy(plain: Uint8Array): Uint8Array {
  const header = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1)
  const blocks = chunks(plain, 32 * KIBIBYTE).flatMap((chunk) => {
    const block = SnappyJS.compress(chunk)
    return [int32(block.length, false), block]
  })
  return new Uint8Array(Buffer.concat([header, ...blocks]))
}

/** As the Java client writes it: independent blocks of 64 KiB, stored where they do not shrink, no checksums. */
function lz4Frame(plain: Uint8Array): Uint8Array {
  const header = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82)
  const blocks = chunks(plain, 64 * KIBIBYTE).map((chunk) => {
    // One chunk is one block of its own frame: between 7 bytes of header and 4 of end mark.
    const block = lz4js.compress(chunk).slice(7, -4)
    return block.length - 4 < chunk.length
      ? block
      : Buffer.concat([int32((chunk.length | 0x80000000) >>> 0, true), chunk])
  })
  return new Uint8Array(Buffer.concat([header, ...blocks, int32(0, true)]))
}

/** What zstd makes of bytes that do not shrink: raw blocks of 128 KiB. There is no encoder in Node 20. */
function zstdRawFrame(plain: Uint8Array): Uint8Array {
  const parts = chunks(plain, 128 * KIBIBYTE)
  const blocks = parts.flatMap((chunk, index) => {
    const last = index === parts.length - 1 ? 1 : 0
    return [int32((chunk.length << 3) | last, true).subarray(0, 3), chunk]
  })
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58)
  return new Uint8Array(Buffer.concat([header, ...blocks]))
}
