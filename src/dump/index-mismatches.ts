/**
 * What kafka-dump-log says after a run, in its words: index entries that the log does not bear out, and offsets that
 * do not follow one another. Both are ordinary in many logs (indexes of followers before KAFKA-806, compaction), which
 * is why scan judges otherwise.
 */
import type { Window } from '../bytes/window.ts'
import { V2_HEADER_BYTES } from '../segment/layout.ts'
import { decodeBatchHeader } from '../segment/record-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { walkHeaders } from '../segment/walk.ts'
import type { IndexListener } from './index-entries.ts'

/** Lines listed one by one; the rest are counted. */
const LISTED = 20

/** One heading and its lines; the memory of a run with millions of findings stays small. */
export interface Findings {
  readonly heading: string
  add(line: () => string): void
  lines(): readonly string[]
}

export function createFindings(heading: string): Findings {
  const listed: string[] = []
  let more = 0
  return {
    heading,
    add(line) {
      if (listed.length < LISTED) listed.push(line())
      else more++
    },
    lines: () =>
      listed.length === 0 ? [] : [heading, ...listed, ...(more > 0 ? [`  and ${more} more`] : [])],
  }
}

/** Holds each `.index` entry against the batch at its position. */
export function offsetIndexListener(window: Window, path: string): [IndexListener, Findings[]] {
  const findings = createFindings(`Mismatches in :${path}`)
  const onEntry = (offset: bigint, position: bigint): void => {
    const at = Number(position)
    const header = at < 0 ? null : decodeBatchHeader(window.view(at, V2_HEADER_BYTES), at)
    const found = header?.lastOffset ?? -1n
    if (found !== offset)
      findings.add(
        () => `  Index offset: ${offset}, log offset: ${header === null ? 'none' : found}`,
      )
  }
  return [{ onEntry }, [findings]]
}

/** Holds each `.timeindex` entry against the batch with its offset, in one walk over the headers. */
export function timeIndexListener(window: Window, path: string): [IndexListener, Findings[]] {
  const mismatches = createFindings(`Found timestamp mismatch in :${path}`)
  const disorder = createFindings(`Found out of order timestamp in :${path}`)
  const notFound = createFindings('The following indexed offsets are not found in the log.')
  const headers = walkHeaders(window, 0, window.source.size)
  let header: BatchHeader | undefined
  let previous = -1n
  const onEntry = (timestamp: bigint, offset: bigint): void => {
    while (header === undefined || header.lastOffset < offset) {
      const next = headers.next()
      if (next.done === true) {
        notFound.add(() => `Indexed offset: ${offset}, found log offset: -1`)
        return
      }
      header = next.value
    }
    const { lastOffset, maxTimestamp } = header
    if (lastOffset !== offset)
      notFound.add(() => `Indexed offset: ${offset}, found log offset: ${lastOffset}`)
    else {
      if (maxTimestamp !== timestamp)
        mismatches.add(() => `  Index timestamp: ${timestamp}, log timestamp: ${maxTimestamp}`)
      const before = previous
      if (before >= timestamp)
        disorder.add(
          () => `  Index timestamp: ${timestamp}, Previously indexed timestamp: ${before}`,
        )
    }
    previous = timestamp
  }
  return [{ onEntry }, [mismatches, disorder, notFound]]
}

/** Notes where a record's offset does not follow the one before. */
export function consecutiveOffsets(path: string): [(offset: bigint) => void, Findings] {
  const findings = createFindings(`Non-consecutive offsets in ${path}`)
  let last: bigint | null = null
  const onRecord = (offset: bigint): void => {
    const before = last
    if (before !== null && offset !== before + 1n)
      findings.add(() => `  ${before} is followed by ${offset}`)
    last = offset
  }
  return [onRecord, findings]
}
