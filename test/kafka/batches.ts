/*
 * The test's own reading of an undamaged `.log`, independent of src/: just enough to aim damage at a
 * batch and to know which offsets it hit. A file that does not tile exactly is refused.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Magic, at one place in all formats. */
const MAGIC_AT = 16
/** Where magic 2 has the bytes that its CRC covers, and its records. */
const CRC_AT = 17
const CRC_COVERS_FROM = 21
const RECORDS_AT = 61
/** Of a marker's one record: five varints of one byte, the key's version, its type (1: commit). */
export const CONTROL_TYPE_AT = RECORDS_AT + 5 + 2
/** Offset and size in front of every entry. */
const LOG_OVERHEAD = 12
/** Magic 0 and 1: behind the fixed fields of either, among the bytes of key and value. */
const LEGACY_PAYLOAD_AT = 34

export interface Batch {
  readonly position: number
  readonly sizeInBytes: number
  readonly magic: number
  /** Magic 0 and 1: that of the entry before it, plus one; only a compressed one's inner entries hold it. */
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly producerId: bigint
  readonly isTransactional: boolean
  readonly isControl: boolean
  /** A control batch that commits. */
  readonly isCommit: boolean
  readonly recordsCount: number
  /** Where its records, or key and value, begin, counted from `position`. */
  readonly payloadStart: number
}

/** One segment of a partition directory. */
export interface Segment {
  readonly path: string
  readonly baseOffset: bigint
  readonly bytes: Buffer
  readonly batches: readonly Batch[]
}

export function readSegments(directory: string): Segment[] {
  return readdirSync(directory)
    .filter((name) => /^\d{20}\.log$/.test(name))
    .sort()
    .map((name) => {
      const path = join(directory, name)
      const bytes = readFileSync(path)
      const baseOffset = BigInt(name.slice(0, 20))
      return { path, baseOffset, bytes, batches: walkBatches(bytes, baseOffset) }
    })
}

function walkBatches(bytes: Buffer, segmentBaseOffset: bigint): Batch[] {
  const batches: Batch[] = []
  let position = 0
  let nextOffset = segmentBaseOffset
  while (position < bytes.length) {
    const batch = batchAt(bytes, position, nextOffset)
    batches.push(batch)
    position += batch.sizeInBytes
    nextOffset = batch.lastOffset + 1n
  }
  if (position !== bytes.length) {
    throw new Error(`The corpus is damaged: its last batch ends at ${position}, the file before it`)
  }
  return batches
}

function batchAt(bytes: Buffer, position: number, nextOffset: bigint): Batch {
  const offset = bytes.readBigInt64BE(position)
  const sizeInBytes = bytes.readInt32BE(position + 8) + LOG_OVERHEAD
  const magic = bytes.readInt8(position + MAGIC_AT)
  if (magic < 2) {
    const flags = { isTransactional: false, isControl: false, isCommit: false }
    const common = { position, sizeInBytes, magic, producerId: -1n, ...flags, recordsCount: 1 }
    const payloadStart = Math.min(LEGACY_PAYLOAD_AT, sizeInBytes - 1)
    return { ...common, payloadStart, baseOffset: nextOffset, lastOffset: offset }
  }
  const attributes = bytes.readInt16BE(position + CRC_COVERS_FROM)
  const isControl = (attributes & 0x20) !== 0
  return {
    position,
    sizeInBytes,
    magic,
    baseOffset: offset,
    lastOffset: offset + BigInt(bytes.readInt32BE(position + 23)),
    producerId: bytes.readBigInt64BE(position + 43),
    isTransactional: (attributes & 0x10) !== 0,
    isControl,
    isCommit: isControl && bytes.readInt16BE(position + CONTROL_TYPE_AT) === 1,
    recordsCount: bytes.readInt32BE(position + 57),
    payloadStart: RECORDS_AT,
  }
}

/** Makes the CRC-32C of a magic 2 batch fit its bytes again. */
export function fixCrc(bytes: Buffer, { position, sizeInBytes }: Batch): void {
  const covered = bytes.subarray(position + CRC_COVERS_FROM, position + sizeInBytes)
  bytes.writeUInt32BE(crc32c(covered), position + CRC_AT)
}

/** Castagnoli's polynomial, reflected. Bit by bit: it runs over one batch a case. */
const CASTAGNOLI = 0x82f63b78

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1
  }
  return ~crc >>> 0
}
