/**
 * What a broker keeps of a damaged segment after an unclean stop: a model of `LogSegment.recover`, `FileLogInputStream`
 * and `LogLoader` (docs of the format, section on recovery). It walks the batches, and cuts the file at the first one
 * with a bad size or CRC. It empties the segment where an offset leaves [base, base + 2^31) (Kafka: a split that fails;
 * a broker may even refuse to start) and where two batches that its index takes in do not rise
 * (InvalidOffsetException). Later segments, which a broker deletes after a cut, are left out of the account, which
 * flatters the broker. Leader epochs and producer states are not modelled: they cut nothing here.
 */
import { MAGIC_AT } from './judge.ts'
import { crc32 } from 'node:zlib'
import { crc32c } from '../../test/support/walk-batches.ts'

export interface KeptEntry {
  readonly position: number
  readonly bytes: Uint8Array
}

const INDEX_INTERVAL_BYTES = 4096
const LOG_OVERHEAD = 12
const MIN_SIZE = 14
const V2_MIN_TOTAL = 61
const MAX_RELATIVE_OFFSET = 2n ** 31n - 1n

export function brokerKeeps(file: Uint8Array, segmentBaseOffset: bigint): readonly KeptEntry[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const kept: KeptEntry[] = []
  let [lastIndexed, lastIndexedOffset] = [0, -1n]
  for (let position = 0; position < file.length - 17;) {
    const size = view.getInt32(position + 8)
    const end = position + LOG_OVERHEAD + size
    if (size < MIN_SIZE || end > file.length) break
    const bytes = file.subarray(position, end)
    // Magic is not range-checked: from 2 up it is read as 2, below that as a message.
    const v2 = view.getInt8(position + MAGIC_AT) >= 2
    if (!isValid(bytes, v2)) break
    const delta = v2 ? BigInt(view.getInt32(position + 23)) : 0n
    const lastOffset = view.getBigInt64(position) + delta
    const relative = lastOffset - segmentBaseOffset
    if (relative < 0n || relative > MAX_RELATIVE_OFFSET) return []
    if (position - lastIndexed > INDEX_INTERVAL_BYTES) {
      if (lastOffset <= lastIndexedOffset) return []
      ;[lastIndexed, lastIndexedOffset] = [position, lastOffset]
    }
    kept.push({ position, bytes: v2 ? readAsMagic2(bytes) : bytes })
    position = end
  }
  return kept
}

function isValid(bytes: Uint8Array, v2: boolean): boolean {
  if (v2 && bytes.length < V2_MIN_TOTAL) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return v2
    ? crc32c(bytes.subarray(21)) === view.getUint32(17)
    : crc32(bytes.subarray(16)) === view.getUint32(12)
}

function readAsMagic2(bytes: Uint8Array): Uint8Array {
  if (bytes[MAGIC_AT] === 2) return bytes
  const copy = bytes.slice()
  copy[MAGIC_AT] = 2
  return copy
}
