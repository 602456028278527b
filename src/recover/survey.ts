/** The walk over a segment: its proven batches in runs, decoded where asked to. What they are is decided later. */
import type { Window } from '../bytes/window.ts'
import type { Codecs, VariantCounts } from '../codec/codec.ts'
import { countVariant } from '../codec/codec.ts'
import { codecsOf } from '../codec/load-codecs.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { codecBits, isLegacy } from '../segment/record-batch.ts'
import type { Record as LogRecord } from '../segment/record.ts'
import { walkProvenBatches } from '../segment/walk.ts'
import type { AheadOfWalk } from './ahead-of-walk.ts'
import { decodes, NOTHING_AHEAD } from './ahead-of-walk.ts'
import type { BatchDigest, DiagnoseOptions } from './diagnose.ts'
import type { Evidence } from './evidence.ts'
import { resolvedWrapper, wrapperWithoutRoom } from './resolved-wrapper.ts'
import type { ProvenBatch, RunBuilder } from './runs.ts'
import { createRunBuilder } from './runs.ts'
import { skimmer } from './segment-watch.ts'

/** What decoding takes, where something is decoded. */
interface Decoding {
  readonly codecs: Codecs
  readonly digestRecords: ((records: readonly LogRecord[]) => string) | null
}

async function loadDecoding({ codecs, digests }: DiagnoseOptions): Promise<Decoding> {
  const digestRecords = digests
    ? (await import('../segment/records-digest.ts')).digestRecords
    : null
  return { codecs: await codecsOf(codecs), digestRecords }
}

export interface Survey {
  readonly builder: RunBuilder
  readonly digests: BatchDigest[]
  readonly variants: VariantCounts
  unresolvedWrappers: boolean
}

/** `resolve`: decode wrappers of magic 0 and 1 for their base offset, also where nothing else is decoded. */
export async function survey(
  window: Window,
  evidence: Evidence,
  options: DiagnoseOptions,
  resolve: boolean,
): Promise<Survey> {
  const bounds = { first: evidence.segmentBaseOffset, next: evidence.nextSegmentBaseOffset }
  const found: Survey = {
    builder: createRunBuilder(bounds),
    digests: [],
    variants: new Map(),
    unresolvedWrappers: false,
  }
  const { builder } = found
  const decoding = options.deep || resolve ? await loadDecoding(options) : null
  options.watch?.restart()
  let position = 0
  let sinceYield = 0
  const ahead = options.ahead ?? NOTHING_AHEAD
  const decode = options.deep && decoding !== null ? { ...options, ...decoding } : null
  // Digests want every batch's records.
  const skim = options.digests
    ? undefined
    : skimmer(builder, ahead, options.watch, decode, found.variants)
  await ahead.pending(0)
  for (const header of walkProvenBatches(window, skim)) {
    if (header !== null) {
      sinceYield += header.sizeInBytes
      const batch = look(window, header, options, { decoding, ahead }, found)
      options.watch?.onHeader(batch.header)
      builder.add(batch)
    }
    position = builder.runs.at(-1)?.end ?? position
    const pending = ahead.pending(position)
    if (pending !== undefined) await pending
    if (header === null || sinceYield > window.capacity) {
      sinceYield = 0
      await options.onProgress?.(position)
    }
  }
  return found
}

/** Decodes a batch where asked to, and otherwise takes its header's word. */
function look(
  window: Window,
  header: BatchHeader,
  options: DiagnoseOptions,
  { decoding, ahead }: { readonly decoding: Decoding | null; readonly ahead: AheadOfWalk },
  found: Survey,
): ProvenBatch {
  const wrapper = isLegacy(header) && codecBits(header) !== 0
  if (decoding === null || !(options.deep || wrapper)) {
    if (wrapper) found.unresolvedWrappers = true
    const failure =
      codecBits(header) > 4
        ? ({
            reason: 'unknown-codec',
            message: `codec ${codecBits(header)} is none that Kafka knows`,
          } as const)
        : null
    return { header, failure, records: header.recordsCount }
  }
  const { codecs, digestRecords } = decoding
  const given = { ...options, codecs }
  if (digestRecords === null && decodes(window, header, given, ahead, found.variants))
    return { header, failure: null, records: header.recordsCount }
  const bytes = window.copy(header.position, header.sizeInBytes)
  const result = decodeBatch(bytes, header, given)
  const digest = (baseOffset: bigint | null, records: readonly LogRecord[] | null): void => {
    if (digestRecords === null) return
    const recordsSha256 = records === null ? null : digestRecords(records)
    found.digests.push({ header, baseOffset, records: records?.length ?? null, recordsSha256 })
  }
  if (!result.ok) {
    digest(header.baseOffsetKnown ? header.baseOffset : null, null)
    const moved = wrapper ? wrapperWithoutRoom(bytes, header, given) : null
    if (moved !== null) return { header: moved, failure: null, records: moved.recordsCount }
    // Without --deep only the base offset was wanted; it stays unknown.
    return { header, failure: options.deep ? result : null, records: header.recordsCount }
  }
  for (const variant of result.variants) countVariant(found.variants, variant, 1)
  const resolved = wrapper ? resolvedWrapper(header, result.records) : header
  digest(resolved.baseOffset, result.records)
  return { header: resolved, failure: null, records: result.records.length }
}
