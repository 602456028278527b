/** The batches of which every record must come back, by kind of damage. KB = 1000 bytes, as everywhere in the docs. */
import type { Truth } from '../../test/support/lost-groups.ts'
import type { OriginalBatch } from './original.ts'

const KB = 1000
const SMALL_RECORD = 512

/** The largest batch in which one flipped bit is found with enough certainty. */
const BIT_LIMIT: Readonly<Record<string, number>> = {
  none: 50 * KB,
  gzip: 4 * 1024 * 1024,
  snappy: 75 * KB,
  lz4: 75 * KB,
  zstd: 100 * KB,
}
const GZIP_BYTE_LIMIT = 160 * KB

export const always = (): boolean => true

/** Between gaps nothing tells a batch that was moved from one whose offset is wrong. */
export const inLogWithoutGaps = (_: OriginalBatch, { withoutGaps }: Truth): boolean => withoutGaps

export function oneBit({ expected, records }: OriginalBatch): boolean {
  const { codec, sizeInBytes } = expected
  if (sizeInBytes > (BIT_LIMIT[codec] ?? 0)) return false
  return codec !== 'none' || records.every((record) => sizeOf(record) < SMALL_RECORD)
}

export const oneByte = ({ expected }: OriginalBatch): boolean =>
  expected.codec === 'gzip' && expected.sizeInBytes <= GZIP_BYTE_LIMIT

const sizeOf = ({ key, value, headers }: OriginalBatch['records'][number]): number =>
  (key?.length ?? 0) +
  (value?.length ?? 0) +
  headers.reduce((sum, header) => sum + header.key.length + (header.value?.length ?? 0), 0)

/** Of the records in batches hit by a zeroed or random sector: the share that must at least be salvaged. */
export const SALVAGE_TARGETS: Readonly<Record<string, number>> = {
  none: 0.9,
  gzip: 0.4,
  snappy: 0.4,
  lz4: 0.4,
}

/** The same of the records that are still there at all: what the salvage itself can be held to. */
export const STILL_THERE_TARGET = 0.9
