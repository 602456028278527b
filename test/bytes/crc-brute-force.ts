/** What the locators must find, by trying every change: slow, and too short to be wrong. */
import type { Crc } from '../../src/bytes/crc.ts'
import { crc32, crc32c } from '../../src/bytes/crc.ts'
import type { Flips } from '../../src/bytes/crc-locate.ts'

export const CRCS: readonly { readonly name: string; readonly crc: Crc }[] = [
  { name: 'crc32c', crc: crc32c },
  { name: 'crc32', crc: crc32 },
]

export function flipped(bytes: Uint8Array, flips: Flips): Uint8Array {
  const copy = bytes.slice()
  for (const { at, mask } of flips) copy[at] = (copy[at] ?? 0) ^ mask
  return copy
}

/** One line a change, so that sets of changes can be compared whatever their order. */
export const lines = (hits: readonly Flips[]): string[] =>
  hits.map((flips) => flips.map(({ at, mask }) => `${at}:${mask}`).join(' ')).sort()

/** Of a set of changes those that give the CRC. */
export const explaining = (
  crc: Crc,
  bytes: Uint8Array,
  storedCrc: number,
  changes: Iterable<Flips>,
): Flips[] => [...changes].filter((flips) => crc.update(0, flipped(bytes, flips)) === storedCrc)

export function* everyByte(size: number): Generator<Flips> {
  for (let at = 0; at < size; at++) for (let mask = 1; mask < 256; mask++) yield [{ at, mask }]
}

/** Bits in the order of the CRC: bit 0 of byte 0 first. */
const bitsToFlips = (bits: readonly number[]): Flips => {
  const masks = new Map<number, number>()
  for (const bit of bits) masks.set(bit >> 3, (masks.get(bit >> 3) ?? 0) | (1 << (bit & 7)))
  return [...masks].map(([at, mask]) => ({ at, mask }))
}

export function* everyPair(size: number): Generator<Flips> {
  for (let first = 0; first < size * 8; first++)
    for (let second = first + 1; second < size * 8; second++) yield bitsToFlips([first, second])
}

export function* everyBurst(size: number, maxBits: number): Generator<Flips> {
  for (let first = 0; first < size * 8; first++) {
    const room = Math.min(maxBits, size * 8 - first)
    for (let rest = 0; rest < 2 ** (room - 1); rest++) {
      const bits = [first]
      for (let bit = 1; bit < room; bit++) if (rest & (1 << (bit - 1))) bits.push(first + bit)
      yield bitsToFlips(bits)
    }
  }
}
