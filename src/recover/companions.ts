/** The files beside a segment: whether they agree with it, and which of them go along into the output. */
import { readSmallFile, listDirectory } from '../bytes/file-directory.ts'
import type { Window } from '../bytes/window.ts'
import { decodeLeaderEpochCheckpoint } from '../index/leader-epoch-checkpoint.ts'
import { createOffsetIndexCheck } from '../index/offset-index-check.ts'
import { decodeOffsetIndex } from '../index/offset-index.ts'
import { decodePartitionMetadata } from '../index/partition-metadata.ts'
import { checkProducerSnapshot } from '../index/producer-snapshot.ts'
import { createTimeIndexCheck } from '../index/time-index-check.ts'
import { decodeTimeIndex } from '../index/time-index.ts'
import { checkTransactionIndex } from '../index/transaction-index.ts'
import { isKraftSnapshot, segmentBaseOffset, snapshotOffset } from '../segment/segment-name.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { shiftsOf } from './put-back/standing.ts'
import type { PartitionInput, SegmentInput } from './inputs.ts'
import { headersOf } from './runs.ts'
import { besideSegment, joinPath, stemOf } from './inputs.ts'
import type { SegmentWatch } from './segment-watch.ts'

export interface IndexState {
  readonly source: 'ok' | 'missing' | 'damaged'
  readonly problems: readonly string[]
}

export interface IndexStates {
  readonly offsetIndex: IndexState
  readonly timeIndex: IndexState
  readonly transactionIndex: IndexState
  readonly notes: readonly string[]
}

const MISSING: IndexState = { source: 'missing', problems: [] }

const stateOf = (problems: readonly { readonly message: string }[]): IndexState => ({
  source: problems.length > 0 ? 'damaged' : 'ok',
  problems: problems.map(({ message }) => message),
})

/** Holds the indexes against the batches that are kept; entries for damaged bytes are not an index's fault. */
export function checkIndexes(
  window: Window,
  input: SegmentInput,
  diagnosis: SegmentDiagnosis,
  watch?: SegmentWatch,
): IndexStates {
  const [indexBytes, timeBytes, txnBytes] = ['.index', '.timeindex', '.txnindex'].map((suffix) =>
    readSmallFile(besideSegment(input, suffix)),
  )
  const base = diagnosis.segmentBaseOffset
  const offsetIndex = indexBytes == null ? null : decodeOffsetIndex(indexBytes)
  const timeIndex = timeBytes == null ? null : decodeTimeIndex(timeBytes)
  const tail = diagnosis.damage.at(-1)
  const zeroTail = tail?.reason === 'zero-fill' ? tail.sizeInBytes : 0
  const logSize = window.source.size - zeroTail
  // Where the walk has left no doubt, the headers need not be read again.
  const watched = watch?.indexesOf(diagnosis) ?? null
  const offsetProblems = watched?.offsetIndexProblems(logSize) ?? null
  const watchedTimes = watched?.timeIndexFindings(logSize) ?? null
  const offsets =
    offsetIndex === null || offsetProblems !== null
      ? null
      : createOffsetIndexCheck(offsetIndex, base)
  const times =
    timeIndex === null || watchedTimes !== null ? null : createTimeIndexCheck(timeIndex, base)
  if (offsets !== null || times !== null) {
    // The indexes were written when every batch stood in its place.
    const shiftOf = shiftsOf(diagnosis.kept)
    for (const run of diagnosis.kept) {
      for (const header of headersOf(window, run)) {
        const { sizeInBytes, lastOffset, maxTimestamp } = header
        const place = header.position + shiftOf(run)
        const baseOffset = header.baseOffsetKnown ? header.baseOffset : null
        offsets?.onBatch(place, sizeInBytes, lastOffset, baseOffset)
        times?.onBatch(place, sizeInBytes, lastOffset, maxTimestamp)
      }
    }
  }
  const damagedEnd = diagnosis.damage.some(({ outcome }) => outcome === 'skipped')
  const offsetFindings = offsetProblems ?? offsets?.finish(logSize)
  const timeFindings = watchedTimes ?? times?.finish(logSize)
  const notes: string[] = []
  if (offsetIndex === null && diagnosis.sizeInBytes > 0 && !isKraftSnapshot(input.fileName))
    notes.push('there is no .index; a broker rebuilds it')
  if ((offsetIndex?.zeroTailBytes ?? 0) > 0)
    notes.push('the .index has a preallocated zero tail (an active segment after a crash)')
  if (timeFindings?.lacksFinalEntry === true && input.isLast)
    notes.push('the .timeindex lacks its final entry (an active segment)')
  const closedZeroTail =
    !input.isLast && ((offsetIndex?.zeroTailBytes ?? 0) > 0 || (timeIndex?.zeroTailBytes ?? 0) > 0)
  const zeroTailProblem = closedZeroTail
    ? [{ message: 'a zero tail on the index of a closed segment: a broker takes it for entries' }]
    : []
  return {
    offsetIndex:
      offsetFindings === undefined ? MISSING : stateOf([...offsetFindings, ...zeroTailProblem]),
    // A lost batch may have held the largest timestamp: then the index knows more than the log.
    timeIndex:
      timeFindings === undefined
        ? MISSING
        : stateOf(damagedEnd ? (timeIndex?.problems ?? []) : timeFindings.problems),
    transactionIndex:
      txnBytes == null ? MISSING : stateOf(checkTransactionIndex(txnBytes, base).problems),
    notes,
  }
}

/** A file beside the segments that goes along into the output. */
export interface Companion {
  readonly source: string
  readonly name: string
}

const TEXT_FILES: ReadonlySet<string> = new Set(['leader-epoch-checkpoint', 'partition.metadata'])

/** A partition takes all its companions along; a lone file only its own and the partition's two text files. */
export function listCompanions(partition: PartitionInput): readonly Companion[] {
  const stems = new Set(partition.segments.map(stemOf))
  const lone = !partition.whole
  const companions: Companion[] = []
  for (const { name, isDirectory } of listDirectory(partition.directory)) {
    if (isDirectory || !isCompanion(name)) continue
    if (lone && !TEXT_FILES.has(name) && !stems.has(name.replace(/\.[a-z]+$/, ''))) continue
    // A lone file of no partition has nobody to share text files with.
    if (lone && TEXT_FILES.has(name) && partition.topicPartition === null) continue
    const source = joinPath(partition.directory, name)
    companions.push({ source, name })
  }
  return companions
}

const isCompanion = (name: string): boolean =>
  TEXT_FILES.has(name) || name === 'quorum-state' || /\.(txnindex|snapshot|checkpoint)$/.test(name)

/** What is wrong with the structure of one, if anything. */
export function companionProblems({ name, source }: Companion): readonly string[] {
  const bytes = readSmallFile(source) ?? new Uint8Array()
  const problems = ((): readonly { readonly message: string }[] => {
    if (name === 'leader-epoch-checkpoint') return decodeLeaderEpochCheckpoint(bytes).problems
    if (name === 'partition.metadata') return decodePartitionMetadata(bytes).problems
    if (snapshotOffset(name) !== null) return checkProducerSnapshot(bytes)
    const base = segmentBaseOffset(name.replace(/\.txnindex$/, '.log'))
    return name.endsWith('.txnindex') && base !== null
      ? checkTransactionIndex(bytes, base).problems
      : []
  })()
  return problems.map(({ message }) => message)
}
