/** The library's way to read: good batches one after the other, damage as events or as an error the caller decides on. */
import type { ByteSource } from '../bytes/byte-source.ts'
import { memorySource } from '../bytes/byte-source.ts'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import { codecsOf } from '../codec/load-codecs.ts'
import { InvalidArgumentError, KmendError } from '../errors.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import type { DecodeFailure, DecodeOptions } from '../segment/decode-batch.ts'
import type { CorruptionReason } from '../segment/events.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Record } from '../segment/record.ts'
import { walkHeaders } from '../segment/walk.ts'
import type { Damage, Outcome } from './damage.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { diagnose } from './diagnose.ts'
import type { Evidence } from './evidence.ts'
import { NO_EVIDENCE } from './evidence.ts'
import { gatherEvidence, resolveWhole } from './inputs.ts'
import type { ResolvedOptions, ScanOptions } from './options.ts'
import { checkpointFor, resolveOptions } from './options.ts'
import { isHarmless } from './report.ts'
import type { Run } from './runs.ts'

/** A `.log` file, or its bytes: a fetch response, an object from a store. */
export type SegmentSource = string | Uint8Array

export interface ReadOptions extends ScanOptions {
  /** For bytes in memory: the base offset that the file name would tell. */
  readonly segmentBaseOffset?: bigint
}

interface CorruptBatchFields {
  readonly reason: CorruptionReason
  readonly position: number
  readonly sizeInBytes: number
  /** First offset lost here; null where no offset of this log is. */
  readonly baseOffset: bigint | null
  readonly lastOffset: bigint | null
  /** Where reading goes on after this damage; null when nothing tells. */
  readonly nextOffset: bigint | null
  /** The offsets are the ends of good neighbours, not the word of damaged bytes. */
  readonly verified: boolean
}

/** Damage met by readBatches. `cause` is the codec's or the record reader's own error, where one of them met it. */
export class CorruptBatchError extends KmendError implements CorruptBatchFields {
  readonly code = 'CORRUPT_BATCH'
  readonly reason: CorruptionReason
  readonly position: number
  readonly sizeInBytes: number
  readonly baseOffset: bigint | null
  readonly lastOffset: bigint | null
  readonly nextOffset: bigint | null
  readonly verified: boolean

  constructor(message: string, fields: CorruptBatchFields, cause?: unknown) {
    super(message, { cause })
    this.reason = fields.reason
    this.position = fields.position
    this.sizeInBytes = fields.sizeInBytes
    this.baseOffset = fields.baseOffset
    this.lastOffset = fields.lastOffset
    this.nextOffset = fields.nextOffset
    this.verified = fields.verified
  }
}

/** A good batch. `records()` may be walked as often as wanted. */
export interface Batch extends BatchHeader {
  /** Byte strings are views into the batch: copy what is to outlive it. */
  records(): Iterable<Record>
}

export interface BatchEvent extends BatchHeader {
  readonly type: 'batch'
}

export interface CorruptionEvent extends CorruptBatchFields {
  readonly type: 'corruption'
  readonly message: string
  /** What a repair with the same options would do with these bytes. */
  readonly outcome: Outcome
  readonly cause?: Error
}

/** Events tile the file: in order, sizes summing to its size. */
export type SegmentEvent = BatchEvent | CorruptionEvent

export type CorruptionDecision = 'skip' | 'stop' | 'throw'

export interface ReadBatchesOptions extends ReadOptions {
  /** Default: throw. Called for each damage, in file order. */
  readonly onCorruption?: (
    error: CorruptBatchError,
  ) => CorruptionDecision | Promise<CorruptionDecision>
}

