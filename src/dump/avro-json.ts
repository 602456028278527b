/**
 * An Avro value as Avro's own JSON (a union's type beside its value, bytes as the characters 0 to 255), which is what
 * kafka-avro-console-consumer prints. Strict, because it is also how a value of another schema is told: all bytes must
 * be used, and each as Avro writes it. Work and memory follow the bytes that are there, not the counts they claim.
 */
import { Cursor, CursorError } from '../bytes/cursor.ts'
import { javaDouble } from '../topics/message-value.ts'
import { strictText } from './bytes-text.ts'
import type { AvroType } from './avro-type.ts'

/** Values within values; deeper ones are only in damage, and would exhaust the stack. */
const MAX_DEPTH = 500
/** Values that take no bytes (nulls, records without fields) let four bytes claim billions of them. */
const FREE_VALUES = 65_536
const VALUES_PER_BYTE = 4
/** A larger value is not decoded, nor one whose JSON grows beyond this: a string of JavaScript ends at 2^29 characters. */
const MAX_VALUE_BYTES = 32 * 1024 * 1024
const MAX_JSON_CHARS = 256 * 1024 * 1024
/** Pieces of JSON are joined when so many are there: a piece takes more memory than its text. */
const MAX_PARTS = 4096

/** Not a value of this schema; the message says why, and where. */
class AvroError extends Error {}

export type AvroResult =
  { readonly ok: true; readonly json: string } | { readonly ok: false; readonly message: string }

/** `bytes` is the value alone, without framing. The text is one line of JSON, integers in full. */
export function avroJson(bytes: Uint8Array, type: AvroType): AvroResult {
  if (bytes.length > MAX_VALUE_BYTES)
    return { ok: false, message: `its ${bytes.length} bytes are more than ${MAX_VALUE_BYTES}` }
  const valuesLeft = FREE_VALUES + VALUES_PER_BYTE * bytes.length
  const reader: Reader = { cursor: new Cursor(bytes), parts: [], text: '', valuesLeft }
  try {
    readValue(reader, type, 0)
    const { position, remaining } = reader.cursor
    if (remaining > 0)
      return {
        ok: false,
        message: `the value ends at byte ${position}, and ${remaining} more follow`,
      }
    return { ok: true, json: reader.text + reader.parts.join('') }
  } catch (error) {
    if (error instanceof AvroError || error instanceof CursorError)
      return { ok: false, message: `${error.message}, at byte ${reader.cursor.position}` }
    throw error
  }
}

interface Reader {
  readonly cursor: Cursor
  readonly parts: string[]
  /** What `parts` held before they were joined. */
  text: string
  valuesLeft: number
}

function joinParts(reader: Reader): void {
  reader.text += reader.parts.join('')
  reader.parts.length = 0
  if (reader.text.length > MAX_JSON_CHARS)
    throw new AvroError(`its JSON is longer than ${MAX_JSON_CHARS} characters`)
}

function readValue(reader: Reader, type: AvroType, depth: number): void {
  const { cursor, parts } = reader
  if (--reader.valuesLeft < 0) throw new AvroError('more values than its bytes can hold')
  if (parts.length > MAX_PARTS) joinParts(reader)
  if (depth > MAX_DEPTH) throw new AvroError(`values within values, over ${MAX_DEPTH} deep`)
  switch (type.kind) {
    case 'null':
      parts.push('null')
      return
    case 'boolean':
      parts.push(readBoolean(cursor))
      return
    case 'int':
      parts.push(readInt(cursor).toString())
      return
    case 'long':
      parts.push(cursor.varlong().toString())
      return
    case 'float':
      parts.push(floatJson(littleEndian(cursor, 4).getFloat32(0, true)))
      return
    case 'double':
      parts.push(doubleJson(littleEndian(cursor, 8).getFloat64(0, true)))
      return
    case 'bytes':
      parts.push(bytesJson(cursor.take(readSize(cursor))))
      return
    case 'fixed':
      parts.push(bytesJson(cursor.take(type.sizeInBytes)))
      return
    case 'string':
      parts.push(JSON.stringify(readString(cursor)))
      return
    case 'enum':
      parts.push(JSON.stringify(choose(type.symbols, readInt(cursor), 'symbol')))
      return
    case 'union': {
      const branch = choose(type.branches, readInt(cursor), 'type')
      if (branch.type.kind === 'null') parts.push('null')
      else readNamed(reader, '{', branch, depth)
      if (branch.type.kind !== 'null') parts.push('}')
      return
    }
    case 'record':
      parts.push('{')
      for (const [index, field] of type.fields.entries())
        readNamed(reader, index === 0 ? '' : ',', field, depth)
      parts.push('}')
      return
    case 'array':
      parts.push('[')
      readBlocks(reader, (separator) => {
        parts.push(separator)
        readValue(reader, type.items, depth + 1)
      })
      parts.push(']')
      return
    case 'map':
      parts.push('{')
      readBlocks(reader, (separator) => {
        readNamed(reader, separator, { name: readString(cursor), type: type.values }, depth)
      })
      parts.push('}')
  }
}

function readNamed(
  reader: Reader,
  before: string,
  { name, type }: { readonly name: string; readonly type: AvroType },
  depth: number,
): void {
  reader.parts.push(`${before}${JSON.stringify(name)}:`)
  readValue(reader, type, depth + 1)
}

/** Items come in blocks, each after its count; a negative count is followed by the block's size. */
function readBlocks({ cursor }: Reader, readItem: (separator: string) => void): void {
  let separator = ''
  for (;;) {
    const count = cursor.varlong()
    if (count === 0n) return
    const end = count < 0n ? readSize(cursor) + cursor.position : null
    // Items that are not there end it: the bytes run out, or valuesLeft does.
    for (let left = count < 0n ? -count : count; left > 0n; left--) {
      readItem(separator)
      separator = ','
    }
    if (end !== null && end !== cursor.position)
      throw new AvroError('a block of items is not as long as it says')
  }
}

function readInt(cursor: Cursor): number {
  const value = cursor.varlong()
  if (BigInt.asIntN(32, value) !== value) throw new AvroError(`${value} is no int of 32 bits`)
  return Number(value)
}

function readSize(cursor: Cursor): number {
  const size = cursor.varlong()
  if (size < 0n || size > cursor.remaining)
    throw new AvroError(`a length of ${size}, and ${cursor.remaining} bytes left`)
  return Number(size)
}

function readBoolean(cursor: Cursor): string {
  const byte = cursor.int8()
  if (byte !== 0 && byte !== 1) throw new AvroError(`${byte} is no boolean`)
  return byte === 1 ? 'true' : 'false'
}

function readString(cursor: Cursor): string {
  const text = strictText(cursor.take(readSize(cursor)))
  if (text === null) throw new AvroError('a string that is no UTF-8')
  return text
}

function choose<T>(all: readonly T[], index: number, what: string): T {
  const chosen = all[index]
  if (chosen === undefined) throw new AvroError(`${what} ${index} of ${all.length}`)
  return chosen
}

function littleEndian(cursor: Cursor, sizeInBytes: number): DataView {
  const bytes = cursor.take(sizeInBytes)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const bytesJson = (bytes: Uint8Array): string =>
  JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'))

/** JSON has no NaN and no Infinity: as strings, like Avro's own. */
const doubleJson = (value: number): string =>
  Number.isFinite(value) ? javaDouble(value) : `"${value}"`

/** With as many digits as tell it from its neighbours among floats, nine at most: 0.1, not 0.10000000149011612. */
function floatJson(value: number): string {
  let digits = 1
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++
  return doubleJson(Number(value.toPrecision(digits)))
}
