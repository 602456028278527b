/** `kmend scan`: a read-only check. */
import { resolveOptions } from '../recover/options.ts'
import { scanPartitions } from '../recover/scan-paths.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { createProgressBar, parseSize, printReport, resolvePaths } from './common.ts'

export interface ScanArguments extends CommonArguments {
  readonly deep: boolean
  readonly digests: boolean
}

/** Returns the exit code. */
export async function scan(args: ScanArguments, terminal: Terminal): Promise<number> {
  const partitions = resolvePaths(args.paths)
  const bar = createProgressBar(terminal, args)
  const options = resolveOptions(
    {
      deep: args.deep || args.digests,
      digests: args.digests,
      maxDecompressedBytes: parseSize(args.maxDecompressed),
      signal: terminal.signal,
      onProgress: bar.update,
    },
    false,
  )
  const named = { deep: options.deep, digests: args.digests, maxDecompressed: args.maxDecompressed }
  const report = await scanPartitions(partitions, options, { command: 'scan', options: named })
  bar.clear()
  printReport(report, args, terminal, null)
  return report.summary.exitCode
}
