/**
 * Whether anything in the file or beside it contradicts a field that no CRC covers. Worked out from the undamaged
 * segment and the files beside it, so that "nobody could have seen this" is a finding of the bench and not the word of
 * the tool that is measured.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchSegment } from './segments.ts'

/** Its name among what contradicts an offset. */
export const OFFSET_INDEX = 'the offset index'

const MAX_RELATIVE_OFFSET = 2n ** 31n - 1n

/** What speaks against this value in the first 8 bytes of a batch; empty when nothing does. */
export function offsetContradictions(
  { segment, truth, row }: BenchSegment,
  index: number,
  leading: bigint,
): string[] {
  const { batches, segmentBaseOffset, nextSegmentBase, withoutGaps } = truth
  const [before, batch, after] = [batches[index - 1], batches[index]!, batches[index + 1]]
  const delta = batch.lastOffset - batch.baseOffset
  const [first, last] = batch.magic === 2 ? [leading, leading + delta] : [leading - delta, leading]
  const moved = first !== batch.baseOffset
  const against: string[] = []
  if (first < segmentBaseOffset || last - segmentBaseOffset > MAX_RELATIVE_OFFSET)
    against.push('the segment base')
  if (nextSegmentBase !== null && last >= nextSegmentBase) against.push('the next segment')
  const overlaps =
    (before !== undefined && first <= before.lastOffset) ||
    (after !== undefined && last >= after.baseOffset)
  // Without gaps only the last batch has nothing behind it that its end must join.
  if (overlaps || (withoutGaps && after !== undefined && moved)) against.push('the neighbours')
  if (moved && batch.magic === 0 && batch.codec !== 'none') against.push('the inner offsets')
  if (moved && row.layout === 'partition') {
    const entry = indexEntries(segment).find(({ position }) => position === batch.position)
    // Where several batches were appended at once, an entry pairs the first one's place with the last one's offset.
    const isOurs = entry?.relativeOffset === batch.lastOffset - segmentBaseOffset
    if (isOurs) against.push(OFFSET_INDEX)
  }
  if (moved && [index - 1, index + 1].some((other) => joinsBySequence(segment, index, other)))
    against.push('the producer sequence')
  return against
}

/** What speaks against this partitionLeaderEpoch. */
export function epochContradictions(
  { segment, truth: { batches, nextSegmentBase, knownEnd }, row }: BenchSegment,
  index: number,
  epoch: number,
): string[] {
  const low = batches[index - 1]?.partitionLeaderEpoch ?? 0
  const high = batches[index + 1]?.partitionLeaderEpoch ?? Infinity
  const against: string[] = []
  if (epoch < low || epoch > high) against.push('the neighbours')
  if (epoch >= IMPLAUSIBLE_EPOCH) against.push('the number of elections that there can have been')
  const { baseOffset, lastOffset } = batches[index]!
  const entries = row.layout === 'partition' ? epochEntries(segment) : []
  const known = entries.findLast(({ startOffset }) => startOffset <= baseOffset)
  // After a crash the last elections may not be in the file yet; a snapshot of the log's end is written by a clean stop.
  const newest = entries.at(-1)?.epoch ?? epoch
  const stoppedCleanly = nextSegmentBase === null && knownEnd === lastOffset + 1n
  const mayBeNewer =
    index === batches.length - 1 &&
    !stoppedCleanly &&
    epoch > newest &&
    epoch - newest <= ELECTIONS_IN_A_CRASH
  if ((known?.epoch ?? epoch) !== epoch && !mayBeNewer) against.push('leader-epoch-checkpoint')
  return against
}

/** Half a year of elections, one every second. */
const IMPLAUSIBLE_EPOCH = 2 ** 24
const ELECTIONS_IN_A_CRASH = 16

/** In the undamaged log, the distance of two neighbours in their producer's sequence is that in their offsets. */
function joinsBySequence({ batches, bytes }: Segment, index: number, other: number): boolean {
  const [a, b] = [batches[index], batches[other]].map((batch) =>
    batch?.magic === 2 ? producerOf(bytes.subarray(batch.position)) : null,
  )
  if (a == null || b == null) return false
  return (
    a.producerId !== -1n &&
    a.baseSequence >= 0 &&
    b.baseSequence >= 0 &&
    a.producerId === b.producerId &&
    a.producerEpoch === b.producerEpoch &&
    BigInt(a.baseSequence - b.baseSequence) === a.baseOffset - b.baseOffset
  )
}

function producerOf(bytes: Uint8Array): {
  readonly baseOffset: bigint
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    baseOffset: view.getBigInt64(0),
    producerId: view.getBigInt64(43),
    producerEpoch: view.getInt16(51),
    baseSequence: view.getInt32(53),
  }
}

type Segment = BenchSegment['segment']

export function indexEntries(segment: Segment): { relativeOffset: bigint; position: number }[] {
  const path = join(segment.directory, `${segment.name.slice(-20)}.index`)
  if (!existsSync(path)) return []
  const bytes = readFileSync(path)
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, entry) => ({
    relativeOffset: BigInt(bytes.readInt32BE(entry * 8)),
    position: bytes.readInt32BE(entry * 8 + 4),
  })).filter(({ position }) => position > 0)
}

function epochEntries(segment: Segment): { epoch: number; startOffset: bigint }[] {
  const path = join(segment.directory, 'leader-epoch-checkpoint')
  if (!existsSync(path)) return []
  const [, , ...lines] = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => {
    const [epoch, startOffset] = line.split(' ')
    return { epoch: Number(epoch), startOffset: BigInt(startOffset!) }
  })
}