function open(
  source: SegmentSource,
  options: ReadOptions,
): { bytes: ByteSource; evidence: Evidence } {
  if (typeof source !== 'string') {
    // Anything else would be read as no bytes at all, without a word.
    if (!((source as unknown) instanceof Uint8Array))
      throw new InvalidArgumentError(
        'the source must be a path or a Uint8Array (of an ArrayBuffer: new Uint8Array(buffer))',
      )
    return {
      bytes: memorySource(source),
      evidence: { ...NO_EVIDENCE, segmentBaseOffset: options.segmentBaseOffset ?? null },
    }
  }
  const input = resolveWhole(source)[0]?.segments[0]
  if (input?.source !== source)
    throw new InvalidArgumentError(`${source} is a directory; one segment is read at a time`)
  // The evidence first: when it cannot be read, nothing has been opened.
  const evidence = gatherEvidence(input)
  return { bytes: openFileSource(source), evidence }
}

type Item = { readonly run: Run } | { readonly damage: Damage }

function itemsInOrder({ kept, damage }: SegmentDiagnosis): Item[] {
  const items: Item[] = damage.map((entry) => ({ damage: entry }))
  for (const run of kept) if (run.failure === null && run.repair === null) items.push({ run })
  const start = (item: Item): number => ('run' in item ? item.run.position : item.damage.position)
  return items.sort((a, b) => start(a) - start(b))
}

interface Reading {
  readonly window: Window
  readonly diagnosis: SegmentDiagnosis
  readonly settings: ResolvedOptions & DecodeOptions
}

/** Whole batches that are not taken, as others contradict them. */
const CONTRADICTED: ReadonlySet<CorruptionReason> = new Set([
  'offset-not-increasing',
  'offset-out-of-range',
  'leader-epoch-implausible',
  'duplicate-batch',
  'foreign-batch',
  'offset-conflict',
])

/**
 * Diagnoses a segment and hands out what it consists of; the file is closed however the caller's loop ends. With
 * `decided`, where batches contradict one another, it is those settings that decide which of them are good.
 */
async function* read(
  source: SegmentSource,
  options: ReadOptions,
  settings: ResolvedOptions,
  decided: ResolvedOptions | null = null,
): AsyncGenerator<{ reading: Reading; item: Item }> {
  settings.signal?.throwIfAborted()
  const { bytes, evidence } = open(source, options)
  const window = new Window(bytes, settings.windowBytes)
  try {
    const checkpoint = checkpointFor(settings, bytes.name, bytes.size)
    const diagnosed = (chosen: ResolvedOptions): Promise<SegmentDiagnosis> =>
      diagnose(window, evidence, { ...chosen, onProgress: checkpoint })
    let diagnosis = await diagnosed(settings)
    if (decided !== null && diagnosis.damage.some(({ reason }) => CONTRADICTED.has(reason)))
      diagnosis = await diagnosed(decided)
    const reading = {
      window,
      diagnosis,
      settings: { ...settings, codecs: await codecsOf(settings.codecs) },
    }
    for (const item of itemsInOrder(diagnosis)) {
      settings.signal?.throwIfAborted()
      yield { reading, item }
    }
  } finally {
    window.release()
    bytes.close()
  }
}

const isVerified = (damage: Damage, { ranges }: SegmentDiagnosis): boolean =>
  damage.repair?.inferred.length === 0 ||
  ranges.some((range) => range.verified && range.damage.includes(damage))

const fieldsOf = (damage: Damage, diagnosis: SegmentDiagnosis): CorruptBatchFields => ({
  reason: damage.reason,
  position: damage.position,
  sizeInBytes: damage.sizeInBytes,
  baseOffset: damage.baseOffset,
  lastOffset: damage.lastOffset,
  nextOffset: damage.lastOffset === null ? null : damage.lastOffset + 1n,
  verified: isVerified(damage, diagnosis),
})

/** Yields what a segment consists of: intact batches and damage, tiling the file. Default: records are not decoded. */
export async function* scanSegment(
  source: SegmentSource,
  options: ReadOptions = {},
): AsyncGenerator<SegmentEvent, void> {
  for await (const { reading, item } of read(source, options, resolveOptions(options, false))) {
    if ('damage' in item) {
      const { message, outcome, cause } = item.damage
      const fields = fieldsOf(item.damage, reading.diagnosis)
      yield {
        type: 'corruption',
        ...fields,
        message,
        outcome,
        ...(cause === undefined ? {} : { cause }),
      }
      continue
    }
    for (const header of walkHeaders(reading.window, item.run.position, item.run.end)) {
      reading.settings.signal?.throwIfAborted()
      yield { type: 'batch', ...header }
    }
  }
}

