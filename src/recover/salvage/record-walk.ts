/**
 * Walks the records in what was decoded of a broken batch: strictly, and after a break on from the next place where
 * records plainly stand again. A record is kept only when nothing near it speaks against it; losing a right one is
 * better than keeping a wrong one.
 */
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import type { ByteRange, SalvageFragment, SalvagePiece } from '../../codec/salvage.ts'
import { firstAfter, overlapsAny } from '../../codec/salvage.ts'
import { RecordScanner } from '../../segment/record-scan.ts'

/** What is believed of the batch. */
export interface WalkRules {
  /** Null when not known. */
  readonly lastOffsetDelta: number | null
  /** Whether every offset has its record: recordsCount = lastOffsetDelta + 1. */
  readonly isDense: boolean
  /** The largest timestampDelta that maxTimestamp allows; Infinity when not known. */
  readonly timestampDeltaMax: number
  /** Where the fragments' input stands in the file: damage keeps to sectors. */
  readonly inputPosition: number
}

/** A record's bytes in a fragment. */
export interface RecordPlace extends ByteRange {
  readonly fragment: SalvageFragment
  readonly offsetDelta: number
}

export interface Walked {
  readonly places: readonly RecordPlace[]
  /** Whether the walk met damage, or walked around some. Without any the damage is where the format cannot show it. */
  readonly metDamage: boolean
}

/** A length, attributes, two deltas, two lengths and a header count: at least a byte each. */
const MIN_RECORD_BYTES = 7
/** How many records after a found one must follow it in order. */
const CONFIRMING_RECORDS = 2
/** 139 years in milliseconds. No neighbour's time is further away. */
const TIMESTAMP_DELTA_LIMIT = 2 ** 42
/** Fields looked at per byte, at most, while searching: hostile bytes may look like headers at every place. */
const STEPS_PER_BYTE = 64

export function walkRecords(fragments: readonly SalvageFragment[], rules: WalkRules): Walked {
  const places: RecordPlace[] = []
  let metDamage = fragments.length !== 1
  let lastDelta = -1
  for (const fragment of fragments) {
    const walk = new FragmentWalk(fragment, rules, lastDelta)
    walk.run(fragment.outputStart === 0)
    for (const place of walk.kept) {
      if (!overlapsAny(place, fragment.untrusted)) places.push(place)
    }
    metDamage ||= walk.metDamage || fragment.untrusted.length > 0
    metDamage ||= fragment.ending === 'failure' || fragment.ending === 'suspect'
    lastDelta = walk.lastDelta
    if (walk.isDone) break
  }
  return { places, metDamage }
}

class FragmentWalk {
  kept: RecordPlace[] = []
  metDamage = false
  isDone = false
  lastDelta: number
  readonly #fragment: SalvageFragment
  readonly #rules: WalkRules
  readonly #scanner: RecordScanner
  readonly #size: number
  readonly #stepsMax: number
  /** The last one of the fragments before. */
  readonly #deltaBefore: number

  constructor(fragment: SalvageFragment, rules: WalkRules, lastDelta: number) {
    this.#fragment = fragment
    this.#rules = rules
    this.#scanner = new RecordScanner(fragment.bytes)
    this.#size = fragment.bytes.length
    this.#stepsMax = STEPS_PER_BYTE * this.#size
    this.lastDelta = this.#deltaBefore = lastDelta
  }

