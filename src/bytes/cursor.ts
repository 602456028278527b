/**
 * Checked big-endian reads over one Uint8Array: the only place with a DataView.
 * A read past the end is an ordinary event in damaged data, so it is reported by a
 * CursorError that the decoder on top turns into a finding; it never reaches a caller of kmend.
 */
import { VARINT_MAX_BYTES, VARLONG_MAX_BYTES, unzigzag32, unzigzag64 } from './varint.ts'
import { counted } from '../words/words.ts'

/** A read that the bytes cannot serve. `position` is relative to the start of the cursor's bytes. */
export class CursorError extends Error {
  override readonly name = 'CursorError'
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

/** Reads values one after the other. Byte ranges it returns are views into the given bytes, not copies. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #position: number
  readonly #end: number

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#position = start
    this.#end = end
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#end - this.#position
  }

  #take(size: number): number {
    const start = this.#position
    if (size > this.#end - start) {
      throw new CursorError(`${counted(size, 'byte')} wanted, ${this.#end - start} left`, start)
    }
    this.#position = start + size
    return start
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  /** A view of the next `size` bytes; `size` must not be negative. */
  take(size: number): Uint8Array {
    const start = this.#take(size)
    return this.bytes.subarray(start, start + size)
  }

  skip(size: number): void {
    this.#take(size)
  }

  /** Zig-zag varint of at most 5 bytes (Kafka's ByteUtils.readVarint). */
  varint(): number {
    const start = this.#position
    let value = 0
    for (let index = 0; index < VARINT_MAX_BYTES; index++) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return unzigzag32(value)
    }
    throw new CursorError('varint longer than 5 bytes', start)
  }

  /** Zig-zag varint of at most 10 bytes (Kafka's ByteUtils.readVarlong). */
  varlong(): bigint {
    const start = this.#position
    let low = 0
    // The first four groups fit a 32-bit integer: most deltas end there and need no bigint arithmetic.
    for (let index = 0; index < 4; index++) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return BigInt(unzigzag32(low))
    }
    let value = BigInt(low >>> 0)
    for (let index = 4; index < VARLONG_MAX_BYTES; index++) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) return unzigzag64(BigInt.asUintN(64, value))
    }
    throw new CursorError('varlong longer than 10 bytes', start)
  }

  #byte(): number {
    const byte = this.#position < this.#end ? this.bytes[this.#position] : undefined
    if (byte === undefined) throw new CursorError('varint runs past the end', this.#position)
    this.#position++
    return byte
  }
}
