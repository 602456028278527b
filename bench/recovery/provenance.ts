/**
 * Decoders that ask of each byte of their output whether it can still be known when some of the input is gone: a plain
 * and slow second opinion, which shares no line with src/. What they say is the most that any salvage could return.
 */
import { inflateKnown } from './provenance-deflate.ts'

/** Whether any of the input bytes [start, end) is gone. */
export type IsGone = (start: number, end: number) => boolean

/** Decoded bytes, and for each whether it depends on nothing that is gone. */
export class KnownBytes {
  readonly bytes: number[] = []
  readonly isKnown: boolean[] = []

  literal(byte: number, isKnown: boolean): void {
    this.bytes.push(byte)
    this.isKnown.push(isKnown)
  }

  copy(distance: number, length: number, isKnown: boolean): void {
    for (let count = 0; count < length; count++) {
      const from = this.bytes.length - distance
      this.literal(this.bytes[from]!, isKnown && this.isKnown[from]!)
    }
  }
}

/** The payload of an undamaged batch, decoded; null for a codec, or a variant of it, that is not looked into. */
export function knownBytes(codec: string, payload: Uint8Array, isGone: IsGone): KnownBytes | null {
  const output = new KnownBytes()
  if (codec === 'none') copyInput(payload, 0, payload.length, isGone, output)
  else if (codec === 'gzip' && payload[3] === 0) inflateKnown(payload, 10, isGone, output)
  else if (codec === 'lz4') lz4Known(payload, isGone, output)
  else if (codec === 'snappy') snappyKnown(payload, isGone, output)
  else return null
  return output
}

function copyInput(
  input: Uint8Array,
  start: number,
  end: number,
  isGone: IsGone,
  output: KnownBytes,
  isKnown = true,
): void {
  for (let at = start; at < end; at++) output.literal(input[at]!, isKnown && !isGone(at, at + 1))
}

function lz4Known(input: Uint8Array, isGone: IsGone, output: KnownBytes): void {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const [hasSize, hasChecksums] = [(input[4]! & 8) !== 0, (input[4]! & 16) !== 0]
  let at = hasSize ? 15 : 7
  for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
    const start = at + 4
    const end = start + (size & 0x7fffffff)
    if (size >= 0x80000000) copyInput(input, start, end, isGone, output)
    else lz4Block(input, start, end, isGone, output)
    at = end + (hasChecksums ? 4 : 0)
  }
}

function lz4Block(
  input: Uint8Array,
  start: number,
  end: number,
  isGone: IsGone,
  output: KnownBytes,
): void {
  let at = start
  const longLength = (short: number): number => {
    let length = short
    if (short === 15) {
      do length += input[at]!
      while (input[at++] === 255)
    }
    return length
  }
  while (at < end) {
    const token = at++
    const literals = longLength(input[token]! >> 4)
    copyInput(input, at, at + literals, isGone, output, !isGone(token, at))
    at += literals
    if (at >= end) return
    const match = at
    const distance = input[at]! | (input[at + 1]! << 8)
    at += 2
    const length = 4 + longLength(input[token]! & 15)
    output.copy(distance, length, !isGone(token, token + 1) && !isGone(match, at))
  }
}

const XERIAL_HEADER = 16

function snappyKnown(input: Uint8Array, isGone: IsGone, output: KnownBytes): void {
  if (input[0] !== 0x82 || input[1] !== 0x53) {
    snappyBlock(input, 0, input.length, isGone, output)
    return
  }
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  for (let at = XERIAL_HEADER; at < input.length;) {
    const start = at + 4
    at = start + view.getUint32(at)
    snappyBlock(input, start, at, isGone, output)
  }
}

function snappyBlock(
  input: Uint8Array,
  start: number,
  end: number,
  isGone: IsGone,
  output: KnownBytes,
): void {
  let at = start
  const take = (bytes: number): number => {
    let value = 0
    for (let index = 0; index < bytes; index++) value += input[at++]! * 256 ** index
    return value
  }
  while (take(1) >= 128);
  while (at < end) {
    const element = at
    const tag = take(1)
    if ((tag & 3) === 0) {
      const short = tag >> 2
      const length = 1 + (short < 60 ? short : take(short - 59))
      copyInput(input, at, at + length, isGone, output, !isGone(element, at))
      at += length
      continue
    }
    const length = (tag & 3) === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    const distance = (tag & 3) === 1 ? ((tag >> 5) << 8) + take(1) : take((tag & 3) === 2 ? 2 : 4)
    output.copy(distance, length, !isGone(element, at))
  }
}
