/**
 * Where every codec decodes into. It starts small, doubles when what was really decoded needs it, and
 * refuses to pass the caller's limit: a size that a header claims never allocates anything.
 * Decoders keep `bytes` and their position in local variables and hand them back in `length`.
 */
import { CodecError } from './codec.ts'
import type { CodecFailure, CompressionType, OnOpaque, ReusableBuffer } from './codec.ts'

/** The first allocation follows the input's real size within these bounds. */
const FIRST_BYTES_MIN = 256
const FIRST_BYTES_MAX = 1024 * 1024
const USUAL_EXPANSION = 4
/** One enormous batch is not to hold its memory for all that follow. */
const REUSE_BYTES_MAX = 16 * 1024 * 1024

/** A view of the same memory: it reads and writes several bytes at once, wherever they lie. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export class OutputBuffer {
  readonly codec: CompressionType
  readonly limit: number
  /** Replaced when it grows: read it again after `grow`. */
  bytes: Uint8Array
  /** Of the same memory, and replaced with it. */
  view: DataView
  /** How many of the bytes are decoded. */
  length = 0
  /** Whom to tell of input that is copied as it is; decoders have the buffer everywhere, so it rides along. */
  readonly onOpaque: OnOpaque | undefined
  readonly #reuse: ReusableBuffer | undefined

  constructor(
    codec: CompressionType,
    maxOutputBytes: number,
    compressedBytes: number,
    onOpaque?: OnOpaque,
    reuse?: ReusableBuffer,
  ) {
    this.codec = codec
    this.limit = maxOutputBytes
    this.onOpaque = onOpaque
    const usual = Math.max(FIRST_BYTES_MIN, compressedBytes * USUAL_EXPANSION)
    const first = Math.max(0, Math.min(usual, FIRST_BYTES_MAX, maxOutputBytes) || 0)
    this.#reuse = reuse
    if (reuse !== undefined && reuse.bytes.length < first) reuse.bytes = new Uint8Array(first)
    // The limit holds in a larger buffer too: what is beyond it is not there.
    this.bytes =
      reuse === undefined
        ? new Uint8Array(first)
        : reuse.bytes.subarray(
            0,
            Math.min(reuse.bytes.length, Math.max(first, maxOutputBytes || 0)),
          )
    this.view = viewOf(this.bytes)
  }

  /**
   * Makes room for `size` bytes after the first `length`, which are kept, and returns the new array.
   * `position` is the place in the input that asks for it.
   */
  grow(length: number, size: number, position: number): Uint8Array {
    const needed = length + size
    if (needed <= this.bytes.length) return this.bytes
    this.length = length
    if (!(needed <= this.limit)) {
      throw this.failure('limit-exceeded', position, `more than ${this.limit} bytes of output`)
    }
    try {
      const grown = new Uint8Array(Math.min(this.limit, Math.max(needed, 2 * this.bytes.length)))
      grown.set(this.bytes.subarray(0, length))
      this.bytes = grown
      this.view = viewOf(grown)
      if (this.#reuse !== undefined && grown.length <= REUSE_BYTES_MAX) this.#reuse.bytes = grown
    } catch (cause) {
      throw this.failure('limit-exceeded', position, `no memory for ${needed} bytes`, cause)
    }
    return this.bytes
  }

  /** Appends bytes as they are. `position` is the place in the input that asks for it. */
  append(source: Uint8Array, start: number, end: number, position: number = start): void {
    const bytes = this.grow(this.length, end - start, position)
    bytes.set(source.subarray(start, end), this.length)
    this.length += end - start
  }

  /** The error to throw, with the bytes decoded so far. */
  failure(reason: CodecFailure, position: number, message: string, cause?: unknown): CodecError {
    return new CodecError(this.codec, reason, position, message, this.decoded(), cause)
  }

  /** A view of what is decoded. */
  decoded(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

/** Up to here a loop over the bytes is faster than a call of `set` or `copyWithin`. */
const COPY_LOOP_MAX = 32

/* eslint-disable @typescript-eslint/no-non-null-assertion -- the callers have checked the ranges */

/** What the wide copies may read and write beyond the end of what they copy. */
export const WIDE_BYTES = 16
/** From here on a call of `copyWithin` is faster. */
const WIDE_MATCH_MAX = 64
/** Matches from nearer repeat themselves within one step. */
const WIDE_OFFSET_MIN = 4

/**
 * Copies `length` literals between places that do not overlap. What the views are of goes on for WIDE_BYTES behind
 * them, and is overwritten there in the target.
 */
export function copyLiteralsWide(
  view: DataView,
  position: number,
  source: DataView,
  start: number,
  length: number,
): void {
  const end = position + length
  let from = start
  let to = position
  do {
    view.setInt32(to, source.getInt32(from, true), true)
    view.setInt32(to + 4, source.getInt32(from + 4, true), true)
    from += 8
    to += 8
  } while (to < end)
}

/** As copyMatch; `view` is of `bytes`, which go on for WIDE_BYTES behind the match and are overwritten there. */
export function copyMatchWide(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  offset: number,
  length: number,
): void {
  if (offset < WIDE_OFFSET_MIN || length > WIDE_MATCH_MAX) {
    copyMatch(bytes, position, offset, length)
    return
  }
  const end = position + length
  let from = position - offset
  let to = position
  do {
    view.setInt32(to, view.getInt32(from, true), true)
    view.setInt32(to + 4, view.getInt32(from + 4, true), true)
    view.setInt32(to + 8, view.getInt32(from + 8, true), true)
    view.setInt32(to + 12, view.getInt32(from + 12, true), true)
    from += 16
    to += 16
  } while (to < end)
}

/** Copies literals; both ranges lie inside their arrays. */
export function copyLiterals(
  bytes: Uint8Array,
  position: number,
  source: Uint8Array,
  start: number,
  length: number,
): void {
  if (length > COPY_LOOP_MAX) bytes.set(source.subarray(start, start + length), position)
  else for (let index = 0; index < length; index++) bytes[position + index] = source[start + index]!
}

/**
 * Repeats `length` bytes from `offset` bytes before `position` (LZ77: the source may overlap the target,
 * then the pattern repeats). The caller has checked that both ranges lie inside `bytes`.
 */
export function copyMatch(
  bytes: Uint8Array,
  position: number,
  offset: number,
  length: number,
): void {
  const from = position - offset
  if (length <= COPY_LOOP_MAX) {
    for (let index = 0; index < length; index++) {
      bytes[position + index] = bytes[from + index]!
    }
  } else if (offset >= length) {
    bytes.copyWithin(position, from, from + length)
  } else {
    // What was copied already repeats the pattern, so each step can copy twice as much.
    for (let copied = 0; copied < length;) {
      const size = Math.min(offset + copied, length - copied)
      bytes.copyWithin(position + copied, from, from + size)
      copied += size
    }
  }
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
