/**
 * What every codec is: a plain function from compressed to decompressed bytes that is safe on any input.
 * It never hangs, its output is bounded by the caller and grows with what is really decoded, never with
 * what a header claims, and it checks every checksum its format has. Failure is a CodecError.
 */
import { KmendError } from '../errors.ts'

/** Kafka's names, in the order of the codec bits 0 to 4 of a batch's attributes. */
export const COMPRESSION_TYPES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type CompressionType = (typeof COMPRESSION_TYPES)[number]

/** What a codec can find wrong. `limit-exceeded` is not damage: the caller's bound forbade going on. */
export type CodecFailure =
  | 'truncated'
  | 'header-invalid'
  | 'block-invalid'
  | 'checksum-mismatch'
  | 'size-mismatch'
  | 'trailing-bytes'
  | 'dictionary-needed'
  | 'limit-exceeded'

/** The compressed bytes are not what their format requires. Caught by the segment reader, kept as `cause`. */
export class CodecError extends KmendError {
  readonly code = 'CODEC'
  readonly codec: CompressionType
  readonly reason: CodecFailure
  /** Byte place in the compressed input at which the contradiction was met. */
  readonly position: number
  /** Everything decoded before that place. Unverified: a checksum that failed covers it. */
  readonly decodedSoFar: Uint8Array

  constructor(
    codec: CompressionType,
    reason: CodecFailure,
    position: number,
    message: string,
    decodedSoFar: Uint8Array,
    cause?: unknown,
  ) {
    super(`${codec}: ${message} (at byte ${position} of the compressed data)`, { cause })
    this.codec = codec
    this.reason = reason
    this.position = position
    this.decodedSoFar = decodedSoFar
  }
}

/** Forms that are not what the Java client writes but that the Java consumer reads: noted, not damage. */
export type CodecVariant = 'old-lz4-header-checksum' | 'raw-snappy' | 'trailing-bytes'

/** How many batches decode in each of the forms that are noted; in the order in which they were met. */
export type VariantCounts = Map<CodecVariant, number>

export function countVariant(counts: VariantCounts, variant: CodecVariant, batches: number): void {
  counts.set(variant, (counts.get(variant) ?? 0) + batches)
}

/** Bytes [start, end) of the compressed input that go to the output as they are. */
export type OnOpaque = (start: number, end: number) => void

/** Room for output that is looked at and done with before the next is decoded. Replaced when it grows. */
export interface ReusableBuffer {
  bytes: Uint8Array
}

export interface DecompressOptions {
  /** Most bytes of output; one more is `limit-exceeded`. */
  readonly maxOutputBytes: number
  /** Accept the LZ4 header checksum of clients up to 0.9 (KAFKA-3160); only magic 0 may carry it. */
  readonly allowOldLz4HeaderChecksum: boolean
  /**
   * Told of every stretch in which any other bytes would decode as well: stored and raw blocks, literals.
   * In input order, before it is known whether the rest decodes; literals of less than 64 bytes may be left out.
   */
  readonly onOpaque?: OnOpaque
  /** Decode into this; what is returned is valid until it is used again. */
  readonly reuse?: ReusableBuffer
}

export interface Decompressed {
  readonly bytes: Uint8Array
  readonly variants: readonly CodecVariant[]
}

/** Throws CodecError, and nothing else, for any input. The result never aliases the input. */
export type Decompress = (compressed: Uint8Array, options: DecompressOptions) => Decompressed

/** A codec for each type that needs one; passed as an option, never mutated. */
export type Codecs = Readonly<Record<Exclude<CompressionType, 'none'>, Decompress>>
