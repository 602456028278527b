/**
 * Reading on several threads. The walk goes over a file from the front, in order, and alone decides what is found;
 * others look at pieces that it has not come to yet, from behind (ahead-piece.ts), until they meet. What they found is
 * taken where the walk comes to the place where it begins. So the result is the same for any number of threads.
 */
import type { Worker } from 'node:worker_threads'
import type { AheadOfWalk, ReadAhead } from './ahead-of-walk.ts'
import { NOTHING_AHEAD, soundRuns } from './ahead-of-walk.ts'
import type { AheadDecoding, AheadStretch, AheadTask, Found } from './ahead-piece.ts'
import { PIECE_FREE, PIECE_OF_THREAD, PIECE_OF_WALK } from './ahead-piece.ts'
import type { EarlyThreads } from './early-threads.ts'
import { startThread } from './early-threads.ts'
import type { PieceAnswer } from './read-ahead-worker.ts'

const NOTHING_FOUND: Found = { stretches: [], sound: [] }

interface FollowedFile {
  readonly task: AheadTask
  readonly answers: (Found | undefined)[]
  readonly stretches: Map<number, AheadStretch>
  readonly soundEnds: Map<number, number>
  /** Called with the next answer to the piece that is waited for. */
  wake: (() => void) | null
}

function followedFile(task: Omit<AheadTask, 'claims' | 'piecesAtOnce'>): FollowedFile {
  const pieces = Math.max(1, Math.ceil(task.sizeInBytes / task.pieceBytes))
  return {
    task: {
      ...task,
      claims: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * pieces)),
      piecesAtOnce: Math.max(1, Math.floor(BYTES_AT_ONCE / task.pieceBytes)),
    },
    answers: [],
    stretches: new Map(),
    soundEnds: new Map(),
    wake: null,
  }
}

function receive(file: FollowedFile, piece: number, found: Found): void {
  file.answers[piece] = found
  for (const stretch of found.stretches) file.stretches.set(stretch.start, stretch)
  for (let at = 0; at + 1 < found.sound.length; at += 2)
    file.soundEnds.set(found.sound[at] ?? 0, found.sound[at + 1] ?? 0)
  file.wake?.()
}

function aheadOf(file: FollowedFile): AheadOfWalk {
  const { claims, pieceBytes } = file.task
  const pieceAt = (position: number): number =>
    Math.min(Math.floor(position / pieceBytes), claims.length - 1)
  return {
    pending(position) {
      const piece = pieceAt(position)
      const before = Atomics.compareExchange(claims, piece, PIECE_FREE, PIECE_OF_WALK)
      if (before !== PIECE_OF_THREAD || file.answers[piece] !== undefined) return undefined
      return new Promise((resolve) => {
        file.wake = () => {
          if (file.answers[piece] === undefined) return
          file.wake = null
          resolve()
        }
      })
    },
    stretchAt: (position) => file.stretches.get(position),
    reachOf: (position) => (pieceAt(position) + 1) * pieceBytes,
    ...soundRuns(file.soundEnds),
    end() {
      for (let piece = 0; piece < claims.length; piece++)
        Atomics.compareExchange(claims, piece, PIECE_FREE, PIECE_OF_WALK)
    },
  }
}

export interface SourceFile {
  readonly path: string
  readonly sizeInBytes: number
}

export interface ReadAheadSettings {
  /** Files that will be followed, in order. */
  readonly sources?: readonly SourceFile[]
  /** Nothing else will be. */
  readonly sourcesOnly?: boolean
  readonly decoding: AheadDecoding | null
  /** How much is taken at a time. */
  readonly pieceBytes?: number
  /** Taken before others are started. */
  readonly threads?: EarlyThreads
  /** The module that a thread runs. */
  readonly module?: URL
}

const PIECE_BYTES = 4 * 1024 * 1024
/** Decoding takes longer, and nobody wants to wait for another one's piece. */
const DECODED_PIECE_BYTES = 1024 * 1024
/** What threads found is held until the walk comes by; it never is more than that of so many bytes, and as much again. */
const BYTES_AT_ONCE = 512 * 1024 * 1024
const FILES_AT_ONCE = 64

/** Starts threads. Close it, or they keep the process alive. */
export function startReadAhead(threads: number, settings: ReadAheadSettings): ReadAhead {
  const { decoding, sources = [] } = settings
  const pieceBytes = settings.pieceBytes ?? (decoding === null ? PIECE_BYTES : DECODED_PIECE_BYTES)
  const files = new Map<number, FollowedFile>()
  const prepared = new Map<string, FollowedFile>()
  const places = new Map(sources.map(({ path }, index) => [path, index]))
  let [nextSource, nextId, closed] = [0, 0, false]
  const close = (): void => {
    closed = true
    for (const worker of workers) void worker.terminate()
    for (const file of files.values())
      for (let piece = 0; piece < file.task.claims.length; piece++)
        if (file.answers[piece] === undefined) receive(file, piece, NOTHING_FOUND)
  }
  const hire = (worker: Worker): Worker => {
    worker.on('message', ({ id, piece, found }: PieceAnswer) => {
      const file = files.get(id)
      if (file !== undefined) receive(file, piece, found)
    })
    // One that fails vouches for nothing; the walk will meet the cause itself, if there is one.
    worker.on('error', close)
    return worker
  }
  const early = settings.threads?.take(threads) ?? []
  const workers = Array.from({ length: threads }, (_, index) =>
    hire(early[index] ?? startThread(settings.module)),
  )
  const prepare = (source: SourceFile): FollowedFile => {
    const file = followedFile({ id: nextId++, ...source, pieceBytes, decoding })
    files.set(file.task.id, file)
    for (const worker of workers) worker.postMessage(file.task)
    return file
  }
  /** The files behind the one that is followed, so that threads need not wait for the walk. */
  const prepareFrom = (first: number): void => {
    let bytes = 0
    for (const [index, source] of sources.slice(first, first + FILES_AT_ONCE).entries()) {
      if (bytes >= BYTES_AT_ONCE) return
      bytes += source.sizeInBytes
      if (first + index < nextSource) continue
      nextSource = first + index + 1
      prepared.set(source.path, prepare(source))
    }
  }
  return {
    close,
    follow(path, sizeInBytes) {
      if (closed) return NOTHING_AHEAD
      const file = prepared.get(path) ?? prepare({ path, sizeInBytes })
      prepared.delete(path)
      const next = (places.get(path) ?? -1) + 1
      if (next > 0) {
        nextSource = Math.max(nextSource, next)
        prepareFrom(next)
      }
      const ahead = aheadOf(file)
      return {
        ...ahead,
        end() {
          ahead.end()
          files.delete(file.task.id)
          // The last one: threads end while what was found is still being worked on.
          if (settings.sourcesOnly === true && nextSource === sources.length && files.size === 0)
            close()
        },
      }
    },
  }
}
