/**
 * A batch in which everything decodes and only the CRC is wrong. Then the damage is where any bytes would decode, and
 * if it is a sector, it lies wholly within one such stretch. What depends on a sector that could be it is left out.
 */
import { defaultCodecs } from '../../codec/default-codecs.ts'
import type { CompressionType, OnOpaque } from '../../codec/codec.ts'
import { CodecError } from '../../codec/codec.ts'
import type { ByteRange } from '../../codec/salvage.ts'
import { differences, flipped } from '../../codec/salvage.ts'
import type { Payload } from './fragments.ts'
import { joinRanges } from './fragments.ts'
import { wholeSectors } from './suspect-sectors.ts'

/**
 * The decompressed bytes of a payload that decodes as a whole which could be damaged unseen; null when everything
 * could. Only for compressed payloads.
 */
export function unseenDamage(
  payload: Payload,
  maxOutputBytes: number,
): readonly ByteRange[] | null {
  const { codec } = payload
  if (codec === 'none') return []
  const sectors: ByteRange[] = []
  const decoded = decode(codec, payload.bytes, maxOutputBytes, (start, end) => {
    const inside = wholeSectors({ start, end }, payload.position)
    if (inside !== undefined) sectors.push(inside)
  })
  // Refused by the codec although all of its blocks decode: the damage is in its framing.
  if (decoded === null) return []
  const { bytes, isProven } = decoded
  if (isProven && codec === 'gzip') return []
  const last = { start: Math.max(0, bytes.length - 1), end: bytes.length }
  if (sectors.length === 0) return [last]
  const other = decode(codec, flipped(payload.bytes, sectors), maxOutputBytes)
  // A checksum of the codec's own that holds, and would have noticed.
  if (isProven && other?.isProven === false) return []
  if (other?.bytes.length !== bytes.length) return null
  return joinRanges([...differences(bytes, other.bytes), last])
}

/** Null where the codec refuses the bytes for more than a checksum over all of them. */
function decode(
  codec: Exclude<CompressionType, 'none'>,
  compressed: Uint8Array,
  maxOutputBytes: number,
  onOpaque?: OnOpaque,
): { readonly bytes: Uint8Array; readonly isProven: boolean } | null {
  const options = { maxOutputBytes, allowOldLz4HeaderChecksum: true }
  try {
    const given = onOpaque === undefined ? options : { ...options, onOpaque }
    return { bytes: defaultCodecs[codec](compressed, given).bytes, isProven: true }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const isSum = error.reason === 'checksum-mismatch' && error.decodedSoFar.length > 0
    return isSum ? { bytes: error.decodedSoFar, isProven: false } : null
  }
}
