/** What a damaged segment has really lost, worked out from the undamaged one. */
import type { ExpectedBatch } from './corpus.ts'
import type { DamagedSegment } from './damage.ts'

export interface Truth {
  readonly batches: readonly ExpectedBatch[]
  readonly segmentBaseOffset: bigint
  readonly nextSegmentBase: bigint | null
  /** What files beside the segment say of its end: the next offset after it; null when there are none. */
  readonly knownEnd: bigint | null
  readonly withoutGaps: boolean
}

export function truthOf(
  batches: readonly ExpectedBatch[],
  segmentBaseOffset: bigint,
  nextSegmentBase: bigint | null,
  snapshotOffset: bigint | null,
): Truth {
  const knownEnd = nextSegmentBase ?? snapshotOffset
  const withoutGaps = batches.every(({ baseOffset, lastOffset, records }, index) => {
    const before = batches[index - 1]
    const joins = before === undefined || before.lastOffset + 1n === baseOffset
    return joins && BigInt(records) === lastOffset - baseOffset + 1n
  })
  return { batches, segmentBaseOffset, nextSegmentBase, knownEnd, withoutGaps }
}

/** A batch of the original that stands in the damaged file. */
export interface Standing {
  readonly batch: ExpectedBatch
  readonly place: number
}

/** Neighbouring batches that are gone, with the bytes that lie where they were. */
export interface LostGroup {
  readonly batches: readonly ExpectedBatch[]
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** The offsets between the good neighbours, or what is known of the segment's ends. */
  readonly low: bigint
  readonly high: bigint | null
  readonly where: 'head' | 'middle' | 'tail'
  /** Whether any byte tells of them: not after a clean cut at batch boundaries, nor where only zeros follow. */
  readonly leavesBytes: boolean
}

/**
 * Those that stand in their place. Where the end of a whole batch that was copied here has the same bytes as the start
 * of one that stands, the two share them; the first one has them then, as for every reader of the log.
 */
export const standingBatches = (damaged: DamagedSegment, truth: Truth): Standing[] =>
  truth.batches
    .filter((batch) => damaged.placeOf(batch) !== null)
    .flatMap((batch) => find(damaged, batch))
    .filter(({ place }) => !truth.batches.some((other) => reachesOver(damaged, other, place)))

/** Whether a whole copy of a batch lies so that it begins before a position and ends behind it. */
function reachesOver(damaged: DamagedSegment, batch: ExpectedBatch, position: number): boolean {
  const { bytes, original } = damaged
  const wanted = original.subarray(batch.position, batch.position + batch.sizeInBytes)
  const from = Math.max(0, position - batch.sizeInBytes + 1)
  const near = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(
    from,
    position - 1 + batch.sizeInBytes,
  )
  const found = near.indexOf(wanted)
  return found >= 0 && from + found < position
}

/** Those that stand, and those that were moved or copied whole to elsewhere in the file. */
export const findBatches = (damaged: DamagedSegment, { batches }: Truth): Standing[] =>
  batches.flatMap((batch) => find(damaged, batch))

/** One place for each: its own, else the first. */
function find(damaged: DamagedSegment, batch: ExpectedBatch): Standing[] {
  const place = damaged.findMoved(batch)
  return place === null ? [] : [{ batch, place }]
}

export function lostGroups(
  damaged: DamagedSegment,
  truth: Truth,
  /** Batches that are in the output. */
  kept: readonly Standing[],
): LostGroup[] {
  const groups: LostGroup[] = []
  for (let index = 0; index <= kept.length; index++) {
    const [before, after] = [kept[index - 1], kept[index]]
    const from = before === undefined ? 0 : truth.batches.indexOf(before.batch) + 1
    const to = after === undefined ? truth.batches.length : truth.batches.indexOf(after.batch)
    const batches = truth.batches.slice(from, to)
    const [first, last] = [batches[0], batches.at(-1)]
    if (first === undefined || last === undefined) continue
    const start = before === undefined ? 0 : before.place + before.batch.sizeInBytes
    const end = after?.place ?? damaged.bytes.length
    const left = damaged.bytes.subarray(start, Math.max(start, end))
    groups.push({
      batches,
      firstOffset: first.baseOffset,
      lastOffset: last.lastOffset,
      low: before === undefined ? truth.segmentBaseOffset : before.batch.lastOffset + 1n,
      high: after === undefined ? lastKnown(truth) : after.batch.baseOffset - 1n,
      where: after === undefined ? 'tail' : before === undefined ? 'head' : 'middle',
      leavesBytes:
        after === undefined && before !== undefined
          ? left.some((byte) => byte !== 0)
          : left.length > 0,
    })
  }
  return groups
}

const lastKnown = ({ knownEnd }: Truth): bigint | null => (knownEnd === null ? null : knownEnd - 1n)
