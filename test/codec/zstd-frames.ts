/** Builds zstd frames from blocks, right or wrong. */
import { concat, hex, overwrite } from './support.ts'

export const magic = hex('28b52ffd')
export const RAW = 0
export const REPEATED = 1
export const COMPRESSED = 2

export const block = (
  type: number,
  size: number,
  content: Uint8Array | readonly number[],
): Uint8Array => {
  const header = (size << 3) | (type << 1)
  return concat([header & 255, (header >> 8) & 255, header >> 16], content)
}
export const raw = (content: Uint8Array): Uint8Array => block(RAW, content.length, content)
export const compressed = (...content: number[]): Uint8Array =>
  block(COMPRESSED, content.length, content)

/** A frame of the given blocks, the last one marked as such. Window byte 0x00 is 1 KiB, 0x58 2 MiB. */
export function frame(
  blocks: readonly Uint8Array[],
  header: readonly number[] = [0x00, 0x58],
): Uint8Array {
  const last = blocks.at(-1)!
  return concat(magic, header, ...blocks.slice(0, -1), overwrite(last, 0, last[0]! | 1))
}
export const skippable = (content: Uint8Array): Uint8Array =>
  concat(hex('5a2a4d18'), [content.length, 0, 0, 0], content)
export const ascii = (value: string): Uint8Array => new TextEncoder().encode(value)
