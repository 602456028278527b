/**
 * What a log consists of, one item after the other, in a single pass and with the memory of one window: batches that
 * their CRC proves, and the damaged bytes between them. Nothing is judged here but the bytes themselves; whether a
 * batch belongs to this log at all is what scan finds out.
 */
import type { Window } from '../bytes/window.ts'
import { classifyBytes } from '../recover/classify-bytes.ts'
import type { CorruptionReason } from '../segment/events.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { walkProvenBatches } from '../segment/walk.ts'

export interface BatchItem {
  readonly type: 'batch'
  readonly header: BatchHeader
}

/** Bytes that are no good batch. */
export interface DamageItem {
  readonly type: 'damage'
  readonly position: number
  readonly sizeInBytes: number
  readonly reason: CorruptionReason
  readonly message: string
  /** The header as it stands in the damaged bytes, where one shows. */
  readonly claim: BatchHeader | null
  /** The claim's CRC holds: a whole batch that does not decode, or not in its place. */
  readonly isProven: boolean
  /** The last offset of the good batch before, and the first of the one after; null at the ends. */
  readonly offsetBefore: bigint | null
  readonly offsetAfter: bigint | null
}

export type LogItem = BatchItem | DamageItem

/** Yields what a log consists of, in file order, tiling it; null now and then during a long search. */
export function* walkLog(window: Window, startOffset: bigint | null): Generator<LogItem | null> {
  let position = 0
  let offsetBefore: bigint | null = null
  for (const header of walkProvenBatches(window)) {
    if (header === null) {
      yield null
      continue
    }
    if (header.position > position) {
      const stretch = { position, end: header.position }
      yield* damageBetween(window, stretch, { startOffset, offsetBefore, after: header })
    }
    yield { type: 'batch', header }
    if (offsetBefore !== null && header.baseOffset <= offsetBefore)
      yield misplaced(header, offsetBefore)
    position = header.position + header.sizeInBytes
    offsetBefore = header.lastOffset
  }
  const end = window.source.size
  if (end > position)
    yield* damageBetween(window, { position, end }, { startOffset, offsetBefore, after: null })
}

interface Around {
  readonly startOffset: bigint | null
  readonly offsetBefore: bigint | null
  readonly after: BatchHeader | null
}

function* damageBetween(
  window: Window,
  stretch: { readonly position: number; readonly end: number },
  { startOffset, offsetBefore, after }: Around,
): Generator<DamageItem> {
  const expectedOffset = offsetBefore === null ? startOffset : offsetBefore + 1n
  for (const finding of classifyBytes(window, { ...stretch, expectedOffset })) {
    const { position, sizeInBytes, reason, message, claim } = finding
    yield {
      type: 'damage',
      position,
      sizeInBytes,
      reason,
      message,
      claim: claim?.header ?? null,
      isProven: false,
      offsetBefore,
      offsetAfter: after?.baseOffsetKnown === true ? after.baseOffset : null,
    }
  }
}

/** A whole batch whose offsets go back: shown like any other, and named. */
const misplaced = (header: BatchHeader, offsetBefore: bigint): DamageItem => ({
  type: 'damage',
  position: header.position,
  sizeInBytes: header.sizeInBytes,
  reason: 'offset-not-increasing',
  message: `a whole batch whose baseOffset ${header.baseOffset} is not above ${offsetBefore}, the last offset before it`,
  claim: header,
  isProven: true,
  offsetBefore,
  offsetAfter: null,
})
