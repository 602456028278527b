/**
 * From the bytes of one batch to its records, or to the reason why not. Nothing here throws for what is in
 * the bytes: a batch that does not decode is a value.
 */
import type {
  CodecVariant,
  Codecs,
  CompressionType,
  ReusableBuffer,
  VariantCounts,
} from '../codec/codec.ts'
import { CodecError, COMPRESSION_TYPES, countVariant } from '../codec/codec.ts'
import type { CorruptionReason } from './events.ts'
import * as layout from './layout.ts'
import { decodePlainMessage, decodeWrapper, wrapperPayload } from './message-set.ts'
import type { BatchHeader } from './record-batch.ts'
import { codecBits, isControl, isLegacy, isLogAppendTime } from './record-batch.ts'
import type { Record } from './record.ts'
import { areRecords } from './record-check.ts'
import { decodeRecords, RecordError } from './record.ts'

export interface DecodeOptions {
  readonly codecs: Codecs
  /** Most bytes one batch may decompress to. */
  readonly maxDecompressedBytes: number
}

export const DEFAULT_MAX_DECOMPRESSED_BYTES: number = 1024 ** 3

/** Why a batch with a good CRC gives no records. */
export interface DecodeFailure {
  readonly reason: Extract<
    CorruptionReason,
    | 'decompression-failed'
    | 'record-malformed'
    | 'record-count-mismatch'
    | 'unknown-codec'
    | 'limit-exceeded'
  >
  readonly message: string
  readonly cause?: Error
}

export interface DecodedBatch {
  readonly records: readonly Record[]
  readonly variants: readonly CodecVariant[]
}

export type DecodeResult =
  ({ readonly ok: true } & DecodedBatch) | ({ readonly ok: false } & DecodeFailure)

const failed = (failure: DecodeFailure): DecodeResult => ({ ok: false, ...failure })

/** `bytes` is the whole entry; `header` is its header. Records are views into the decompressed bytes. */
export function decodeBatch(
  bytes: Uint8Array,
  header: BatchHeader,
  options: DecodeOptions,
): DecodeResult {
  const codec = COMPRESSION_TYPES[codecBits(header)]
  if (codec === undefined || (isLegacy(header) && codec === 'zstd')) {
    return failed({
      reason: 'unknown-codec',
      message: `codec ${codecBits(header)} is none that Kafka knows`,
    })
  }
  try {
    const { payload, variants } = decompress(bytes, header, codec, options)
    const records = isLegacy(header)
      ? decodeLegacy(bytes, payload, header)
      : decodeV2(payload, header)
    return { ok: true, records, variants }
  } catch (error) {
    if (error instanceof CodecError) {
      const reason = error.reason === 'limit-exceeded' ? 'limit-exceeded' : 'decompression-failed'
      return failed({ reason, message: error.message, cause: error })
    }
    if (error instanceof CountError)
      return failed({ reason: 'record-count-mismatch', message: error.message, cause: error })
    if (error instanceof RecordError)
      return failed({ reason: 'record-malformed', message: error.message, cause: error })
    throw error
  }
}

/** For verdicts only: nothing of it is handed out. */
const reuse: ReusableBuffer = { bytes: new Uint8Array(0) }

/**
 * Whether decodeBatch would find nothing to say of a magic-2 batch, without making its records. False is no verdict:
 * markers, magic 0 and 1 are left to decodeBatch. So are batches that only a variant of their codec decodes, unless
 * `variants` is there to count them in.
 */
export function isSoundBatch(
  bytes: Uint8Array,
  header: BatchHeader,
  options: DecodeOptions,
  variants: VariantCounts | null,
): boolean {
  const codec = COMPRESSION_TYPES[codecBits(header)]
  if (codec === undefined || isLegacy(header) || isControl(header)) return false
  const { recordsCount, lastOffsetDelta } = header
  if (recordsCount === null || recordsCount < 0 || recordsCount > lastOffsetDelta + 1) return false
  const payload = bytes.subarray(layout.V2_HEADER_BYTES)
  // The cleaner's empty batches are no compressed data either.
  const type = recordsCount === 0 && payload.length === 0 ? 'none' : codec
  return areSoundRecords(payload, type, { recordsCount, lastOffsetDelta }, options, variants)
}

