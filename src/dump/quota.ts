/** How many of the matching items are shown: all but the first few (--tail), and no more than so many (--limit). */
export class Quota {
  #toSkip: number
  #left: number
  #counted = 0
  #shown = 0
  #isByHeaders = false
  readonly #believesHeaders: boolean

  /** With `believesHeaders`, batches are skipped by the count of records that their headers tell. */
  constructor(skip: number, limit: number, believesHeaders = true) {
    this.#toSkip = skip
    this.#left = limit
    this.#believesHeaders = believesHeaders
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
    this.#shown++
    return true
  }

  /** Counts several that are not shown; only after `skipsNext` said so. */
  takeMany(count: number): void {
    this.#counted += count
    this.#toSkip -= count
    this.#isByHeaders = true
  }

  skipsNext(count: number): boolean {
    return this.#believesHeaders && this.#toSkip >= count && this.#toSkip > 0
  }

  /** Whether an item that is not counted would be shown here. */
  isOpen(): boolean {
    return this.#toSkip <= 0 && this.#left > 0
  }

  /** Items seen so far, shown or not. */
  get counted(): number {
    return this.#counted
  }

  get shown(): number {
    return this.#shown
  }

  /** Whether some were counted by what a header tells of them alone. */
  get isByHeaders(): boolean {
    return this.#isByHeaders
  }

  isUsedUp(): boolean {
    return this.#left <= 0
  }
}
