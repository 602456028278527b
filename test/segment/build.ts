/** Builds record batches and messages of every magic in tests, independently of the decoders. */
import { crc32, crc32c } from '../../src/bytes/crc.ts'
import { pushVarint } from '../../src/bytes/varint.ts'

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

export const concat = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts))

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The same bytes on every run; never a header by chance. */
export function noise(size: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 24) | 0x80
  })
}

export function varint(value: bigint | number): Uint8Array {
  const bytes: number[] = []
  pushVarint(bytes, value)
  return Uint8Array.from(bytes)
}

export type Bytes = string | Uint8Array | null

const bytesOf = (value: string | Uint8Array): Uint8Array =>
  typeof value === 'string' ? text(value) : value

const byteString = (value: Bytes): Uint8Array =>
  value === null ? varint(-1) : concat(varint(bytesOf(value).length), bytesOf(value))

export interface RecordSpec {
  readonly attributes?: number
  readonly timestampDelta?: bigint
  readonly offsetDelta?: number
  readonly key?: Bytes
  readonly value?: Bytes
  readonly headers?: readonly (readonly [Bytes, Bytes])[]
}

/** Everything of a magic-2 record after its length. */
export function recordBody(spec: RecordSpec, index = 0): Uint8Array {
  const headers = spec.headers ?? []
  return concat(
    Uint8Array.of(spec.attributes ?? 0),
    varint(spec.timestampDelta ?? 0n),
    varint(spec.offsetDelta ?? index),
    byteString(spec.key ?? null),
    byteString(spec.value ?? null),
    varint(headers.length),
    ...headers.flatMap(([key, value]) => [byteString(key), byteString(value)]),
  )
}

export const encodeRecord = (spec: RecordSpec, index = 0): Uint8Array => {
  const body = recordBody(spec, index)
  return concat(varint(body.length), body)
}

export interface BatchSpec {
  readonly baseOffset?: bigint
  readonly records?: readonly RecordSpec[]
  /** In place of the encoded records. */
  readonly payload?: Uint8Array
  readonly compress?: (payload: Uint8Array) => Uint8Array
  readonly attributes?: number
  readonly recordsCount?: number
  readonly lastOffsetDelta?: number
  readonly baseTimestamp?: bigint
  readonly maxTimestamp?: bigint
  readonly producerId?: bigint
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly partitionLeaderEpoch?: number
}

/** A magic-2 batch under a CRC that holds. */
export function v2Batch(spec: BatchSpec = {}): Uint8Array {
  const records = spec.records ?? [{ value: 'v' }]
  const plain =
    spec.payload ?? concat(...records.map((record, index) => encodeRecord(record, index)))
  const payload = spec.compress?.(plain) ?? plain
  const bytes = new Uint8Array(61 + payload.length)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, spec.baseOffset ?? 0n)
  view.setInt32(8, bytes.length - 12)
  view.setInt32(12, spec.partitionLeaderEpoch ?? 0)
  view.setInt8(16, 2)
  view.setInt16(21, spec.attributes ?? 0)
  view.setInt32(23, spec.lastOffsetDelta ?? records.length - 1)
  view.setBigInt64(27, spec.baseTimestamp ?? 1000n)
  view.setBigInt64(35, spec.maxTimestamp ?? spec.baseTimestamp ?? 1000n)
  view.setBigInt64(43, spec.producerId ?? -1n)
  view.setInt16(51, spec.producerEpoch ?? -1)
  view.setInt32(53, spec.baseSequence ?? -1)
  view.setInt32(57, spec.recordsCount ?? records.length)
  bytes.set(payload, 61)
  return fixCrc(bytes)
}

export interface MessageSpec {
  readonly magic: 0 | 1
  readonly offset?: bigint
  readonly attributes?: number
  readonly timestamp?: bigint
  readonly key?: Bytes
  readonly value?: Bytes
}

const byteString32 = (value: Bytes): Uint8Array => {
  const bytes = value === null ? new Uint8Array() : bytesOf(value)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setInt32(0, value === null ? -1 : bytes.length)
  return concat(length, bytes)
}

/** An entry of magic 0 or 1 under a CRC that holds. */
export function message(spec: MessageSpec): Uint8Array {
  const head = new Uint8Array(spec.magic === 1 ? 26 : 18)
  const bytes = concat(head, byteString32(spec.key ?? null), byteString32(spec.value ?? null))
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, spec.offset ?? 0n)
  view.setInt32(8, bytes.length - 12)
  bytes[16] = spec.magic
  bytes[17] = spec.attributes ?? 0
  if (spec.magic === 1) view.setBigInt64(18, spec.timestamp ?? 1000n)
  return fixCrc(bytes)
}

/** Writes the CRC that the entry's bytes have; for damage under a CRC that holds. */
export function fixCrc(entry: Uint8Array): Uint8Array {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  if ((entry[16] ?? 0) < 2) view.setUint32(12, crc32.update(0, entry, 16))
  else view.setUint32(17, crc32c.update(0, entry, 21))
  return entry
}

/** A copy with one byte changed. */
export function flipByte(bytes: Uint8Array, position: number, mask = 0xff): Uint8Array {
  const copy = bytes.slice()
  copy[position] = (copy[position] ?? 0) ^ mask
  return copy
}

/** `count` batches of `size` records each, offsets joining from `from` on. */
export const joinedBatches = (count: number, size = 3, from = 0n): Uint8Array[] =>
  Array.from({ length: count }, (_, batch) => {
    const baseOffset = from + BigInt(batch * size)
    const records = Array.from({ length: size }, (__, index) => ({
      key: `k${index}`,
      value: `value ${baseOffset + BigInt(index)}`,
    }))
    return v2Batch({ baseOffset, records, baseTimestamp: 1_700_000_000_000n + baseOffset })
  })
