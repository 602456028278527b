/**
 * Whether the fields that a candidate changes agree with what stands around the batch. A CRC that matches by chance
 * can hit a header field just as well, and most such values decode. Fields that a candidate leaves alone are not
 * judged: they are as their broker wrote them.
 */
import type { Record } from '../../segment/record.ts'
import * as layout from '../../segment/layout.ts'
import {
  addSequence,
  isControl,
  isLegacy,
  isLogAppendTime,
  isTransactional,
  lastSequence,
} from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import type { BrokenEntry } from './rung.ts'

/** The header of a repaired batch, to be judged. */
export interface Repaired {
  readonly header: BatchHeader
  /** Names of the fields that differ from the damaged entry's. */
  readonly touched: ReadonlySet<string>
  /** No byte moved, so that the damaged entry's own fields can be compared with the repaired ones. */
  readonly keepsPlaces: boolean
}

export type Agreement =
  | { readonly agrees: false }
  | {
      readonly agrees: true
      /** A touched field is confirmed by what stands around. */
      readonly confirmed: boolean
      /** A producer's sequence runs through. */
      readonly sequence: boolean
      readonly inferred: readonly string[]
    }

type Opinion = 'confirms' | 'silent' | 'contradicts'

/** The fields outside the CRC must be determined, so that silence is not enough for baseOffset. */
export function agreesWithNeighbours(entry: BrokenEntry, repaired: Repaired): Agreement {
  const touches = (...names: readonly string[]): boolean =>
    names.some((name) => repaired.touched.has(name))
  const opinions: Opinion[] = []
  const inferred: string[] = []
  if (touches('baseOffset', 'offset')) {
    if (baseOpinion(entry, repaired) !== 'confirms') return { agrees: false }
    opinions.push('confirms')
  }
  if (touches('magic')) opinions.push(sameAs(entry, (header) => header.magic, repaired.header))
  if (touches('partitionLeaderEpoch')) {
    const opinion = epochOpinion(entry, repaired.header)
    if (opinion === 'silent') inferred.push('partitionLeaderEpoch')
    opinions.push(opinion)
  }
  if (touches('lastOffsetDelta', 'recordsCount')) opinions.push(lastOpinion(entry, repaired.header))
  if (touches('attributes')) opinions.push(attributesOpinion(entry, repaired))
  let sequence: Opinion = 'silent'
  if (touches('producerId', 'producerEpoch', 'baseSequence', 'lastOffsetDelta')) {
    sequence = sequenceOpinion(entry, repaired.header)
    opinions.push(sequence, producerOpinion(entry, repaired))
  }
  if (opinions.includes('contradicts')) return { agrees: false }
  return {
    agrees: true,
    confirmed: opinions.includes('confirms'),
    sequence: sequence === 'confirms',
    inferred,
  }
}

const neighboursOf = (entry: BrokenEntry): BatchHeader[] =>
  [entry.before, entry.after].filter((header) => header !== null)

function baseOpinion(entry: BrokenEntry, { header, keepsPlaces }: Repaired): Opinion {
  const { expectedBaseOffset: expected, namedEnd, offsetLimit, withoutGaps } = entry
  const { baseOffset, baseOffsetKnown } = header
  if (baseOffsetKnown && expected !== null && withoutGaps)
    return baseOffset === expected ? 'confirms' : 'contradicts'
  const end = header.lastOffset + 1n
  if (end === entry.nextBaseOffset || end === namedEnd) return 'confirms'
  if (baseOffsetKnown && baseOffset === expected) return 'confirms'
  // The bytes of a field that was torn apart stand there still: of all places to cut, few leave an offset that fits.
  const isBelow = offsetLimit === null || end <= offsetLimit
  const fits = expected !== null && baseOffset >= expected && isBelow
  return fits && !keepsPlaces ? 'confirms' : 'silent'
}

/** Whether the messages in a wrapper of magic 0 and 1 agree with its offset, where that was torn apart. */
export function offsetsAgree(
  { expectedBaseOffset: expected, withoutGaps }: BrokenEntry,
  { header, touched, keepsPlaces }: Repaired,
  records: readonly Record[],
): boolean {
  const [first, last] = [records[0], records.at(-1)]
  if (header.baseOffsetKnown || keepsPlaces || !touched.has('offset')) return true
  if (first === undefined || last?.offset !== header.lastOffset) return false
  return expected === null || (withoutGaps ? first.offset === expected : first.offset >= expected)
}

/** Some neighbour has the same, or there is none. */
function sameAs(
  entry: BrokenEntry,
  valueOf: (header: BatchHeader) => unknown,
  header: BatchHeader,
): Opinion {
  const values = neighboursOf(entry).map(valueOf)
  if (values.length === 0) return 'silent'
  return values.includes(valueOf(header)) ? 'confirms' : 'contradicts'
}