/**
 * Yields the good batches of a segment, in order. At damage it throws CorruptBatchError, after everything good before
 * it, unless `onCorruption` decides otherwise. Batches are decoded before they are yielded; with `deep: false` they are
 * not, and their records() throws the same error.
 */
export async function* readBatches(
  source: SegmentSource,
  options: ReadBatchesOptions = {},
): AsyncGenerator<Batch, void> {
  const deep = options.deep ?? true
  const decide = options.onCorruption ?? ((): CorruptionDecision => 'throw')
  let expected: bigint | null = null
  // The survey checks CRC and framing; each batch is decoded once, when its turn comes. Only where batches contradict one
  // another must it be known before whether they decode: one that does not is worth less.
  const surveyed = { ...options, digests: false, undo: false }
  const settings = resolveOptions({ ...surveyed, deep: false }, false)
  const decided = deep ? resolveOptions({ ...surveyed, deep }, false) : null
  for await (const { reading, item } of read(source, options, settings, decided)) {
    if ('damage' in item) {
      if (isHarmless(item.damage)) continue
      const { message, position, cause, lastOffset } = item.damage
      expected = lastOffset === null ? expected : lastOffset + 1n
      const error = new CorruptBatchError(
        `${message} (at position ${position})`,
        fieldsOf(item.damage, reading.diagnosis),
        cause,
      )
      if ((await settle(error, decide)) === 'stop') return
      continue
    }
    for (const header of walkHeaders(reading.window, item.run.position, item.run.end)) {
      reading.settings.signal?.throwIfAborted()
      const placed = { ...header, baseOffset: startOf(header, expected) }
      expected = header.lastOffset + 1n
      const batch = deep ? decodeNow(reading, header, placed) : decodeLater(reading, header, placed)
      if (!(batch instanceof CorruptBatchError)) yield batch
      else if ((await settle(batch, decide)) === 'stop') return
    }
  }
}

async function settle(
  error: CorruptBatchError,
  decide: NonNullable<ReadBatchesOptions['onCorruption']>,
): Promise<'skip' | 'stop'> {
  const decision = await decide(error)
  switch (decision) {
    case 'throw':
      throw error
    case 'skip':
    case 'stop':
      return decision
    default:
      throw new InvalidArgumentError(
        `onCorruption answered ${String(decision)}; it must be skip, stop or throw`,
      )
  }
}

/** A wrapper of magic 0 or 1 that does not decode starts where the batch before it ended. */
const startOf = (header: BatchHeader, expected: bigint | null): bigint =>
  header.baseOffsetKnown ? header.baseOffset : (expected ?? header.baseOffset)

const undecodable = (
  header: BatchHeader,
  { reason, message, cause }: DecodeFailure,
): CorruptBatchError =>
  new CorruptBatchError(
    `${message} (batch at position ${header.position})`,
    { ...header, reason, nextOffset: header.lastOffset + 1n, verified: true },
    cause,
  )

function decodeNow(
  { window, settings }: Reading,
  header: BatchHeader,
  placed: BatchHeader,
): Batch | CorruptBatchError {
  const result = decodeBatch(window.copy(header.position, header.sizeInBytes), header, settings)
  if (!result.ok) return undecodable(placed, result)
  const first = result.records[0]?.offset
  const baseOffset = header.baseOffsetKnown || first === undefined ? header.baseOffset : first
  return {
    ...header,
    baseOffset,
    baseOffsetKnown: true,
    recordsCount: result.records.length,
    records: () => result.records,
  }
}

function decodeLater(
  { window, settings }: Reading,
  header: BatchHeader,
  placed: BatchHeader,
): Batch {
  const bytes = window.copy(header.position, header.sizeInBytes)
  const records = (): Iterable<Record> => {
    const result = decodeBatch(bytes, header, settings)
    if (!result.ok) throw undecodable(placed, result)
    return result.records
  }
  return { ...header, records }
}
