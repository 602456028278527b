/** Batches to damage: records of a given kind under each codec. */
import { gzipSync } from 'node:zlib'
import { encoders } from '../../../src/codec/encode.ts'
import { prng } from '../../support/prng.ts'
import type { BatchSpec, RecordSpec } from '../../segment/build.ts'
import { v2Batch } from '../../segment/build.ts'

export const CODECS = ['none', 'gzip', 'snappy', 'lz4'] as const
export type BuiltCodec = (typeof CODECS)[number]

export const compressions: Readonly<Record<BuiltCodec, (bytes: Uint8Array) => Uint8Array>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => new Uint8Array(gzipSync(bytes)),
  snappy: encoders.snappy,
  lz4: encoders.lz4,
}

/** Text as applications write it. */
export function textRecords(count: number, seed: number): RecordSpec[] {
  const random = prng(seed)
  const words = ['shipped', 'pending', 'returned', 'EUR', 'USD', 'customer', 'warehouse', 'note']
  return Array.from({ length: count }, (_, index) => {
    const parts = Array.from(
      { length: 4 + random.below(20) },
      () => `"${words[random.below(8)]}":${random.below(1_000_000)}`,
    )
    return {
      key: `order-${random.below(100_000)}`,
      value: `{"id":${index},${parts.join(',')}}`,
      timestampDelta: BigInt(index * 3),
      headers: index % 5 === 0 ? [['trace', `${random.below(2 ** 31)}`] as const] : [],
    }
  })
}

/** Values of random bytes, from small ones to several sectors. */
export function binaryRecords(count: number, seed: number, sizeMax = 3000): RecordSpec[] {
  const random = prng(seed)
  return Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    value: random.bytes(50 + random.below(sizeMax)),
    timestampDelta: BigInt(index),
  }))
}

export function builtBatch(records: readonly RecordSpec[], codec: BuiltCodec): Uint8Array {
  return v2Batch({
    baseOffset: 5000n,
    records,
    attributes: CODECS.indexOf(codec),
    compress: compressions[codec],
    baseTimestamp: 1_700_000_000_000n,
    maxTimestamp: 1_700_000_000_000n + (records.at(-1)?.timestampDelta ?? 0n),
  })
}

/** A batch of one record that has exactly that many bytes. */
export function sizedBatch(bytes: number, spec: BatchSpec): Uint8Array {
  const of = (value: number): Uint8Array =>
    v2Batch({ ...spec, records: [{ value: 'v'.repeat(value) }] })
  return of(bytes - of(200).length + 200)
}
