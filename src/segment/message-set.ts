/**
 * Messages of magic 0 and 1 (Kafka's LegacyRecord, AbstractLegacyRecordBatch): plain ones, and those inside a
 * compressed wrapper, whose value is a stream of ordinary entries.
 */
import { crc32 } from '../bytes/crc.ts'
import { Cursor, CursorError } from '../bytes/cursor.ts'
import * as layout from './layout.ts'
import type { Record } from './record.ts'
import { RecordError } from './record.ts'
import { counted } from '../words/words.ts'

interface Message {
  readonly magic: number
  readonly attributes: number
  readonly timestamp: bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

function byteString(cursor: Cursor): Uint8Array | null {
  const position = cursor.position
  const length = cursor.int32()
  if (length === -1) return null
  if (length < 0 || length > cursor.remaining) {
    throw new RecordError(
      `length ${length} with ${counted(cursor.remaining, 'byte')} left`,
      position,
    )
  }
  return cursor.take(length)
}

/** Decodes a message, from its crc field to its end; the bytes hold exactly one. */
function decodeMessage(bytes: Uint8Array): Message {
  const cursor = new Cursor(bytes)
  cursor.skip(4)
  const magic = cursor.int8()
  if (magic !== 0 && magic !== 1) throw new RecordError(`magic ${magic} in a message set`, 4)
  const attributes = cursor.int8()
  const timestamp = magic === 1 ? cursor.int64() : layout.NO_TIMESTAMP
  const key = byteString(cursor)
  const value = byteString(cursor)
  if (cursor.remaining > 0)
    throw new RecordError(
      `${counted(cursor.remaining, 'byte')} left over in a message`,
      cursor.position,
    )
  return { magic, attributes, timestamp, key, value }
}

/** A cursor that ran out is a malformed message. */
function asRecordError<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CursorError) throw new RecordError(error.message, error.position, error)
    throw error
  }
}

/** The value of a wrapper: the compressed bytes. Throws RecordError when the wrapper has none. */
export function wrapperPayload(entry: Uint8Array): Uint8Array {
  const message = asRecordError(() => decodeMessage(entry.subarray(layout.LOG_OVERHEAD)))
  if (message.value === null)
    throw new RecordError('a compressed wrapper without a value', layout.LOG_OVERHEAD)
  return message.value
}

/** The record of a message that is not compressed. `entry` starts at the offset field. */
export function decodePlainMessage(entry: Uint8Array, offset: bigint): Record {
  const { timestamp, key, value } = asRecordError(() =>
    decodeMessage(entry.subarray(layout.LOG_OVERHEAD)),
  )
  return { offset, timestamp, key, value, headers: [] }
}

interface InnerMessage {
  readonly innerOffset: bigint
  readonly message: Message
}

/** A trailing partial entry is the end, as it is for Kafka's own reader. */
function innerMessages(bytes: Uint8Array): InnerMessage[] {
  const cursor = new Cursor(bytes)
  const found: InnerMessage[] = []
  while (cursor.remaining >= layout.LOG_OVERHEAD) {
    const start = cursor.position
    const innerOffset = cursor.int64()
    const size = cursor.int32()
    if (size < layout.V0_MIN_BYTES - layout.LOG_OVERHEAD)
      throw new RecordError(`inner message size ${size}`, start)
    if (size > cursor.remaining) break
    const body = cursor.take(size)
    const computed = crc32.update(0, body, 4)
    const stored = new DataView(body.buffer, body.byteOffset).getUint32(0)
    if (computed !== stored) throw new RecordError('an inner message fails its CRC', start)
    const message = decodeMessage(body)
    if ((message.attributes & layout.CODEC_MASK) !== 0)
      throw new RecordError('a compressed message inside a wrapper', start)
    found.push({ innerOffset, message })
  }
  return found
}

/** What a wrapper passes on to the messages in it. */
export interface WrapperContext {
  readonly magic: number
  /** The offset of the last message in it. */
  readonly lastOffset: bigint
  /** Set when the broker stamped the wrapper: the time of every message in it. */
  readonly logAppendTime: bigint | null
}

/**
 * The records of a wrapper, from its decompressed value. In magic 0 the inner offsets are absolute, in magic 1
 * relative to the first one ever written, so that the last one plus a base is the wrapper's offset.
 */
export function decodeWrapper(bytes: Uint8Array, wrapper: WrapperContext): Record[] {
  const inner = asRecordError(() => innerMessages(bytes))
  const last = inner.at(-1)
  if (last === undefined) throw new RecordError('a compressed wrapper without messages', 0)
  let base = 0n
  if (wrapper.magic === 1) {
    // Old librdkafka left the wrapper's offset at 0 (AbstractLegacyRecordBatch.DeepRecordsIterator).
    base = wrapper.lastOffset === 0n ? 0n : wrapper.lastOffset - last.innerOffset
    if (base < 0n)
      throw new RecordError(
        `inner offset ${last.innerOffset} above the wrapper's ${wrapper.lastOffset}`,
        0,
      )
  }
  let previous = -1n
  return inner.map(({ innerOffset, message }) => {
    const offset = base + innerOffset
    if (offset <= previous) throw new RecordError(`inner offset ${offset} after ${previous}`, 0)
    previous = offset
    const timestamp = wrapper.logAppendTime ?? message.timestamp
    return { offset, timestamp, key: message.key, value: message.value, headers: [] }
  })
}
