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

export function oneBit(batch: OriginalBatch): boolean {
  const { codec, sizeInBytes } = batch.expected
  if (sizeInBytes > (BIT_LIMIT[codec] ?? 0)) return false
  return codec === 'none'
    ? batch.records.every((record) => sizeOf(record) < SMALL_RECORD)
    : !holdsSector(batch)
}

export const oneByte = (batch: OriginalBatch): boolean =>
  batch.expected.codec === 'gzip' &&
  batch.expected.sizeInBytes <= GZIP_BYTE_LIMIT &&
  !holdsSector(batch)

/** What was put in is looked for at every byte, not at every bit. */
export function insertedInside(batch: OriginalBatch): boolean {
  const { codec, sizeInBytes } = batch.expected
  const limit = codec !== 'none' && holdsSector(batch) ? BIT_LIMIT['none'] : BIT_LIMIT[codec]
  return sizeInBytes <= 8 * (limit ?? 0)
}

const SECTOR = 512
const MOST_SAMPLES = 64
const known = new WeakMap<OriginalBatch, boolean>()

/**
 * Whether the compressed bytes hold a sector of values as they are: stored, and checked by nothing but the CRC. In zstd
 * raw literals lie side by side that in the value are far from one another.
 */
function holdsSector(batch: OriginalBatch): boolean {
  const before = known.get(batch)
  if (before !== undefined) return before
  const found = batch.expected.codec === 'zstd' ? holdsRawLiterals(batch) : holdsPieces(batch)
  known.set(batch, found)
  return found
}

const samples = (length: number): number[] => {
  const count = Math.min(MOST_SAMPLES, Math.floor(length / SECTOR))
  return Array.from({ length: count }, (_, index) => index * Math.floor(length / count))
}

function holdsPieces({ bytes, records }: OriginalBatch): boolean {
  const written = Buffer.from(bytes)
  return records.some(({ value }) =>
    samples(value?.length ?? 0).some((at) =>
      written.includes(Buffer.from(value!.subarray(at, at + SECTOR))),
    ),
  )
}

const SHORT = 8

function holdsRawLiterals({ bytes, records }: OriginalBatch): boolean {
  const values = Buffer.concat(records.map(({ value }) => value ?? new Uint8Array()))
  const isIn = (at: number): boolean => values.includes(Buffer.from(bytes.subarray(at, at + SHORT)))
  return samples(bytes.length).some((start) =>
    [0, 128, 256, 384].every((more) => isIn(start + more)),
  )
}

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
