/** Decoded messages as plain values, and as the JSON that Kafka's own tools print. */

/** A floating point number, which prints otherwise than an integer of the same value. */
export class Float64 {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** A field's value: 64-bit integers are bigint, a uuid is its 22 characters of base64url. */
export type Value =
  null | boolean | number | bigint | string | Uint8Array | Float64 | readonly Value[] | Struct

export interface Struct {
  readonly [name: string]: Value
}

export const isStruct = (value: Value | undefined): value is Struct =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !(value instanceof Float64)

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

/** Kafka's Uuid.toString. */
export const uuidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')

/** As Java's Double.toString: always with a fraction, with an exponent from 10^7 on and below 10^-3. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity'
  const size = Math.abs(value)
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (size >= 1e-3 && size < 1e7) {
    const text = value.toString()
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`
}

/** Control characters in Jackson's spelling: hexadecimal digits in capitals. */
export const jsonString = (text: string): string =>
  JSON.stringify(text).replace(
    /\\(?:u([0-9a-f]{4})|.)/g,
    (escape: string, hex: string | undefined) =>
      hex === undefined ? escape : `\\u${hex.toUpperCase()}`,
  )

/** One line of JSON, integers in full, bytes in base64. */
export function messageJson(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return jsonString(value)
  if (typeof value !== 'object') return value.toString()
  if (value instanceof Float64) {
    const text = javaDouble(value.value)
    return Number.isFinite(value.value) ? text : `"${text}"`
  }
  if (value instanceof Uint8Array) return `"${toBase64(value)}"`
  if (Array.isArray(value)) return `[${value.map(messageJson).join(',')}]`
  if (!isStruct(value)) return 'null'
  const fields = Object.entries(value).map(
    ([name, field]) => `${jsonString(name)}:${messageJson(field)}`,
  )
  return `{${fields.join(',')}}`
}
