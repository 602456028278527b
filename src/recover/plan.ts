/**
 * From a diagnosis to what the repaired segment consists of. A plan is a plain value: --dry-run prints it, apply.ts
 * writes it, and nothing is decided after it.
 */
import { isLegacy } from '../segment/record-batch.ts'
import type { BatchHeader, EmptyBatch } from '../segment/record-batch.ts'
import { V2_HEADER_BYTES } from '../segment/layout.ts'
import type { Damage, SkippedRange } from './damage.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import type { Edit } from './edits.ts'
import { growth } from './edits.ts'
import { outputOrder } from './output-order.ts'
import type { Run } from './runs.ts'
import { isUnedited, lastOffset } from './runs.ts'
import type { SalvagedBatch } from './salvage/salvage-damage.ts'

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
  /** A batch made of records that were read out of a broken one; it reaches as far as that one did. */
  | ({ readonly type: 'salvaged'; readonly lastOffset: bigint } & SalvagedBatch)

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
  /** Length of the output before it. Ascending like the entries' own positions, but for batches that are put back. */
  readonly outputPosition: number
  readonly outputSizeInBytes: number
  /** Those of salvaged records that are written in its place. */
  readonly salvagedOffsets: readonly bigint[]
}

export interface RepairPlan {
  readonly diagnosis: SegmentDiagnosis
  readonly pieces: readonly Piece[]
  readonly outputSizeInBytes: number
  /** In the order of the diagnosis. */
  readonly placed: readonly PlacedDamage[]
  /** Set when nothing may be written for this log, with the reason. */
  readonly refusal: string | null
}

export interface PlanOptions {
  readonly fill: 'empty-batch' | 'none'
  /** Of the metadata log, or of a snapshot of it. */
  readonly isMetadata: boolean
  /** No segment follows: the end of this one is the end of the log. */
  readonly isLast: boolean
  readonly allowMetadataLoss: boolean
  /** Batches of salvaged records that take the place of broken ones (--salvage data). */
  readonly salvaged?: ReadonlyMap<Damage, SalvagedBatch>
}

/** The log of KRaft's controllers. */
export const METADATA_TOPIC = '__cluster_metadata'

/** A controller refuses a batch without records, and a metadata log with a hole is no metadata log. */
export function planRepair(diagnosis: SegmentDiagnosis, options: PlanOptions): RepairPlan {
  const { isMetadata } = options
  const refused = isMetadata && diagnosis.ranges.length > 0 && !options.allowMetadataLoss
  const standIns = new Map<Damage, readonly Piece[]>()
  for (const range of isMetadata ? [] : diagnosis.ranges)
    for (const [damage, made] of standInsFor(range, diagnosis.kept, options))
      standIns.set(damage, made)
  const pieces: Piece[] = []
  const places = new Map<Damage, PlacedDamage>()
  let outputPosition = 0
  const add = (piece: Piece): void => {
    pieces.push(piece)
    outputPosition += pieceBytes(piece)
  }
  for (const { before, own, run } of outputOrder(diagnosis.kept, diagnosis.damage)) {
    for (const damage of before) {
      const made = standIns.get(damage) ?? []
      const start = outputPosition
      for (const piece of made) add(piece)
      const salvagedOffsets = made.flatMap((piece) =>
        piece.type === 'salvaged' ? piece.offsets : [],
      )
      const outputSizeInBytes = outputPosition - start
      places.set(damage, {
        damage,
        outputPosition: start,
        outputSizeInBytes,
        salvagedOffsets,
      })
    }
    for (const damage of own) places.set(damage, placeInRun(damage, run, outputPosition))
    if (run !== null) add(pieceOf(run))
  }
  const placed = diagnosis.damage.flatMap((damage) => places.get(damage) ?? [])
  const refusal = refused
    ? 'a batch of the metadata log would have to be skipped; the controller refuses a log with a hole (--allow-metadata-loss writes it all the same)'
    : null
  return { diagnosis, pieces: merge(pieces), outputSizeInBytes: outputPosition, placed, refusal }
}

/** A kept or repaired batch is written with its run. */
function placeInRun(damage: Damage, run: Run | null, outputPosition: number): PlacedDamage {
  return {
    damage,
    outputPosition: outputPosition + damage.position - (run?.position ?? 0),
    outputSizeInBytes: damage.sizeInBytes + growth(damage.repair?.edits ?? []),
    salvagedOffsets: [],
  }
}

function pieceOf(run: Run): Piece {
  const { position, end, repair, first } = run
  const sizeInBytes = end - position
  return repair === null || isUnedited(run)
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
    const batch = options.salvaged?.get(damage)
    const { baseOffset, lastOffset } = damage
    if (batch === undefined || baseOffset === null || lastOffset === null || baseOffset < offset)
      continue
    put(damage, offset, baseOffset - 1n)
    made.set(damage, [...(made.get(damage) ?? []), { type: 'salvaged', ...batch, lastOffset }])
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
