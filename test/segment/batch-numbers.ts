/** What a BatchWatcher is told, batch by batch. */
import { NUMBERS_OF_BATCH } from '../../src/bytes/crc32c-memory.ts'

/** Position, size, last offset as the watcher counts, maxTimestamp. */
export function eachBatch(
  position: number,
  relativeBase: number,
  numbers: Float64Array,
): number[][] {
  let start = position
  return Array.from({ length: numbers.length / NUMBERS_OF_BATCH }, (_, index) => {
    const [size = 0, relative = 0, maxTimestamp = 0] = numbers.subarray(NUMBERS_OF_BATCH * index)
    const place = start
    start += size
    return [place, size, relativeBase + relative, maxTimestamp]
  })
}
