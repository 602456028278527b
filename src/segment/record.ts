/**
 * Records of a magic-2 batch, after decompression (Kafka's DefaultRecord).
 * Decoding is exact: every length is used up to the byte, nothing is left over. That exactness is what
 * tells a batch that decodes from one that merely does not crash a decoder.
 */
import { Cursor, CursorError } from '../bytes/cursor.ts'
import { counted } from '../words/words.ts'

export interface RecordHeader {
  /** UTF-8 as it lies on disk; Kafka does not allow null here. */
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** One record. Byte strings are views into the decompressed batch, valid as long as it is kept. */
export interface Record {
  readonly offset: bigint
  /** Milliseconds since the epoch; -1 where the format has none (magic 0). */
  readonly timestamp: bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

/** The bytes are no record. `position` is relative to the decompressed records of the batch. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly position: number
  constructor(message: string, position: number, cause?: unknown) {
    super(`${message} (at byte ${position} of the batch's records)`, { cause })
    this.position = position
  }
}

/** What the batch header contributes to each of its records. */
export interface RecordContext {
  readonly baseOffset: bigint
  readonly lastOffsetDelta: number
  readonly baseTimestamp: bigint
  /** Set when the broker stamped the batch: the time of every record in it. */
  readonly logAppendTime: bigint | null
}

const NULL_LENGTH = -1
/** A record header is two lengths, at least one byte each. */
const MIN_HEADER_BYTES = 2

function byteString(cursor: Cursor, what: string): Uint8Array | null {
  const position = cursor.position
  const length = cursor.varint()
  if (length === NULL_LENGTH) return null
  if (length < 0 || length > cursor.remaining) {
    throw new RecordError(
      `${what} length ${length} with ${counted(cursor.remaining, 'byte')} left`,
      position,
    )
  }
  return cursor.take(length)
}

function recordHeaders(cursor: Cursor): readonly RecordHeader[] {
  const position = cursor.position
  const count = cursor.varint()
  if (count < 0 || count > cursor.remaining / MIN_HEADER_BYTES) {
    throw new RecordError(
      `${counted(count, 'header')} in ${counted(cursor.remaining, 'byte')}`,
      position,
    )
  }
  const headers: RecordHeader[] = []
  for (let index = 0; index < count; index++) {
    const key = byteString(cursor, 'header key')
    if (key === null) throw new RecordError('a header key is null', position)
    headers.push({ key, value: byteString(cursor, 'header value') })
  }
  return headers
}

function decodeRecord(
  cursor: Cursor,
  context: RecordContext,
  previousDelta: number,
): [Record, number] {
  const start = cursor.position
  const length = cursor.varint()
  if (length < 0 || length > cursor.remaining) {
    throw new RecordError(
      `record length ${length} with ${counted(cursor.remaining, 'byte')} left`,
      start,
    )
  }
  const body = new Cursor(cursor.bytes, cursor.position, cursor.position + length)
  cursor.skip(length)
  const attributes = body.int8()
  if (attributes !== 0)
    throw new RecordError(`record attributes ${attributes}, always 0 so far`, start)
  const timestampDelta = body.varlong()
  const offsetDelta = body.varint()
  if (offsetDelta <= previousDelta || offsetDelta > context.lastOffsetDelta) {
    throw new RecordError(
      `offsetDelta ${offsetDelta} after ${previousDelta}, with lastOffsetDelta ${context.lastOffsetDelta}`,
      start,
    )
  }
  const key = byteString(body, 'key')
  const value = byteString(body, 'value')
  const headers = recordHeaders(body)
  if (body.remaining > 0)
    throw new RecordError(`${counted(body.remaining, 'byte')} left over in a record`, start)
  const offset = context.baseOffset + BigInt(offsetDelta)
  const timestamp = context.logAppendTime ?? context.baseTimestamp + timestampDelta
  return [{ offset, timestamp, key, value, headers }, offsetDelta]
}

/**
 * Yields the records of a batch. Throws RecordError at the first byte that contradicts the format, after
 * `count` records when bytes are left over, and before that when bytes are missing.
 */
export function* decodeRecords(
  bytes: Uint8Array,
  count: number,
  context: RecordContext,
): Generator<Record> {
  const cursor = new Cursor(bytes)
  let previousDelta = -1
  for (let index = 0; index < count; index++) {
    if (cursor.remaining === 0)
      throw new RecordError(`${counted(index, 'record')}, ${count} claimed`, cursor.position)
    const [record, delta] = decodeRecordAt(cursor, context, previousDelta)
    previousDelta = delta
    yield record
  }
  if (cursor.remaining > 0) {
    throw new RecordError(
      `${counted(cursor.remaining, 'byte')} left over after ${counted(count, 'record')}`,
      cursor.position,
    )
  }
}

function decodeRecordAt(
  cursor: Cursor,
  context: RecordContext,
  previousDelta: number,
): [Record, number] {
  const start = cursor.position
  try {
    return decodeRecord(cursor, context, previousDelta)
  } catch (error) {
    if (error instanceof CursorError) throw new RecordError(error.message, start, error)
    throw error
  }
}
