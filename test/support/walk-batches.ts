/** A reader of batch headers that shares nothing with src/: what the tests hold outputs against. */
import { crc32 } from 'node:zlib'

const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value >>> 0
})

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (CASTAGNOLI[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Where the CRC stands and what it covers, by magic. */
const CRC_RULES = {
  2: { at: 17, from: 21, of: crc32c },
  1: { at: 12, from: 16, of: (bytes: Uint8Array) => crc32(bytes) },
  0: { at: 12, from: 16, of: (bytes: Uint8Array) => crc32(bytes) },
}

const rulesFor = (magic: number): (typeof CRC_RULES)[2] => {
  if (magic !== 0 && magic !== 1 && magic !== 2) throw new Error(`no magic: ${magic}`)
  return CRC_RULES[magic]
}

/** Writes the CRC that one batch's bytes call for. */
export function freshenCrc(batch: Uint8Array): void {
  const { at, from, of } = rulesFor(batch[16] ?? -1)
  viewOf(batch).setUint32(at, of(batch.subarray(from)))
}

export interface WalkedBatch {
  readonly position: number
  readonly bytes: Uint8Array
  readonly magic: number
  /** The field as it stands: in magic 0/1 that is the last offset. */
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly partitionLeaderEpoch: number
  readonly attributes: number
  readonly recordsCount: number
}

/** Walks a whole file of good batches; throws at the first thing that is none. */
export function walkBatches(file: Uint8Array): WalkedBatch[] {
  const batches: WalkedBatch[] = []
  const view = viewOf(file)
  for (let position = 0; position < file.length;) {
    const end = position + 12 + view.getInt32(position + 8)
    const magic = view.getInt8(position + 16)
    if (end < position + 26 || end > file.length)
      throw new Error(`no batch at ${position}: its length leads to ${end} of ${file.length}`)
    const bytes = file.subarray(position, end)
    const { at, from, of } = rulesFor(magic)
    if (view.getUint32(position + at) !== of(bytes.subarray(from)))
      throw new Error(`wrong CRC at ${position}`)
    const baseOffset = view.getBigInt64(position)
    const delta = magic === 2 ? view.getInt32(position + 23) : 0
    batches.push({
      position,
      bytes,
      magic,
      baseOffset,
      lastOffset: baseOffset + BigInt(delta),
      partitionLeaderEpoch: magic === 2 ? view.getInt32(position + 12) : -1,
      attributes: magic === 2 ? view.getInt16(position + 21) : view.getInt8(position + 17),
      recordsCount: magic === 2 ? view.getInt32(position + 57) : 1,
    })
    position = end
  }
  return batches
}
