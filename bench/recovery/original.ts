/**
 * What an undamaged segment holds, record by record. Its batches are Kafka's own words, and each batch's records are
 * held against the digest that Kafka's classes gave: what is compared with later is not an opinion of src/.
 */
import { defaultCodecs } from '../../src/kmend.ts'
import type { Record as LogRecord } from '../../src/kmend.ts'
import { decodeBatch, DEFAULT_MAX_DECOMPRESSED_BYTES } from '../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../src/segment/record-batch.ts'
import { digestRecords } from '../../src/segment/records-digest.ts'
import type { CorpusSegment, ExpectedBatch } from '../../test/support/corpus.ts'

export interface OriginalBatch {
  readonly expected: ExpectedBatch
  readonly bytes: Uint8Array
  /** In offset order. Control records are among them. */
  readonly records: readonly LogRecord[]
}

export interface Original {
  readonly batches: readonly OriginalBatch[]
  readonly recordCount: number
  /** By the first field of the entry: baseOffset, or in magic 0/1 the last offset. */
  readonly byLeadingOffset: ReadonlyMap<bigint, number>
}

/** The records of one entry; null when its bytes do not decode. */
export function recordsOf(bytes: Uint8Array): readonly LogRecord[] | null {
  const header = decodeBatchHeader(bytes, 0)
  if (header?.sizeInBytes !== bytes.length) return null
  const decoded = decodeBatch(bytes, header, {
    codecs: defaultCodecs,
    maxDecompressedBytes: DEFAULT_MAX_DECOMPRESSED_BYTES,
  })
  return decoded.ok ? decoded.records : null
}

export const leadingOffset = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(0)

/** Throws where the records are not those that Kafka's classes read out of the batch. */
export function originalOf(segment: CorpusSegment): Original {
  const batches = segment.batches.map((expected) => {
    const { position, sizeInBytes } = expected
    const bytes = segment.bytes.slice(position, position + sizeInBytes)
    const records = recordsOf(bytes)
    if (records === null || digestRecords(records) !== expected.recordsSha256)
      throw new Error(`${segment.name}: the batch at ${position} is not what Kafka says it is`)
    return { expected, bytes, records }
  })
  return {
    batches,
    recordCount: batches.reduce((sum, { records }) => sum + records.length, 0),
    byLeadingOffset: new Map(batches.map(({ bytes }, index) => [leadingOffset(bytes), index])),
  }
}

/** Where a record of this offset is; null where the original has none. */
export function findRecord(
  { batches }: Original,
  offset: bigint,
): { readonly batch: number; readonly record: number } | null {
  const batch = lowest(batches.length, (index) => batches[index]!.expected.lastOffset >= offset)
  const records = batches[batch]?.records ?? []
  const record = lowest(records.length, (index) => records[index]!.offset >= offset)
  return records[record]?.offset === offset ? { batch, record } : null
}

/** The lowest index for which `holds`, which stays true once it is; `count` when there is none. */
function lowest(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
