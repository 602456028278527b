/** The library's way to repair: a path in, a folder and a report out. */
import type { RepairOptions, ResolvedOptions } from './options.ts'
import { resolveOptions } from './options.ts'
import { resolveInput } from './inputs.ts'
import { repairPartitions } from './repair-paths.ts'
import type { Report } from './report.ts'

/**
 * Repairs a segment, a partition directory or a log dir into `options.out` and returns the report that is written
 * there. Damage is in the report, not thrown. Throws InvalidArgumentError or OutputExistsError before anything is
 * written, and the signal's reason when it is aborted; what the machine refuses later is in the report's `errors`.
 */
export async function repairSegment(path: string, options: RepairOptions): Promise<Report> {
  const settings = resolveOptions(options, true)
  return await repairPartitions(resolveInput(path), settings, options, {
    command: 'repair',
    options: reportedOptions(options, settings),
  })
}

/** What changes the result, as the command line reports it; sizes in bytes. */
export function reportedOptions(
  asked: RepairOptions,
  { deep, keepUndecodable, undo, maxDecompressedBytes }: ResolvedOptions,
): Readonly<Record<string, unknown>> {
  const { maxFalseMatch, repairEffort, salvage, lostMarker, fill } = asked
  return {
    shallow: !deep,
    keepUndecodable,
    undo,
    ...(maxFalseMatch === undefined ? {} : { maxFalseMatch }),
    ...(repairEffort === undefined ? {} : { repairEffort }),
    salvage: salvage ?? 'side',
    lostMarker: lostMarker ?? 'leave',
    fill: fill ?? 'empty-batch',
    onlyChanged: asked.onlyChanged ?? false,
    allowMetadataLoss: asked.allowMetadataLoss ?? false,
    maxDecompressed: maxDecompressedBytes,
  }
}
