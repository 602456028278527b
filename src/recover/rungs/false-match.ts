/** How much an exact decode says: the measured shares of wrong batches that decode all the same. */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import { COMPRESSION_TYPES } from '../../codec/codec.ts'
import type { CompressionType } from '../../codec/codec.ts'
import { codecBits } from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { Attempt, Span } from './rung.ts'

/** q of product.md, "What counts as proof". Measured 0.1 %, 45 %, 66 % and 96 %; taken a little worse. */
const WRONG_DECODE_SHARES: Readonly<Record<CompressionType, number>> = {
  none: 1,
  gzip: 0.01,
  snappy: 0.7,
  lz4: 0.7,
  zstd: 0.5,
}

const isSectorSized = ({ start, end }: Span): boolean => end - start >= SECTOR_BYTES

/** The share of wrong batches with this header that decode exactly; 1 where a sector of any bytes would. */
export function wrongDecodeShare(header: BatchHeader, spans: readonly Span[]): number {
  const codec = COMPRESSION_TYPES[codecBits(header)]
  return codec === undefined || spans.some(isSectorSized) ? 1 : WRONG_DECODE_SHARES[codec]
}

/**
 * What decides whether a rung is worth trying: the codec's share. Damaged bytes tell nothing of opaque spans; those of
 * the repaired ones count when it comes to admitting it.
 */
export const shareBeforeRepair = ({ entry }: Attempt): number =>
  entry.header === null ? 1 : wrongDecodeShare(entry.header, [])

/** The first span that holds a whole sector of the file: then a lost sector could be behind the damage. */
export function spanWithSector(spans: readonly Span[], position: number): Span | null {
  const holdsSector = ({ start, end }: Span): boolean =>
    Math.ceil((position + start) / SECTOR_BYTES) * SECTOR_BYTES + SECTOR_BYTES <= position + end
  return spans.find(holdsSector) ?? null
}

/** Above one in a hundred nobody should ask for it. */
const MOST_ADVISED = 1e-2

/** What would let a search be made that accepts something false with this chance, in words for people. */
export function neededChance(chance: number): string {
  if (chance > MOST_ADVISED) return 'something would fit by chance'
  const scale = 10 ** (1 - Math.floor(Math.log10(chance)))
  const given = Number((Math.ceil(chance * scale) / scale).toPrecision(2))
  return `something would fit by chance with ${given.toExponential()} (try --max-false-match ${given.toExponential()})`
}
