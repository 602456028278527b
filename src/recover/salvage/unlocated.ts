/**
 * A batch in which everything decodes and only the CRC is wrong. Then the damage is where any bytes would decode, and
 * if it is a sector, it lies wholly within one such stretch. What depends on a sector that could be it is left out.
 */
import { defaultCodecs } from '../../codec/default-codecs.ts'
import type { OnOpaque } from '../../codec/codec.ts'
import { CodecError } from '../../codec/codec.ts'
import type { ByteRange } from '../../codec/salvage.ts'
import { differences, flipped } from '../../codec/salvage.ts'
import type { Payload } from './fragments.ts'
import { wholeSectors } from './suspect-sectors.ts'

/**
 * The decompressed bytes of a payload that decodes as a whole which could be damaged unseen; null when everything
 * could. Only for compressed payloads.
 */
export function unseenDamage(payload: Payload, maxOutputBytes: number): ByteRange[] | null {
  // Its CRC-32 holds, else it would not have decoded.
  if (payload.codec === 'gzip' || payload.codec === 'none') return []
  const sectors: ByteRange[] = []
  const decompress = defaultCodecs[payload.codec]
  const decode = (bytes: Uint8Array, onOpaque?: OnOpaque): Uint8Array | null => {
    const options = { maxOutputBytes, allowOldLz4HeaderChecksum: true }
    try {
      return decompress(bytes, onOpaque === undefined ? options : { ...options, onOpaque }).bytes
    } catch (error) {
      if (error instanceof CodecError) return null
      throw error
    }
  }
  const as = decode(payload.bytes, (start, end) => {
    const inside = wholeSectors({ start, end }, payload.position)
    if (inside !== undefined) sectors.push(inside)
  })
  if (as === null) return null
  if (sectors.length === 0) return []
  const otherwise = decode(flipped(payload.bytes, sectors))
  // A checksum of the codec's own would have noticed: then what it covers is right.
  if (otherwise === null) return []
  return otherwise.length === as.length ? differences(as, otherwise) : null
}
