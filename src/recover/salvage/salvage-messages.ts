/**
 * Messages of magic 0 and 1 out of a broken wrapper. Each has a CRC-32 of its own, so exactly those are salvaged whose
 * CRC holds; only their offsets, which it does not cover, are checked against the messages they touch.
 */
import { memorySource } from '../../bytes/byte-source.ts'
import { Window } from '../../bytes/window.ts'
import type { SalvageFragment } from '../../codec/salvage.ts'
import { recogniseCodec } from '../../codec/salvage-codecs.ts'
import { V0_MIN_BYTES, V1_MIN_BYTES } from '../../segment/layout.ts'
import { decodePlainMessage } from '../../segment/message-set.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { codecBits } from '../../segment/record-batch.ts'
import type { Record } from '../../segment/record.ts'
import { RecordError } from '../../segment/record.ts'
import { walkProvenBatches } from '../../segment/walk.ts'
import type { SalvageEntry, Salvaged, SalvagedRecord } from './entry.ts'
import type { Payload } from './fragments.ts'
import { fragmentsOf, payloadOf } from './fragments.ts'
import { pieceAt } from './record-walk.ts'

interface Found {
  readonly fragment: SalvageFragment
  readonly start: number
  readonly end: number
  readonly innerOffset: bigint
  readonly record: Record
}

/** A message without compression holds one record under one CRC: there is nothing in it to salvage. */
export function salvageMessages(entry: SalvageEntry): Salvaged {
  const payload = payloadOf(entry, payloadStart(entry))
  if (payload.codec === 'none')
    return { records: [], codec: 'none', isLocated: false, headerStands: true }
  const fragments = fragmentsOf(payload, entry.maxDecompressedBytes)
  const found = fragments.flatMap(provenMessages)
  const believed = found.filter((message, index) =>
    offsetIsBelieved(message, found[index - 1], found[index + 1], entry),
  )
  const base = baseOf(believed, entry)
  const records: SalvagedRecord[] = []
  for (const { fragment, start, innerOffset, record } of believed) {
    if (base === null) break
    const offset = base + innerOffset
    const isInRange = offset >= (entry.baseOffset ?? 0n) && offset <= (entry.lastOffset ?? offset)
    if (!isInRange || offset <= (records.at(-1)?.offset ?? -1n)) continue
    const position = payload.position + (pieceAt(fragment.pieces, start)?.input.start ?? 0)
    records.push({ ...record, offset, timestamp: timeOf(record, entry), position })
  }
  const { codec } = payload
  return { records, codec, isLocated: isLocated(fragments, payload), headerStands: true }
}

/** The wrapper's value follows its header, a null key and a length. Damage may have made one magic of the other. */
function payloadStart({ bytes, magic }: SalvageEntry): number {
  const starts = magic === 0 ? [V0_MIN_BYTES, V1_MIN_BYTES] : [V1_MIN_BYTES, V0_MIN_BYTES]
  return (
    starts.find((start) => recogniseCodec(bytes.subarray(start)) !== undefined) ?? starts[0] ?? 0
  )
}

const isLocated = (fragments: readonly SalvageFragment[], { suspect }: Payload): boolean =>
  suspect.length > 0 || fragments.length !== 1 || fragments[0]?.ending !== 'whole'

function provenMessages(fragment: SalvageFragment): Found[] {
  const found: Found[] = []
  for (const header of walkProvenBatches(new Window(memorySource(fragment.bytes)))) {
    if (header === null || header.magic > 1 || codecBits(header) !== 0) continue
    const start = header.position
    const end = start + header.sizeInBytes
    const record = recordOf(fragment.bytes.subarray(start, end), header)
    if (record !== null)
      found.push({ fragment, start, end, innerOffset: header.lastOffset, record })
  }
  return found
}

function recordOf(bytes: Uint8Array, header: BatchHeader): Record | null {
  try {
    return decodePlainMessage(bytes, header.lastOffset)
  } catch (error) {
    if (error instanceof RecordError) return null
    throw error
  }
}

/** Whether the neighbours that a message touches, or the ends of the stream, agree with its offset. */
function offsetIsBelieved(
  message: Found,
  before: Found | undefined,
  after: Found | undefined,
  entry: SalvageEntry,
): boolean {
  const { fragment, start, end, innerOffset } = message
  const touchesBefore = before?.fragment === fragment && before.end === start
  const touchesAfter = after?.fragment === fragment && after.start === end
  const isFirst = fragment.outputStart === 0 && start === 0
  const isLast = fragment.ending === 'whole' && end === fragment.bytes.length
  const first = entry.magic === 1 ? 0n : entry.baseOffset
  if (touchesBefore && innerOffset === before.innerOffset + 1n) return true
  if (touchesAfter && innerOffset + 1n === after.innerOffset) return true
  if (isFirst && innerOffset === first) return true
  if (isLast && entry.magic === 0 && innerOffset === entry.lastOffset) return true
  // After compaction the offsets between two that it touches are all that is left of the proof.
  const isAbove = touchesBefore && innerOffset > before.innerOffset
  return isAbove && touchesAfter && innerOffset < after.innerOffset
}

/**
 * What is added to inner offsets. They are absolute in magic 0, and relative in magic 1: to the first message ever in
 * the wrapper, whose last one has the wrapper's own offset.
 */
function baseOf(believed: readonly Found[], entry: SalvageEntry): bigint | null {
  if (entry.magic === 0) return 0n
  // Old librdkafka left the wrapper's offset at 0.
  if (entry.lastOffset === 0n) return 0n
  const last = believed.at(-1)
  const isLast = last?.fragment.ending === 'whole' && last.end === last.fragment.bytes.length
  if (isLast && entry.lastOffset !== null) return entry.lastOffset - last.innerOffset
  const first = believed[0]
  const isFirst = first?.fragment.outputStart === 0 && first.start === 0
  return isFirst && first.innerOffset === 0n ? entry.baseOffset : null
}

function timeOf(record: Record, { magic, times }: SalvageEntry): bigint | null {
  if (magic === 0) return record.timestamp
  if (times === null) return null
  return times.type === 'LogAppendTime' ? times.timestamp : record.timestamp
}
