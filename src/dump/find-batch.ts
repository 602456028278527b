/** Finds the place in a log that a person asks about, by byte position or by offset. */
import type { Window } from '../bytes/window.ts'
import type { LogItem } from './walk-log.ts'
import { walkLog } from './walk-log.ts'

export type Target = { readonly position: number } | { readonly offset: bigint }

export interface Found {
  readonly item: LogItem
  /** The last offset of the good batch before. */
  readonly offsetBefore: bigint | null
}

/** Whether the item is, or may be, what was asked for. Damage that claims no offsets stands for those missing. */
function isTarget(item: LogItem, target: Target): boolean {
  if ('position' in target) {
    const { position, sizeInBytes } = item.type === 'batch' ? item.header : item
    return position <= target.position && target.position < position + sizeInBytes
  }
  const { offset } = target
  if (item.type === 'batch') {
    const { baseOffset, lastOffset } = item.header
    return baseOffset <= offset && offset <= lastOffset
  }
  if (item.isProven) return false
  const { claim, offsetBefore, offsetAfter } = item
  if (claim !== null && claim.baseOffset <= offset && offset <= claim.lastOffset) return true
  // Bytes without a claim stand for the offsets that nothing else accounts for.
  return (
    claim === null &&
    (offsetBefore === null || offset > offsetBefore) &&
    (offsetAfter === null || offset < offsetAfter)
  )
}

/**
 * Yields null now and then, and returns what was found: the first batch or damage at the position, or with the offset;
 * null when there is none. A wrapper of magic 0 or 1 tells only its last offset, so the first one at or above the
 * offset is the one that holds it.
 */
export function* findBatch(
  window: Window,
  startOffset: bigint | null,
  target: Target,
): Generator<null, Found | null> {
  let offsetBefore: bigint | null = null
  for (const item of walkLog(window, startOffset)) {
    yield null
    if (item === null) continue
    const wrapped =
      'offset' in target &&
      item.type === 'batch' &&
      !item.header.baseOffsetKnown &&
      item.header.lastOffset >= target.offset &&
      (offsetBefore ?? -1n) < target.offset
    if (wrapped || isTarget(item, target)) return { item, offsetBefore }
    if (item.type === 'batch') offsetBefore = item.header.lastOffset
  }
  return null
}
