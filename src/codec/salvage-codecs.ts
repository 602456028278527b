/** Which codec damaged bytes are in, and what salvages them. */
import type { CompressionType } from './codec.ts'
import { gzip } from './gzip.ts'
import { salvagePrefix } from './salvage.ts'
import type { Salvage } from './salvage.ts'
import { salvageLz4 } from './salvage-lz4.ts'
import { salvageSnappy } from './salvage-snappy.ts'
import { zstd } from './zstd.ts'

/** The decoders are kmend's own: what they give before they fail is what matters here. */
export const salvageCodecs: Readonly<Record<Exclude<CompressionType, 'none'>, Salvage>> = {
  gzip: salvagePrefix('gzip', gzip),
  snappy: salvageSnappy,
  lz4: salvageLz4,
  zstd: salvagePrefix('zstd', zstd),
}

/** How compressed data begins; the longest first bytes that every writer shares. */
const BEGINNINGS: readonly (readonly [CompressionType, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['snappy', [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/**
 * The codec whose first bytes the data has, whatever its header says; no record begins with any of them (as a length
 * they are negative, or an attributes byte that is not 0 follows). Undefined when it has none: raw snappy, records
 * without compression, or damage at the very start.
 */
export function recogniseCodec(data: Uint8Array): CompressionType | undefined {
  return BEGINNINGS.find(([, bytes]) => bytes.every((byte, index) => data[index] === byte))?.[0]
}

/** Where compressed data may begin, from `start` on: the first places, ascending, with any codec's first bytes. */
export function findCompressed(bytes: Uint8Array, start: number, placesMax: number): number[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const places = BEGINNINGS.flatMap(([, beginning]) => {
    const found: number[] = []
    let at = data.indexOf(Uint8Array.from(beginning), start)
    for (
      ;
      at >= 0 && found.length < placesMax;
      at = data.indexOf(Uint8Array.from(beginning), at + 1)
    )
      found.push(at)
    return found
  })
  return places.sort((a, b) => a - b).slice(0, placesMax)
}
