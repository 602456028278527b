/**
 * What says of a run that it belongs where its offsets fit: its producers' own numbers, or that it stands among batches
 * that are a whole piece of the log, only in another order. That it fits a gap is no proof: a batch of another
 * partition may do that.
 */
import type { Window } from '../../bytes/window.ts'
import type { Evidence } from '../evidence.ts'
import type { Appearance } from '../ownership.ts'
import { producersOf, sequenceDistance } from '../ownership.ts'
import type { Run } from '../runs.ts'
import { firstOffset, lastOffset } from '../runs.ts'

export interface SequenceJudgement {
  /** Runs whose sequences go on from accepted ones, or lead to them, exactly as the offsets do. */
  readonly continued: ReadonlySet<Run>
  /** Runs with a sequence that cannot stand where they are put. */
  readonly contradicted: ReadonlySet<Run>
}

/** `ordered`: accepted runs and others, as their offsets have them. Reads all headers once. */
export function judgeSequences(
  window: Window,
  ordered: readonly Run[],
  accepted: ReadonlySet<Run>,
): SequenceJudgement {
  const items = ordered.map((run) => ({ run, producers: producersOf(window, run) }))
  const contradicted = new Set<Run>()
  const continued = new Set<Run>()
  const note = (verdict: Step, near: Run, run: Run): void => {
    if (verdict === 'contradicts')
      for (const side of [near, run]) if (!accepted.has(side)) contradicted.add(side)
    if (verdict === 'continues' && (accepted.has(near) || continued.has(near))) continued.add(run)
  }
  const walk = (inOrder: typeof items, isForward: boolean): void => {
    const nearest = new Map<bigint, { readonly at: Appearance; readonly run: Run }>()
    for (const { run, producers } of inOrder) {
      for (const [producerId, { first, last }] of producers) {
        const near = nearest.get(producerId)
        if (near !== undefined)
          note(isForward ? compare(near.at, first) : compare(last, near.at), near.run, run)
        nearest.set(producerId, { at: isForward ? last : first, run })
      }
    }
  }
  walk(items, true)
  walk(items.toReversed(), false)
  return { continued, contradicted }
}

type Step = 'continues' | 'contradicts' | 'silent'
/**
 * Sequences of one producer never grow faster than offsets; where they grow as fast, nothing of another lies between. A
 * new epoch starts its sequences again, and an older one cannot come later.
 */
function compare(before: Appearance, after: Appearance): Step {
  if (before.producerEpoch !== after.producerEpoch)
    return before.producerEpoch < after.producerEpoch ? 'silent' : 'contradicts'
  const sequences = sequenceDistance(before.lastSequence, after.firstSequence)
  const offsets = after.firstOffset - before.lastOffset
  if (sequences === 0 || BigInt(sequences) > offsets) return 'contradicts'
  return BigInt(sequences) === offsets ? 'continues' : 'silent'
}

/**
 * Runs in stretches of the file that are closed: the bytes from their first batch to their last are whole batches and
 * nothing else, whose offsets follow each other without a gap, and on both sides they touch and join the log outside, or
 * reach an end of the file. There nothing is lost and nothing is added; only the order is another.
 */
export function inClosedBlocks(
  runs: readonly Run[],
  fileSize: number,
  { nextSegmentBaseOffset }: Evidence,
): ReadonlySet<Run> {
  const blocks = blocksOf(runs.toSorted((a, b) => a.position - b.position))
  const edges = { after: nextSegmentBaseOffset, fileSize }
  return new Set(
    blocks
      .filter((block, index) => {
        const beside = { before: blocks[index - 1], after: blocks[index + 1] }
        return isContiguous(block) && isAnchored(block, beside, edges)
      })
      .flatMap((block) => block.runs),
  )
}

interface Block {
  readonly runs: Run[]
  readonly position: number
  end: number
  first: bigint
  last: bigint
}

/** Cuts where all offsets before are below all offsets behind: the smallest stretches that are in order among each other. */
function blocksOf(inFile: readonly Run[]): Block[] {
  let lowest: bigint | null = null
  const items = inFile
    .toReversed()
    .map((run) => {
      const behind = lowest
      lowest = behind === null || firstOffset(run) < behind ? firstOffset(run) : behind
      return { run, behind }
    })
    .reverse()
  const blocks: Block[] = []
  let open: Block | null = null
  for (const { run, behind } of items) {
    const [first, last] = [firstOffset(run), lastOffset(run)]
    if (open === null) {
      open = { runs: [], position: run.position, end: run.end, first, last }
      blocks.push(open)
    }
    open.runs.push(run)
    open.end = run.end
    if (first < open.first) open.first = first
    if (last > open.last) open.last = last
    if (behind === null || open.last < behind) open = null
  }
  return blocks
}

/** All bytes are whole batches, and their offsets are all there. Runs do not share offsets, so counting is enough. */
function isContiguous({ runs, position, end, first, last }: Block): boolean {
  const offsets = runs.reduce((sum, run) => sum + lastOffset(run) - firstOffset(run) + 1n, 0n)
  const size = runs.reduce((sum, run) => sum + run.end - run.position, 0)
  return size === end - position && offsets === last - first + 1n
}

interface Beside {
  readonly before: Block | undefined
  readonly after: Block | undefined
}

interface Edges {
  readonly after: bigint | null
  readonly fileSize: number
}

/** The first batch of a log may lie above the segment's base: what was before it is deleted. */
function isAnchored(
  { position, end, first, last }: Block,
  { before, after }: Beside,
  edges: Edges,
): boolean {
  const isLeft =
    before === undefined ? position === 0 : before.end === position && before.last + 1n === first
  const isRight =
    after === undefined
      ? end === edges.fileSize && last + 1n === (edges.after ?? last + 1n)
      : after.position === end && last + 1n === after.first
  return isLeft && isRight
}
