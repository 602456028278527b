/**
 * The first look at a file: which batches in it are proven by their CRC, in file order. What lies between them is
 * damage. Whether a proven batch belongs here is decided later, from all of them together (recover/arbitrate.ts).
 */
import type { Window } from '../bytes/window.ts'
import * as layout from './layout.ts'
import type { BatchHeader } from './record-batch.ts'
import { crcCoverage, decodeBatchHeader, isPlausible, lengthFits } from './record-batch.ts'
import { resync } from './resync.ts'

/**
 * Up to this size a header's claim is checked by simply reading it. A larger claim is first asked for a sign of
 * truth at its end, else it is judged by the sweep, so that false claims of gigabytes do not add up.
 */
const TRUSTED_CLAIM_BYTES = 1024 * 1024

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

function endsBelievably(window: Window, header: BatchHeader): boolean {
  const end = header.position + header.sizeInBytes
  return end === window.source.size || plausibleHeaderAt(window, end) !== null
}

/**
 * The header at a place if it is proven there. Unlike after damage, a batch in its place need not look plausible
 * beyond its framing: a CRC that holds is better evidence than odd flags.
 */
function provenAt(window: Window, position: number): BatchHeader | null | 'too-large-to-try' {
  const header = decodeBatchHeader(window.view(position, layout.V2_HEADER_BYTES), position)
  if (header === null || !lengthFits(header, window.source.size)) return null
  if (header.sizeInBytes > TRUSTED_CLAIM_BYTES && !endsBelievably(window, header))
    return 'too-large-to-try'
  return isProven(window, header) ? header : null
}

/**
 * Yields every batch that its CRC proves, none overlapping another. Nothing is yielded for the bytes between, but
 * null now and then during a long search, so that the caller can show progress or stop.
 */
export function* walkProvenBatches(window: Window): Generator<BatchHeader | null, void> {
  let position = 0
  while (position < window.source.size) {
    const here = provenAt(window, position)
    if (here !== null && here !== 'too-large-to-try') {
      position += here.sizeInBytes
      yield here
      continue
    }
    let last: BatchHeader | undefined
    for (const found of resync(window, here === null ? position + 1 : position)) {
      last = found ?? last
      yield found
    }
    if (last === undefined) return
    position = last.position + last.sizeInBytes
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
