/** What the tests of the summaries share: running one in this process. */
import { expect } from 'chai'
import { join } from 'node:path'
import type { CommonArguments } from '../../src/commands/common.ts'
import { recordingTerminal } from '../commands/support.ts'

export const FIXTURES: string = join(import.meta.dirname, '../segments/kafka-4.1.0')
export const RECORDS: string = join(import.meta.dirname, '../topics/records')
export const CORPUS: string = join(import.meta.dirname, '../../../shared/corpus/kafka-4.1.0')
export const LOG = '00000000000000000000.log'

type Command<T> = (
  args: CommonArguments & T,
  terminal: ReturnType<typeof recordingTerminal>,
) => Promise<number>

/** What the command prints; it must succeed. */
export async function run<T>(
  command: Command<T>,
  paths: readonly string[],
  options: T,
  json = true,
): Promise<string> {
  const terminal = recordingTerminal()
  const common = { paths, json, quiet: false, color: false, maxDecompressed: '1GiB' }
  expect(await command({ ...common, ...options }, terminal)).to.equal(0)
  return terminal.out()
}
