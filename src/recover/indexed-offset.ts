/** What the offset index says of one place. */
import type { Evidence } from './evidence.ts'
import { firstIndex } from './first-index.ts'

/**
 * The offset that an index entry names for exactly this position; null where none does. It is the last one of the batch
 * there, or of all batches that were appended with it.
 */
export function indexedOffset(
  { offsetIndex, segmentBaseOffset }: Pick<Evidence, 'offsetIndex' | 'segmentBaseOffset'>,
  position: number,
): bigint | null {
  if (offsetIndex === null || segmentBaseOffset === null) return null
  const { positions, relativeOffsets, trustedCount } = offsetIndex
  const trusted = positions.subarray(0, trustedCount)
  const entry = firstIndex(trusted, (named) => named >= position)
  return trusted[entry] === position
    ? segmentBaseOffset + BigInt(relativeOffsets[entry] ?? 0)
    : null
}
