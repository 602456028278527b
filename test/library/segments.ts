/** Small segments, healthy and damaged, for the tests of the library. */
import { concat, fixCrc, flipByte, joinedBatches, message, v2Batch } from '../segment/build.ts'
import { gzipped } from '../segment/codecs.ts'

/** Five batches of three records: offsets 0 to 14. */
export const BATCHES: readonly Uint8Array[] = joinedBatches(5)
export const HEALTHY: Uint8Array = concat(...BATCHES)
export const SIZE: number = BATCHES[0]?.length ?? 0

/** The healthy segment with one batch replaced. */
export const withBatch = (index: number, bytes: Uint8Array): Uint8Array =>
  concat(...BATCHES.map((batch, at) => (at === index ? bytes : batch)))

/** The third batch (offsets 6 to 8) fails its CRC. */
export const CORRUPT: Uint8Array = withBatch(
  2,
  (BATCHES[2] ?? new Uint8Array()).slice().fill(0xa5, 64, 80),
)

/** The third batch (offsets 6 to 8) is compressed by gzip and its payload broken, under a CRC that holds. */
export const UNDECODABLE_BATCH: Uint8Array = (() => {
  const records = Array.from({ length: 3 }, (_, n) => ({ value: `value ${n}`.repeat(20) }))
  const batch = v2Batch({ baseOffset: 6n, records, attributes: 1, compress: gzipped })
  return fixCrc(flipByte(batch, 61 + 30))
})()
export const UNDECODABLE: Uint8Array = withBatch(2, UNDECODABLE_BATCH)

/** A gzip wrapper of magic 1 that holds `count` messages and ends at `lastOffset`. */
export function wrapper(lastOffset: bigint, count: number): Uint8Array {
  const inner = Array.from({ length: count }, (_, n) =>
    message({ magic: 1, offset: BigInt(n), value: `value ${n}`.repeat(20) }),
  )
  return message({ magic: 1, offset: lastOffset, attributes: 1, value: gzipped(concat(...inner)) })
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What a loop yielded before it ended, and the error it ended with. */
export async function collectUntilError<T>(
  items: AsyncIterable<T>,
): Promise<{ items: T[]; error: unknown }> {
  const all: T[] = []
  try {
    for await (const item of items) all.push(item)
    return { items: all, error: undefined }
  } catch (error) {
    return { items: all, error }
  }
}

export const bases = (batches: readonly { readonly baseOffset: bigint | null }[]): number[] =>
  batches.map(({ baseOffset }) => Number(baseOffset))
