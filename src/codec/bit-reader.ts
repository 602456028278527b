/** Reads the bits of a DEFLATE stream: from the lowest bit of each byte upwards, across bytes. */
import type { CodecError } from './codec.ts'
import type { OutputBuffer } from './output-buffer.ts'
import { viewOf } from './output-buffer.ts'

/**
 * Bits in stream order, at most 31 of them held back. Past the end of the input it delivers zero bits,
 * so that a table can be indexed with more bits than its last code has; `exhausted` tells if such bits were used.
 */
export class BitReader {
  readonly input: Uint8Array
  /** Of the input, for whoever reads ahead in it. */
  readonly view: DataView
  readonly output: OutputBuffer
  position: number
  held = 0
  heldBits = 0

  constructor(input: Uint8Array, position: number, output: OutputBuffer) {
    this.input = input
    this.view = viewOf(input)
    this.position = position
    this.output = output
  }

  /** At least 16 bits held. */
  refill(): void {
    while (this.heldBits < 16) {
      if (this.position < this.input.length) {
        this.held |= (this.input[this.position] ?? 0) << this.heldBits
      }
      this.position++
      this.heldBits += 8
    }
  }

  /** Goes on where someone else has read up to; bits of `held` above `heldBits` are left out. */
  stopAt(position: number, held: number, heldBits: number): void {
    this.position = position
    this.held = held & ((1 << heldBits) - 1)
    this.heldBits = heldBits
  }

  /** Up to 16 bits. */
  take(count: number): number {
    this.refill()
    const value = this.held & ((1 << count) - 1)
    this.drop(count)
    return value
  }

  drop(count: number): void {
    this.held >>>= count
    this.heldBits -= count
    if (this.position > this.input.length && this.exhausted)
      throw this.failure('deflate data ends early')
  }

  get exhausted(): boolean {
    return (this.position - this.input.length) * 8 > this.heldBits
  }

  /** Gives whole bytes back and drops the rest of the current one; returns the position. */
  alignToByte(): number {
    this.position -= this.heldBits >>> 3
    this.held = 0
    this.heldBits = 0
    return this.position
  }

  /** The byte after the last one of which bits were taken. */
  get takenTo(): number {
    return Math.min(this.position - (this.heldBits >>> 3), this.input.length)
  }

  failure(message: string): CodecError {
    const reason = this.exhausted ? 'truncated' : 'block-invalid'
    return this.output.failure(reason, this.takenTo, message)
  }
}
