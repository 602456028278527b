/** What the offset index says of one place. */
import type { Evidence } from './evidence.ts'

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
  let [low, high] = [0, trustedCount]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((positions[middle] ?? 0) < position) low = middle + 1
    else high = middle
  }
  const isNamed = low < trustedCount && positions[low] === position
  return isNamed ? segmentBaseOffset + BigInt(relativeOffsets[low] ?? 0) : null
}
