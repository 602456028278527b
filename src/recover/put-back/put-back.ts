/**
 * Whole batches that stand in the wrong place of the file, put back in the order of the log. Their bytes are right and
 * their offsets are right; only where they lie is not. They are put back where they fit what is missing between batches
 * that have their place, and only when something else than the fit says that they are this log's.
 */
import { int32At } from '../../index/column.ts'
import type { Arbitration, ArbitrationInput, Rejected } from '../arbitrate.ts'
import type { Evidence } from '../evidence.ts'
import { firstIndex } from '../first-index.ts'
import type { EvidenceKind, Repair } from '../repair.ts'
import type { Run } from '../runs.ts'
import { firstOffset, headersOf, lastOffset } from '../runs.ts'
import type { Window } from '../../bytes/window.ts'
import type { Gap, Placement } from './gaps.ts'
import { fillGap, gapsOf, inOrder, isWhole, provenIn } from './gaps.ts'
import { inClosedBlocks, judgeSequences } from './placement-proof.ts'
import { shiftsOf, standingAmong } from './standing.ts'

/** Verdicts that may be due to the place alone. Offsets of a run that is out of the segment's range are not among them. */
const MAY_STAND_ELSEWHERE: ReadonlySet<string> = new Set([
  'offset-not-increasing',
  'offset-out-of-range',
  'offset-conflict',
  'foreign-batch',
])

const isCandidate = ({ run, reason }: Rejected): boolean =>
  MAY_STAND_ELSEWHERE.has(reason) &&
  run.inRange &&
  run.failure === null &&
  run.first.baseOffsetKnown

/**
 * The arbitration with every rejected run accepted that can be put back; such runs have `movedTo` and `repair` set.
 * What is a second copy of one of them is called so. Reads headers, and those only where a run fits a gap.
 */
export function putBack(input: ArbitrationInput, arbitration: Arbitration): Arbitration {
  const candidates = arbitration.rejected.filter(isCandidate).map(({ run }) => run)
  const gaps = gapsOf(arbitration.accepted, candidates)
  if (gaps.length === 0) return arbitration
  const find = input.withoutGaps ? intoGaps : amongGaps
  const { placements, continued } = find(input, arbitration, gaps)
  if (placements.length === 0) return arbitration
  const found = new Map(placements.map((placement) => [placement.run, placement]))
  const order = inOrder(arbitration.accepted, [...found.keys()])
  const standing = standingAmong(arbitration.accepted, [...found.keys()])
  const placed = putIn(order, standing, found, input.window.source.size)
  const shiftOf = shiftsOf(placed.map(({ run }) => run))
  const accepted = placed.map(({ run, source }) => {
    if (run.movedTo === undefined) return run
    const facts = { shift: shiftOf(run), isSequence: continued.has(source) }
    return { ...run, repair: repairOf(run, facts, input) }
  })
  return {
    accepted,
    rejected: withoutFound(arbitration.rejected, found),
    unverified: arbitration.unverified,
  }
}

interface Found {
  readonly placements: readonly Placement[]
  /** Runs of which their producers' sequences say that they belong there. */
  readonly continued: ReadonlySet<Run>
}

const NOTHING: Found = { placements: [], continued: new Set() }

const runsOf = (placements: readonly Placement[]): Run[] => placements.map(({ run }) => run)

/** In a log without gaps: runs that join what is there. */
function intoGaps(
  { window, evidence }: ArbitrationInput,
  { accepted }: Arbitration,
  gaps: readonly Gap[],
): Found {
  const fitting = gaps.map((gap) => fillGap(gap, evidence)).filter(({ length }) => length > 0)
  if (fitting.length === 0) return NOTHING
  const order = inOrder(accepted, runsOf(fitting.flat()))
  const { continued, contradicted } = judgeSequences(window, order, new Set(accepted))
  const agreed = fitting.filter(
    (placements) => !placements.some(({ run }) => contradicted.has(run)),
  )
  const runs = [...accepted, ...runsOf(agreed.flat())]
  const closed = inClosedBlocks(runs, window.source.size, evidence)
  const isTouched = touchedBy(order)
  const isProven = (run: Run): boolean => closed.has(run) || (continued.has(run) && isTouched(run))
  return { placements: agreed.flatMap((placements) => provenIn(placements, isProven)), continued }
}

/** A page of a sister partition tears the batches on both sides of those that it holds whole. */
function touchedBy(runs: readonly Run[]): (run: Run) => boolean {
  const [starts, ends] = [
    new Set(runs.map(({ position }) => position)),
    new Set(runs.map(({ end }) => end)),
  ]
  return ({ position, end }) => ends.has(position) || starts.has(end)
}

