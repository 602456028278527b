/**
 * A growing array of big-endian integers: how the index builders write entries without
 * an object an entry. The counterpart of bytes/cursor.ts.
 */

const INITIAL_SIZE_IN_BYTES = 1024

export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_SIZE_IN_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #size = 0

  /** Makes room for `size` bytes and returns where they go. Doubling keeps the copying linear. */
  #claim(size: number): number {
    const start = this.#size
    if (start + size > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#size = start + size
    return start
  }

  int16(value: number): void {
    const start = this.#claim(2)
    this.#view.setInt16(start, value)
  }

  int32(value: number): void {
    const start = this.#claim(4)
    this.#view.setInt32(start, value)
  }

  int64(value: bigint): void {
    const start = this.#claim(8)
    this.#view.setBigInt64(start, value)
  }

  /** A copy of what was written so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#size)
  }
}
