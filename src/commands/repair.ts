/** `kmend repair`: a repaired copy, a quarantine and a report, into a new folder. */
import type { CodecsName } from '../codec/load-codecs.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { RepairOptions } from '../recover/options.ts'
import { resolveOptions } from '../recover/options.ts'
import { repairPartitions } from '../recover/repair-paths.ts'
import { reportedOptions } from '../recover/repair-segment.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { jobsOf, parseSize, resolvePaths, threadsOf } from './common.ts'
import type { LostMarkerMode } from '../recover/made-markers.ts'
import type { SalvageMode } from '../recover/salvage/salvage-segment.ts'
import { createPrinter } from './printer.ts'
import { withReportFiles } from './report-files.ts'

export interface RepairArguments extends CommonArguments {
  readonly out: string | undefined
  readonly shallow: boolean
  readonly keepUndecodable: boolean
  readonly undo: boolean
  readonly maxFalseMatch: number | undefined
  readonly repairEffort: number | undefined
  readonly salvage: SalvageMode
  readonly lostMarker: LostMarkerMode
  readonly fill: 'empty-batch' | 'none'
  readonly codecs: CodecsName
  readonly dryRun: boolean
  readonly onlyChanged: boolean
  readonly allowMetadataLoss: boolean
  readonly force: boolean
  readonly html?: string | undefined
  readonly metrics?: string | undefined
}

/** Returns the exit code. */
export async function repair(args: RepairArguments, terminal: Terminal): Promise<number> {
  if (args.out === undefined && !args.dryRun)
    throw new InvalidArgumentError(
      'repair needs --out DIR, a new folder for the repaired copy (or --dry-run)',
    )
  const partitions = resolvePaths(args.paths)
  const printer = createPrinter(args, terminal)
  const { dryRun, force, shallow, maxDecompressed } = args
  const asked: RepairOptions = {
    keepUndecodable: args.keepUndecodable,
    undo: args.undo,
    ...(args.maxFalseMatch === undefined ? {} : { maxFalseMatch: args.maxFalseMatch }),
    ...(args.repairEffort === undefined ? {} : { repairEffort: args.repairEffort }),
    salvage: args.salvage,
    lostMarker: args.lostMarker,
    fill: args.fill,
    onlyChanged: args.onlyChanged,
    allowMetadataLoss: args.allowMetadataLoss,
    out: args.out ?? '',
    deep: !shallow,
    dryRun,
    force,
    maxDecompressedBytes: parseSize(maxDecompressed),
    jobs: jobsOf(args),
    codecs: args.codecs,
    signal: terminal.signal,
    onProgress: printer.onProgress,
  }
  const options = resolveOptions(asked, true)
  // The size as it was typed.
  const head = {
    command: 'repair',
    options: { ...reportedOptions(asked, options), maxDecompressed },
  }
  const report = await withReportFiles(args, 'repair', partitions, () =>
    repairPartitions(partitions, { ...options, ...threadsOf(terminal) }, asked, head, printer),
  )
  printer.finish(report, dryRun ? null : (args.out ?? null))
  return report.summary.exitCode
}
