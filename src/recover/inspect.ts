/** One segment, from its file to everything that is known about it. Opens, reads, closes; writes nothing. */
import type { ByteSource } from '../bytes/byte-source.ts'
import { fileIdentity } from '../bytes/file-directory.ts'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import type { IndexStates } from './companions.ts'
import { checkIndexes } from './companions.ts'
import type { AheadOfWalk } from './ahead-of-walk.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { diagnose } from './diagnose.ts'
import type { Evidence } from './evidence.ts'
import type { SegmentInput } from './inputs.ts'
import { gatherEvidence, readTimeIndex } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import type { PlanOptions, RepairPlan } from './plan.ts'
import { METADATA_TOPIC, planRepair } from './plan.ts'
import type { SalvageMode, SalvagePlan, SalvageSettings } from './salvage/salvage-segment.ts'
import { createSegmentWatch } from './segment-watch.ts'
import type { LostMarkerMode, MadeMarkers } from './made-markers.ts'
import { isKraftSnapshot } from '../segment/segment-name.ts'
import type { TransactionFindings } from './transactions.ts'

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

/** Has the threads there are look ahead of the walk that `use` makes over a file. */
export async function withAhead<T>(
  { readAhead }: ResolvedOptions,
  path: string,
  { source }: Window,
  use: (ahead: { readonly ahead?: AheadOfWalk }) => Promise<T>,
): Promise<T> {
  if (readAhead === undefined) return await use({})
  const ahead = readAhead.follow(path, source.size)
  try {
    return await use({ ahead })
  } finally {
    ahead.end()
  }
}

/** What only damage or transactions ask for is loaded where they are. */
async function salvageOf(
  window: Window,
  diagnosis: SegmentDiagnosis,
  settings: SalvageSettings,
): Promise<SalvagePlan> {
  if (diagnosis.damage.length === 0) return { counts: new Map(), batches: new Map(), notes: [] }
  const { planSalvage } = await import('./salvage/salvage-segment.ts')
  return await planSalvage(window, diagnosis, settings)
}

const NO_MARKERS: MadeMarkers = {
  batches: new Map(),
  findings: { lostMarkers: [], openAtEnd: [] },
  notes: [],
}

async function transactionsOf(
  window: Window,
  diagnosis: SegmentDiagnosis,
  evidence: Evidence,
  lostMarker: LostMarkerMode,
): Promise<MadeMarkers> {
  const [{ analyseTransactions }, { makeMarkers }] = await Promise.all([
    import('./transactions.ts'),
    import('./made-markers.ts'),
  ])
  return makeMarkers(analyseTransactions(window, diagnosis, evidence), diagnosis, lostMarker)
}

export async function inspectSegment(
  input: SegmentInput,
  options: ResolvedOptions,
  planOptions: Omit<PlanOptions, 'isMetadata' | 'isLast' | 'salvaged'>,
  salvageMode: SalvageMode = 'none',
  lostMarker: LostMarkerMode = 'leave',
): Promise<Inspection> {
  options.signal?.throwIfAborted()
  const before = fileIdentity(input.source)
  return await withWindow(input.source, options, async (window) => {
    const onProgress = checkpointFor(options, input.source, window.source.size)
    const evidence = gatherEvidence(input)
    const timeIndex = readTimeIndex(input)
    const watch = createSegmentWatch(evidence.segmentBaseOffset, evidence.offsetIndex, timeIndex)
    const diagnosis = await withAhead(options, input.source, window, async (ahead) =>
      diagnose(window, evidence, { ...options, ...ahead, watch, onProgress }),
    )
    const salvage = await salvageOf(window, diagnosis, {
      mode: salvageMode,
      maxDecompressedBytes: options.maxDecompressedBytes,
      timeIndex,
      onProgress,
    })
    const { batches, findings, notes } =
      diagnosis.damage.length > 0 || watch.mayHoldTransactions(diagnosis)
        ? await transactionsOf(window, diagnosis, evidence, lostMarker)
        : NO_MARKERS
    const plan = planRepair(diagnosis, {
      ...planOptions,
      salvaged: new Map([
        ...salvage.batches,
        ...[...batches].map(([damage, bytes]) => [damage, { bytes, offsets: [] }] as const),
      ]),
      isMetadata: input.topicPartition?.topic === METADATA_TOPIC || isKraftSnapshot(input.fileName),
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
