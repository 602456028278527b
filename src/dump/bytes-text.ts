/** Keys and values as text: the forms a person can ask for. */
import { isUtf8 } from 'node:buffer'
import { toBase64 } from '../topics/message-value.ts'
import type { BytesFormat } from './dump-options.ts'

const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })
/** Much faster than a TextDecoder on the short texts that keys and values mostly are. */
const validText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && byte >> 6 === 2

/**
 * As Java's StringDecoder: what is no UTF-8 becomes U+FFFD. Java gives one for a surrogate in UTF-8's clothes (ED A0
 * to ED BF and the byte after), where TextDecoder gives one for each byte; elsewhere the two agree.
 */
export function lenientText(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return validText(bytes)
  let text = ''
  let start = 0
  for (let at = bytes.indexOf(0xed); at !== -1; at = bytes.indexOf(0xed, at + 1)) {
    const second = bytes[at + 1]
    if (second === undefined || second < 0xa0 || !isContinuation(second)) continue
    text += `${lenientUtf8.decode(bytes.subarray(start, at))}\ufffd`
    start = at + (isContinuation(bytes[at + 2]) ? 3 : 2)
  }
  return text + lenientUtf8.decode(start === 0 ? bytes : bytes.subarray(start))
}

/** Null when the bytes are no UTF-8. */
export const strictText = (bytes: Uint8Array): string | null =>
  isUtf8(bytes) ? validText(bytes) : null

export const hexText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

/** Where the string that begins at `start` ends: behind its closing quote. `text` is JSON. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    if (quote === -1) return text.length
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
}

/** JSON without the space between its tokens. Not by one regular expression: a string may be megabytes long. */
function withoutSpace(text: string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at)
    const outside = text.slice(at, quote === -1 ? text.length : quote)
    parts.push(outside.replace(/\s+/g, ''))
    if (quote === -1) break
    at = stringEnd(text, quote)
    parts.push(text.slice(quote, at))
  }
  return parts.join('')
}

/** The bytes as one line of JSON, numbers digit for digit as they are; null when they are no JSON. */
export function compactJson(bytes: Uint8Array): string | null {
  const text = strictText(bytes)
  if (text === null) return null
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  return withoutSpace(text)
}

/** For the text format. */
export function plainText(bytes: Uint8Array, format: BytesFormat): string {
  switch (format) {
    case 'hex':
      return hexText(bytes)
    case 'base64':
      return toBase64(bytes)
    case 'json':
      return compactJson(bytes) ?? lenientText(bytes)
    case 'auto':
    case 'text':
      return lenientText(bytes)
  }
}

/** A value for NDJSON and CSV, with the form it came out in. */
export interface Encoded {
  /** What the form is: `json` and `avro` are JSON texts. */
  readonly form: 'text' | 'hex' | 'base64' | 'json' | 'avro'
  readonly text: string
}

export function encodeBytes(bytes: Uint8Array, format: BytesFormat): Encoded {
  switch (format) {
    case 'hex':
      return { form: 'hex', text: hexText(bytes) }
    case 'base64':
      return { form: 'base64', text: toBase64(bytes) }
    case 'text':
      return { form: 'text', text: lenientText(bytes) }
    case 'json': {
      const json = compactJson(bytes)
      if (json !== null) return { form: 'json', text: json }
      break
    }
    case 'auto':
      break
  }
  const text = strictText(bytes)
  return text === null ? { form: 'base64', text: toBase64(bytes) } : { form: 'text', text }
}
