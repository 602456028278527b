/**
 * Verbs that damage a segment. Where the original bytes went is followed through inserts and cuts, so that a test
 * knows which batches still stand, byte for byte, whatever was done around them.
 */
import type { Prng } from './prng.ts'
import { freshenCrc } from './walk-batches.ts'

export interface BatchPlace {
  readonly position: number
  readonly sizeInBytes: number
}

/** A stretch of the damaged file: where its place was in the original, or null for what was put in. */
interface Stretch {
  readonly from: number | null
  readonly sizeInBytes: number
}

export class DamagedSegment {
  readonly original: Uint8Array
  bytes: Uint8Array
  private stretches: readonly Stretch[]

  constructor(original: Uint8Array) {
    this.original = original
    this.bytes = original.slice()
    this.stretches = [{ from: 0, sizeInBytes: original.length }]
  }

  flipBit(position: number, bit: number): this {
    this.bytes[position] = (this.bytes[position] ?? 0) ^ (1 << bit)
    return this
  }

  /** Puts other bytes in the place of those there are; the file keeps its size. */
  overwrite(position: number, bytes: Uint8Array): this {
    this.bytes.set(bytes.subarray(0, Math.max(0, this.bytes.length - position)), position)
    return this
  }

  zeroRange(position: number, size: number): this {
    this.bytes.fill(0, position, position + size)
    return this
  }

  randomPage(position: number, size: number, random: Prng): this {
    return this.overwrite(position, random.bytes(size))
  }

  copyPageWithin(from: number, to: number, size: number): this {
    return this.overwrite(to, this.bytes.slice(from, from + size))
  }

  copyPageFrom(other: Uint8Array, from: number, to: number, size: number): this {
    return this.overwrite(to, other.subarray(from, from + size))
  }

  overwriteBatch({ position, sizeInBytes }: BatchPlace, random: Prng): this {
    return this.randomPage(position, sizeInBytes, random)
  }

  /** What a broken producer or a broken machine leaves: bytes that no codec and no reader accepts, under a right CRC. */
  corruptPayloadWithFreshCrc({ position, sizeInBytes }: BatchPlace): this {
    const batch = this.bytes.subarray(position, position + sizeInBytes)
    const magic = batch[16] ?? 0
    if (magic === 2) batch.fill(0xff, 61, 77)
    else {
      const plain = ((batch[17] ?? 0) & 7) === 0
      const key = magic === 1 ? 26 : 18
      // A key that claims more bytes than there are, or a compressed value that begins with none of its codec's bytes.
      if (plain) batch.set([0x7f, 0xff, 0xff, 0xff], key)
      else batch.fill(0xff, key + 8, key + 24)
    }
    freshenCrc(batch)
    return this
  }

  truncateTo(size: number): this {
    return this.removeBytes(size, this.bytes.length - size)
  }

  appendZeros(size: number): this {
    return this.insertBytes(this.bytes.length, new Uint8Array(size))
  }

  insertBytes(position: number, inserted: Uint8Array): this {
    this.bytes = Buffer.concat([
      this.bytes.subarray(0, position),
      inserted,
      this.bytes.subarray(position),
    ])
    const [before, after] = this.split(position)
    this.stretches = [...before, { from: null, sizeInBytes: inserted.length }, ...after]
    return this
  }

  removeBytes(position: number, size: number): this {
    this.bytes = Buffer.concat([
      this.bytes.subarray(0, position),
      this.bytes.subarray(position + size),
    ])
    const [before, rest] = this.split(position)
    this.stretches = rest
    const [, after] = this.split(size)
    this.stretches = [...before, ...after]
    return this
  }

  /** Where a batch of the original stands whole in the damaged file; null when it does not. */
  placeOf({ position, sizeInBytes }: BatchPlace): number | null {
    let at = 0
    for (const { from, sizeInBytes: size } of this.stretches) {
      if (from !== null && from <= position && position < from + size) {
        const place = at + position - from
        const there = this.bytes.subarray(place, place + sizeInBytes)
        const whole = position + sizeInBytes <= from + size
        const same = Buffer.compare(there, this.original.subarray(position, position + sizeInBytes))
        return whole && same === 0 ? place : null
      }
      at += size
    }
    return null
  }

  /** Where the bytes of a batch can be found at all: in their place, else wherever they were moved or copied to. */
  findMoved(batch: BatchPlace): number | null {
    const { position, sizeInBytes } = batch
    const place = this.placeOf(batch)
    if (place !== null) return place
    const found = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).indexOf(
      this.original.subarray(position, position + sizeInBytes),
    )
    return found === -1 ? null : found
  }

  private split(position: number): [Stretch[], Stretch[]] {
    const [before, after]: [Stretch[], Stretch[]] = [[], []]
    let at = 0
    for (const { from, sizeInBytes } of this.stretches) {
      const left = Math.min(Math.max(position - at, 0), sizeInBytes)
      if (left > 0) before.push({ from, sizeInBytes: left })
      if (left < sizeInBytes)
        after.push({ from: from === null ? null : from + left, sizeInBytes: sizeInBytes - left })
      at += sizeInBytes
    }
    return [before, after]
  }
}
