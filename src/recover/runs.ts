/**
 * Proven batches gathered into runs: batches that touch, whose offsets join, and that share a leader epoch.
 * A healthy segment is one run or a few, so what is held in memory grows with damage, not with the file.
 */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isLegacy, isTransactional } from '../segment/record-batch.ts'
import type { Stretch } from '../segment/stretch.ts'
import type { DecodeFailure } from '../segment/decode-batch.ts'
import { MAX_RELATIVE_OFFSET, NO_PRODUCER_ID } from '../segment/layout.ts'
import { walkHeaders } from '../segment/walk.ts'
import type { Window } from '../bytes/window.ts'
import type { Repair } from './repair.ts'

/** A batch, and what decoding it found; `records` null when nobody decoded it. */
export interface ProvenBatch {
  readonly header: BatchHeader
  readonly failure: DecodeFailure | null
  /** How many records: decoded, or claimed by the header; null in a magic-0/1 wrapper that was not decoded. */
  readonly records: number | null
}

export interface Run {
  readonly position: number
  end: number
  batches: number
  /** Null as soon as one of its batches does not tell. */
  records: number | null
  readonly first: BatchHeader
  last: BatchHeader
  /** A batch that does not decode is a run of its own. */
  readonly failure: DecodeFailure | null
  /** It is the batch before it once more; what follows goes on from that one. */
  readonly repeats: boolean
  /** Whether its offsets can be in this segment at all. */
  readonly inRange: boolean
  /** Damage that can be undone. Where it takes edits this is a run of one batch, and `first` is its repaired header. */
  readonly repair: Repair | null
  /** Set where the batches stand in a wrong place of the file: the position in it where they are put in. */
  readonly movedTo?: number
  /** True: none of its batches has a producer. Otherwise that is not known, and its headers have to be asked. */
  withoutProducers?: boolean
  /** True: none of its batches belongs to a transaction. */
  withoutTransactions?: boolean
}

/** Where a run is in the order of the log, as a position in the file. */
export const placeOf = ({ position, movedTo }: Run): number => movedTo ?? position

/** Whether the bytes in the file are those of the log, wherever they stand. */
export const isUnedited = ({ repair }: Run): boolean => repair === null || repair.edits.length === 0

/**
 * The headers of a run, in order; with the positions they have in the source. An edited batch is not read again: what
 * lies there is damaged.
 */
export function* headersOf(window: Window, run: Run): Generator<BatchHeader, void> {
  if (isUnedited(run)) yield* walkHeaders(window, run.position, run.end)
  else yield run.first
}

/** Appends a batch of a run to the last part of that run, or begins another part with it. */
export function addToParts(parts: Run[], run: Run, batch: BatchHeader, begins: boolean): void {
  // What the first batch was found to be by decoding is more than its header in the file says.
  const header = batch.position === run.position ? run.first : batch
  const end = batch.position + batch.sizeInBytes
  const part = parts.at(-1)
  if (part === undefined || begins) {
    parts.push({
      ...run,
      position: batch.position,
      end,
      batches: 1,
      records: header.recordsCount,
      first: header,
      last: header,
    })
    return
  }
  part.end = end
  part.batches++
  part.records =
    part.records === null || header.recordsCount === null
      ? null
      : part.records + header.recordsCount
  part.last = header
}

export const firstOffset = (run: Run): bigint => run.first.baseOffset
export const lastOffset = (run: Run): bigint => run.last.lastOffset
export const joins = (before: Run, after: Run): boolean =>
  before.end === after.position && after.first.baseOffset === before.last.lastOffset + 1n
/** How much of the log a run is, for weighing runs against each other: offsets stand in where records are not known. */
export const weight = (run: Run): number =>
  run.records ?? Number(lastOffset(run) - firstOffset(run)) + 1

/** Whether a file is one run from its first byte to its last, or empty. */
export const isOneRun = ([run, ...others]: readonly Run[], fileSize: number): boolean =>
  fileSize === 0 ||
  (others.length === 0 && run?.position === 0 && run.end === fileSize && run.inRange)

