/** From the payload of a broken batch to the fragments that can be decoded of it. */
import type { CompressionType } from '../../codec/codec.ts'
import type { ByteRange, SalvageFragment } from '../../codec/salvage.ts'
import { recogniseCodec, salvageCodecs } from '../../codec/salvage-codecs.ts'
import type { SalvageEntry } from './entry.ts'
import { suspectSectors } from './suspect-sectors.ts'

export interface Payload {
  readonly bytes: Uint8Array
  /** Of its first byte in the file. */
  readonly position: number
  readonly codec: CompressionType
  readonly suspect: readonly ByteRange[]
}

const LZ4_END_MARK_BYTES = 4

/** The bytes of an entry from `start` on, and which of them are not believed. */
export function payloadOf(entry: SalvageEntry, start: number): Payload {
  const bytes = entry.bytes.subarray(start)
  const codec = recogniseCodec(bytes) ?? entry.codec ?? 'none'
  const looksRandom = codec === 'gzip' || codec === 'zstd'
  // An LZ4 frame ends with zeros, whatever sector they are in.
  const judged = entry.bytes.length - (codec === 'lz4' ? LZ4_END_MARK_BYTES : 0)
  const sectors = suspectSectors(entry.bytes, entry.position, looksRandom)
  const suspect = joinRanges([
    ...sectors.filter((sector) => sector.start < judged),
    ...(entry.damaged ?? []),
  ])
  return {
    bytes,
    position: entry.position + start,
    codec,
    suspect: suspect
      .map((range) => ({ start: Math.max(0, range.start - start), end: range.end - start }))
      .filter((range) => range.end > range.start),
  }
}

/** The same bytes as ranges that are ascending and apart. */
export function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = []
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last !== undefined && start <= last.end)
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, end) }
    else joined.push({ start, end })
  }
  return joined
}

export function fragmentsOf(payload: Payload, maxOutputBytes: number): readonly SalvageFragment[] {
  const { bytes, codec, suspect } = payload
  if (codec !== 'none') return salvageCodecs[codec](bytes, { maxOutputBytes, suspect })
  if (bytes.length === 0) return []
  const end = bytes.length
  const outputBefore = (position: number): number => Math.max(0, Math.min(position, end))
  const piece = { start: 0, end, input: { start: 0, end }, spreadsDamage: false, outputBefore }
  return [{ bytes, outputStart: 0, pieces: [piece], untrusted: suspect, ending: 'whole' }]
}
