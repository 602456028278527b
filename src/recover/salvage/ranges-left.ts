/** What is still missing of a skipped range once salvaged records are in the data. */
import type { SkippedRange } from '../damage.ts'
import type { RepairPlan } from '../plan.ts'

/** The skipped ranges of a plan. None covers the offset of a record that is in the output. */
export function missingRanges({ diagnosis, placed }: RepairPlan): SkippedRange[] {
  const back = new Map(placed.map(({ damage, salvagedOffsets }) => [damage, salvagedOffsets]))
  return diagnosis.ranges.flatMap((range) =>
    rangesLeft(
      range,
      range.damage.flatMap((damage) => back.get(damage) ?? []),
    ),
  )
}

/**
 * The parts of a range between the offsets, ascending, that were written back into it. Where such an offset ends a
 * part, nothing proves that end: the record beside it is suspect itself. Where a live consumer can go on stays as it
 * was, because the broker still holds the broken batch whole.
 */
export function rangesLeft(range: SkippedRange, offsets: readonly bigint[]): SkippedRange[] {
  if (offsets.length === 0) return [range]
  const parts: SkippedRange[] = []
  let from = range.firstOffset
  for (const offset of offsets) {
    if (offset > from) parts.push(partOf(range, from, offset - 1n))
    from = offset + 1n
  }
  if (range.lastOffset === null || from <= range.lastOffset)
    parts.push(partOf(range, from, range.lastOffset))
  return parts
}

function partOf(range: SkippedRange, firstOffset: bigint, lastOffset: bigint | null): SkippedRange {
  return {
    ...range,
    firstOffset,
    lastOffset,
    firstBasis: firstOffset === range.firstOffset ? range.firstBasis : 'neighbours',
    lastBasis: lastOffset === range.lastOffset ? range.lastBasis : 'neighbours',
    recordCount:
      isDense(range) && lastOffset !== null ? Number(lastOffset - firstOffset) + 1 : null,
    verified: false,
    exact: false,
  }
}

/** Whether every offset of the range had its record: only then are those of a part known. */
const isDense = ({ firstOffset, lastOffset, recordCount }: SkippedRange): boolean =>
  lastOffset !== null && recordCount === Number(lastOffset - firstOffset) + 1
