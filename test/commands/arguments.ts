/** The arguments of the commands as yargs would pass them, with its defaults. */
import type { CommonArguments } from '../../src/commands/common.ts'
import type { RepairArguments } from '../../src/commands/repair.ts'
import type { ScanArguments } from '../../src/commands/scan.ts'

const common = (paths: readonly string[]): CommonArguments => ({
  paths,
  json: false,
  quiet: false,
  color: true,
  maxDecompressed: '1GiB',
})

export const scanArguments = (
  paths: readonly string[],
  changes: Partial<ScanArguments> = {},
): ScanArguments => ({ ...common(paths), deep: false, digests: false, codecs: 'js', ...changes })

export const repairArguments = (
  paths: readonly string[],
  changes: Partial<RepairArguments> = {},
): RepairArguments => ({
  ...common(paths),
  out: undefined,
  shallow: false,
  keepUndecodable: false,
  undo: true,
  maxFalseMatch: undefined,
  repairEffort: undefined,
  salvage: 'side',
  lostMarker: 'leave',
  fill: 'empty-batch',
  codecs: 'js',
  dryRun: false,
  onlyChanged: false,
  allowMetadataLoss: false,
  force: false,
  ...changes,
})

export const reindexArguments = (
  paths: readonly string[],
  out: string,
  changes: Partial<CommonArguments & { force: boolean }> = {},
): CommonArguments & { readonly out: string; readonly force: boolean } => ({
  ...common(paths),
  out,
  force: false,
  ...changes,
})
