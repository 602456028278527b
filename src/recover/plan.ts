/**
 * From a diagnosis to what the repaired segment consists of. A plan is a plain value: --dry-run prints it, apply.ts
 * writes it, and nothing is decided after it.
 */
import { isLegacy } from '../segment/record-batch.ts'
import type { BatchHeader, EmptyBatch } from '../segment/record-batch.ts'
import { V2_HEADER_BYTES } from '../segment/layout.ts'
import type { Damage, SkippedRange } from './damage.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import type { Edit } from './repair.ts'
import { growth } from './repair.ts'
import type { Run } from './runs.ts'
import { lastOffset } from './runs.ts'

/** Bytes of the source, an entry of it with edits, or a placeholder for skipped offsets. */
export type Piece =
  | { readonly type: 'copy'; readonly position: number; readonly sizeInBytes: number }
  | {
      readonly type: 'edit'
      readonly position: number
      readonly sizeInBytes: number
      readonly edits: readonly Edit[]
      /** As it is after the edits. */
      readonly header: BatchHeader
    }
  | { readonly type: 'fill'; readonly batch: EmptyBatch }
  /** A batch made of records that were read out of a broken one. */
  | { readonly type: 'salvaged'; readonly bytes: Uint8Array }

/** How many bytes of output a piece becomes. */
export function pieceBytes(piece: Piece): number {
  switch (piece.type) {
    case 'copy':
      return piece.sizeInBytes
    case 'edit':
      return piece.sizeInBytes + growth(piece.edits)
    case 'fill':
      return V2_HEADER_BYTES
    case 'salvaged':
      return piece.bytes.length
  }
}

/** Where a damage entry stands in the output. */
export interface PlacedDamage {
  readonly damage: Damage
  /** Length of the output before it. */
  readonly outputPosition: number
  readonly outputSizeInBytes: number
}

export interface RepairPlan {
  readonly diagnosis: SegmentDiagnosis
  readonly pieces: readonly Piece[]
  readonly outputSizeInBytes: number
  readonly placed: readonly PlacedDamage[]
  /** Set when nothing may be written for this log, with the reason. */
  readonly refusal: string | null
}

export interface PlanOptions {
  readonly fill: 'empty-batch' | 'none'
  readonly topic: string | null
  /** No segment follows: the end of this one is the end of the log. */
  readonly isLast: boolean
  readonly allowMetadataLoss: boolean
  /** Batches of salvaged records that take the place of broken ones (--salvage data). */
  readonly salvaged?: ReadonlyMap<Damage, Uint8Array>
}

/** The controller refuses a batch without records, and a metadata log with a hole is no metadata log. */
const METADATA_TOPIC = '__cluster_metadata'

export function planRepair(diagnosis: SegmentDiagnosis, options: PlanOptions): RepairPlan {
  const metadata = options.topic === METADATA_TOPIC
  const refused = metadata && diagnosis.ranges.length > 0 && !options.allowMetadataLoss
  const standIns = new Map<Damage, readonly Piece[]>()
  for (const range of metadata ? [] : diagnosis.ranges)
    for (const [damage, made] of standInsFor(range, diagnosis.kept, options))
      standIns.set(damage, made)
  const pieces: Piece[] = []
  const placed: PlacedDamage[] = []
  let outputPosition = 0
  const add = (piece: Piece): void => {
    pieces.push(piece)
    outputPosition += pieceBytes(piece)
  }
  for (const item of inFileOrder(diagnosis)) {
    if ('run' in item) {
      add(pieceOf(item.run))
      continue
    }
    const { damage } = item
    const before = outputPosition
    // A kept or repaired batch is written with its run, which comes right after.
    for (const piece of standIns.get(damage) ?? []) add(piece)
    const outputSizeInBytes =
      damage.outcome === 'kept' || damage.outcome === 'repaired'
        ? damage.sizeInBytes + growth(damage.repair?.edits ?? [])
        : outputPosition - before
    placed.push({ damage, outputPosition: before, outputSizeInBytes })
  }
  const refusal = refused
    ? 'a batch of the metadata log would have to be skipped; the controller refuses a log with a hole (--allow-metadata-loss writes it all the same)'
    : null
  return { diagnosis, pieces: merge(pieces), outputSizeInBytes: outputPosition, placed, refusal }
}

