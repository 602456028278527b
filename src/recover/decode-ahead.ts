/**
 * Decoding on several threads. Workers decode batches ahead of the walk and say which ones are sound; the walk itself
 * goes over the file in order, proves every batch by its CRC, and decodes what nobody vouched for. So what is found
 * is the same for any number of threads.
 */
import { Worker } from 'node:worker_threads'
import { fileSize } from '../bytes/file-directory.ts'
import { loadDefaultCodecs } from '../codec/load-codecs.ts'
import type { Window } from '../bytes/window.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { isSoundBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { DecodeAnswer, DecodeTask } from './decode-worker.ts'
import type { PartitionInput } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'

const TASK_BYTES = 4 * 1024 * 1024

/** What is known of one file. */
export interface SoundBatches {
  /** To be awaited before asking about batches from `position` on; undefined where all is known there. */
  pending(position: number): Promise<void> | undefined
  /**
   * How far batches are sound from the batch at `position` on; `position` itself where nobody vouches for that one.
   * Asked for in ascending order.
   */
  soundUntil(position: number): number
  /** Proven batches were taken up to here, one behind the other from the last place that was asked about. */
  taken(end: number): void
}

export interface DecodeAhead {
  /** Has a file's batches decoded, behind those of the files before it. Asking again gives the same answer once. */
  follow(path: string, sizeInBytes: number): SoundBatches
  /** The same, for a file that `follow` will ask for next. */
  prepare(path: string, sizeInBytes: number): void
  /** Ends the threads; what they have not said nobody vouches for. */
  close(): void
}

/** Where no threads decode. */
export const NOTHING_SOUND: SoundBatches = {
  pending: () => undefined,
  soundUntil: (position) => position,
  taken: () => undefined,
}

/** Whether a proven batch is vouched for; the walk then goes on behind it. */
export function isSound(header: BatchHeader, sound: SoundBatches | undefined): boolean {
  const end = header.position + header.sizeInBytes
  if (sound === undefined || sound.soundUntil(header.position) < end) return false
  sound.taken(end)
  return true
}

/** The usual case: a batch that somebody vouches for, or that decodes as it should; decided without its records. */
export const decodes = (
  window: Window,
  header: BatchHeader,
  options: DecodeOptions & { readonly sound?: SoundBatches },
): boolean =>
  isSound(header, options.sound) ||
  (header.sizeInBytes <= window.capacity &&
    isSoundBatch(window.view(header.position, header.sizeInBytes), header, options))

interface Waiting {
  readonly task: DecodeTask
  readonly settle: (sound: readonly number[]) => void
}

interface Thread {
  readonly worker: Worker
  busy: Waiting | null
}

export interface DecodeAheadSettings {
  readonly maxDecompressedBytes: number
  /** How much a thread takes at a time. */
  readonly taskBytes?: number
  /** The module that a thread runs. */
  readonly module?: URL
}

/** Starts threads. Close it, or they keep the process alive. */
export function startDecodeAhead(jobs: number, settings: DecodeAheadSettings): DecodeAhead {
  const { maxDecompressedBytes, taskBytes = TASK_BYTES } = settings
  const module = settings.module ?? new URL('./decode-worker.js', import.meta.url)
  const queue: Waiting[] = []
  let nextId = 0
  let closed = false
  const close = (): void => {
    closed = true
    for (const thread of threads) {
      thread.busy?.settle([])
      thread.busy = null
      void thread.worker.terminate()
    }
    for (const waiting of queue.splice(0)) waiting.settle([])
  }
  const feed = (thread: Thread): void => {
    thread.busy = queue.shift() ?? null
    if (thread.busy !== null) thread.worker.postMessage(thread.busy.task)
  }
  const startThread = (): Thread => {
    const limits = { maxYoungGenerationSizeMb: 8 }
    const thread: Thread = {
      worker: new Worker(module, { resourceLimits: limits }),
      busy: null,
    }
    thread.worker.on('message', ({ sound }: DecodeAnswer) => {
      thread.busy?.settle(sound)
      feed(thread)
    })
    // A worker that fails vouches for nothing; the walk will meet the cause itself, if there is one.
    thread.worker.on('error', close)
    return thread
  }
  const threads = Array.from({ length: jobs }, startThread)
  const decode = (path: string, from: number, end: number): Promise<readonly number[]> =>
    new Promise((settle) => {
      if (closed) {
        settle([])
        return
      }
      queue.push({ task: { id: nextId++, path, from, end, maxDecompressedBytes }, settle })
      const idle = threads.find(({ busy }) => busy === null)
      if (idle !== undefined) feed(idle)
    })
  const prepared = new Map<string, SoundBatches>()
  const decodeAll = (path: string, sizeInBytes: number): SoundBatches => {
    const tasks = Math.ceil(sizeInBytes / taskBytes)
    const answers = Array.from({ length: tasks }, (_, index) =>
      decode(path, index * taskBytes, Math.min((index + 1) * taskBytes, sizeInBytes)),
    )
    return collectSound(answers, taskBytes)
  }
  return {
    close,
    prepare(path, sizeInBytes) {
      if (!prepared.has(path)) prepared.set(path, decodeAll(path, sizeInBytes))
    },
    follow(path, sizeInBytes) {
      const sound = prepared.get(path) ?? decodeAll(path, sizeInBytes)
      prepared.delete(path)
      return sound
    },
  }
}

/** `answers`: one for each `taskBytes` of a file. */
export function collectSound(
  answers: readonly Promise<readonly number[]>[],
  taskBytes: number,
): SoundBatches {
  const ends = new Map<number, number>()
  const known = answers.map(() => false)
  const taken = answers.map(async (answer, index) => {
    const sound = await answer
    for (let at = 0; at + 1 < sound.length; at += 2) ends.set(sound[at] ?? 0, sound[at + 1] ?? 0)
    known[index] = true
  })
  // A place inside a run is the start of a batch only for a walk that came there batch by batch from the run's start:
  // elsewhere a batch might lie in another one's value, and nobody has looked at that.
  let [next, end] = [-1, -1]
  return {
    pending(position) {
      const index = Math.floor(position / taskBytes)
      return known[index] === false ? taken[index] : undefined
    },
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

/** Below this the threads would take longer to start than they save. */
const WORTH_BYTES = 16 * 1024 * 1024

/** Runs `work` with threads that decode ahead, where they are asked for and worth it; ends them with it. */
export async function withDecodeAhead<T>(
  options: ResolvedOptions,
  partitions: readonly PartitionInput[],
  work: (options: ResolvedOptions) => Promise<T>,
): Promise<T> {
  const sizeInBytes = partitions
    .flatMap(({ segments }) => segments)
    .reduce((sum, { source }) => sum + (fileSize(source) ?? 0), 0)
  const { deep, digests, jobs, codecs, maxDecompressedBytes } = options
  // Codecs of the caller's own cannot be handed to a thread, and digests want the records here.
  const worth =
    deep && !digests && jobs > 1 && codecs === loadDefaultCodecs && sizeInBytes > WORTH_BYTES
  if (!worth) return await work(options)
  const ahead = startDecodeAhead(jobs, { maxDecompressedBytes })
  try {
    return await work({ ...options, ahead })
  } finally {
    ahead.close()
  }
}
