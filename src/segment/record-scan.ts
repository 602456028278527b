/**
 * Finds out whether a magic-2 record stands at a place, without making one and without throwing: after damage this is
 * asked of every byte. It accepts exactly what decodeRecords accepts of a single record.
 */
import { VARINT_MAX_BYTES, VARLONG_MAX_BYTES, unzigzag32 } from '../bytes/varint.ts'

const NULL_LENGTH = -1

/** Looks at records in `bytes`. The fields describe the last record that `scan` accepted, except `failedAt`. */
export class RecordScanner {
  readonly bytes: Uint8Array
  end = 0
  offsetDelta = 0
  /** The nearest number; exact up to 2^53 milliseconds. */
  timestampDelta = 0
  /** Where the last refused record contradicts the format; its start when there are too few bytes for it. */
  failedAt = 0
  /** Fields read so far: a measure of the work done. */
  steps = 0
  #position = 0
  #limit = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Whether a whole record begins at `start`. */
  scan(start: number): boolean {
    this.#position = start
    this.#limit = this.bytes.length
    const isRecord = this.#record()
    this.failedAt = isRecord ? this.failedAt : Math.min(this.#position, this.bytes.length)
    return isRecord
  }

  #record(): boolean {
    const start = this.#position
    const length = this.#varint()
    if (length === undefined || length > this.#limit - this.#position) {
      // Also what a record looks like of which only the beginning is there.
      this.#position = start
      return false
    }
    if (length <= 0) return false
    this.end = this.#limit = this.#position + length
    if (this.bytes[this.#position] !== 0) return false
    this.#position++
    const timestampDelta = this.#varlong()
    const offsetDelta = this.#varint()
    if (timestampDelta === undefined || offsetDelta === undefined || offsetDelta < 0) return false
    this.timestampDelta = timestampDelta
    this.offsetDelta = offsetDelta
    if (!this.#byteString(true) || !this.#byteString(true)) return false
    const headers = this.#varint()
    if (headers === undefined || headers < 0 || headers > (this.#limit - this.#position) / 2)
      return false
    for (let index = 0; index < headers; index++) {
      if (!this.#byteString(false) || !this.#byteString(true)) return false
    }
    return this.#position === this.#limit
  }

  #byteString(mayBeNull: boolean): boolean {
    const length = this.#varint()
    if (length === NULL_LENGTH) return mayBeNull
    if (length === undefined || length < 0 || length > this.#limit - this.#position) return false
    this.#position += length
    return true
  }

  #varint(): number | undefined {
    this.steps++
    let value = 0
    for (let index = 0; index < VARINT_MAX_BYTES; index++) {
      const byte = this.#byte()
      if (byte === undefined) return undefined
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return unzigzag32(value)
    }
    return undefined
  }

  #varlong(): number | undefined {
    this.steps++
    let value = 0
    for (let index = 0; index < VARLONG_MAX_BYTES; index++) {
      const byte = this.#byte()
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    return undefined
  }

  #byte(): number | undefined {
    return this.#position < this.#limit ? this.bytes[this.#position++] : undefined
  }
}
