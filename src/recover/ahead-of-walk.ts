/** What the walk over a file may know of it before it comes there, because other threads have looked (read-ahead.ts). */
import { fileSize } from '../bytes/file-directory.ts'
import type { Window } from '../bytes/window.ts'
import type { VariantCounts } from '../codec/codec.ts'
import { nameOfCodecs } from '../codec/load-codecs.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { isSoundBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { AheadStretch } from './ahead-piece.ts'
import { WORTH_BYTES, WORTH_DECODING_BYTES } from './early-threads.ts'
import type { PartitionInput } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'

export interface ReadAhead {
  /** Has a file looked at, behind those before it, and those that come after it in `sources` as far as it is sensible. */
  follow(path: string, sizeInBytes: number): AheadOfWalk
  /** Ends the threads; what they have not said nobody vouches for. */
  close(): void
}

/** What is known of one file ahead of the walk over it. Positions are asked for in ascending order. */
export interface AheadOfWalk {
  /** The walk comes to `position`; undefined, or what is to be awaited before it goes on. */
  pending(position: number): Promise<void> | undefined
  /** The stretch that begins at a position, if one does. */
  stretchAt(position: number): AheadStretch | undefined
  /** What the walk takes itself, from `position` on, must start before this. */
  reachOf(position: number): number
  /**
   * How far other batches are sound from the one at `position` on; `position` itself where nobody vouches for that one.
   */
  soundUntil(position: number): number
  /** Proven batches were taken up to here, one behind the other from the last place that was asked about. */
  taken(end: number): void
  /** The walk is over. */
  end(): void
}

/** Where no threads help. */
export const NOTHING_AHEAD: AheadOfWalk = {
  pending: () => undefined,
  stretchAt: () => undefined,
  reachOf: () => Infinity,
  soundUntil: (position) => position,
  taken: () => undefined,
  end: () => undefined,
}

/** Whether a proven batch is vouched for; the walk then goes on behind it. */
export function isSound(header: BatchHeader, ahead: AheadOfWalk): boolean {
  const end = header.position + header.sizeInBytes
  if (ahead.soundUntil(header.position) < end) return false
  ahead.taken(end)
  return true
}

/**
 * The usual case: a batch that somebody vouches for, or that decodes as it should; decided without its records.
 * `variants` counts those that only a variant of their codec decodes.
 */
export const decodes = (
  window: Window,
  header: BatchHeader,
  options: DecodeOptions,
  ahead: AheadOfWalk,
  variants: VariantCounts,
): boolean =>
  isSound(header, ahead) ||
  (header.sizeInBytes <= window.capacity &&
    isSoundBatch(window.view(header.position, header.sizeInBytes), header, options, variants))

/**
 * Whether sound batches begin at a place, by the starts and ends of runs of such. A place inside a run is the start of a
 * batch only for a walk that came there batch by batch from the run's start: elsewhere a batch might lie in another
 * one's value, and nobody has looked at that.
 */
export function soundRuns(
  ends: ReadonlyMap<number, number>,
): Pick<AheadOfWalk, 'soundUntil' | 'taken'> {
  let [next, end] = [-1, -1]
  return {
    soundUntil(position) {
      if (position !== next || position >= end) end = ends.get(position) ?? position
      next = position
      return end
    },
    taken(position) {
      next = position
    },
  }
}

/**
 * Runs `work` with threads that look ahead, where they are asked for and worth it; ends them with it, or with the last of
 * the sources where nothing else will be read.
 */
export async function withReadAhead<T>(
  options: ResolvedOptions,
  partitions: readonly PartitionInput[],
  sourcesOnly: boolean,
  work: (options: ResolvedOptions) => Promise<T>,
): Promise<T> {
  const { deep, digests, jobs, maxDecompressedBytes } = options
  const codecs = nameOfCodecs(options.codecs)
  // Codecs of the caller's own cannot be handed to a thread, and digests want the records here.
  if (jobs === 1 || digests || (deep && codecs === null)) return await work(options)
  const sources = partitions
    .flatMap(({ segments }) => segments)
    .map(({ source }) => ({ path: source, sizeInBytes: fileSize(source) ?? 0 }))
  const sizeInBytes = sources.reduce((sum, source) => sum + source.sizeInBytes, 0)
  if (sizeInBytes < (deep ? WORTH_DECODING_BYTES : WORTH_BYTES)) return await work(options)
  const { startReadAhead } = await import('./read-ahead.ts')
  const readAhead = startReadAhead(jobs - 1, {
    sources,
    sourcesOnly,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    decoding: deep && codecs !== null ? { codecs, maxDecompressedBytes } : null,
  })
  try {
    return await work({ ...options, readAhead })
  } finally {
    readAhead.close()
  }
}
