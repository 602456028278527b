/** `kmend reindex`: rebuilds only the derived files. */
import { resolveOptions } from '../recover/options.ts'
import { reindexPartitions } from '../recover/reindex-paths.ts'
import { toJson } from '../recover/report-json.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { printable } from '../words/words.ts'
import { createProgressBar, resolvePaths } from './common.ts'

/** Returns the exit code. */
export async function reindex(
  args: CommonArguments & { readonly out: string; readonly force: boolean },
  terminal: Terminal,
): Promise<number> {
  const partitions = resolvePaths(args.paths)
  const bar = createProgressBar(terminal, args)
  const options = resolveOptions({ signal: terminal.signal, onProgress: bar.update }, false)
  const report = await reindexPartitions(partitions, options, args.out, args.force)
  bar.clear()
  if (args.json) {
    terminal.stdout.write(`${toJson(report, 2)}\n`)
    return report.exitCode
  }
  for (const problem of [...report.damaged, ...report.errors])
    terminal.stderr.write(`kmend: ${printable(problem)}\n`)
  if (!args.quiet) {
    for (const { source, offsetIndex, timeIndex } of report.files)
      terminal.stdout.write(`${source}: ${offsetIndex}, ${timeIndex}\n`)
    if (report.files.length > 0)
      terminal.stdout.write(
        `Written below ${args.out}. Stop the broker before they go beside their .log files.\n`,
      )
  }
  return report.exitCode
}
