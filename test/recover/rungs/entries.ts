/** Broken entries out of whole segments: a batch, its neighbours, and what damage does to it. */
import { defaultCodecs } from '../../../src/codec/default-codecs.ts'
import { applyEdits } from '../../../src/recover/edits.ts'
import { DEFAULT_EFFORT } from '../../../src/recover/rungs/ledger.ts'
import { DEFAULT_MAX_FALSE_MATCH } from '../../../src/recover/rungs/rung.ts'
import type { BrokenEntry, Span, Undo, UndoOptions } from '../../../src/recover/rungs/rung.ts'
import { undoEntry } from '../../../src/recover/rungs/undo.ts'
import type { UndoResult } from '../../../src/recover/rungs/undo.ts'
import { decodeBatch } from '../../../src/segment/decode-batch.ts'
import { codecBits, decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import type { BatchHeader } from '../../../src/segment/record-batch.ts'
import { listSegments, loadSegment } from '../../support/corpus.ts'
import type { Prng } from '../../support/prng.ts'
import { walkBatches } from '../../support/walk-batches.ts'

/** A whole batch in its segment. */
export interface Healthy {
  readonly name: string
  readonly bytes: Uint8Array
  readonly position: number
  readonly header: BatchHeader
  readonly before: BatchHeader | null
  readonly after: BatchHeader | null
  readonly withoutGaps: boolean
}

/** As product.md has it: all records there, and nine in ten pairs join. */
function isWithoutGaps(headers: readonly BatchHeader[]): boolean {
  const counted = headers.filter(({ recordsCount }) => recordsCount !== 0)
  const pairs = counted.slice(1).map((header, index) => [counted[index], header] as const)
  const joins = pairs.filter(
    ([before, after]) => !after.baseOffsetKnown || before?.lastOffset === after.baseOffset - 1n,
  )
  return (
    counted.every(
      ({ recordsCount, lastOffsetDelta }) =>
        recordsCount === null || recordsCount === lastOffsetDelta + 1,
    ) && joins.length >= pairs.length * 0.9
  )
}

/** The batches of a file that is whole. */
export function healthyBatches(file: Uint8Array, name: string): Healthy[] {
  const headers = walkBatches(file).map(({ bytes, position }) => {
    const header = decodeBatchHeader(bytes, position)
    if (header === null) throw new Error(`no header at ${position} of ${name}`)
    return header
  })
  const withoutGaps = isWithoutGaps(headers)
  return headers.map((header, index) => ({
    name,
    bytes: file.subarray(header.position, header.position + header.sizeInBytes),
    position: header.position,
    header,
    before: headers[index - 1] ?? null,
    after: headers[index + 1] ?? null,
    withoutGaps,
  }))
}

export const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

let corpus: ReadonlyMap<string, readonly Healthy[]> | undefined

/** Batches of real brokers by magic and codec, such as `2 gzip`; those with records only. Read once. */
export const corpusBatches = (): ReadonlyMap<string, readonly Healthy[]> =>
  (corpus ??= readCorpus())

function readCorpus(): Map<string, Healthy[]> {
  const groups = new Map<string, Healthy[]>()
  for (const name of listSegments()) {
    for (const batch of healthyBatches(loadSegment(name).bytes, name)) {
      if (batch.header.recordsCount === 0) continue
      const group = `${batch.header.magic} ${CODEC_NAMES[codecBits(batch.header)] ?? '?'}`
      groups.set(group, [...(groups.get(group) ?? []), batch])
    }
  }
  return groups
}

/** `count` of them, the same for the same seed. */
export function pick<T>(items: readonly T[], count: number, random: Prng): T[] {
  const left = [...items]
  const picked: T[] = []
  while (picked.length < count && left.length > 0)
    picked.push(...left.splice(random.below(left.length), 1))
  return picked
}

/** The entry as it is met after damage: its header is read from the damaged bytes. */
export function broken(
  healthy: Healthy,
  damaged: Uint8Array,
  more: Partial<BrokenEntry> = {},
): BrokenEntry {
  const { position, header, before, after, withoutGaps } = healthy
  return {
    bytes: damaged,
    position,
    header: decodeBatchHeader(damaged, position),
    expectedBaseOffset: header.baseOffsetKnown ? header.baseOffset : null,
    nextBaseOffset: after?.baseOffsetKnown === true ? after.baseOffset : header.lastOffset + 1n,
    namedEnd: null,
    offsetLimit: null,
    copies: [],
    before,
    after,
    withoutGaps,
    ...more,
  }
}

export const OPTIONS: UndoOptions = {
  codecs: defaultCodecs,
  maxDecompressedBytes: 2 ** 28,
  maxFalseMatch: DEFAULT_MAX_FALSE_MATCH,
  maxFalseMatchExplicit: false,
  effort: DEFAULT_EFFORT,
  opaqueSpans: largeValues,
  opaqueSpansSoFar: largeValues,
  otherSectors: () => null,
}

/** Keys and values of 512 bytes and more, where they lie uncompressed in the entry. */
export function largeValues(bytes: Uint8Array, header: BatchHeader): Span[] {
  if (codecBits(header) !== 0) return []
  const decoded = decodeBatch(bytes, header, OPTIONS)
  if (!decoded.ok) return []
  return decoded.records
    .flatMap(({ key, value }) => [key, value])
    .flatMap((part) => {
      if (part === null || part.length < 512) return []
      const start = part.byteOffset - bytes.byteOffset
      return [{ start, end: start + part.length }]
    })
}

export const undo = (entry: BrokenEntry, options: Partial<UndoOptions> = {}): UndoResult =>
  undoEntry(entry, { ...OPTIONS, ...options })

/** What the undo makes of the entry; null where there is none. */
export const repaired = (entry: BrokenEntry, { undo }: { undo: Undo | null }): Uint8Array | null =>
  undo === null ? null : applyEdits(entry.bytes, undo.edits)

/** A copy with the bits of a mask flipped. */
export function flip(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ mask
  return copy
}

export const insert = (bytes: Uint8Array, at: number, inserted: Uint8Array): Uint8Array =>
  applyEdits(bytes, [{ at, removed: 0, inserted }])

export const overwrite = (bytes: Uint8Array, at: number, other: Uint8Array): Uint8Array => {
  const copy = bytes.slice()
  if (at < bytes.length) copy.set(other.subarray(0, bytes.length - at), at)
  return copy
}
