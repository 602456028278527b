/**
 * Compression as the Java client frames it, by the libraries. Their output is only ever used after kmend's own decoder
 * has read it. The same bytes come out on every run.
 */
import { gzipSync } from 'fflate'
import lz4js from 'lz4js'
import SnappyJS from 'snappyjs'

/** Those that can be written: there is no encoder for zstd in JavaScript. */
export type WritableCompression = 'gzip' | 'snappy' | 'lz4'

/** snappy-java's chunks, and magic, version and lowest compatible version in front of them. */
const SNAPPY_CHUNK_BYTES = 32 * 1024
const SNAPPY_HEADER = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]
/** Magic, independent blocks, 64 KiB each, header checksum: what Lz4BlockOutputStream writes and its reader demands. */
const LZ4_HEADER = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]
const LZ4_BLOCK_BYTES = 64 * 1024
const LZ4_STORED = 0x80000000
const LZ4_HASH_ENTRIES = 65_536

/** Compresses bytes for a batch. */
export const encoders: Readonly<Record<WritableCompression, (bytes: Uint8Array) => Uint8Array>> = {
  // Without a time of writing two runs give the same bytes.
  gzip: (bytes) => gzipSync(bytes, { mtime: 0 }),
  snappy: (bytes) => {
    const parts: Uint8Array[] = [Uint8Array.from(SNAPPY_HEADER)]
    for (const chunk of chunksOf(bytes, SNAPPY_CHUNK_BYTES)) {
      const block = SnappyJS.compress(chunk)
      parts.push(uint32(block.length, false), block)
    }
    return joined(parts)
  },
  lz4: (bytes) => {
    const parts: Uint8Array[] = [Uint8Array.from(LZ4_HEADER)]
    for (const chunk of chunksOf(bytes, LZ4_BLOCK_BYTES)) {
      const target = new Uint8Array(chunk.length + (chunk.length >>> 7) + 64)
      const hashTable = new Uint32Array(LZ4_HASH_ENTRIES)
      const size = lz4js.compressBlock(chunk, target, 0, chunk.length, hashTable)
      // 0: nothing in it repeats.
      const isStored = size === 0 || size >= chunk.length
      parts.push(uint32(isStored ? chunk.length + LZ4_STORED : size, true))
      parts.push(isStored ? chunk : target.subarray(0, size))
    }
    parts.push(uint32(0, true))
    return joined(parts)
  },
}

function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

function uint32(value: number, isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, isLittleEndian)
  return bytes
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
