/** Rebuilds `.index` and `.timeindex` of healthy segments, and nothing else. */
import { join } from 'node:path'
import {
  copyAttributes,
  createOutputFile,
  makeDirectory,
  moveIntoPlace,
  removeTree,
} from '../bytes/file-output.ts'
import { createIndexBuilder } from '../index/index-builder.ts'
import { walkHeaders } from '../segment/walk.ts'
import { writeDurably } from './apply.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { inspectSegment, withWindow } from './inspect.ts'
import type { PartitionInput, SegmentInput } from './inputs.ts'
import { stemOf } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import { checkOutputFolder, clearOutputFolder } from './output-folder.ts'
import { isHarmless } from './report.ts'
import { toJson } from './report-json.ts'
import { collectErrors, EXIT_DAMAGED, EXIT_FAILED, EXIT_OK, failuresOf } from './scan-paths.ts'
import { TOOL_VERSION } from './tool-version.ts'
import { checkDistinctOutputs, outputFolder } from './output-places.ts'

export interface Reindexed {
  readonly source: string
  readonly offsetIndex: string
  readonly timeIndex: string
}

/** What `kmend reindex --json` prints, and what its report.json holds: it marks the folder as ours, so that --force may replace it. */
export interface ReindexReport {
  readonly tool: 'kmend'
  readonly toolVersion: string
  readonly command: 'reindex'
  readonly files: readonly Reindexed[]
  /** Segments without new indexes: an index of damaged bytes would make a broker lose them unseen. */
  readonly damaged: readonly string[]
  readonly errors: readonly string[]
  readonly exitCode: number
}

interface Healthy {
  readonly input: SegmentInput
  readonly folder: string
  readonly diagnosis: SegmentDiagnosis
}

/** All segments are looked at before anything is written, and nothing is where none of them is whole. */
export async function reindexPartitions(
  partitions: readonly PartitionInput[],
  options: ResolvedOptions,
  out: string,
  force: boolean,
): Promise<ReindexReport> {
  checkDistinctOutputs(partitions)
  const { path: root, replaces } = checkOutputFolder(out, partitions, force)
  const errors = failuresOf(partitions)
  const damaged: string[] = []
  const healthy: Healthy[] = []
  for (const partition of partitions) {
    for (const input of partition.segments)
      await collectErrors(errors, async () => {
        const diagnosis = await diagnosisOf(input, options)
        const damage = diagnosis.damage.find((entry) => !isHarmless(entry))
        if (damage === undefined)
          healthy.push({ input, folder: outputFolder(partition), diagnosis })
        else
          damaged.push(
            `${input.source} is damaged (${damage.reason} at position ${damage.position}); use kmend repair, which builds the indexes too`,
          )
      })
  }
  const files: Reindexed[] = []
  const report = (): ReindexReport => ({
    tool: 'kmend',
    toolVersion: TOOL_VERSION,
    command: 'reindex',
    files,
    damaged,
    errors,
    exitCode: errors.length > 0 ? EXIT_FAILED : damaged.length > 0 ? EXIT_DAMAGED : EXIT_OK,
  })
  if (healthy.length === 0) return report()
  if (replaces) clearOutputFolder(root)
  makeDirectory(join(root, '.tmp'))
  try {
    for (const { input, folder, diagnosis } of healthy)
      await collectErrors(errors, async () => {
        files.push(await reindexSegment(input, diagnosis, { folder, root }, options))
      })
    if (errors.length === 0)
      writeDurably(root, 'report.json', new TextEncoder().encode(`${toJson(report(), 2)}\n`))
    return report()
  } finally {
    removeTree(join(root, '.tmp'))
  }
}

async function diagnosisOf(
  input: SegmentInput,
  options: ResolvedOptions,
): Promise<SegmentDiagnosis> {
  const { plan } = await inspectSegment(input, options, {
    fill: 'empty-batch',
    allowMetadataLoss: false,
  })
  return plan.diagnosis
}

async function reindexSegment(
  input: SegmentInput,
  diagnosis: SegmentDiagnosis,
  { folder, root }: { readonly folder: string; readonly root: string },
  options: ResolvedOptions,
): Promise<Reindexed> {
  const builder = createIndexBuilder(diagnosis.segmentBaseOffset)
  await withWindow(input.source, options, async (window) => {
    const checkpoint = checkpointFor(options, input.source, window.source.size)
    let count = 0
    for (const run of diagnosis.kept) {
      for (const header of walkHeaders(window, run.position, run.end)) {
        builder.onBatch(header)
        // Often enough for Ctrl-C, and too seldom to be felt.
        if (count++ % 1024 === 0) await checkpoint(header.position)
      }
    }
  })
  const { offsetIndex, timeIndex } = builder.finish()
  const stem = stemOf(input)
  const write = (suffix: string, bytes: Uint8Array): string => {
    const temporary = join(root, '.tmp', `${stem}${suffix}`)
    const file = createOutputFile(temporary)
    try {
      file.write(bytes)
      file.sync()
    } finally {
      file.close()
    }
    copyAttributes(input.source, temporary)
    const output = join('data', folder, `${stem}${suffix}`)
    moveIntoPlace(temporary, join(root, output))
    return output
  }
  return {
    source: input.source,
    offsetIndex: write('.index', offsetIndex),
    timeIndex: write('.timeindex', timeIndex),
  }
}
