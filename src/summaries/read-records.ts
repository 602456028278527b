/** The good records of one log, in order, for those who want the state they add up to. Damage is counted. */
import type { Window } from '../bytes/window.ts'
import { walkLog } from '../dump/walk-log.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Record } from '../segment/record.ts'

/** Damaged places: what they held is not in the summary. */
export interface DamageCount {
  places: number
}

export interface ReadOptions extends DecodeOptions {
  readonly damage: DamageCount
  /** Whether a batch's records are wanted at all. */
  readonly wants?: (header: BatchHeader) => boolean
}

export interface RecordInBatch {
  readonly header: BatchHeader
  readonly record: Record
}

/** Yields records one batch at a time, and null now and then so that the caller can look up. */
export function* readRecords(
  window: Window,
  options: ReadOptions,
): Generator<RecordInBatch | null> {
  for (const item of walkLog(window, null)) {
    if (item === null) yield null
    else if (item.type === 'damage') {
      // Zeros at the end are no loss: a broker that crashed leaves them.
      if (item.reason !== 'zero-fill') options.damage.places++
    } else if (options.wants?.(item.header) ?? true) {
      const { header } = item
      const batch = decodeBatch(window.copy(header.position, header.sizeInBytes), header, options)
      if (batch.ok) for (const record of batch.records) yield { header, record }
      else options.damage.places++
      yield null
    }
  }
}
