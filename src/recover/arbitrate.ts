/**
 * Which of the proven batches are the log (product page "Which bytes are the log"): first whether the log has gaps by
 * nature, then what fits, then what is ours, then what wins where batches contradict each other.
 */
import type { Window } from '../bytes/window.ts'
import type { CorruptionReason } from '../segment/events.ts'
import { NO_PARTITION_LEADER_EPOCH } from '../segment/layout.ts'
import { lastSequence } from '../segment/record-batch.ts'
import { misplacedBetween } from './between-neighbours.ts'
import { contradictingOffsets, withEdgesApart } from './contradicting-offsets.ts'
import type { Evidence } from './evidence.ts'
import { withoutEmbedded } from './embedded.ts'
import { firstIndex } from './first-index.ts'
import { heaviestChain } from './heaviest-chain.ts'
import { chainByEpoch, isEpochSpike } from './leader-epochs.ts'
import { isSameBatch, withoutInsertedCopy, withTouchingCopies } from './copies.ts'
import type { OffsetDoubt } from './offset-doubt.ts'
import type { OwnershipContext, Tie } from './ownership.ts'
import { ownTie, producersOf, tieTo } from './ownership.ts'
import type { Run } from './runs.ts'
import { firstOffset, headersOf, lastOffset, weight } from './runs.ts'
import { splitLosers } from './split-runs.ts'
import { contradictedTail } from './tail-offset.ts'
import { zeroedOffsets } from './zeroed-offsets.ts'

export interface Rejected {
  readonly run: Run
  readonly reason: CorruptionReason
  /** Whether its offsets are (probably) missing from the log: its bytes are ours, its place is not. */
  readonly ours: boolean
  /** Why its own offsets are not believed, where something else than the log as a whole speaks against them. */
  readonly doubt?: OffsetDoubt
}

export interface Arbitration {
  /** Offsets strictly increasing; in file order but for runs that are put back. Batches that do not decode are among them: their place is right. */
  readonly accepted: readonly Run[]
  readonly rejected: readonly Rejected[]
  /** Accepted for want of anything against them. */
  readonly unverified: readonly Run[]
}

export interface ArbitrationInput {
  readonly window: Window
  readonly runs: readonly Run[]
  readonly withoutGaps: boolean
  readonly evidence: Evidence
  /** Positions of single batches that are known to say a wrong offset; none by default. */
  readonly misplaced?: ReadonlySet<number>
}

export function arbitrate(input: ArbitrationInput): Arbitration {
  if (input.misplaced === undefined && isSimple(input))
    return { accepted: input.runs, rejected: [], unverified: [] }
  const candidates = withEdgesApart(
    input.window,
    withoutInsertedCopy(withoutEmbedded(input, input.runs), input.window.source.size),
  )
  const misplaced = input.withoutGaps
    ? misplacedBetween(candidates, input.window.source.size, input.evidence)
    : new Set<Run>()
  const possible = candidates.filter(
    (run) => run.inRange && !misplaced.has(run) && !isKnownMisplaced(run, input),
  )
  const zeroed = zeroedOffsets(input.window, candidates, input.evidence)
  const believed = possible.filter((run) => !zeroed.has(run))
  const doubts = new Map([...zeroed, ...contradictingOffsets(believed, input.evidence)])
  const undoubted = candidates.filter((run) => !doubts.has(run))
  const ties = input.withoutGaps ? tieRuns(input, undoubted) : new Map<Run, Tie>()
  const mayStay = possible.filter(
    (run) => !doubts.has(run) && (!input.withoutGaps || ties.has(run)),
  )
  const strongest = chainByOffset(mayStay)
  const partsOf = splitLosers(input.window, mayStay, strongest, input.withoutGaps)
  const parts = candidates.flatMap((run) =>
    (partsOf.get(run) ?? [run]).map((part) => ({ run: part, tie: ties.get(run) })),
  )
  const open = [...partsOf.values()].flat()
  const inOrder = withTouchingCopies(
    chainByOffset(open, new Set(strongest)),
    open,
    input.window.source.size,
  )
  const tail = contradictedTail(inOrder, input)
  const accepted = chainByEpoch(
    inOrder.filter((run) => run !== tail),
    input.evidence,
  )
  const kept = new Set(accepted)
  const lost = new Set(inOrder)
  const rejected = parts
    .filter(({ run }) => !kept.has(run))
    .map(({ run, tie }) => ({
      run,
      ...explain(run, accepted, {
        ...input,
        tied: tie !== undefined,
        lostByEpoch: run !== tail && lost.has(run),
        isTail: run === tail,
        doubt: doubts.get(run),
      }),
    }))
  const unverified = parts
    .filter(({ run, tie }) => kept.has(run) && (tie === 'unverified' || tie === 'bulk'))
    .map(({ run }) => run)
  return { accepted, rejected, unverified }
}

