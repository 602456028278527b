/** Rebuilds `.index` and `.timeindex` of healthy segments, and nothing else. */
import { join } from 'node:path'
import {
  copyAttributes,
  createOutputFile,
  makeDirectory,
  moveIntoPlace,
  removeTree,
} from '../bytes/file-output.ts'
import { InvalidArgumentError } from '../errors.ts'
import { createIndexBuilder } from '../index/index-builder.ts'
import { walkHeaders } from '../segment/walk.ts'
import { writeDurably } from './apply.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { inspectSegment, withWindow } from './inspect.ts'
import type { PartitionInput, SegmentInput } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'
import { checkOutputFolder, clearOutputFolder } from './output-folder.ts'
import { isHarmless, TOOL_VERSION } from './report.ts'
import { toJson } from './report-json.ts'
import { checkDistinctOutputs, outputFolder } from './repair-paths.ts'

export interface Reindexed {
  readonly source: string
  readonly offsetIndex: string
  readonly timeIndex: string
}

/** Throws InvalidArgumentError for a damaged segment: an index of damaged bytes would make a broker lose them unseen. */
export async function reindexPartitions(
  partitions: readonly PartitionInput[],
  options: ResolvedOptions,
  out: string,
  force: boolean,
): Promise<readonly Reindexed[]> {
  checkDistinctOutputs(partitions)
  const { path: root, replaces } = checkOutputFolder(out, partitions, force)
  if (replaces) clearOutputFolder(root)
  // All are looked at before anything is written.
  const healthy: { input: SegmentInput; folder: string; diagnosis: SegmentDiagnosis }[] = []
  for (const partition of partitions) {
    for (const input of partition.segments) {
      healthy.push({
        input,
        folder: outputFolder(partition),
        diagnosis: await inspectHealthy(input, options),
      })
    }
  }
  makeDirectory(join(root, '.tmp'))
  try {
    const files: Reindexed[] = []
    for (const { input, folder, diagnosis } of healthy) {
      files.push(await reindexSegment(input, diagnosis, { folder, root }, options))
    }
    // It marks the folder as ours, so that --force may replace it.
    const report = { tool: 'kmend', toolVersion: TOOL_VERSION, command: 'reindex', files }
    writeDurably(root, 'report.json', new TextEncoder().encode(`${toJson(report, 2)}\n`))
    return files
  } finally {
    removeTree(join(root, '.tmp'))
  }
}

async function inspectHealthy(
  input: SegmentInput,
  options: ResolvedOptions,
): Promise<SegmentDiagnosis> {
  const { plan } = await inspectSegment(input, options, {
    fill: 'empty-batch',
    allowMetadataLoss: false,
  })
  const damage = plan.diagnosis.damage.find((entry) => !isHarmless(entry))
  if (damage !== undefined) {
    throw new InvalidArgumentError(
      `${input.source} is damaged (${damage.reason} at position ${damage.position}); use kmend repair, which builds the indexes too`,
    )
  }
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
    for (const run of diagnosis.kept)
      for (const header of walkHeaders(window, run.position, run.end)) builder.onBatch(header)
    await Promise.resolve()
  })
  const { offsetIndex, timeIndex } = builder.finish()
  const stem = input.fileName.replace(/\.log$/, '')
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
