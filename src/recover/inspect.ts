/** One segment, from its file to everything that is known about it. Opens, reads, closes; writes nothing. */
import type { ByteSource } from '../bytes/byte-source.ts'
import { fileIdentity, fileSize } from '../bytes/file-directory.ts'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import type { IndexStates } from './companions.ts'
import { checkIndexes } from './companions.ts'
import type { SoundBatches } from './decode-ahead.ts'
import { diagnose } from './diagnose.ts'
import type { SegmentInput } from './inputs.ts'
import { gatherEvidence, readTimeIndex } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import type { PlanOptions, RepairPlan } from './plan.ts'
import { planRepair } from './plan.ts'
import type { SalvageMode, SalvagePlan } from './salvage/salvage-segment.ts'
import { planSalvage } from './salvage/salvage-segment.ts'
import { createSegmentWatch } from './segment-watch.ts'
import type { LostMarkerMode } from './made-markers.ts'
import { makeMarkers } from './made-markers.ts'
import type { TransactionFindings } from './transactions.ts'
import { analyseTransactions, NO_TRANSACTIONS } from './transactions.ts'

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
  const window = new Window(source, options.windowBytes)
  try {
    return await use(window)
  } finally {
    window.release()
    source.close()
  }
}

/** Has the batches of a file decoded by the threads there are. */
export const soundOf = (
  { ahead }: ResolvedOptions,
  path: string,
  { source }: Window,
): { sound?: SoundBatches } =>
  ahead === undefined ? {} : { sound: ahead.follow(path, source.size) }

function prepare({ ahead }: ResolvedOptions, following: SegmentInput | undefined): void {
  const size = following === undefined ? null : fileSize(following.source)
  if (following !== undefined && size !== null) ahead?.prepare(following.source, size)
}

export async function inspectSegment(
  input: SegmentInput,
  options: ResolvedOptions,
  planOptions: Omit<PlanOptions, 'topic' | 'isLast' | 'salvaged'>,
  salvageMode: SalvageMode = 'none',
  lostMarker: LostMarkerMode = 'leave',
  /** The segment that is inspected after this one, so that threads need not wait for it. */
  following?: SegmentInput,
): Promise<Inspection> {
  options.signal?.throwIfAborted()
  const before = fileIdentity(input.source)
  return await withWindow(input.source, options, async (window) => {
    const onProgress = checkpointFor(options, input.source, window.source.size)
    const sound = soundOf(options, input.source, window)
    prepare(options, following)
    const evidence = gatherEvidence(input)
    const timeIndex = readTimeIndex(input)
    const watch = createSegmentWatch(evidence.segmentBaseOffset, evidence.offsetIndex, timeIndex)
    const diagnosis = await diagnose(window, evidence, { ...options, ...sound, watch, onProgress })
    const salvage = await planSalvage(window, diagnosis, {
      mode: salvageMode,
      maxDecompressedBytes: options.maxDecompressedBytes,
      timeIndex,
      onProgress,
    })
    const analysis =
      diagnosis.damage.length > 0 || watch.mayHoldTransactions(diagnosis)
        ? analyseTransactions(window, diagnosis, evidence)
        : NO_TRANSACTIONS
    const { batches, findings, notes } = makeMarkers(analysis, diagnosis, lostMarker)
    const plan = planRepair(diagnosis, {
      ...planOptions,
      salvaged: new Map([
        ...salvage.batches,
        ...[...batches].map(([damage, bytes]) => [damage, { bytes, offsets: [] }] as const),
      ]),
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
      indexes: checkIndexes(window, input, diagnosis, watch),
      transactions: findings,
      salvage: { ...salvage, notes: [...salvage.notes, ...notes] },
      sourceChanged,
    }
  })
}