const isKnownMisplaced = (run: Run, { misplaced }: ArbitrationInput): boolean =>
  run.repair === null && misplaced?.has(run.position) === true

/** Nothing to decide: touching, rising, in range, with no epoch going back. The case of every healthy segment. */
function isSimple(input: ArbitrationInput): boolean {
  const { runs } = input
  const isPlain = runs.every((run, index) => {
    const before = runs[index - 1]
    if (!run.inRange || run.first.partitionLeaderEpoch < NO_PARTITION_LEADER_EPOCH) return false
    if (before === undefined) return run.position === 0
    return (
      before.end === run.position &&
      firstOffset(run) > lastOffset(before) &&
      run.first.partitionLeaderEpoch >= before.last.partitionLeaderEpoch &&
      !isEpochSpike(runs, index)
    )
  })
  return (
    isPlain &&
    contradictedTail(runs, input) === null &&
    chainByEpoch(runs, input.evidence).length === runs.length
  )
}

/** Ties runs to the heaviest one, going out from it in both directions. */
function tieRuns(input: ArbitrationInput, runs: readonly Run[]): ReadonlyMap<Run, Tie> {
  const ties = new Map<Run, Tie>()
  const context: OwnershipContext = input
  let anchor = 0
  runs.forEach((run, index) => {
    const heaviest = runs[anchor]
    if (
      run.inRange &&
      (heaviest === undefined || !heaviest.inRange || weight(run) > weight(heaviest))
    )
      anchor = index
  })
  const start = runs[anchor]
  if (start === undefined) return ties
  ties.set(start, 'joins')
  tieOnwards(runs.slice(anchor), context, ties)
  tieOnwards(runs.slice(0, anchor + 1).reverse(), context, ties)
  return ties
}

/** How many tied runs a run is held against: one of them may itself be damaged outside its CRC. */
const NEAREST_RUNS = 4

function tieOnwards(
  outwards: readonly Run[],
  context: OwnershipContext,
  ties: Map<Run, Tie>,
): void {
  const start = outwards[0]
  if (start === undefined) return
  const nearest: TiedRun[] = [{ run: start, known: producersOf(context.window, start) }]
  for (const run of outwards.slice(1)) {
    if (!run.inRange) continue
    const own = producersOf(context.window, run)
    const tie = ties.get(run) ?? tieToAny(run, nearest, own, context) ?? ownTie(run, context)
    if (tie === null) continue
    ties.set(run, tie)
    nearest.unshift({ run, known: new Map([...(nearest[0]?.known ?? []), ...own]) })
    nearest.splice(NEAREST_RUNS)
  }
}

/** What the producers have done up to a run. Another run behind it may be a copy from elsewhere, and changes nothing here. */
interface TiedRun {
  readonly run: Run
  readonly known: ReturnType<typeof producersOf>
}

function tieToAny(
  run: Run,
  nearest: readonly TiedRun[],
  own: ReturnType<typeof producersOf>,
  context: OwnershipContext,
): Tie | null {
  for (const { run: near, known } of nearest) {
    const tie = tieTo(run, near, known, own, context)
    if (tie !== null) return tie
  }
  return null
}

/** More than any number of records: what has won once wins again. */
const SETTLED_WEIGHT = 2 ** 40

/** `settled`: runs that have won before, and only take in what contradicts none of them. */
function chainByOffset(
  runs: readonly Run[],
  settled: ReadonlySet<Run> = new Set(),
): readonly Run[] {
  const chain = heaviestChain(
    runs.map((run) => ({
      from: firstOffset(run),
      to: lastOffset(run),
      weight: Math.max(1, weight(run)) + (settled.has(run) ? SETTLED_WEIGHT : 0),
      rank: run.first.partitionLeaderEpoch,
    })),
  )
  return chain.flatMap((index) => runs[index] ?? [])
}

interface Circumstances extends ArbitrationInput {
  readonly tied: boolean
  readonly lostByEpoch: boolean
  readonly isTail: boolean
  readonly doubt: OffsetDoubt | undefined
}

