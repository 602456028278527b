/**
 * Blocks that stand one behind the other, each with its length in front: LZ4's and snappy-java's. When a length is
 * damaged, the place to go on is one from which lengths lead on, block after block, exactly to the end of the data.
 */

/** Where the block at `position` ends, or undefined when no block can stand there. */
export type NextBlock = (position: number) => number | undefined

/** Places from which a chain of lengths leads exactly to an end. */
export interface BlockChain {
  has(position: number): boolean
  /** The first such place at or after `position`. */
  next(position: number): number | undefined
}

/** One pass from the end to the start; a bit of memory for each byte. `ends`: where the last block may end. */
export function blockChain(
  size: number,
  ends: readonly number[],
  nextBlock: NextBlock,
): BlockChain {
  const places = new Uint8Array((size >>> 3) + 1)
  const has = (position: number): boolean =>
    position >= 0 &&
    position <= size &&
    ((places[position >>> 3] ?? 0) & (1 << (position & 7))) !== 0
  const add = (position: number): void => {
    places[position >>> 3] = (places[position >>> 3] ?? 0) | (1 << (position & 7))
  }
  for (const end of ends) add(end)
  for (let position = size - 1; position >= 0; position--) {
    const end = nextBlock(position)
    if (end !== undefined && has(end)) add(position)
  }
  return {
    has,
    next: (position) => {
      for (let at = position; at < size; at++) if (has(at) && !ends.includes(at)) return at
      return undefined
    },
  }
}
