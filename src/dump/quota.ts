/** How many of the matching items are shown: all but the first few (--tail), and no more than so many (--limit). */
export class Quota {
  #toSkip: number
  #left: number
  #counted = 0

  constructor(skip: number, limit: number) {
    this.#toSkip = skip
    this.#left = limit
  }

  /** Counts one item; true when it is to be shown. */
  take(): boolean {
    this.#counted++
    if (this.#toSkip > 0) {
      this.#toSkip--
      return false
    }
    if (this.#left <= 0) return false
    this.#left--
    return true
  }

  /** Counts several that are not shown; only after `skipsNext` said so. */
  takeMany(count: number): void {
    this.#counted += count
    this.#toSkip -= count
  }

  skipsNext(count: number): boolean {
    return this.#toSkip >= count && this.#toSkip > 0
  }

  /** Whether an item that is not counted would be shown here. */
  isOpen(): boolean {
    return this.#toSkip <= 0 && this.#left > 0
  }

  /** Items seen so far, shown or not. */
  get counted(): number {
    return this.#counted
  }

  isUsedUp(): boolean {
    return this.#left <= 0
  }
}
