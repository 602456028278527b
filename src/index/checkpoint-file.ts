/**
 * The text layout of `leader-epoch-checkpoint` and of the `*-offset-checkpoint` files (Kafka's
 * CheckpointFile): a version line `0`, a line with the number of entries, one line an entry.
 * A wholly empty file is legal and has no entries. The broker refuses anything else: with such a
 * leader-epoch file the log dir goes offline or the broker does not start.
 */
import type { ProblemList } from './index-problem.ts'
import { counted } from '../words/words.ts'

const CHECKPOINT_VERSION = '0'
const NEWLINE = 0x0a
/** How much of a wrong line goes into a message: a zero-filled file is one long line. */
const QUOTE_LIMIT = 40

export interface TextLine {
  readonly text: string
  /** Byte place of its first byte. */
  readonly position: number
}

/** Splits at newlines; the last line may lack its own. A carriage return before it is left out. */
export function* readLines(bytes: Uint8Array): Generator<TextLine, void, undefined> {
  const decoder = new TextDecoder()
  let position = 0
  while (position < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, position)
    const end = newline === -1 ? bytes.length : newline
    const text = decoder.decode(bytes.subarray(position, end))
    yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, position }
    position = end + 1
  }
}

/** Text of a file for a message: made visible and short. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text)

const INT64_MAX = 2n ** 63n - 1n

/** What Java's Long.parseLong takes, without its sign: no offset or epoch in a healthy file is negative. */
export function parseInt64(text: string | undefined): bigint | null {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return null
  const value = BigInt(text)
  return value <= INT64_MAX ? value : null
}

/** As `parseInt64`, up to 2^31 - 1. */
export function parseInt32(text: string | undefined): number | null {
  const value = parseInt64(text)
  return value !== null && value <= 0x7fffffffn ? Number(value) : null
}

/** Reports what is wrong with the three-part layout and hands each entry's line to `onEntry`. */
export function readCheckpointFile(
  bytes: Uint8Array,
  problems: ProblemList,
  onEntry: (words: readonly string[], line: TextLine, entry: number) => void,
): void {
  if (bytes.length === 0) return
  if (bytes.every((byte) => byte === 0)) {
    problems.add(null, 0, () => 'the file holds only zero bytes: its content was lost')
    return
  }
  const lines = readLines(bytes)
  const version = lines.next().value
  if (version?.text !== CHECKPOINT_VERSION) {
    problems.add(
      null,
      0,
      () =>
        `line 1 should be the version, ${CHECKPOINT_VERSION}, but is ${quote(version?.text ?? '')}`,
    )
    return
  }
  const countLine = lines.next().value
  const count = parseInt32(countLine?.text)
  if (countLine === undefined || count === null) {
    problems.add(
      null,
      countLine?.position ?? bytes.length,
      () => `line 2 should be the number of entries, but is ${quote(countLine?.text ?? '')}`,
    )
    return
  }
  let entry = 0
  for (const line of lines) {
    onEntry(line.text.trimEnd().split(/\s+/), line, entry)
    entry++
  }
  if (entry !== count) {
    problems.add(
      null,
      countLine.position,
      () =>
        `line 2 announces ${counted(count, 'entry', 'entries')}, but ${counted(entry, 'line')} ${entry === 1 ? 'follows' : 'follow'}`,
    )
  }
}