/** The same of what stands behind the header of an ordinary batch, told in numbers; false for a codec that is none. */
export function areSoundRecords(
  payload: Uint8Array,
  codec: CompressionType | undefined,
  { recordsCount, lastOffsetDelta }: { recordsCount: number; lastOffsetDelta: number },
  { codecs, maxDecompressedBytes }: DecodeOptions,
  counts: VariantCounts | null,
): boolean {
  if (codec === 'none') return areRecords(payload, recordsCount, lastOffsetDelta)
  if (codec === undefined) return false
  try {
    const { bytes, variants } = codecs[codec](payload, {
      maxOutputBytes: maxDecompressedBytes,
      allowOldLz4HeaderChecksum: false,
      reuse,
    })
    if (variants.length > 0 && counts === null) return false
    const isSound = areRecords(bytes, recordsCount, lastOffsetDelta)
    if (isSound && counts !== null) for (const variant of variants) countVariant(counts, variant, 1)
    return isSound
  } catch (error) {
    if (error instanceof CodecError) return false
    throw error
  }
}

class CountError extends Error {
  override readonly name = 'CountError'
}

function decompress(
  bytes: Uint8Array,
  header: BatchHeader,
  codec: CompressionType,
  options: DecodeOptions,
): { payload: Uint8Array; variants: readonly CodecVariant[] } {
  if (codec === 'none') return { payload: bytes.subarray(layout.V2_HEADER_BYTES), variants: [] }
  const compressed = isLegacy(header)
    ? wrapperPayload(bytes)
    : bytes.subarray(layout.V2_HEADER_BYTES)
  // The cleaner's empty batches carry codec none; a producer's empty compressed batch does not exist.
  if (!isLegacy(header) && header.recordsCount === 0 && compressed.length === 0)
    return { payload: compressed, variants: [] }
  const { bytes: payload, variants } = options.codecs[codec](compressed, {
    maxOutputBytes: options.maxDecompressedBytes,
    allowOldLz4HeaderChecksum: header.magic === 0,
  })
  return { payload, variants }
}

function decodeLegacy(bytes: Uint8Array, payload: Uint8Array, header: BatchHeader): Record[] {
  if (codecBits(header) === 0) return [decodePlainMessage(bytes, header.lastOffset)]
  return decodeWrapper(payload, {
    magic: header.magic,
    lastOffset: header.lastOffset,
    logAppendTime: header.magic === 1 && isLogAppendTime(header) ? header.maxTimestamp : null,
  })
}

function decodeV2(payload: Uint8Array, header: BatchHeader): Record[] {
  const count = header.recordsCount ?? 0
  if (count < 0 || count > header.lastOffsetDelta + 1) {
    throw new CountError(`recordsCount ${count} with lastOffsetDelta ${header.lastOffsetDelta}`)
  }
  const context = {
    baseOffset: header.baseOffset,
    lastOffsetDelta: header.lastOffsetDelta,
    baseTimestamp: header.baseTimestamp,
    logAppendTime: isLogAppendTime(header) ? header.maxTimestamp : null,
  }
  const records: Record[] = []
  for (const record of decodeRecords(payload, count, context)) {
    if (isControl(header)) checkControlKey(record)
    records.push(record)
  }
  return records
}

/** A control record's key is version and type, 16 bits each (ControlRecordType.parse): a broker decodes it at every start. */
function checkControlKey({ key, offset }: Record): void {
  if (key === null || key.length < 4)
    throw new RecordError(`the control record at offset ${offset} has no type`, 0)
  if (((key[0] ?? 0) & 0x80) !== 0)
    throw new RecordError(`the control record at offset ${offset} has a negative version`, 0)
}
