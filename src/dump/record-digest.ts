/** Records in short, one line each: enough to recognise them. */
import type { BatchHeader } from '../segment/record-batch.ts'
import { isControl } from '../segment/record-batch.ts'
import type { Record } from '../segment/record.ts'
import { jsonString } from '../topics/message-value.ts'
import { plural } from '../words/words.ts'
import { strictText } from './bytes-text.ts'
import { controlJson } from './record-cells.ts'

const PREVIEW_CHARS = 48
const PREVIEW_BYTES = 200

const CONTROL_CHARACTERS = /\p{Cc}/gu

/** Nothing in it moves the cursor or changes a terminal. */
const visible = (text: string): string =>
  text.replace(CONTROL_CHARACTERS, (character) => jsonString(character).slice(1, -1))

/** Made visible and short; binary in hexadecimal. */
export function preview(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  // A few bytes too many, so that a character cut in two is not taken for binary.
  const part = bytes.subarray(0, PREVIEW_BYTES)
  const text = strictText(part.length < bytes.length ? wholeCharacters(part) : part)
  const shown =
    text === null
      ? `0x${[...bytes.subarray(0, PREVIEW_CHARS / 2)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
      : `"${visible(text.slice(0, PREVIEW_CHARS))}"`
  const isCut =
    text === null
      ? bytes.length > PREVIEW_CHARS / 2
      : text.length > PREVIEW_CHARS || part.length < bytes.length
  return `${shown}${isCut ? '…' : ''} (${bytes.length} bytes)`
}

/** Without the bytes of a last character that is not complete. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      end = bytes.length - back
      break
    }
  }
  return bytes.subarray(0, end)
}

export function recordDigest(record: Record, header: BatchHeader): string {
  const { offset, timestamp, key, value, headers } = record
  const start = `offset ${offset}  time ${timestamp}`
  if (isControl(header)) return `${start}  control ${controlJson(record)}`
  const more = headers.length === 0 ? '' : `  ${plural(headers.length, 'header')}`
  return `${start}  key ${preview(key)}  value ${preview(value)}${more}`
}
