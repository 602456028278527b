/**
 * Repair of paths: diagnose → plan → apply, segment by segment, into a new folder. A segment is read again before it
 * is moved into its place, and report.json comes last: without it the output is not whole.
 */
import { join } from 'node:path'
import { fileIdentity, pathKind } from '../bytes/file-directory.ts'
import { freeBytes, makeDirectory, removeTree } from '../bytes/file-output.ts'
import type { Window } from '../bytes/window.ts'
import { OutputNotCleanError, SegmentIoError } from '../errors.ts'
import { baseOffsetDigits } from '../segment/segment-name.ts'
import type { Destination } from './apply.ts'
import {
  placeSegment,
  temporaryPath,
  writeDurably,
  writeQuarantine,
  writeSalvaged,
  writeSegment,
} from './apply.ts'
import type { Damage } from './damage.ts'
import { copyCompanions, restoreSteps } from './companions-out.ts'
import { withReadAhead } from './ahead-of-walk.ts'
import type { Inspection } from './inspect.ts'
import { inspectSegment, withWindow } from './inspect.ts'
import type { PartitionInput, SegmentInput } from './inputs.ts'
import { readTimeIndex } from './inputs.ts'
import { checkDistinctBases, checkDistinctOutputs, outputFolder } from './output-places.ts'
import type { RepairOptions, ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import { checkOutputFolder, clearOutputFolder } from './output-folder.ts'
import type { FileReport } from './file-report.ts'
import type { Report, SegmentReport, WrittenParts } from './report.ts'
import { isNotMadeGood, segmentReport } from './report.ts'
import { toJson } from './report-json.ts'
import { salvageDamage } from './salvage/salvage-damage.ts'
import { salvagedLine } from './salvage/salvaged-line.ts'
import type { Listener, ReportHead } from './scan-paths.ts'
import {
  assembleReport,
  collectErrors,
  EXIT_DAMAGED,
  EXIT_FAILED,
  EXIT_OK,
  failuresOf,
  notSegments,
} from './scan-paths.ts'
import { verifyOutput } from './verify.ts'
import { formatBytes } from '../words/words.ts'

interface Work {
  readonly options: ResolvedOptions
  readonly repair: RepairOptions
  /** Canonical output folder; null in a dry run. */
  readonly root: string | null
  readonly segments: SegmentReport[]
  readonly files: FileReport[]
  readonly errors: string[]
  readonly listener: Listener
}

export async function repairPartitions(
  partitions: readonly PartitionInput[],
  options: ResolvedOptions,
  repair: RepairOptions,
  head: ReportHead,
  listener: Listener = {},
): Promise<Report> {
  const started = new Date()
  checkDistinctOutputs(partitions)
  await checkDistinctBases(partitions, async (input) => {
    const { plan } = await inspectFor(repair, input, options)
    return plan.diagnosis.segmentBaseOffset
  })
  const errors = failuresOf(partitions)
  const root = repair.dryRun === true ? null : prepareFolder(partitions, repair)
  const work: Work = { options, repair, root, segments: [], files: [], errors, listener }
  try {
    if (root !== null && repair.onlyChanged !== true) checkSpaceForAll(root, partitions)
    await withReadAhead(options, partitions, false, async (running) => {
      for (const partition of partitions)
        await repairPartition(partition, { ...work, options: running })
    })
    const notGood = work.segments.some(isNotMadeGood)
    const exitCode = work.errors.length > 0 ? EXIT_FAILED : notGood ? EXIT_DAMAGED : EXIT_OK
    const isWhole = errors.length === 0 && work.segments.some(({ output }) => output != null)
    const restore = isWhole ? restoreSteps(partitions, work.files, repair.onlyChanged ?? false) : []
    const report = {
      ...assembleReport(head, started, { ...work, restore }, exitCode),
      ...(root === null ? { dryRun: true as const } : {}),
    }
    if (root !== null && work.errors.length === 0)
      writeDurably(root, 'report.json', new TextEncoder().encode(`${toJson(report, 2)}\n`))
    return report
  } finally {
    if (root !== null) removeTree(join(root, '.tmp'))
  }
}

function prepareFolder(
  partitions: readonly PartitionInput[],
  { out, force }: RepairOptions,
): string {
  const { path, replaces } = checkOutputFolder(out, partitions, force ?? false)
  if (replaces) clearOutputFolder(path)
  makeDirectory(join(path, '.tmp'))
  return path
}

async function repairPartition(partition: PartitionInput, work: Work): Promise<void> {
  const inspections: Inspection[] = []
  for (const input of partition.segments) {
    await collectErrors(work.errors, async () => {
      inspections.push(await inspectFor(work.repair, input, work.options))
    })
  }
  const before = work.segments.length
  const refused = inspections.some(({ plan }) => plan.refusal !== null)
  if (work.root !== null && !refused) checkSpace(work.root, plannedBytes(inspections))
  for (const inspection of inspections) {
    await collectErrors(work.errors, async () => {
      await repairSegmentInto(inspection, partition, refused, work)
    })
  }
  // With --only-changed the files beside the segments go along where a segment was written.
  const wanted =
    work.repair.onlyChanged !== true ||
    work.segments.slice(before).some(({ output }) => output != null)
  if (work.root !== null && !refused && wanted && partition.failure === null)
    await copyCompanions(partition, { ...work, root: work.root })
  work.files.push(...notSegments(partition))
}

const inspectFor = (
  { fill, allowMetadataLoss, salvage, lostMarker }: RepairOptions,
  input: SegmentInput,
  options: ResolvedOptions,
): Promise<Inspection> =>
  inspectSegment(
    input,
    options,
    { fill: fill ?? 'empty-batch', allowMetadataLoss: allowMetadataLoss ?? false },
    salvage ?? 'side',
    lostMarker ?? 'leave',
  )

/** Each byte of a source goes to data/ or to quarantine/, so before anything is read their sizes tell what is needed. */
function checkSpaceForAll(root: string, partitions: readonly PartitionInput[]): void {
  const sources = partitions.flatMap(({ segments }) => segments.map(({ source }) => source))
  // One that cannot be looked at is told about when its turn comes; it needs no space.
  const sizes = sources.map((source) =>
    pathKind(source) === 'file' ? fileIdentity(source).sizeInBytes : 0,
  )
  checkSpace(
    root,
    sizes.reduce((total, size) => total + size, 0),
  )
}

function checkSpace(root: string, neededBytes: number): void {
  const free = freeBytes(root)
  if (neededBytes > free)
    throw new SegmentIoError(
      `${formatBytes(neededBytes)} are needed below ${root}, ${formatBytes(free)} are free; choose a folder on a larger disk`,
      root,
    )
}

const plannedBytes = (inspections: readonly Inspection[]): number =>
  inspections.reduce(
    (sum, { plan }) =>
      sum +
      plan.outputSizeInBytes +
      plan.diagnosis.damage.reduce((bytes, entry) => bytes + entry.sizeInBytes, 0),
    0,
  )

async function repairSegmentInto(
  inspection: Inspection,
  partition: PartitionInput,
  refused: boolean,
  work: Work,
): Promise<void> {
  const { input, plan } = inspection
  const unchanged =
    plan.diagnosis.damage.length === 0 && plan.outputSizeInBytes === plan.diagnosis.sizeInBytes
  const skip = refused || (unchanged && work.repair.onlyChanged === true)
  const written =
    work.root === null
      ? null
      : skip
        ? NOT_WRITTEN
        : await write(inspection, destination(input, partition, inspection, work.root), work)
  const report = segmentReport({
    ...inspection,
    sourceChanged: inspection.sourceChanged(),
    checked: work.options.deep ? 'records' : 'crc',
    digests: false,
    written,
    notes:
      refused && plan.refusal === null
        ? ['nothing is written for this log, because of another of its segments']
        : [],
  })
  work.segments.push(report)
  work.listener.onSegment?.(report)
  if (work.root !== null) {
    const name = `reports/${join(outputFolder(partition), baseOffsetDigits(plan.diagnosis.segmentBaseOffset))}.json`
    writeDurably(work.root, name, new TextEncoder().encode(`${toJson(report, 2)}\n`))
  }
}

const NOT_WRITTEN: WrittenParts = {
  output: null,
  quarantine: new Map(),
  salvaged: new Map(),
  transactionIndex: 'none',
}

const destination = (
  input: SegmentInput,
  partition: PartitionInput,
  { plan }: Inspection,
  root: string,
): Destination => ({
  root,
  folder: outputFolder(partition),
  fileName: input.fileName,
  segmentBase: baseOffsetDigits(plan.diagnosis.segmentBaseOffset),
})

async function write(inspection: Inspection, to: Destination, work: Work): Promise<WrittenParts> {
  const { input, plan, indexes } = inspection
  return await withWindow(input.source, work.options, async (window) => {
    const checkpoint = checkpointFor(work.options, input.source, window.source.size)
    const quarantine = await writeQuarantine(window, plan.diagnosis.damage, to, checkpoint)
    const salvaged = await writeAllSalvaged(window, inspection, to, work)
    const written = await writeSegment(window, plan, to, checkpoint)
    // Read again while the device is still busy with it.
    const verified = verifyOutput(temporaryPath(to), inspection, work.options)
    const [problem] = await Promise.all([verified, written.durable])
    if (problem !== null) {
      throw new OutputNotCleanError(
        `${input.source}: the repaired copy was read again and is not clean (${problem}); it was not put into place. Please report this.`,
      )
    }
    const output = placeSegment(input.source, written.indexes, to)
    const transactionIndex = indexes.transactionIndex.source === 'missing' ? 'none' : 'copied'
    return { output, quarantine, salvaged, transactionIndex }
  })
}

/** Reads the records out once more, as they were found: many of them would not fit in memory until now. */
async function writeAllSalvaged(
  window: Window,
  { input, plan, salvage }: Inspection,
  to: Destination,
  { options: { maxDecompressedBytes } }: Work,
): Promise<ReadonlyMap<Damage, string>> {
  if (salvage.counts.size === 0) return new Map()
  const sources = { maxDecompressedBytes, timeIndex: readTimeIndex(input) }
  function* salvaged(): Generator<readonly [Damage, Iterable<string>]> {
    for (const damage of salvage.counts.keys()) {
      const found = salvageDamage(window, damage, plan.diagnosis, sources)
      yield [damage, (found?.records ?? []).map((record) => salvagedLine(record, record.position))]
    }
  }
  return await writeSalvaged(salvaged(), to)
}
