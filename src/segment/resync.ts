/**
 * Finds the next batch after damage: the first place with a plausible header that its CRC proves.
 *
 * Of overlapping proven batches the one that starts first wins: a batch inside another batch's record value is
 * data. So places are decided in order, each on the spot. What makes that affordable, however many headers there are
 * and whatever they claim, is PrefixCrcs: it is kept for the whole walk, so that no byte is swept twice.
 */
import { crc32, crc32c } from '../bytes/crc.ts'
import type { Window } from '../bytes/window.ts'
import { fillsMessage, findCandidate } from './candidate.ts'
import { LOG_OVERHEAD, MAGIC_POSITION, V2_HEADER_BYTES } from './layout.ts'
import { PrefixCrcs } from './prefix-crcs.ts'
import type { BatchHeader } from './record-batch.ts'
import { crcCoverage, decodeBatchHeader } from './record-batch.ts'

/** The two kinds of CRC, each swept only where a header of its kind asks for it. */
export interface Sweeps {
  readonly v2: PrefixCrcs
  readonly legacy: PrefixCrcs
  /** How many more claims may be looked into before anything is swept for them. */
  looksLeft: number
}

/** Each look reads a page: a few hundred megabytes in all, where every byte begins a claim. */
const MAX_LOOKS = 16_384

export const createSweeps = (window: Window): Sweeps => ({
  v2: new PrefixCrcs(window, crc32c),
  legacy: new PrefixCrcs(window, crc32),
  looksLeft: MAX_LOOKS,
})

const sweepFor = (sweeps: Sweeps, magic: number): PrefixCrcs =>
  magic < 2 ? sweeps.legacy : sweeps.v2

/** Whether the sweep has been where this header is, so that it is decided at little cost. */
export const isSwept = (sweeps: Sweeps, { magic, position }: BatchHeader): boolean =>
  sweepFor(sweeps, magic).isBeyond(position)

/** Sweeps over the bytes of a claim; yields null now and then on the way. */
export const sweepOver = (
  sweeps: Sweeps,
  { magic, position, sizeInBytes }: BatchHeader,
): Generator<null, void> => sweepFor(sweeps, magic).sweep(position, position + sizeInBytes)

/** Whether the CRC of bytes that were swept proves a header. */
export function isProvenBySweep(window: Window, sweeps: Sweeps, header: BatchHeader): boolean {
  const { magic, position, sizeInBytes } = header
  const { start } = crcCoverage(magic)
  const computed = sweepFor(sweeps, magic).rangeCrc(position + start, position + sizeInBytes)
  return computed === header.crc && window.unreadableIn(position, sizeInBytes) === undefined
}

/**
 * Returns the first proven batch at or after `start`, or null when there is none up to the end of the file.
 * Null is yielded now and then where there is nothing to find, so that the caller can look up.
 */
export function* resync(
  window: Window,
  sweeps: Sweeps,
  start: number,
): Generator<null, BatchHeader | null> {
  const fileSize = window.source.size
  // A header may straddle two views: the last bytes of each are seen again at the start of the next.
  const overlap = V2_HEADER_BYTES - 1
  for (let base = start; base < fileSize;) {
    const wanted = Math.min(V2_HEADER_BYTES, fileSize - base)
    let bytes = window.viewOn(base, wanted)
    // A short view: the file became smaller under our eyes.
    const atEnd = base + bytes.length >= fileSize || bytes.length < wanted
    const count = atEnd ? bytes.length : bytes.length - overlap
    let at = -1
    while ((at = findCandidate(bytes, at + 1, count, fileSize - base)) >= 0) {
      const sweep = sweepFor(sweeps, bytes[at + MAGIC_POSITION] ?? 0)
      const end = base + at + claimedBytes(bytes, at)
      if (!sweep.covers(base + at, end)) {
        if (isSeenThrough(window, sweeps, base + at, bytes, at)) continue
        yield* sweep.sweep(base + at, end)
        // Whoever was given a turn may have moved the window.
        bytes = window.viewOn(base, wanted)
      }
      const { start: coverage, stored } = coverageAt(bytes, at)
      if (sweep.rangeCrc(base + at + coverage, end) !== stored) continue
      const header = decodeBatchHeader(bytes.subarray(at, at + V2_HEADER_BYTES), base + at)
      if (header === null || !isProvenBySweep(window, sweeps, header)) continue
      if (header.magic === 2 || fillsMessage(window, base + at, bytes, at)) return header
    }
    if (atEnd) return null
    yield null
    base += count
  }
  return null
}

/** A false claim of magic 0 or 1 may reach to the end of the file; most need not be read to be known for what they are. */
function isSeenThrough(
  window: Window,
  sweeps: Sweeps,
  position: number,
  bytes: Uint8Array,
  at: number,
): boolean {
  if (bytes[at + MAGIC_POSITION] === 2 || sweeps.looksLeft === 0) return false
  sweeps.looksLeft--
  return !fillsMessage(window, position, bytes, at)
}

function coverageAt(bytes: Uint8Array, at: number): { start: number; stored: number } {
  const { start, stored } = crcCoverage(bytes[at + MAGIC_POSITION] ?? 0)
  return { start, stored: uint32At(bytes, at + stored) }
}

const claimedBytes = (bytes: Uint8Array, at: number): number =>
  uint32At(bytes, at + LOG_OVERHEAD - 4) + LOG_OVERHEAD

const uint32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0
