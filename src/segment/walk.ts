/**
 * The first look at a file: which batches in it are proven by their CRC, in file order. What lies between them is
 * damage. Whether a proven batch belongs here is decided later, from all of them together (recover/arbitrate.ts).
 */
import type { Window } from '../bytes/window.ts'
import * as layout from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import { crcCoverage, decodeBatchHeader, isPlausible, lengthFits } from './record-batch.ts'
import type { Sweeps } from './resync.ts'
import { createSweeps, isSwept, isProvenBySweep, resync, sweepOver } from './resync.ts'

/** The header at a place if its magic is known, its length fits the file and its fields are possible. */
export function plausibleHeaderAt(window: Window, position: number): BatchHeader | null {
  const header = decodeBatchHeader(window.view(position, layout.V2_HEADER_BYTES), position)
  return header !== null && lengthFits(header, window.source.size) && isPlausible(header)
    ? header
    : null
}

/** Whether the stored CRC is that of the bytes, all of which could be read. */
export function isProven(window: Window, header: BatchHeader): boolean {
  const { crc, start } = crcCoverage(header.magic)
  const computed = window.crc(crc, header.position + start, header.sizeInBytes - start)
  return (
    computed === header.crc &&
    window.unreadableIn(header.position, header.sizeInBytes) === undefined
  )
}

/** A header in its place, where nothing is asked of it but a length that fits. */
function framedAt(window: Window, position: number): BatchHeader | null {
  const header = decodeBatchHeader(window.view(position, layout.V2_HEADER_BYTES), position)
  return header !== null && lengthFits(header, window.source.size) ? header : null
}

/**
 * The batch at a place if it is proven there. Unlike after damage, a batch in its place need not look plausible
 * beyond its framing: a CRC that holds is better evidence than odd flags.
 *
 * Read for nothing is at most once the file: what a false claim has cost is then swept too, and where the sweep has
 * been a claim of any size costs next to nothing.
 */
function* provenAt(
  window: Window,
  sweeps: Sweeps,
  position: number,
): Generator<null, BatchHeader | null> {
  const header = framedAt(window, position)
  if (header === null) return null
  if (isSwept(sweeps, header)) {
    yield* sweepOver(sweeps, header)
    return isProvenBySweep(window, sweeps, header) ? header : null
  }
  if (isProven(window, header)) return header
  yield* sweepOver(sweeps, header)
  return null
}

/**
 * Yields every batch that its CRC proves, none overlapping another. Nothing is yielded for the bytes between, but
 * null now and then during a long search, so that the caller can show progress or stop.
 *
 * `skim`, where given, is asked behind each batch whether it takes the ones that follow in some quicker way: it returns
 * where its last one ends, or null. Those it took are not yielded; null is, each time.
 */
export function* walkProvenBatches(
  window: Window,
  skim?: (window: Window) => number | null,
): Generator<BatchHeader | null, void> {
  const sweeps = createSweeps(window)
  for (let position = 0; position < window.source.size;) {
    const batch =
      (yield* provenAt(window, sweeps, position)) ?? (yield* resync(window, sweeps, position + 1))
    if (batch === null) return
    position = batch.position + batch.sizeInBytes
    yield batch
    for (let end = skim?.(window); end != null; end = skim?.(window)) {
      position = end
      yield null
    }
  }
}

/** Walks headers that are known to be whole, without checking them again: from `position` up to `end`. */
export function* walkHeaders(
  window: Window,
  position: number,
  end: number,
): Generator<BatchHeader, void> {
  for (let at = position; at < end;) {
    const header = decodeBatchHeader(window.view(at, layout.V2_HEADER_BYTES), at)
    if (header === null || !lengthFits(header, window.source.size)) return
    yield header
    at += header.sizeInBytes
  }
}