const MAX_OFFSET = 0x7fff_ffff_ffff_ffffn

/** Offsets that a segment can hold: from its base, below the next segment's. */
export interface OffsetBounds {
  readonly first: bigint | null
  readonly next: bigint | null
}

export function isInBounds(header: BatchHeader, bounds: OffsetBounds): boolean {
  if (header.baseOffset < 0n || header.lastOffset < header.baseOffset) return false
  if (bounds.next !== null && header.lastOffset >= bounds.next) return false
  if (bounds.first === null) return true
  return (
    header.baseOffset >= bounds.first &&
    header.lastOffset - bounds.first <= BigInt(MAX_RELATIVE_OFFSET)
  )
}

/** The highest last offset that isInBounds allows behind a batch that is in bounds. */
function highestOffsetIn({ first, next }: OffsetBounds): bigint {
  const ends = [MAX_OFFSET]
  if (next !== null) ends.push(next - 1n)
  if (first !== null) ends.push(first + BigInt(MAX_RELATIVE_OFFSET))
  return ends.reduce((lowest, end) => (end < lowest ? end : lowest))
}

/** Pairs of touching batches, for the question whether this log has gaps by nature (the log cleaner makes them). */
export interface JoinStatistics {
  pairs: number
  joined: number
  /** Batches that hold fewer records than offsets: a compacted log. */
  sparse: number
}

/**
 * Few pairs: all but one must join; many: nine in ten. A pair that does not join only because the batch that belongs
 * between the two lies elsewhere in the file tells of damage, and counts neither way.
 */
export function isWithoutGaps(
  { pairs, joined, sparse }: JoinStatistics,
  runs: readonly Run[],
): boolean {
  if (sparse > 0) return false
  // Of batches that all say impossible offsets, what is in them is still true.
  if (runs.every(({ inRange }) => !inRange) && runs.some(isSparse)) return false
  const broken = pairs - joined - countMovedAway(runs)
  const counted = joined + broken
  return counted < 10 ? broken <= 1 : joined * 10 >= counted * 9
}

const isSparse = (run: Run): boolean =>
  run.records !== null && BigInt(run.records) < lastOffset(run) - firstOffset(run) + 1n

/** Breaks between touching runs whose missing offsets begin or end with a run that lies elsewhere. */
function countMovedAway(runs: readonly Run[]): number {
  const firsts = new Set(runs.map(firstOffset))
  const lasts = new Set(runs.map(lastOffset))
  return runs.filter((run, index) => {
    const before = runs[index - 1]
    if (before?.end !== run.position || firstOffset(run) <= lastOffset(before) + 1n) return false
    return firsts.has(lastOffset(before) + 1n) || lasts.has(firstOffset(run) - 1n)
  }).length
}

/** Past this many breaks, with more than a fifth of the pairs broken, the verdict is certain enough to stop keeping them. */
const MANY_BREAKS = 10_000

const isSame = (a: BatchHeader, b: BatchHeader): boolean =>
  a.crc === b.crc &&
  a.sizeInBytes === b.sizeInBytes &&
  a.lastOffset === b.lastOffset &&
  a.baseOffset === b.baseOffset

export interface RunBuilder {
  add(batch: ProvenBatch): void
  /**
   * The batch that others may follow as a stretch (segment/stretch.ts), if the last one given is such a batch: whole,
   * in its place, with records. They must not reach above `highestOffset`.
   */
  stretchable(): { readonly before: BatchHeader; readonly highestOffset: bigint } | null
  /** Adds a stretch behind that batch; the same as adding each of its batches. */
  extend(stretch: Stretch): void
  readonly runs: readonly Run[]
  readonly statistics: JoinStatistics
}