function explain(run: Run, accepted: readonly Run[], facts: Circumstances): Omit<Rejected, 'run'> {
  if (facts.isTail) return { reason: 'offset-out-of-range', ours: true }
  if (facts.lostByEpoch) return { reason: 'leader-epoch-implausible', ours: true }
  if (isDuplicate(facts.window, run, accepted)) return { reason: 'duplicate-batch', ours: false }
  if (facts.doubt !== undefined)
    return { reason: 'offset-not-increasing', ours: true, doubt: facts.doubt }
  if (isKnownMisplaced(run, facts)) return { reason: 'offset-not-increasing', ours: true }
  const displaced = isDisplaced(run, accepted, facts)
  const wrongPlace = run.inRange ? 'offset-not-increasing' : 'offset-out-of-range'
  if (displaced) return { reason: wrongPlace, ours: true }
  if (facts.tied && facts.withoutGaps) return { reason: 'offset-conflict', ours: false }
  if (facts.withoutGaps) return { reason: 'foreign-batch', ours: false }
  return { reason: wrongPlace, ours: hasRoom(run, accepted) }
}

const before = (run: Run, accepted: readonly Run[]): Run | undefined =>
  accepted[firstIndex(accepted, (other) => other.position >= run.position) - 1]
const after = (run: Run, accepted: readonly Run[]): Run | undefined =>
  accepted[firstIndex(accepted, (other) => other.position > run.position)]

function hasRoom(run: Run, accepted: readonly Run[]): boolean {
  const [left, right] = [before(run, accepted), after(run, accepted)]
  return left === undefined || right === undefined || firstOffset(right) > lastOffset(left) + 1n
}

/**
 * Whether everything but the baseOffset says that the batch belongs where it is: it touches the log, and its own
 * number of offsets is exactly what is missing there, or its producer's sequence goes on.
 */
function isDisplaced(
  run: Run,
  accepted: readonly Run[],
  { window, evidence, tied }: Circumstances,
): boolean {
  if (isMissingElsewhere(run, accepted)) return false
  const [left, right] = [before(run, accepted), after(run, accepted)]
  const touchesLeft = (left?.end ?? 0) === run.position
  const touchesRight = (right?.position ?? window.source.size) === run.end
  const expected = left === undefined ? evidence.segmentBaseOffset : lastOffset(left) + 1n
  const offsets = lastOffset(run) - firstOffset(run) + 1n
  if (touchesLeft && touchesRight && expected !== null) {
    const next = right === undefined ? evidence.nextSegmentBaseOffset : firstOffset(right)
    if (next !== null && next - expected === offsets) return true
    // A wrapper that does not decode tells only where it ends, and here not even that.
    if (next !== null && next > expected && !run.first.baseOffsetKnown) return true
    if (right === undefined && next === null && run.batches === 1 && !(tied && run.inRange))
      return left?.last.partitionLeaderEpoch === run.first.partitionLeaderEpoch
  }
  const sameProducer =
    touchesLeft &&
    left?.last.producerId === run.first.producerId &&
    left.last.producerEpoch === run.first.producerEpoch
  return (
    sameProducer &&
    run.first.baseSequence > 0 &&
    run.first.baseSequence === lastSequence(left.last) + 1
  )
}

/** The log lacks just its offsets in another place: it has changed places, and its offset is right. */
function isMissingElsewhere(run: Run, accepted: readonly Run[]): boolean {
  const index = firstIndex(accepted, (other) => lastOffset(other) >= firstOffset(run))
  const [other, next] = [accepted[index - 1], accepted[index]]
  if (other === undefined || next === undefined || lastOffset(run) >= firstOffset(next))
    return false
  return other.position > run.position || next.position < run.position
}

/** A second copy of a batch that the log has elsewhere: same place in the log, same CRC, same size. */
function isDuplicate(window: Window, run: Run, accepted: readonly Run[]): boolean {
  const copyOf = (wanted: Run['first']): Run | undefined => {
    const other = accepted[firstIndex(accepted, (one) => lastOffset(one) >= wanted.lastOffset)]
    return other !== undefined && holds(window, other, wanted) ? other : undefined
  }
  const copy = copyOf(run.first)
  return copy !== undefined && (run.batches === 1 || copy === copyOf(run.last))
}

function holds(window: Window, run: Run, wanted: Run['first']): boolean {
  if (wanted.lastOffset < firstOffset(run) || wanted.lastOffset > lastOffset(run)) return false
  for (const header of headersOf(window, run)) {
    if (header.lastOffset === wanted.lastOffset) return isSameBatch(header, wanted)
  }
  return false
}
