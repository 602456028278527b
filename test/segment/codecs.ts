/** Codecs for tests of what lies above them: gzip by Node, and the others as each test wants them. */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Codecs, CodecFailure, Decompress } from '../../src/codec/codec.ts'
import { CodecError } from '../../src/codec/codec.ts'

export const gzipped = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes))

const gunzip: Decompress = (compressed, { maxOutputBytes }) => {
  try {
    return {
      bytes: new Uint8Array(gunzipSync(compressed, { maxOutputLength: maxOutputBytes })),
      variants: [],
    }
  } catch (cause) {
    const tooLarge = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
    throw new CodecError(
      'gzip',
      tooLarge ? 'limit-exceeded' : 'block-invalid',
      0,
      'no gzip',
      new Uint8Array(),
      cause,
    )
  }
}

export const refusing =
  (reason: CodecFailure): Decompress =>
  () => {
    throw new CodecError('snappy', reason, 7, `refused as ${reason}`, new Uint8Array())
  }

/** Gives the bytes as they are. */
export const identity: Decompress = (compressed) => ({ bytes: compressed.slice(), variants: [] })

export const testCodecs = (more: Partial<Codecs> = {}): Codecs => ({
  gzip: gunzip,
  snappy: refusing('block-invalid'),
  lz4: identity,
  zstd: identity,
  ...more,
})
