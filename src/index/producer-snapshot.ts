/**
 * `.snapshot`: what the broker knew of each producer below the offset in the file's name; guarded by
 * a CRC-32C (Kafka's ProducerStateManager, ProducerSnapshot.json).
 *
 *   0 i16 version · 2 u32 crc over [6, end) · 6 i32 entry count · 10 entries of 46 bytes:
 *   i64 producerId · i16 producerEpoch · i32 lastSequence · i64 lastOffset · i32 offsetDelta ·
 *   i64 timestamp · i32 coordinatorEpoch · i64 currentTxnFirstOffset
 */
import { crc32c } from '../bytes/crc.ts'
import { Cursor } from '../bytes/cursor.ts'
import { ByteWriter } from './byte-writer.ts'
import { createProblemList, type IndexProblem, type ProblemList } from './index-problem.ts'
import { counted } from '../words/words.ts'

export const PRODUCER_SNAPSHOT_VERSION = 1
const HEADER_SIZE = 10
const ENTRY_SIZE = 46
const CRC_START = 6

/** `currentTxnFirstOffset` of a producer without an open transaction. */
export const NO_OPEN_TXN = -1n

export interface ProducerStateEntry {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** -1 when only markers were seen, as lastOffset. */
  readonly lastSequence: number
  readonly lastOffset: bigint
  /** lastOffset minus firstOffset of the producer's last batch. */
  readonly offsetDelta: number
  readonly timestamp: bigint
  /** -1 when no marker was seen. */
  readonly coordinatorEpoch: number
  readonly currentTxnFirstOffset: bigint
}

export interface ProducerSnapshot {
  /** Null when the file is too short to hold it. */
  readonly version: number | null
  /** In the file's order, which is a hash map's. Not to be believed when there are problems. */
  readonly entries: readonly ProducerStateEntry[]
  readonly problems: readonly IndexProblem[]
}

function decodeEntry(cursor: Cursor): ProducerStateEntry {
  return {
    producerId: cursor.int64(),
    producerEpoch: cursor.int16(),
    lastSequence: cursor.int32(),
    lastOffset: cursor.int64(),
    offsetDelta: cursor.int32(),
    timestamp: cursor.int64(),
    coordinatorEpoch: cursor.int32(),
    currentTxnFirstOffset: cursor.int64(),
  }
}

/** Reports what is wrong with header and size; returns the version, or null when there is none. */
function checkHeader(bytes: Uint8Array, problems: ProblemList): number | null {
  if (bytes.length < HEADER_SIZE) {
    problems.add(
      null,
      0,
      () =>
        `the file is ${counted(bytes.length, 'byte')} long, too short for the header of ${HEADER_SIZE}`,
    )
    return bytes.length < 2 ? null : new Cursor(bytes).int16()
  }
  const cursor = new Cursor(bytes)
  const version = cursor.int16()
  const storedCrc = cursor.uint32()
  const count = cursor.int32()
  const computedCrc = crc32c.update(0, bytes, CRC_START)
  if (version !== PRODUCER_SNAPSHOT_VERSION) {
    problems.add(
      null,
      0,
      () => `the version is ${version}; only version ${PRODUCER_SNAPSHOT_VERSION} is known`,
    )
  }
  if (storedCrc !== computedCrc) {
    problems.add(
      null,
      2,
      () => `the CRC in the file is ${storedCrc}, but its bytes have ${computedCrc}: it is damaged`,
    )
  }
  if (cursor.remaining !== count * ENTRY_SIZE) {
    const needed = HEADER_SIZE + count * ENTRY_SIZE
    problems.add(
      null,
      CRC_START,
      () =>
        `the header announces ${counted(count, 'entry', 'entries')} (${needed} bytes), the file has ${bytes.length}`,
    )
  }
  return version
}

/** The problems alone, without decoding the entries. */
export function checkProducerSnapshot(bytes: Uint8Array): readonly IndexProblem[] {
  const problems = createProblemList('producerSnapshot')
  checkHeader(bytes, problems)
  return problems.list()
}

/** Decodes as many announced entries as the file holds whole. */
export function decodeProducerSnapshot(bytes: Uint8Array): ProducerSnapshot {
  const problems = createProblemList('producerSnapshot')
  const version = checkHeader(bytes, problems)
  const entries: ProducerStateEntry[] = []
  if (version === PRODUCER_SNAPSHOT_VERSION && bytes.length >= HEADER_SIZE) {
    const cursor = new Cursor(bytes, CRC_START)
    const count = cursor.int32()
    while (entries.length < count && cursor.remaining >= ENTRY_SIZE) {
      entries.push(decodeEntry(cursor))
    }
  }
  return { version, entries, problems: problems.list() }
}

export function encodeProducerSnapshot(entries: readonly ProducerStateEntry[]): Uint8Array {
  const body = new ByteWriter()
  body.int32(entries.length)
  for (const entry of entries) {
    body.int64(entry.producerId)
    body.int16(entry.producerEpoch)
    body.int32(entry.lastSequence)
    body.int64(entry.lastOffset)
    body.int32(entry.offsetDelta)
    body.int64(entry.timestamp)
    body.int32(entry.coordinatorEpoch)
    body.int64(entry.currentTxnFirstOffset)
  }
  const bodyBytes = body.finish()
  const header = new ByteWriter()
  header.int16(PRODUCER_SNAPSHOT_VERSION)
  // Written as signed: the same 32 bits.
  header.int32(crc32c.update(0, bodyBytes) | 0)
  const file = new Uint8Array(CRC_START + bodyBytes.length)
  file.set(header.finish())
  file.set(bodyBytes, CRC_START)
  return file
}
