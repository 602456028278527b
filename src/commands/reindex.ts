/** `kmend reindex`: rebuilds only the derived files. */
import { resolveOptions } from '../recover/options.ts'
import { reindexPartitions } from '../recover/reindex-paths.ts'
import { TOOL_VERSION } from '../recover/report.ts'
import { toJson } from '../recover/report-json.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { createProgressBar, resolvePaths } from './common.ts'

/** Returns the exit code. */
export async function reindex(
  args: CommonArguments & { readonly out: string; readonly force: boolean },
  terminal: Terminal,
): Promise<number> {
  const partitions = resolvePaths(args.paths)
  const bar = createProgressBar(terminal, args)
  const options = resolveOptions({ signal: terminal.signal, onProgress: bar.update }, false)
  const files = await reindexPartitions(partitions, options, args.out, args.force)
  bar.clear()
  if (args.json)
    terminal.stdout.write(
      `${toJson({ tool: 'kmend', toolVersion: TOOL_VERSION, command: 'reindex', files }, 2)}\n`,
    )
  else if (!args.quiet) {
    for (const { source, offsetIndex, timeIndex } of files)
      terminal.stdout.write(`${source}: ${offsetIndex}, ${timeIndex}\n`)
  }
  return 0
}
