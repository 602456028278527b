/** The library's way to repair: a path in, a folder and a report out. */
import type { RepairOptions } from './options.ts'
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
    options: {},
  })
}
