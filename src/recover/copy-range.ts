/** Bytes of whole batches on their way into the output, and their headers, in one pass over the source. */
import type { Window } from '../bytes/window.ts'
import { V2_HEADER_BYTES } from '../segment/layout.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { decodeBatchHeader, lengthFits } from '../segment/record-batch.ts'

/**
 * Yields the bytes of [from, end) in order, each part valid until the next is asked for, and tells of every batch that
 * starts in a part before yielding it. The range starts with a batch and holds whole ones; behind bytes that are no
 * header after all nothing more is told.
 */
export function* copyBatches(
  window: Window,
  from: number,
  end: number,
  onBatch: (header: BatchHeader) => void,
): Generator<Uint8Array> {
  let next = from
  for (let position = from; position < end;) {
    const wanted = Math.min(V2_HEADER_BYTES, end - position)
    const held = window.viewOn(position, wanted)
    // A file that became smaller under our eyes: the check of the output will say so.
    if (held.length === 0) return
    let size = Math.min(held.length, end - position)
    while (next < position + size) {
      const at = next - position
      // A header that goes on behind what is held starts the next part.
      if (at > 0 && at + V2_HEADER_BYTES > held.length && position + held.length < end) {
        size = at
        break
      }
      const header = decodeBatchHeader(held.subarray(at, at + V2_HEADER_BYTES), next)
      if (header === null || !lengthFits(header, window.source.size)) next = Infinity
      else {
        onBatch(header)
        next += header.sizeInBytes
      }
    }
    yield held.subarray(0, size)
    position += size
  }
}
