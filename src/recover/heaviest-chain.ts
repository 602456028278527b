/**
 * The heaviest chain: of items in order, the subset whose intervals strictly increase and whose weights sum highest.
 * It decides which of contradicting batches are the log: the version that keeps the most records.
 */
import { firstIndex } from './first-index.ts'

export interface ChainItem {
  readonly from: bigint
  readonly to: bigint
  readonly weight: number
  /** Among equal weights the higher rank wins (the leader epoch). */
  readonly rank: number
}

interface Best {
  readonly weight: number
  readonly rank: number
  readonly index: number
}

const better = (a: Best, b: Best | undefined): boolean =>
  b === undefined || a.weight > b.weight || (a.weight === b.weight && a.rank > b.rank)

/** A prefix maximum over sorted keys (Fenwick tree), so that thousands of runs cost n·log n. */
class PrefixBest {
  readonly #tree: (Best | undefined)[]
  constructor(size: number) {
    this.#tree = new Array<Best | undefined>(size + 1)
  }

  offer(key: number, best: Best): void {
    for (let at = key + 1; at < this.#tree.length; at += at & -at) {
      if (better(best, this.#tree[at])) this.#tree[at] = best
    }
  }

  /** The best offered at a key below `key`. */
  below(key: number): Best | undefined {
    let found: Best | undefined
    for (let at = key; at > 0; at -= at & -at) {
      const best = this.#tree[at]
      if (best !== undefined && better(best, found)) found = best
    }
    return found
  }
}

/** The index in `sorted` of the first element that is not below `value`. */
const lowerBound = (sorted: readonly bigint[], value: bigint): number =>
  firstIndex(sorted, (element) => element >= value)

/**
 * Indices of the chosen items, ascending. An item follows another when its `from` is above the other's `to`, or, with
 * `touching` allowed, not below it.
 */
export function heaviestChain(items: readonly ChainItem[], touching = false): number[] {
  const ends = items.map((item) => item.to).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const best = new PrefixBest(ends.length)
  const previous: (number | undefined)[] = []
  let last: Best | undefined
  items.forEach((item, index) => {
    const before = best.below(lowerBound(ends, touching ? item.from + 1n : item.from))
    previous.push(before?.index)
    const here = { weight: item.weight + (before?.weight ?? 0), rank: item.rank, index }
    best.offer(lowerBound(ends, item.to), here)
    if (better(here, last)) last = here
  })
  const chain: number[] = []
  for (let at = last?.index; at !== undefined; at = previous[at]) chain.push(at)
  return chain.reverse()
}
