/** What every command shares: options, output, progress, and how an outcome becomes an exit code. */
import { availableParallelism } from 'node:os'
import type { Options } from 'yargs'
import { InvalidArgumentError } from '../errors.ts'
import type { EarlyThreads } from '../recover/early-threads.ts'
import { resolveInput } from '../recover/inputs.ts'
import type { PartitionInput } from '../recover/inputs.ts'
import type { Progress } from '../recover/options.ts'
import type { Palette } from './palette.ts'
import { createPalette } from './palette.ts'
import { formatBytes } from '../words/words.ts'

/** The process as the commands see it; tests pass their own. */
export interface Terminal {
  readonly stdout: {
    /** False: it holds enough for now, and says `drain` when it has room again. */
    write(text: string): unknown
    once?(event: 'drain', listener: () => void): unknown
    readonly isTTY?: boolean
  }
  readonly stderr: {
    write(text: string): unknown
    readonly isTTY?: boolean
    readonly columns?: number
  }
  readonly signal: AbortSignal
  /** Threads that are there already. */
  readonly threads?: EarlyThreads
  readonly environment: Readonly<Partial<Record<string, string>>>
}

export interface CommonArguments {
  readonly paths: readonly string[]
  readonly json: boolean
  readonly quiet: boolean
  readonly color: boolean
  readonly maxDecompressed: string
  readonly jobs?: number
}

export const EXIT_CODES = `Exit codes:
  0    nothing is damaged (scan); every record that the source held is in the output (repair)
  1    the tool failed: input or output, or a bug
  2    wrong usage
  3    damage was found (scan); something could not be made good (repair)
  130  interrupted with Ctrl-C`

export const COMMON_OPTIONS: Readonly<Record<string, Options>> = {
  json: {
    type: 'boolean',
    default: false,
    describe: 'Print the report as JSON on stdout, and nothing else there',
  },
  quiet: { type: 'boolean', default: false, describe: 'Print only errors' },
  color: {
    type: 'boolean',
    default: true,
    describe: 'Colours on a terminal; --no-color turns them off',
  },
  'max-decompressed': {
    type: 'string',
    default: '1GiB',
    describe: 'Most bytes one batch may decompress to, e.g. 512MiB',
  },
  jobs: {
    type: 'number',
    describe: 'How many segments to work on at once (the result is the same)',
  },
  debug: { type: 'boolean', default: false, describe: 'Show stack traces' },
}

const SIZE = /^(\d+)\s*(b|k|kb|kib|m|mb|mib|g|gb|gib)?$/i
const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
}

/** Bytes from `512MiB`, `1g`, `65536`. Units are binary. */
export function parseSize(text: string): number {
  const match = SIZE.exec(text.trim())
  const unit = UNIT_BYTES[(match?.[2] ?? '').slice(0, 1).toLowerCase()]
  const bytes = Number(match?.[1]) * (unit ?? NaN)
  if (!Number.isSafeInteger(bytes))
    throw new InvalidArgumentError(
      `${text === '' ? '""' : text} is no size; write bytes, or a number with KiB, MiB or GiB`,
    )
  return bytes
}

/** `--jobs`, by default as many as there are processors. */
export const jobsOf = ({ jobs }: CommonArguments): number => jobs ?? availableParallelism()

export const threadsOf = ({ threads }: Terminal): Pick<Terminal, 'threads'> =>
  threads === undefined ? {} : { threads }

/** All the paths, resolved before any work: a path that is wrong is said before anything is written. */
export function resolvePaths(paths: readonly string[]): readonly PartitionInput[] {
  if (paths.length === 0) throw new InvalidArgumentError('no path given; see --help')
  return paths.flatMap(resolveInput)
}

export const paletteFor = (terminal: Terminal, { color }: CommonArguments): Palette =>
  createPalette(
    color && terminal.stdout.isTTY === true && terminal.environment['NO_COLOR'] === undefined,
  )

/** A line that is drawn over on a terminal's stderr; silent elsewhere, and for work that is soon done. */
export function createProgressBar(
  terminal: Terminal,
  { json, quiet }: CommonArguments,
): { readonly update: (progress: Progress) => void; readonly clear: () => void } {
  const { stderr } = terminal
  const started = performance.now()
  let drawn = 0
  if (stderr.isTTY !== true || quiet || json)
    return { update: () => undefined, clear: () => undefined }
  const clear = (): void => {
    if (drawn > 0) stderr.write(`\r${' '.repeat(drawn)}\r`)
    drawn = 0
  }
  return {
    clear,
    update({ source, position, sizeInBytes }) {
      if (performance.now() - started < 500) return
      const share = sizeInBytes === 0 ? 1 : position / sizeInBytes
      const bar = '#'.repeat(Math.round(share * 20)).padEnd(20, '.')
      const line =
        `[${bar}] ${Math.round(share * 100)}% of ${formatBytes(sizeInBytes)}  ${source}`.slice(
          0,
          (stderr.columns ?? 80) - 1,
        )
      clear()
      stderr.write(line)
      drawn = line.length
    },
  }
}
