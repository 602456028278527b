/**
 * What says of a run that it belongs where its offsets fit: its producers' own numbers, or that it stands among batches
 * that are a whole piece of the log, only in another order. That it fits a gap is no proof: a batch of another
 * partition may do that.
 */
import type { Window } from '../../bytes/window.ts'
import type { Evidence } from '../evidence.ts'
import type { Appearance, Producers } from '../ownership.ts'
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
  const producers = ordered.map((run) => producersOf(window, run))
  const contradicted = new Set<Run>()
  const continued = new Set<Run>()
  const isKnown = (run: Run): boolean => accepted.has(run) || continued.has(run)
  const walk = (indexes: readonly number[], step: typeof stepForward): void => {
    const nearest = new Map<bigint, { readonly at: Appearance; readonly run: Run }>()
    for (const index of indexes) {
      const run = ordered[index]
      if (run === undefined) continue
      for (const [producerId, span] of producers[index] ?? []) {
        const near = nearest.get(producerId)
        const verdict = near === undefined ? 'silent' : step(near.at, span)
        if (near !== undefined && verdict === 'contradicts')
          for (const side of [near.run, run]) if (!accepted.has(side)) contradicted.add(side)
        if (near !== undefined && verdict === 'continues' && isKnown(near.run)) continued.add(run)
      }
      for (const [producerId, span] of producers[index] ?? [])
        nearest.set(producerId, { at: step === stepForward ? span.last : span.first, run })
    }
  }
  const indexes = [...ordered.keys()]
  walk(indexes, stepForward)
  walk(indexes.toReversed(), stepBack)
  return { continued, contradicted }
}

type Step = 'continues' | 'contradicts' | 'silent'
type Span = NonNullable<ReturnType<Producers['get']>>

const stepForward = (near: Appearance, { first }: Span): Step => compare(near, first)
const stepBack = (near: Appearance, { last }: Span): Step => compare(last, near)

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
  { segmentBaseOffset, nextSegmentBaseOffset }: Evidence,
): ReadonlySet<Run> {
  const inFile = runs.toSorted((a, b) => a.position - b.position)
  const edges = { before: segmentBaseOffset, after: nextSegmentBaseOffset, fileSize }
  const closed = new Set<Run>()
  for (const block of blocksOf(inFile))
    if (isContiguous(block) && isAnchored(block, edges))
      for (const run of block.runs) closed.add(run)
  return closed
}

interface Block {
  readonly runs: readonly Run[]
  readonly first: bigint
  readonly last: bigint
  /** The blocks beside it in the file. */
  readonly before: { readonly end: number; readonly last: bigint } | null
  readonly after: { readonly position: number; readonly first: bigint } | null
}

/** Cuts where all offsets before are below all offsets behind: the smallest stretches that are in order among each other. */
function blocksOf(inFile: readonly Run[]): Block[] {
  const lowest: bigint[] = []
  for (const run of inFile.toReversed()) {
    const behind = lowest.at(-1)
    lowest.push(behind === undefined || firstOffset(run) < behind ? firstOffset(run) : behind)
  }
  lowest.reverse()
  const blocks: Block[] = []
  let [runs, last]: [Run[], bigint | null] = [[], null]
  inFile.forEach((run, index) => {
    runs.push(run)
    if (last === null || lastOffset(run) > last) last = lastOffset(run)
    const [behind, next] = [lowest[index + 1], inFile[index + 1]]
    if (behind !== undefined && last >= behind) return
    const first = lowest[index + 1 - runs.length] ?? firstOffset(run)
    const previous = blocks.at(-1)
    const before =
      previous === undefined ? null : { end: previous.runs.at(-1)?.end ?? 0, last: previous.last }
    const after =
      next === undefined || behind === undefined ? null : { position: next.position, first: behind }
    blocks.push({ runs, first, last, before, after })
    ;[runs, last] = [[], null]
  })
  return blocks
}

function isContiguous({ runs, first, last }: Block): boolean {
  const offsets = runs.reduce((sum, run) => sum + lastOffset(run) - firstOffset(run) + 1n, 0n)
  const touch = runs.every((run, index) => index === 0 || runs[index - 1]?.end === run.position)
  return touch && offsets === last - first + 1n
}

function isAnchored(
  { runs, first, last, before, after }: Block,
  edges: {
    readonly before: bigint | null
    readonly after: bigint | null
    readonly fileSize: number
  },
): boolean {
  const [position, end] = [runs[0]?.position, runs.at(-1)?.end]
  const isLeft =
    before === null ? position === 0 : before.end === position && before.last + 1n === first
  const isRight =
    after === null
      ? end === edges.fileSize && (edges.after === null || edges.after === last + 1n)
      : after.position === end && last + 1n === after.first
  return isLeft && isRight
}