type Item = { readonly run: Run } | { readonly damage: Damage }

function inFileOrder({ kept, damage }: SegmentDiagnosis): Item[] {
  const items: Item[] = [
    ...damage.map((entry) => ({ damage: entry })),
    ...kept.map((run) => ({ run })),
  ]
  const start = (item: Item): number => ('run' in item ? item.run.position : item.damage.position)
  // Stable: an entry comes before the run it is at, so offsets that are missing before a run stay before it.
  return items.sort((a, b) => start(a) - start(b))
}

function pieceOf({ position, end, repair, first }: Run): Piece {
  const sizeInBytes = end - position
  return repair === null
    ? { type: 'copy', position, sizeInBytes }
    : { type: 'edit', position, sizeInBytes, edits: repair.edits, header: first }
}

/** Touching copies become one: fewer, larger reads. */
function merge(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = []
  for (const piece of pieces) {
    const last = merged.at(-1)
    if (
      piece.type === 'copy' &&
      last?.type === 'copy' &&
      last.position + last.sizeInBytes === piece.position
    ) {
      merged[merged.length - 1] = { ...last, sizeInBytes: last.sizeInBytes + piece.sizeInBytes }
    } else merged.push(piece)
  }
  return merged
}

/**
 * What stands for the offsets of a skipped range, by the entry that it belongs to: batches of salvaged records, and one
 * placeholder for each stretch of offsets between them; without any the one placeholder belongs to the first entry.
 */
function standInsFor(
  range: SkippedRange,
  kept: readonly Run[],
  options: PlanOptions,
): Map<Damage, readonly Piece[]> {
  const made = new Map<Damage, Piece[]>()
  const fill = options.fill === 'none' ? null : placeholder(range, kept, options)
  const put = (damage: Damage, from: bigint, to: bigint | null): void => {
    if (fill === null || to === null || to < from) return
    const batch = { ...fill, baseOffset: from, lastOffset: to }
    made.set(damage, [...(made.get(damage) ?? []), { type: 'fill', batch }])
  }
  let [offset, near] = [range.firstOffset, range.damage[0]]
  for (const damage of range.damage) {
    const bytes = options.salvaged?.get(damage)
    const { baseOffset, lastOffset } = damage
    if (bytes === undefined || baseOffset === null || lastOffset === null || baseOffset < offset)
      continue
    put(damage, offset, baseOffset - 1n)
    made.set(damage, [...(made.get(damage) ?? []), { type: 'salvaged', bytes }])
    offset = lastOffset + 1n
    near = damage
  }
  if (near !== undefined) put(near, offset, range.lastOffset)
  return made
}

/** Null where a placeholder cannot be: nobody knows how far it reaches, or magic-0/1 batches go on behind it. */
function placeholder(
  range: SkippedRange,
  kept: readonly Run[],
  options: PlanOptions,
): EmptyBatch | null {
  if (range.lastOffset === null) return null
  const prev = kept.findLast((run) => lastOffset(run) < range.firstOffset)
  const next = kept.find((run) => run.first.baseOffset > range.firstOffset)
  const near = prev?.last ?? next?.first
  if (near !== undefined && isLegacy(near) && (next !== undefined || !options.isLast)) return null
  return {
    baseOffset: range.firstOffset,
    lastOffset: range.lastOffset,
    maxTimestamp: near?.maxTimestamp ?? -1n,
    partitionLeaderEpoch: near === undefined || isLegacy(near) ? 0 : near.partitionLeaderEpoch,
  }
}
