/**
 * Codecs that leave the decoding to the running Node where its result is known to be ours: gzip, whose checksum tells.
 * Not zstd, though newer Nodes have it: it takes damaged streams for whole that ours refuses. What Node does not take
 * whole and at once is decided by our own codec, which knows what exactly is wrong, and what consumers read all the same.
 */
import { gunzipSync } from 'node:zlib'
import type { Codecs, Decompress } from './codec.ts'
import { defaultCodecs } from './default-codecs.ts'

/** With `info` it tells how much of the input it has used, which its types do not say. */
const gunzip = gunzipSync as unknown as (
  compressed: Uint8Array,
  options: { readonly info: true; readonly maxOutputLength: number },
) => { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }

/** zlib refuses a limit above what an array can hold. */
const HIGHEST_LIMIT = 2 ** 31

const gzip: Decompress = (compressed, options) => {
  const own = (): ReturnType<Decompress> => defaultCodecs.gzip(compressed, options)
  // Only our own tells what lies in the input as it is; and zlib has no limit of 0.
  if (options.onOpaque !== undefined || !(options.maxOutputBytes > 0)) return own()
  try {
    const maxOutputLength = Math.min(options.maxOutputBytes, HIGHEST_LIMIT)
    const { buffer, engine } = gunzip(compressed, { info: true, maxOutputLength })
    if (engine.bytesWritten === compressed.length) return { bytes: buffer, variants: [] }
  } catch {
    // Why it failed is what our own codec is asked.
  }
  return own()
}

export const nativeCodecs: Codecs = { ...defaultCodecs, gzip }
