/** How each transaction of a partition ended: by its producer's next marker. */
import type { Window } from '../bytes/window.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { firstIndex } from '../recover/first-index.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import { isControl, isTransactional } from '../segment/record-batch.ts'
import { walkProvenBatches } from '../segment/walk.ts'
import { ABORT, COMMIT, controlType } from '../topics/control-records.ts'

export type Outcome = 'aborted' | 'committed' | 'open'

interface Marker {
  readonly offset: bigint
  readonly isAbort: boolean
}

/** The markers of one partition, by producer, in offset order. */
export class TransactionOutcomes {
  readonly #markers = new Map<bigint, Marker[]>()

  /** To be called in offset order. */
  add(producerId: bigint, offset: bigint, isAbort: boolean): void {
    const markers = this.#markers.get(producerId)
    if (markers === undefined) this.#markers.set(producerId, [{ offset, isAbort }])
    else markers.push({ offset, isAbort })
  }

  /** Of a transactional record at this offset. `open`: no marker of its producer follows. */
  outcomeOf(producerId: bigint, offset: bigint): Outcome {
    const markers = this.#markers.get(producerId) ?? []
    const marker = markers[firstIndex(markers, (one) => one.offset > offset)]
    return marker === undefined ? 'open' : marker.isAbort ? 'aborted' : 'committed'
  }
}

export interface CollectOptions extends DecodeOptions {
  /** Markers after this time, in milliseconds, do not count yet. */
  readonly untilTime?: bigint | null
}

/** Notes the markers of one segment; yields now and then so that the caller can look up. */
export function* collectOutcomes(
  window: Window,
  outcomes: TransactionOutcomes,
  options: CollectOptions,
): Generator<null> {
  for (const header of walkProvenBatches(window)) {
    yield null
    if (header === null || !isControl(header) || !isTransactional(header)) continue
    const batch = decodeBatch(window.copy(header.position, header.sizeInBytes), header, options)
    if (!batch.ok) continue
    const { untilTime = null } = options
    for (const { key, offset, timestamp } of batch.records) {
      if (untilTime !== null && timestamp > untilTime) continue
      const type = controlType(key)
      if (type === ABORT || type === COMMIT) outcomes.add(header.producerId, offset, type === ABORT)
    }
  }
}
