/** The library's way to repair: a path in, a folder and a report out. */
import { InvalidArgumentError } from '../errors.ts'
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
  checkChoices(path, options)
  const settings = resolveOptions(options, true)
  return await repairPartitions(resolveInput(path), settings, options, {
    command: 'repair',
    options: reportedOptions(options, settings),
  })
}

const CHOICES = {
  fill: ['empty-batch', 'none'],
  salvage: ['none', 'side', 'data'],
  lostMarker: ['leave', 'abort', 'commit'],
} as const

/** What types rule out in TypeScript, for those who call from elsewhere. */
function checkChoices(path: unknown, options: Partial<RepairOptions>): void {
  if (typeof path !== 'string') throw new InvalidArgumentError('the path must be a string')
  if (typeof options.out !== 'string' && options.dryRun !== true)
    throw new InvalidArgumentError('out must name a folder for the output, unless dryRun is true')
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES]
    if (value !== undefined && !(choices as readonly string[]).includes(value))
      throw new InvalidArgumentError(`${name} is ${value}; it must be one of ${choices.join(', ')}`)
  }
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
