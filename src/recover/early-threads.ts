/**
 * Threads that are started while the rest of kmend is still being loaded, where a command line names enough bytes that
 * they are likely to be wanted. They are as good as others, a twentieth of a second sooner; one that nobody takes does
 * nothing, and keeps no process alive.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { sizeWithin } from '../bytes/file-directory.ts'

/** Below this the threads would take longer to start than they save. */
export const WORTH_BYTES: number = 128 * 1024 * 1024
export const WORTH_DECODING_BYTES: number = 8 * 1024 * 1024

export interface EarlyThreads {
  /** At most so many of those that are left. Whoever takes them ends them. */
  take(count: number): Worker[]
}

/** A thread that looks ahead (read-ahead-worker.ts). */
export const startThread = (module?: URL): Worker =>
  new Worker(module ?? new URL('./read-ahead-worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  })

const NO_THREADS: EarlyThreads = { take: () => [] }

/** Options that ask for another number of threads, or for work that they cannot help with. */
const WITHOUT = /^--(?:jobs|digests|help)\b/

/** Starts threads for a command line, as many as there are processors beside this one's; or none. */
export function startEarlyThreads(
  [command, ...words]: readonly string[],
  start: () => Worker = startThread,
): EarlyThreads {
  const isScan = command === 'scan'
  if (!(isScan || command === 'repair') || words.some((word) => WITHOUT.test(word)))
    return NO_THREADS
  const decodes = isScan ? words.includes('--deep') : !words.includes('--shallow')
  const sizeInBytes = words
    .filter((word) => !word.startsWith('-'))
    .reduce((sum, path) => sum + sizeWithin(path, '.log'), 0)
  if (sizeInBytes < (decodes ? WORTH_DECODING_BYTES : WORTH_BYTES)) return NO_THREADS
  const threads = Array.from({ length: availableParallelism() - 1 }, start)
  for (const thread of threads) {
    thread.unref()
    // One that fails takes no work.
    thread.on('error', () => undefined)
  }
  return {
    take(count) {
      const taken = threads.splice(0, count)
      for (const thread of taken) thread.ref()
      return taken
    },
  }
}
