/** A small seeded generator (mulberry32), so that every damage can be made again from its seed. */
export interface Prng {
  /** A whole number in [0, bound). */
  below(bound: number): number
  bytes(size: number): Uint8Array
}

export function prng(seed: number): Prng {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound)
  return { below, bytes: (size) => Uint8Array.from({ length: size }, () => below(256)) }
}

/** FNV-1a: a seed out of a name and a number. */
export function seedOf(name: string, number: number): number {
  let hash = 0x811c9dc5
  for (const char of `${name}#${number}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return hash >>> 0
}