const runOf = (
  { header, failure, records }: ProvenBatch,
  inRange: boolean,
  repeats: boolean,
): Run => ({
  position: header.position,
  end: header.position + header.sizeInBytes,
  batches: 1,
  records,
  first: header,
  last: header,
  failure,
  inRange,
  repeats,
  repair: null,
  withoutProducers: header.producerId === NO_PRODUCER_ID,
  withoutTransactions: !isTransactional(header),
})

function stretchableBehind(
  run: Run | undefined,
  lastWithRecords: BatchHeader | null,
  bounds: OffsetBounds,
): ReturnType<RunBuilder['stretchable']> {
  const before = run?.last
  if (run === undefined || before !== lastWithRecords) return null
  if (run.failure !== null || run.repeats || run.repair !== null || !run.inRange) return null
  if (isLegacy(run.last)) return null
  return { before: run.last, highestOffset: highestOffsetIn(bounds) }
}

function extendRun(run: Run | undefined, stretch: Stretch, statistics: JoinStatistics): void {
  if (run === undefined) return
  const { batches, records, end, last } = stretch
  statistics.pairs += batches
  statistics.joined += batches
  run.end = end
  run.batches += batches
  run.records = run.records === null ? null : run.records + records
  run.withoutProducers &&= stretch.withoutProducers
  run.withoutTransactions &&= stretch.withoutTransactions
  run.last = last
}

export function createRunBuilder(bounds: OffsetBounds): RunBuilder {
  const runs: Run[] = []
  const statistics: JoinStatistics = { pairs: 0, joined: 0, sparse: 0 }
  let lastWithRecords: BatchHeader | null = null

  const count = (header: BatchHeader, records: number | null, inRange: boolean): void => {
    if (records !== null && records === 0) return
    // What cannot be in this segment is damage, and so is what seems to be missing before and behind it.
    if (!inRange) {
      lastWithRecords = null
      return
    }
    if (
      records !== null &&
      header.baseOffsetKnown &&
      BigInt(records) !== header.lastOffset - header.baseOffset + 1n
    )
      statistics.sparse++
    const before = lastWithRecords
    lastWithRecords = header
    if (before === null || !header.baseOffsetKnown) return
    if (before.position + before.sizeInBytes !== header.position) return
    // Out of order is damage, not a gap by nature.
    if (header.baseOffset <= before.lastOffset) return
    statistics.pairs++
    if (before.lastOffset + 1n === header.baseOffset) statistics.joined++
  }

  const continues = (run: Run, { header, failure }: ProvenBatch, inRange: boolean): boolean => {
    if (
      run.end !== header.position ||
      failure !== null ||
      run.failure !== null ||
      run.repeats ||
      run.repair !== null ||
      run.inRange !== inRange
    )
      return false
    if (run.last.partitionLeaderEpoch !== header.partitionLeaderEpoch) return false
    if (!header.baseOffsetKnown) return header.lastOffset > run.last.lastOffset
    if (header.baseOffset === run.last.lastOffset + 1n) return true
    const surelyGapped = runs.length > MANY_BREAKS && statistics.joined * 5 < statistics.pairs * 4
    return surelyGapped && header.baseOffset > run.last.lastOffset
  }

  return {
    runs,
    statistics,
    stretchable: () => stretchableBehind(runs.at(-1), lastWithRecords, bounds),
    extend(stretch) {
      lastWithRecords = stretch.last
      extendRun(runs.at(-1), stretch, statistics)
    },
    add(batch) {
      const { header, records } = batch
      const inRange = isInBounds(header, bounds)
      count(header, records, inRange)
      const run = runs.at(-1)
      const end = header.position + header.sizeInBytes
      const repeats = run?.end === header.position && isSame(run.last, header)
      if (run === undefined || repeats || !continues(run, batch, inRange)) {
        runs.push(runOf(batch, inRange, repeats))
        return
      }
      run.end = end
      run.batches++
      run.records = run.records === null || records === null ? null : run.records + records
      run.withoutProducers &&= header.producerId === NO_PRODUCER_ID
      run.withoutTransactions &&= !isTransactional(header)
      run.last = header
    },
  }
}
