/** What the codec tests share: reproducible content, damage, and how a failure is looked at. */
import { CodecError } from '../../src/codec/codec.ts'
import type { Decompress, DecompressOptions, Decompressed } from '../../src/codec/codec.ts'

export const MEBIBYTE = 1024 * 1024

export const options: DecompressOptions = {
  maxOutputBytes: 16 * MEBIBYTE,
  allowOldLz4HeaderChecksum: false,
}

/** Reproducible numbers from 0 to `below` - 1 (xorshift). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** `size` bytes that look like records: words, numbers and repetitions. */
export function text(size: number, seed = 1): Uint8Array {
  const random = randomNumbers(seed)
  const words = ['order', 'customer-', '"amount":', 'EUR', ' shipped ', '{"id":']
  let result = ''
  while (result.length < size) result += (words[random(6)] ?? '') + String(random(1000))
  return new TextEncoder().encode(result.slice(0, size))
}

/** `size` bytes of `symbols` different values, with nothing that repeats. */
export function noise(size: number, symbols = 256, seed = 1): Uint8Array {
  const random = randomNumbers(seed)
  return Uint8Array.from({ length: size }, () => random(symbols))
}

export function concat(...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

export const fromBase64 = (encoded: string): Uint8Array =>
  new Uint8Array(Buffer.from(encoded, 'base64'))

export const hex = (digits: string): Uint8Array =>
  new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))

/** A copy with one byte replaced. */
export function overwrite(bytes: Uint8Array, position: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[position] = value
  return copy
}

/** The result, or the CodecError. Any other error is a bug and goes through. */
export function attempt(
  codec: Decompress,
  bytes: Uint8Array,
  given: DecompressOptions = options,
): Decompressed | CodecError {
  try {
    return codec(bytes, given)
  } catch (error) {
    if (error instanceof CodecError) return error
    throw error
  }
}

export function failureOf(
  codec: Decompress,
  bytes: Uint8Array,
  given: DecompressOptions = options,
): CodecError {
  const result = attempt(codec, bytes, given)
  if (result instanceof CodecError) return result
  throw new Error(`decoded ${result.bytes.length} bytes without an error`)
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
