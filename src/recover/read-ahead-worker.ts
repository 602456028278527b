/**
 * A worker thread that looks ahead of the walk (read-ahead.ts). It takes pieces that nobody has taken yet, from behind,
 * while the walk comes from the front, and tells what it finds in each.
 */
import { parentPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import { CODECS_BY_NAME } from '../codec/load-codecs.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import type { AheadTask, Found } from './ahead-piece.ts'
import { lookAhead, PIECE_FREE, PIECE_OF_THREAD } from './ahead-piece.ts'

export interface PieceAnswer {
  readonly id: number
  readonly piece: number
  readonly found: Found
}

/** Where nothing was found there is little to be found beside it: so many pieces at most are passed over then. */
const PASSED_OVER = 64

/** The pieces that are still to be had, each taken when it is asked for, but for those that are to be passed over. */
function* takePieces(
  { claims, piecesAtOnce }: AheadTask,
  passOver: { pieces: number },
): Generator<number> {
  for (let start = 0; start < claims.length; start += piecesAtOnce) {
    for (let piece = Math.min(start + piecesAtOnce, claims.length) - 1; piece >= start; piece--) {
      if (passOver.pieces > 0) passOver.pieces--
      else if (Atomics.compareExchange(claims, piece, PIECE_FREE, PIECE_OF_THREAD) === PIECE_FREE)
        yield piece
    }
  }
}

async function decodeOptions({ decoding }: AheadTask): Promise<DecodeOptions | null> {
  return decoding && { ...decoding, codecs: await CODECS_BY_NAME[decoding.codecs]() }
}

async function serve(port: MessagePort, task: AheadTask): Promise<void> {
  const { id, path, pieceBytes, sizeInBytes } = task
  const decode = await decodeOptions(task)
  const source = openFileSource(path)
  try {
    const passOver = { pieces: 0 }
    let barren = 0
    for (const piece of takePieces(task, passOver)) {
      // A window of its own: what was unreadable in one piece says nothing about others.
      const end = Math.min((piece + 1) * pieceBytes, sizeInBytes)
      const window = new Window(source, undefined, end)
      const found = lookAhead(window, piece * pieceBytes, end, decode)
      window.release()
      barren = found.stretches.length + found.sound.length > 0 ? 0 : barren + 1
      passOver.pieces = barren === 0 ? 0 : Math.min(2 ** (barren - 1), PASSED_OVER)
      const answer: PieceAnswer = { id, piece, found }
      // Copied: once a thread has handed an array over, V8 asks at every access to any array whether it is still there.
      port.postMessage(answer)
    }
  } finally {
    source.close()
  }
}

const port = parentPort
port?.on('message', (task: AheadTask) => {
  void serve(port, task)
})
