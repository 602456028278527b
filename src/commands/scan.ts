/** `kmend scan`: a read-only check. */
import type { CodecsName } from '../codec/load-codecs.ts'
import { resolveOptions } from '../recover/options.ts'
import { scanPartitions } from '../recover/scan-paths.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { jobsOf, parseSize, resolvePaths, threadsOf } from './common.ts'
import { createPrinter } from './printer.ts'
import { withReportFiles } from './report-files.ts'

export interface ScanArguments extends CommonArguments {
  readonly deep: boolean
  readonly digests: boolean
  readonly html?: string | undefined
  readonly metrics?: string | undefined
  readonly codecs: CodecsName
}

/** Returns the exit code. */
export async function scan(args: ScanArguments, terminal: Terminal): Promise<number> {
  const partitions = resolvePaths(args.paths)
  const printer = createPrinter(args, terminal)
  const options = resolveOptions(
    {
      deep: args.deep || args.digests,
      digests: args.digests,
      maxDecompressedBytes: parseSize(args.maxDecompressed),
      jobs: jobsOf(args),
      codecs: args.codecs,
      signal: terminal.signal,
      onProgress: printer.onProgress,
    },
    false,
  )
  const named = { deep: options.deep, digests: args.digests, maxDecompressed: args.maxDecompressed }
  const report = await withReportFiles(args, 'scan', partitions, () =>
    scanPartitions(
      partitions,
      { ...options, ...threadsOf(terminal) },
      { command: 'scan', options: named },
      printer,
    ),
  )
  printer.finish(report, null)
  return report.summary.exitCode
}
