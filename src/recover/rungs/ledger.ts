/**
 * What an undo has cost so far, and how many candidates were compared with the CRC.
 *
 * A step is about one byte looked at in a linear walk: a byte of a CRC or locator walk is one, a table look-up four,
 * a byte that goes into or comes out of a decoder four, a record 256, a comparison of two sectors eight. Steps are
 * counted, not time, so that the same input gives the same answer on every machine. Work starts only while there are
 * steps left, and a decoder gets no more output than the rest pays for.
 */

/** What decoding 134 MB costs at most: a second or two. Only a batch with many chance matches comes near it. */
export const DEFAULT_EFFORT: number = 2 ** 29
export const STEPS_PER_LOOK_UP = 4
export const STEPS_PER_DECODED_BYTE = 4
export const STEPS_PER_RECORD = 256
export const STEPS_PER_SECTOR = 8

/** A CRC has 32 bits. */
const CRC_VALUES = 2 ** 32

export class Ledger {
  readonly effort: number
  readonly #falseMatchBefore: number
  #steps = 0
  #candidates = 0
  #undecodedCandidates = 0

  constructor(effort: number, falseMatchBefore = 0) {
    this.effort = effort
    this.#falseMatchBefore = falseMatchBefore
  }

  get steps(): number {
    return this.#steps
  }

  get left(): number {
    return Math.max(0, this.effort - this.#steps)
  }

  spend(steps: number): void {
    this.#steps += steps
  }

  /** All candidates that were compared with the CRC. */
  get candidates(): number {
    return this.#candidates + this.#undecodedCandidates
  }

  /** Counts candidates that decoding can reject. */
  count(candidates: number): void {
    this.#candidates += candidates
  }

  /** Counts candidates about which decoding says nothing: only the CRC speaks for them. */
  countUndecoded(candidates: number): void {
    this.#undecodedCandidates += candidates
  }

  /**
   * The chance that a random CRC matches one of the candidates so far and `more`, and that the match decodes:
   * `share` is the share of wrong batches that do. On top of what was risked before.
   */
  falseMatch(share: number, more = 0): number {
    const now = (share * (this.#candidates + more) + this.#undecodedCandidates) / CRC_VALUES
    return this.#falseMatchBefore + now
  }
}