/** Epochs never decrease in a log; between two different ones the nearer is not known. */
function epochOpinion(entry: BrokenEntry, { partitionLeaderEpoch: epoch }: BatchHeader): Opinion {
  const [before, after] = [entry.before, entry.after].map((header) => header?.partitionLeaderEpoch)
  if (before === undefined && after === undefined) return 'silent'
  if (epoch < (before ?? epoch) || epoch > (after ?? epoch)) return 'contradicts'
  return before === after ? 'confirms' : 'silent'
}

function lastOpinion(entry: BrokenEntry, header: BatchHeader): Opinion {
  const { recordsCount, lastOffsetDelta } = header
  const counts = recordsCount === null || recordsCount === 0 || recordsCount === lastOffsetDelta + 1
  if (entry.withoutGaps && !counts) return 'contradicts'
  if (entry.nextBaseOffset === null) return 'silent'
  const next = header.lastOffset + 1n
  if (next === entry.nextBaseOffset) return 'confirms'
  return entry.withoutGaps || next > entry.nextBaseOffset ? 'contradicts' : 'silent'
}

/**
 * Whether changed times agree with the records: brokers set maxTimestamp to the largest of the records' own
 * (LogValidator), unless they stamp the batch.
 */
export function timesAgree({ header, touched }: Repaired, records: readonly Record[]): boolean {
  const times = ['attributes', 'baseTimestamp', 'maxTimestamp', 'timestamp']
  const [first, ...rest] = records
  if (!times.some((name) => touched.has(name))) return true
  if (isLogAppendTime(header) || header.magic === 0 || first === undefined) return true
  const largest = rest.reduce(
    (max, { timestamp }) => (timestamp > max ? timestamp : max),
    first.timestamp,
  )
  return largest === header.maxTimestamp
}

function attributesOpinion(entry: BrokenEntry, { header, keepsPlaces }: Repaired): Opinion {
  if (isTransactional(header) && header.producerId === layout.NO_PRODUCER_ID) return 'contradicts'
  // A control batch is never compressed and has no sequence (MemoryRecords.writeEndTransactionalMarker).
  if (isControl(header) && header.baseSequence !== layout.NO_SEQUENCE) return 'contradicts'
  return keepsPlaces ? leaves(entry, isLogAppendTime, header) : 'silent'
}

/** A candidate that turns what a neighbour has as well into what no neighbour has is not believed. */
function leaves(
  { header: source, before, after }: BrokenEntry,
  valueOf: (header: BatchHeader) => unknown,
  header: BatchHeader,
): Opinion {
  if (source === null || valueOf(source) === valueOf(header)) return 'silent'
  const values = [before, after].flatMap((known) => (known === null ? [] : [valueOf(known)]))
  if (values.includes(valueOf(header))) return 'confirms'
  return values.includes(valueOf(source)) ? 'contradicts' : 'silent'
}

function producerOpinion(entry: BrokenEntry, { header, keepsPlaces }: Repaired): Opinion {
  if (isLegacy(header) || !keepsPlaces || entry.header === null) return 'silent'
  const opinion = leaves(entry, ({ producerId }) => producerId, header)
  if (opinion !== 'silent') return opinion
  // An epoch and a sequence belong to a producer: other producers' say nothing about them.
  const own = (known: BatchHeader | null): BatchHeader | null =>
    known?.producerId === header.producerId ? known : null
  const sameProducer = { ...entry, before: own(entry.before), after: own(entry.after) }
  return leaves(sameProducer, ({ producerEpoch }) => producerEpoch, header)
}

/** What the sequence numbers of two batches that touch say about each other. */
function sequenceJoins(first: BatchHeader, second: BatchHeader): Opinion {
  const related =
    first.producerId === second.producerId &&
    first.producerId !== layout.NO_PRODUCER_ID &&
    first.lastOffset + 1n === second.baseOffset &&
    !isControl(first) &&
    !isControl(second)
  if (!related) return 'silent'
  if (first.producerEpoch !== second.producerEpoch) {
    // A new epoch starts its sequence again.
    const restarts = second.producerEpoch > first.producerEpoch && second.baseSequence === 0
    return restarts ? 'confirms' : 'contradicts'
  }
  return second.baseSequence === addSequence(lastSequence(first), 1) ? 'confirms' : 'contradicts'
}

function sequenceOpinion({ before, after }: BrokenEntry, header: BatchHeader): Opinion {
  if (isLegacy(header)) return 'silent'
  const opinions = [
    before === null || isLegacy(before) ? 'silent' : sequenceJoins(before, header),
    after === null || isLegacy(after) ? 'silent' : sequenceJoins(header, after),
  ]
  if (opinions.includes('contradicts')) return 'contradicts'
  return opinions.includes('confirms') ? 'confirms' : 'silent'
}
