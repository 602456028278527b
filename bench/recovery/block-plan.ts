/** Diagnosis and plan in memory, and what the plan would write. */
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import type { ScanOptions } from '../../src/kmend.ts'
import { diagnose } from '../../src/recover/diagnose.ts'
import type { Evidence } from '../../src/recover/evidence.ts'
import { NO_EVIDENCE } from '../../src/recover/evidence.ts'
import { resolveOptions } from '../../src/recover/options.ts'
import type { RepairPlan } from '../../src/recover/plan.ts'
import { applyEdits } from '../../src/recover/edits.ts'
import { planRepair } from '../../src/recover/plan.ts'
import { encodeEmptyBatch } from '../../src/segment/record-batch.ts'

/** Options by the library's names; `maxFalseMatch` as in the contract. */
export type UndoOptions = ScanOptions & { readonly maxFalseMatch?: number }

/** `beside`: what the files beside the segment say; of a segment with base 0, by default. */
export async function planInMemory(
  bytes: Uint8Array,
  options: UndoOptions,
  beside: Partial<Evidence> = {},
): Promise<RepairPlan> {
  const window = new Window(memorySource(bytes))
  const evidence = { ...NO_EVIDENCE, segmentBaseOffset: 0n, ...beside }
  const diagnosis = await diagnose(window, evidence, {
    ...resolveOptions(options, true),
    onProgress: () => undefined,
  })
  return planRepair(diagnosis, {
    fill: 'empty-batch',
    isMetadata: false,
    isLast: true,
    allowMetadataLoss: false,
  })
}

/** What the pieces of a plan are as bytes: the one place that knows their kinds. */
export function plannedBytes({ pieces }: RepairPlan, source: Uint8Array): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      pieces.map((piece) => {
        switch (piece.type) {
          case 'copy':
            return source.subarray(piece.position, piece.position + piece.sizeInBytes)
          case 'edit':
            return applyEdits(
              source.subarray(piece.position, piece.position + piece.sizeInBytes),
              piece.edits,
            )
          case 'fill':
            return encodeEmptyBatch(piece.batch)
          case 'salvaged':
            return piece.bytes
        }
      }),
    ),
  )
}

export interface Risks {
  /** Damaged places that were put right. */
  readonly undos: number
  /** For every search that was made, the chance that what it accepts is false: also where it found nothing. */
  readonly risked: readonly number[]
}

export const risksOf = ({ placed, diagnosis }: RepairPlan): Risks => ({
  undos: placed.filter(({ damage }) => damage.outcome === 'repaired').length,
  risked: diagnosis.risked,
})
