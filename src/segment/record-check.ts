/**
 * Whether the records of a magic-2 batch decode, without making them: the verdict of decodeRecords (record.ts), for
 * whoever wants only that. Nothing is allocated for a record. The words for what is wrong are decodeRecords' own.
 */
import { unzigzag32, VARINT_MAX_BYTES, VARLONG_MAX_BYTES } from '../bytes/varint.ts'

const NULL_LENGTH = -1

/* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is compared with the end first */
class RecordChecker {
  readonly #bytes: Uint8Array
  #at = 0
  /** Reads that have passed the end of what they were in, and varints without an end. */
  #failures = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  check(count: number, lastOffsetDelta: number): boolean {
    const end = this.#bytes.length
    let previousDelta = -1
    for (let index = 0; index < count; index++) {
      const length = this.#varint(end)
      if (this.#failures > 0 || length < 0 || length > end - this.#at) return false
      const recordEnd = this.#at + length
      const offsetDelta = this.#record(recordEnd)
      if (this.#failures > 0 || this.#at !== recordEnd) return false
      if (offsetDelta <= previousDelta || offsetDelta > lastOffsetDelta) return false
      previousDelta = offsetDelta
    }
    return this.#at === end
  }

  /** Returns the offsetDelta. */
  #record(end: number): number {
    if (this.#at >= end || this.#bytes[this.#at++]! !== 0) return this.#fail()
    this.#skipVarlong(end)
    const offsetDelta = this.#varint(end)
    this.#skipByteString(end)
    this.#skipByteString(end)
    const headers = this.#varint(end)
    if (this.#failures > 0 || headers < 0 || headers > (end - this.#at) / 2) return this.#fail()
    for (let index = 0; index < headers && this.#failures === 0; index++) {
      if (this.#skipByteString(end) === NULL_LENGTH) return this.#fail()
      this.#skipByteString(end)
    }
    return offsetDelta
  }

  #fail(): number {
    this.#failures++
    return 0
  }

  /** Returns the length. */
  #skipByteString(end: number): number {
    const length = this.#varint(end)
    if (length === NULL_LENGTH) return length
    if (length < 0 || length > end - this.#at) return this.#fail()
    this.#at += length
    return length
  }

  #varint(end: number): number {
    const bytes = this.#bytes
    let value = 0
    for (let shift = 0; shift < 7 * VARINT_MAX_BYTES; shift += 7) {
      if (this.#at >= end) return this.#fail()
      const byte = bytes[this.#at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return unzigzag32(value)
    }
    return this.#fail()
  }

  #skipVarlong(end: number): void {
    const bytes = this.#bytes
    for (let index = 0; index < VARLONG_MAX_BYTES; index++) {
      if (this.#at >= end) break
      if (bytes[this.#at++]! < 0x80) return
    }
    this.#fail()
  }
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

/** Whether `bytes` are exactly `count` records whose offsets rise up to `lastOffsetDelta` at most. */
export const areRecords = (bytes: Uint8Array, count: number, lastOffsetDelta: number): boolean =>
  new RecordChecker(bytes).check(count, lastOffsetDelta)
