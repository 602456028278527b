/** Text to stdout in pieces of a good size, waiting where the reader is slower than the disk. */
import type { Terminal } from './common.ts'

/** What is gathered before it is written: a call for every line costs more than the line. */
const PIECE_CHARS = 65_536

export interface Output {
  /** Gathers; nothing is written yet. */
  add(text: string): void
  /** More is gathered than should be: time to `flush`. */
  isFull(): boolean
  /** Writes what is gathered, and waits until the reader has room again. */
  flush(): Promise<void>
}

export function createOutput({ stdout, signal }: Pick<Terminal, 'stdout' | 'signal'>): Output {
  let pieces: string[] = []
  let size = 0
  return {
    add(text) {
      // Rows that go elsewhere are empty here: a list of millions of them would be all that grows.
      if (text === '') return
      pieces.push(text)
      size += text.length
    },
    isFull: () => size >= PIECE_CHARS,
    async flush() {
      if (pieces.length === 0) return
      const text = pieces.join('')
      pieces = []
      size = 0
      if (stdout.write(text) !== false || stdout.once === undefined) return
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', stop, { once: true })
        stdout.once?.('drain', () => {
          signal.removeEventListener('abort', stop)
          resolve()
        })
      })
    },
  }
}

/** Writes all that `pieces` yields; `checkpoint` is called often, and may throw to end it. Returns what it returns. */
export async function writeAll<T>(
  pieces: Generator<string | null, T>,
  output: Output,
  checkpoint: () => Promise<void>,
): Promise<T> {
  for (let count = 0; ; count++) {
    const next = pieces.next()
    if (next.done === true) {
      await output.flush()
      return next.value
    }
    if (next.value !== null) output.add(next.value)
    if (output.isFull()) await output.flush()
    if (next.value === null || count % 256 === 0) await checkpoint()
  }
}