  /** `isBoundary`: whether a record is known to begin where the fragment does. */
  run(isBoundary: boolean): void {
    let at: number | undefined = isBoundary ? 0 : this.#findRecord(0, 0)
    let isFound = !isBoundary
    this.metDamage = isFound
    while (at !== undefined) {
      const stopped = this.#walkFrom(at, isFound)
      if (this.isDone) {
        // All records are there, and yet the block did not end well.
        if (this.#fragment.ending === 'failure') this.#takeBack(stopped, this.#size)
        return
      }
      at = this.#afterBreak(stopped)
      isFound = true
    }
  }

  /** Keeps records one after the other; returns where none stands any more. `isFound`: offsets before it are lost. */
  #walkFrom(start: number, isFound: boolean): number {
    const { isDense, lastOffsetDelta } = this.#rules
    const scanner = this.#scanner
    let at = start
    while (at < this.#size && scanner.scan(at)) {
      const { offsetDelta, end } = scanner
      const isNext = offsetDelta === this.lastDelta + 1
      const follows = isDense && !(isFound && at === start) ? isNext : offsetDelta > this.lastDelta
      if (!follows || offsetDelta > (lastOffsetDelta ?? Infinity)) {
        scanner.failedAt = at
        return at
      }
      this.kept.push({ fragment: this.#fragment, start: at, end, offsetDelta })
      this.lastDelta = offsetDelta
      at = end
      if (isDense && offsetDelta === lastOffsetDelta) {
        this.isDone = true
        this.metDamage ||= at < this.#size
        return at
      }
    }
    return at
  }

  /** Takes back what may be damaged before a break at `at`, and finds the place to go on. */
  #afterBreak(at: number): number | undefined {
    const { pieces, ending, untrusted } = this.#fragment
    const isAtEnd = at === this.#size
    if (isAtEnd && (ending === 'whole' || ending === 'unproven')) return undefined
    const failedAt = isAtEnd ? at : this.#scanner.failedAt
    const isInLast = at >= (pieces.at(-1)?.start ?? 0)
    // A record of which only the beginning is there: what precedes input that is not believed is as good as the rest.
    if (ending === 'suspect' && failedAt === at && isInLast) return undefined
    this.metDamage = true
    const broken = { start: at, end: failedAt + 1 }
    const runsOut = failedAt === at && ending === 'failure' && isInLast
    if (!overlapsAny(broken, untrusted)) this.#takeBack(at, runsOut ? this.#size : failedAt)
    const last = pieceAt(pieces, failedAt)
    const from = Math.max(at + 1, last?.spreadsDamage === true ? last.end : 0)
    return from < this.#size ? this.#findRecord(from, this.kept.at(-1)?.end ?? 0) : undefined
  }

  /** `failedAt`: where the contradiction was met, at or behind `at`; the damage is not behind that. */
  #takeBack(at: number, failedAt: number): void {
    const limit = Math.min(at, this.#believedUpTo(failedAt))
    const count = this.kept.length
    while ((this.kept.at(-1)?.end ?? 0) > limit) this.kept.pop()
    if (this.kept.length === count) this.kept.pop()
    this.lastDelta = this.kept.at(-1)?.offsetDelta ?? this.#deltaBefore
  }

  /**
   * Up to where output is believed when damage shows at `at`. Damage keeps to sectors, and compressed data that is
   * wrong hardly ever makes a right record: what came out before the sector in which it shows was right.
   */
  #believedUpTo(at: number): number {
    const piece = pieceAt(this.#fragment.pieces, at)
    if (piece?.spreadsDamage !== true) return at
    const { inputPosition } = this.#rules
    let low = Math.ceil((inputPosition + piece.input.start) / SECTOR_BYTES)
    let high = Math.floor((inputPosition + piece.input.end) / SECTOR_BYTES)
    let believed = 0
    while (low <= high) {
      const middle = Math.floor((low + high) / 2)
      const output = piece.outputBefore(middle * SECTOR_BYTES - inputPosition)
      if (output <= at - piece.start) {
        believed = output
        low = middle + 1
      } else high = middle - 1
    }
    return piece.start + believed
  }

  /** The next place from `from` on where records stand. `lastEnd`: where the last one before it is known to end. */
  #findRecord(from: number, lastEnd: number): number | undefined {
    const scanner = this.#scanner
    // How many records lie in a hole is bounded only by one in what was decoded.
    const isBounded = this.kept.length > 0 || this.#fragment.outputStart !== null
    const spreads = !isBounded || this.#fragment.pieces.some((piece) => piece.spreadsDamage)
    for (let at = from; at + MIN_RECORD_BYTES <= this.#size; at++) {
      if (!scanner.scan(at)) {
        if (scanner.steps > this.#stepsMax) return undefined
        continue
      }
      const room = spreads ? Infinity : Math.floor((at - lastEnd) / MIN_RECORD_BYTES)
      const delta = scanner.offsetDelta
      if (delta > this.lastDelta && delta <= this.lastDelta + 1 + room && this.#isConfirmed(at))
        return at
    }
    return undefined
  }

  /** Whether a record at `at` is believable and followed by enough others, or by the exact end. */
  #isConfirmed(at: number): boolean {
    const { lastOffsetDelta, isDense, timestampDeltaMax } = this.#rules
    const scanner = this.#scanner
    let previous = -1
    let start = at
    for (let count = 0; count <= CONFIRMING_RECORDS; count++) {
      const isAtEnd = start === this.#size && this.#fragment.ending === 'whole'
      if (isAtEnd && count > 0)
        return lastOffsetDelta === null ? count > 1 : !isDense || previous === lastOffsetDelta
      if (start >= this.#size || !scanner.scan(start)) return false
      const { offsetDelta, timestampDelta } = scanner
      const follows =
        count === 0 || (isDense ? offsetDelta === previous + 1 : offsetDelta > previous)
      const isPlausible =
        follows &&
        offsetDelta <= (lastOffsetDelta ?? Infinity) &&
        timestampDelta <= timestampDeltaMax &&
        Math.abs(timestampDelta) <= TIMESTAMP_DELTA_LIMIT
      if (!isPlausible) return false
      previous = offsetDelta
      start = scanner.end
    }
    return true
  }
}

/** The piece in which a byte of the fragment is, the last one for its end. */
export const pieceAt = (pieces: readonly SalvagePiece[], at: number): SalvagePiece | undefined =>
  firstAfter(pieces, at) ?? pieces.at(-1)
