/** What the tests of dump share: the command in this process, and its arguments with yargs's defaults. */
import { dump } from '../../src/commands/dump.ts'
import type { DumpArguments } from '../../src/commands/dump-arguments.ts'
import { recordingTerminal } from '../commands/support.ts'

export const dumpArguments = (
  paths: readonly string[],
  changes: Partial<DumpArguments> = {},
): DumpArguments => ({
  paths,
  json: false,
  quiet: false,
  color: true,
  maxDecompressed: '1GiB',
  format: 'text',
  deepIteration: false,
  printDataLog: false,
  skipRecordMetadata: false,
  batches: false,
  keyFormat: 'auto',
  valueFormat: 'auto',
  offsetsDecoder: false,
  transactionLogDecoder: false,
  clusterMetadataDecoder: false,
  shareGroupStateDecoder: false,
  remoteLogMetadataDecoder: false,
  showSecrets: false,
  tombstones: false,
  control: false,
  aborted: false,
  committed: false,
  ...changes,
})

export interface Dumped {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly lines: readonly string[]
}

export async function runDump(
  paths: string | readonly string[],
  changes: Partial<DumpArguments> = {},
): Promise<Dumped> {
  const terminal = recordingTerminal()
  const code = await dump(dumpArguments([paths].flat(), changes), terminal)
  const out = terminal.out()
  return { code, out, err: terminal.err(), lines: out.split('\n').slice(0, -1) }
}

/** The option that decodes the topic a path belongs to; printing keys and values for any other. */
export function decoderFor(path: string): Partial<DumpArguments> {
  if (path.includes('__consumer_offsets')) return { offsetsDecoder: true }
  if (path.includes('__transaction_state')) return { transactionLogDecoder: true }
  if (path.includes('__share_group_state')) return { shareGroupStateDecoder: true }
  if (path.includes('__remote_log_metadata')) return { remoteLogMetadataDecoder: true }
  if (/__cluster_metadata|bootstrap/.test(path)) return { clusterMetadataDecoder: true }
  return { printDataLog: true }
}
