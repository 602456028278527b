/**
 * Reads a message by its field table (the encoding of Kafka's generated classes). Lengths and counts are held
 * against the bytes that are there, so that a damaged one costs nothing.
 */
import type { Cursor } from '../bytes/cursor.ts'
import { CursorError } from '../bytes/cursor.ts'
import type { FieldSchema, MessageSchema } from './message-schema.ts'
import { isIn } from './message-schema.ts'
import type { Struct, Value } from './message-value.ts'
import { Float64, messageJson, uuidText } from './message-value.ts'

/** The bytes are not this message. */
export class MessageError extends Error {
  override readonly name = 'MessageError'
}

const UNSIGNED_VARINT_MAX_BYTES = 5

/** Without the zig-zag (ByteUtils.readUnsignedVarint). */
export function unsignedVarint(cursor: Cursor): number {
  let value = 0
  for (let index = 0; index < UNSIGNED_VARINT_MAX_BYTES; index++) {
    const byte = cursor.int8() & 0xff
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return value
  }
  throw new MessageError('an unsigned varint longer than 5 bytes')
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function text(bytes: Uint8Array, name: string): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    throw new MessageError(`${name} is no UTF-8`)
  }
}

interface Context {
  readonly cursor: Cursor
  readonly version: number
  readonly isFlexible: boolean
}

/** -1 for null. */
function lengthOf({ cursor, isFlexible }: Context, field: FieldSchema): number {
  if (isFlexible) return unsignedVarint(cursor) - 1
  return field.type === 'string' && !field.isArray ? cursor.int16() : cursor.int32()
}

function checkedLength(context: Context, field: FieldSchema): number | null {
  const length = lengthOf(context, field)
  const { nullable, name } = field
  if (length === -1 && nullable !== null && isIn(nullable, context.version)) return null
  if (length < 0) throw new MessageError(`${name} has the length ${length}`)
  if (length > context.cursor.remaining)
    throw new MessageError(`${name} claims ${length}, with ${context.cursor.remaining} bytes left`)
  return length
}

/** One value that is no array: a field's own, or an element's. */
function scalar(context: Context, field: FieldSchema): Value {
  const { cursor } = context
  switch (field.type) {
    case 'bool':
      return cursor.int8() !== 0
    case 'int8':
      return cursor.int8()
    case 'int16':
      return cursor.int16()
    case 'uint16':
      return cursor.int16() & 0xffff
    case 'int32':
      return cursor.int32()
    case 'int64':
      return cursor.int64()
    case 'float64': {
      const bytes = cursor.take(8)
      return new Float64(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0))
    }
    case 'uuid':
      return uuidText(cursor.take(16))
    case 'string':
    case 'bytes': {
      const length = checkedLength(context, field)
      if (length === null) return null
      const bytes = cursor.take(length)
      return field.type === 'string' ? text(bytes, field.name) : bytes
    }
    case 'struct':
      return struct(context, field.fields)
  }
}

/** Of a struct that may be null: one byte before it, -1 for null; in a tag a varint, 0 for null. */
const isPresent = ({ cursor }: Context, { tag }: FieldSchema): boolean =>
  tag === null ? cursor.int8() >= 0 : unsignedVarint(cursor) > 0

function fieldValue(context: Context, field: FieldSchema): Value {
  if (field.isArray) {
    const count = checkedLength(context, field)
    if (count === null) return null
    const element = { ...field, isArray: false, nullable: null }
    return Array.from({ length: count }, () => scalar(context, element))
  }
  const mayBeNull = field.nullable !== null && isIn(field.nullable, context.version)
  if (field.type === 'struct' && mayBeNull && !isPresent(context, field)) return null
  return scalar(context, field)
}

const isDefault = (field: FieldSchema, value: Value): boolean =>
  field.defaultText !== null &&
  (typeof value === 'string' ? value : messageJson(value)) === field.defaultText

/** Values by name, in the table's order; a tagged field that is not there is left out. */
function struct(context: Context, fields: readonly FieldSchema[]): Struct {
  const present = fields.filter(({ versions }) => isIn(versions, context.version))
  const values = new Map<string, Value>()
  for (const field of present)
    if (field.tag === null) values.set(field.name, fieldValue(context, field))
  if (context.isFlexible) {
    for (let left = unsignedVarint(context.cursor); left > 0; left--) {
      const tag = unsignedVarint(context.cursor)
      const size = unsignedVarint(context.cursor)
      const field = present.find((candidate) => candidate.tag === tag)
      const end = context.cursor.position + size
      // Tags of later releases: to be stepped over (KIP-482).
      if (field === undefined) context.cursor.skip(size)
      else {
        const value = fieldValue(context, field)
        if (context.cursor.position !== end)
          throw new MessageError(`tag ${tag} (${field.name}) does not fill its ${size} bytes`)
        if (!isDefault(field, value)) values.set(field.name, value)
      }
    }
  }
  const ordered: Record<string, Value> = {}
  for (const { name } of present) {
    const value = values.get(name)
    if (value !== undefined) ordered[name] = value
  }
  return ordered
}

/** A CursorError as a MessageError: bytes that run out are no such message. */
export function asMessageError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CursorError) throw new MessageError(error.message, { cause: error })
    throw error
  }
}

/** Reads one message from where the cursor stands. Throws MessageError, and nothing else, for any bytes. */
export function decodeMessage(schema: MessageSchema, version: number, cursor: Cursor): Struct {
  if (!isIn(schema.versions, version))
    throw new MessageError(`${schema.name} has no version ${version} that is known`)
  const isFlexible = schema.flexibleFrom !== null && version >= schema.flexibleFrom
  return asMessageError(() => struct({ cursor, version, isFlexible }, schema.fields))
}

/** The message without what it keeps secret: each such value is replaced by a mark. */
export function redact(schema: MessageSchema, message: Struct): Struct {
  const secrets = new Set(schema.fields.filter((field) => field.isSecret).map(({ name }) => name))
  if (secrets.size === 0) return message
  const shown = Object.entries(message).map(([name, value]): [string, Value] => [
    name,
    secrets.has(name) && value !== null ? '(redacted)' : value,
  ])
  return Object.fromEntries(shown)
}