/**
 * Where gaps are normal an offset that fits says nothing. There every byte of the file must be a batch of one order
 * without contradictions, and the producer's own numbers must say of each run that it belongs to its offsets.
 */
function amongGaps(
  { window }: ArbitrationInput,
  { accepted, rejected }: Arbitration,
  gaps: readonly Gap[],
): Found {
  const runs = gaps.flatMap((gap) => gap.runs)
  const order = inOrder(accepted, runs)
  if (runs.length < rejected.length || !isWhole(order, window.source.size)) return NOTHING
  const { continued, contradicted } = judgeSequences(window, order, new Set(accepted))
  const isProven = runs.every((run) => continued.has(run) && !contradicted.has(run))
  return isProven ? { placements: runs.map((run) => ({ run, follows: true })), continued } : NOTHING
}

interface Placed {
  readonly run: Run
  /** The same without its place. */
  readonly source: Run
}

/** The runs in the order of the log; those that do not stand where they belong with the place where they are put in. */
function putIn(
  order: readonly Run[],
  standing: ReadonlySet<Run>,
  found: ReadonlyMap<Run, Placement>,
  fileSize: number,
): Placed[] {
  let front = 0
  const fronts = order.map((source) => {
    const item = { source, front }
    if (standing.has(source)) front = source.end
    return item
  })
  let back = fileSize
  const placed = fronts.toReversed().map((item): Placed => {
    const { source } = item
    if (standing.has(source)) {
      back = source.position
      return { run: source, source }
    }
    const movedTo = found.get(source)?.follows === true ? item.front : back
    return { run: { ...source, movedTo }, source }
  })
  return placed.reverse()
}

interface MoveFacts {
  readonly shift: number
  readonly isSequence: boolean
}

const MESSAGE =
  'a whole batch that stands in the wrong place of the file; it is put back where its offsets belong'

const UNTOUCHED: Repair = {
  reason: 'offset-not-increasing',
  message: '',
  edits: [],
  changes: [],
  evidence: [],
  inferred: [],
  falseMatchProbability: 0,
}

function repairOf(
  run: Run,
  { shift, isSequence }: MoveFacts,
  { window, evidence, withoutGaps }: ArbitrationInput,
): Repair {
  const kinds: EvidenceKind[] = ['crc']
  if (withoutGaps) kinds.push('neighbours')
  if (isSequence) kinds.push('sequence')
  if (isIndexed(window, run, shift, evidence)) kinds.push('index')
  if (isNamed(run, evidence)) kinds.push('segmentName')
  kinds.push('moved')
  const before = run.repair ?? UNTOUCHED
  return {
    ...before,
    message: [before.message, MESSAGE].filter((text) => text !== '').join('; '),
    evidence: [...new Set([...before.evidence, ...kinds])],
  }
}

/** Whether an index entry has one of the run's batches where it will stand. */
function isIndexed(
  window: Window,
  run: Run,
  shift: number,
  { offsetIndex, segmentBaseOffset }: Evidence,
): boolean {
  if (offsetIndex === null || segmentBaseOffset === null) return false
  const positions = offsetIndex.positions.subarray(0, offsetIndex.trustedCount)
  for (const { position, baseOffset, lastOffset: last } of headersOf(window, run)) {
    const entry = firstIndex(positions, (indexed) => indexed >= position + shift)
    if (positions[entry] !== position + shift) continue
    const offset = segmentBaseOffset + BigInt(int32At(offsetIndex.relativeOffsets, entry))
    if (baseOffset <= offset && offset <= last) return true
  }
  return false
}

const isNamed = (run: Run, { segmentBaseOffset, nextSegmentBaseOffset }: Evidence): boolean =>
  firstOffset(run) === segmentBaseOffset || lastOffset(run) + 1n === nextSegmentBaseOffset

/** What is left; second copies of what was put back are no longer without a place, but one too many. */
function withoutFound(
  rejected: readonly Rejected[],
  found: ReadonlyMap<Run, Placement>,
): Rejected[] {
  const copies = new Set([...found.keys()].map(copyKey))
  return rejected
    .filter(({ run }) => !found.has(run))
    .map((item) =>
      copies.has(copyKey(item.run)) ? { ...item, reason: 'duplicate-batch', ours: false } : item,
    )
}

const copyKey = ({ first, last, batches, position, end }: Run): string =>
  [first.baseOffset, first.crc, last.lastOffset, last.crc, batches, end - position].join('/')
