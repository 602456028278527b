/**
 * A worker thread that decodes batches ahead of the walk (decode-ahead.ts). It says which batches are sound, and
 * nothing else: whatever it does not vouch for is looked at by the walk itself, so nothing here decides anything.
 */
import { parentPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import { defaultCodecs } from '../codec/default-codecs.ts'
import { isSoundBatch } from '../segment/decode-batch.ts'
import { V2_HEADER_BYTES } from '../segment/layout.ts'
import { decodeBatchHeader, lengthFits } from '../segment/record-batch.ts'
import { createSweeps, resync } from '../segment/resync.ts'

/** Batches that start in [from, end) of a file. */
export interface DecodeTask {
  readonly id: number
  readonly path: string
  readonly from: number
  readonly end: number
  readonly maxDecompressedBytes: number
}

export interface DecodeAnswer {
  readonly id: number
  /** Start and end of each run of batches that touch, are of magic 2 and decode without anything to be said of it. */
  readonly sound: readonly number[]
}

/** The place of the first batch in the range, proven or at the start of the file; the end when there is none. */
function firstBatch(window: Window, { from, end }: DecodeTask): number {
  if (from === 0) return 0
  const search = resync(window, createSweeps(window), from)
  for (let turn = search.next(); ; turn = search.next())
    if (turn.done === true) return turn.value?.position ?? end
}

/** Never throws for what is in the file. */
export function findSound(window: Window, task: DecodeTask): number[] {
  const options = { codecs: defaultCodecs, maxDecompressedBytes: task.maxDecompressedBytes }
  const sound: number[] = []
  for (let position = firstBatch(window, task); position < task.end;) {
    const header = decodeBatchHeader(window.view(position, V2_HEADER_BYTES), position)
    if (header?.magic !== 2 || !lengthFits(header, window.source.size)) break
    const end = position + header.sizeInBytes
    // What is larger than the window is left to the walk: a false header may claim anything.
    if (header.sizeInBytes > window.capacity) break
    const isSound = isSoundBatch(window.view(position, header.sizeInBytes), header, options)
    if (window.unreadable.length > 0) break
    if (isSound) {
      if (sound.at(-1) === position) sound[sound.length - 1] = end
      else sound.push(position, end)
    }
    position = end
  }
  return sound
}

function answer(task: DecodeTask): DecodeAnswer {
  const source = openFileSource(task.path)
  const window = new Window(source)
  try {
    return { id: task.id, sound: findSound(window, task) }
  } finally {
    window.release()
    source.close()
  }
}

const serve = (port: MessagePort): unknown =>
  port.on('message', (task: DecodeTask) => {
    port.postMessage(answer(task))
  })

if (parentPort !== null) serve(parentPort)
