/**
 * Where a batch would decode just as well with other bytes in place of its own: inside one key or value, or inside
 * one stored, raw or literal stretch of compressed data. Damage that lies wholly within such a span leaves no trace
 * but the CRC, so decoding proves nothing about it (product.md, "What counts as proof").
 */
import { SECTOR_BYTES } from '../bytes/sector.ts'
import type { Codecs, Decompress, OnOpaque } from '../codec/codec.ts'
import type { DecodeOptions } from './decode-batch.ts'
import { decodeBatch } from './decode-batch.ts'
import * as layout from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import { codecBits, isLegacy } from './record-batch.ts'
import type { Record } from './record.ts'

/** Bytes [start, end), counted from the start of the whole entry. */
export interface OpaqueSpan {
  readonly start: number
  readonly end: number
}

export interface OpaqueSpansOptions extends DecodeOptions {
  /** Shorter spans are left out; a disk's sector unless given. */
  readonly minimumBytes?: number
}

/**
 * The opaque spans of an entry, ascending and apart. `bytes` is the whole entry, `header` its header. Meant for a
 * batch that decodes exactly; of one that does not nothing is known, so all of it after its header is one span.
 * Relies on `codecs` to report through `onOpaque`; one that ignores it is taken to have no such stretches.
 */
export function opaqueSpans(
  bytes: Uint8Array,
  header: BatchHeader,
  options: OpaqueSpansOptions,
): readonly OpaqueSpan[] {
  const { decodes, spans } = spansFound(bytes, header, options)
  if (decodes) return spans
  const start = isLegacy(header) ? layout.LEGACY_CRC_START : layout.V2_HEADER_BYTES
  const end = bytes.length
  return end - start >= (options.minimumBytes ?? SECTOR_BYTES) ? [{ start, end }] : []
}

/**
 * The same for a damaged entry: what was met until its decoding failed. Says how such a batch is made, and proves
 * nothing; none where an uncompressed one does not decode.
 */
export const opaqueSpansSoFar = (
  bytes: Uint8Array,
  header: BatchHeader,
  options: OpaqueSpansOptions,
): readonly OpaqueSpan[] => spansFound(bytes, header, options).spans

function spansFound(
  bytes: Uint8Array,
  header: BatchHeader,
  options: OpaqueSpansOptions,
): { readonly decodes: boolean; readonly spans: readonly OpaqueSpan[] } {
  const minimumBytes = options.minimumBytes ?? SECTOR_BYTES
  const spans: OpaqueSpan[] = []
  const report = (start: number, end: number): void => {
    if (end - start >= minimumBytes) spans.push({ start, end })
  }
  const result = decodeBatch(bytes, header, {
    ...options,
    codecs: reportingCodecs(options.codecs, bytes, report),
  })
  if (result.ok && codecBits(header) === 0) {
    for (const record of result.records) {
      for (const { byteOffset, length } of byteStrings(record)) {
        report(byteOffset - bytes.byteOffset, byteOffset - bytes.byteOffset + length)
      }
    }
  }
  return { decodes: result.ok, spans }
}

/** The same codecs, told to report; their input is a view of the entry, so its place in it is known. */
function reportingCodecs(
  codecs: Codecs,
  entry: Uint8Array,
  report: (start: number, end: number) => void,
): Codecs {
  const reporting =
    (decompress: Decompress): Decompress =>
    (compressed, options) => {
      const base = compressed.byteOffset - entry.byteOffset
      const onOpaque: OnOpaque = (start, end) => {
        report(base + start, base + end)
      }
      return decompress(compressed, { ...options, onOpaque })
    }
  return {
    gzip: reporting(codecs.gzip),
    snappy: reporting(codecs.snappy),
    lz4: reporting(codecs.lz4),
    zstd: reporting(codecs.zstd),
  }
}

function byteStrings(record: Record): Uint8Array[] {
  const headers = record.headers.flatMap(({ key, value }) => [key, value])
  return [record.key, record.value, ...headers].filter((bytes) => bytes !== null)
}
