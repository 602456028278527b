/** One segment, from its file to everything that is known about it. Opens, reads, closes; writes nothing. */
import type { ByteSource } from '../bytes/byte-source.ts'
import { fileIdentity } from '../bytes/file-directory.ts'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import type { IndexStates } from './companions.ts'
import { checkIndexes } from './companions.ts'
import { diagnose } from './diagnose.ts'
import type { SegmentInput } from './inputs.ts'
import { gatherEvidence } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import type { PlanOptions, RepairPlan } from './plan.ts'
import { planRepair } from './plan.ts'
import type { SalvageMode, SalvagePlan } from './salvage/salvage-segment.ts'
import { planSalvage } from './salvage/salvage-segment.ts'
import type { TransactionFindings } from './transactions.ts'
import { checkTransactions } from './transactions.ts'

export interface Inspection {
  readonly input: SegmentInput
  readonly plan: RepairPlan
  readonly indexes: IndexStates
  readonly transactions: TransactionFindings
  readonly salvage: SalvagePlan
  readonly sourceChanged: () => boolean
}

/** Runs `use` with a window over the file, and closes the file however it ends. */
export async function withWindow<T>(
  path: string,
  options: ResolvedOptions,
  use: (window: Window) => Promise<T>,
): Promise<T> {
  const source: ByteSource = openFileSource(path)
  try {
    return await use(new Window(source, options.windowBytes))
  } finally {
    source.close()
  }
}

export async function inspectSegment(
  input: SegmentInput,
  options: ResolvedOptions,
  planOptions: Omit<PlanOptions, 'topic' | 'isLast' | 'salvaged'>,
  salvageMode: SalvageMode = 'none',
): Promise<Inspection> {
  options.signal?.throwIfAborted()
  const before = fileIdentity(input.source)
  return await withWindow(input.source, options, async (window) => {
    const onProgress = checkpointFor(options, input.source, window.source.size)
    const diagnosis = await diagnose(window, gatherEvidence(input), { ...options, onProgress })
    const salvage = await planSalvage(window, diagnosis, {
      mode: salvageMode,
      maxDecompressedBytes: options.maxDecompressedBytes,
      onProgress,
    })
    const plan = planRepair(diagnosis, {
      ...planOptions,
      salvaged: salvage.batches,
      topic: input.topicPartition?.topic ?? null,
      isLast: input.isLast,
    })
    const sourceChanged = (): boolean => {
      const now = fileIdentity(input.source)
      return (
        now.sizeInBytes !== before.sizeInBytes ||
        now.mtimeMs !== before.mtimeMs ||
        now.inode !== before.inode
      )
    }
    return {
      input,
      plan,
      indexes: checkIndexes(window, input, diagnosis),
      transactions: checkTransactions(window, diagnosis),
      salvage,
      sourceChanged,
    }
  })
}
