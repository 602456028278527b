/** What a caller can ask for, with the defaults of the product. */
import type { Codecs } from '../codec/codec.ts'
import type { CodecSource, CodecsName } from '../codec/load-codecs.ts'
import { CODECS_BY_NAME } from '../codec/load-codecs.ts'
import { DEFAULT_WINDOW_BYTES } from '../bytes/window.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { EarlyThreads } from './early-threads.ts'
import type { LostMarkerMode } from './made-markers.ts'
import type { SalvageMode } from './salvage/salvage-segment.ts'
import { DEFAULT_EFFORT } from './rungs/ledger.ts'
import { DEFAULT_MAX_FALSE_MATCH } from './rungs/rung.ts'
import type { ReadAhead } from './ahead-of-walk.ts'
import { DEFAULT_MAX_DECOMPRESSED_BYTES } from '../segment/decode-batch.ts'

export interface ScanOptions {
  /** Decode every record. Default: false for scan, true for repair. */
  readonly deep?: boolean
  /** Add the SHA-256 of each batch's records; needs `deep`. */
  readonly digests?: boolean
  readonly keepUndecodable?: boolean
  /** Put right what can be proven. Default true; false: damage is skipped and nothing is undone. */
  readonly undo?: boolean
  /** Largest accepted chance that an undo is wrong, above 0 and up to 1. Default 1e-4. */
  readonly maxFalseMatch?: number
  /** Steps (not time) that the search for an undo may take in one batch. Default 2^29. */
  readonly repairEffort?: number
  /** Most bytes one batch may decompress to. Default 1 GiB. */
  readonly maxDecompressedBytes?: number
  /** How much of a file is held in memory at once. Default 1 MiB. */
  readonly windowBytes?: number
  /** Codecs of one's own, or by name: `js`, the default, or `native`, which is what Node has where it gives the same. */
  readonly codecs?: Codecs | CodecsName
  /** How many threads work at once; the result is the same for any number. Default 1, none beside the caller's. */
  readonly jobs?: number
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly source: string
  readonly position: number
  readonly sizeInBytes: number
}

export interface RepairOptions extends ScanOptions {
  /** The output folder: new or empty. */
  readonly out: string
  /** Replace an earlier output of kmend. */
  readonly force?: boolean
  readonly fill?: 'empty-batch' | 'none'
  /** Where records go that can be read out of batches that stay broken. Default `side`: files beside the data. */
  readonly salvage?: SalvageMode
  /**
   * What stands for a transaction marker that is lost: a placeholder (`leave`, the default), or a marker of this outcome
   * where it is certain whose it was. Where its own outcome is known, that is what is written.
   */
  readonly lostMarker?: LostMarkerMode
  /** Write only segments that differ from their source. */
  readonly onlyChanged?: boolean
  readonly allowMetadataLoss?: boolean
  /** Say what would be done and write nothing. */
  readonly dryRun?: boolean
}

export interface ResolvedOptions {
  readonly deep: boolean
  readonly digests: boolean
  readonly keepUndecodable: boolean
  readonly undo: boolean
  readonly maxFalseMatch: number
  readonly maxFalseMatchExplicit: boolean
  readonly repairEffort: number
  readonly maxDecompressedBytes: number
  readonly windowBytes: number
  readonly codecs: CodecSource
  readonly jobs: number
  /** Threads that were started before. */
  readonly threads?: EarlyThreads
  /** Threads that look ahead, while there are some. */
  readonly readAhead?: ReadAhead
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: Progress) => void) | undefined
}

const checkBytes = (name: string, value: number | undefined, smallest: number): void => {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= smallest)) {
    throw new InvalidArgumentError(
      `${name} is ${value}; it must be a whole number of bytes, at least ${smallest}`,
    )
  }
}

function checkUndo({ maxFalseMatch, repairEffort }: ScanOptions): void {
  if (maxFalseMatch !== undefined && !(maxFalseMatch > 0 && maxFalseMatch <= 1))
    throw new InvalidArgumentError(
      `maxFalseMatch is ${maxFalseMatch}; it must be a probability above 0 and up to 1`,
    )
  if (repairEffort !== undefined && !(Number.isSafeInteger(repairEffort) && repairEffort >= 0))
    throw new InvalidArgumentError(
      `repairEffort is ${repairEffort}; it must be a whole number of steps`,
    )
}

/** Throws InvalidArgumentError for an option out of range. */
export function resolveOptions(options: ScanOptions, deep: boolean): ResolvedOptions {
  // Infinity: the whole file at once.
  if (options.windowBytes !== Infinity) checkBytes('windowBytes', options.windowBytes, 1)
  checkBytes('maxDecompressedBytes', options.maxDecompressedBytes, 0)
  const { jobs, codecs } = options
  if (typeof codecs === 'string' && !Object.hasOwn(CODECS_BY_NAME, codecs))
    throw new InvalidArgumentError(`codecs is ${codecs}; it must be js or native`)
  if (jobs !== undefined && !(Number.isSafeInteger(jobs) && jobs > 0))
    throw new InvalidArgumentError(`jobs is ${jobs}; it must be a whole number above 0`)
  checkUndo(options)
  return {
    deep: options.deep ?? (deep || options.digests === true),
    digests: options.digests ?? false,
    keepUndecodable: options.keepUndecodable ?? false,
    undo: options.undo ?? true,
    maxFalseMatch: options.maxFalseMatch ?? DEFAULT_MAX_FALSE_MATCH,
    maxFalseMatchExplicit: options.maxFalseMatch !== undefined,
    repairEffort: options.repairEffort ?? DEFAULT_EFFORT,
    maxDecompressedBytes: options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES,
    windowBytes: options.windowBytes ?? DEFAULT_WINDOW_BYTES,
    codecs:
      typeof options.codecs === 'object' ? options.codecs : CODECS_BY_NAME[options.codecs ?? 'js'],
    jobs: options.jobs ?? 1,
    signal: options.signal,
    onProgress: options.onProgress,
  }
}

/**
 * Gives the event loop its turn, so that signals and timers are heard during synchronous work, and ends the work
 * when the signal says so.
 */
export function checkpointFor(
  options: ResolvedOptions,
  source: string,
  sizeInBytes: number,
): (position: number) => Promise<void> {
  let last = 0
  return async (position) => {
    const now = performance.now()
    if (now - last < 20) return
    last = now
    options.onProgress?.({ source, position, sizeInBytes })
    await new Promise<void>((resolve) => setImmediate(resolve))
    options.signal?.throwIfAborted()
  }
}
