/** The library. The command line is a thin user of it. */

// Reading: good batches, damage as data or as an error that the caller decides on.
export { CorruptBatchError, readBatches, scanSegment } from './recover/read-segment.ts'
export type {
  Batch,
  BatchEvent,
  CorruptionDecision,
  CorruptionEvent,
  ReadBatchesOptions,
  ReadOptions,
  SegmentEvent,
  SegmentSource,
} from './recover/read-segment.ts'
export type { BatchHeader } from './segment/record-batch.ts'
export type { Record, RecordHeader } from './segment/record.ts'
export type { CorruptionReason } from './segment/events.ts'

// Repair: a damaged segment in, a repaired copy and an exact report out.
export { repairSegment } from './recover/repair-segment.ts'
export type { Progress, RepairOptions, ScanOptions } from './recover/options.ts'
export type { Report, SegmentReport } from './recover/report.ts'

// Errors: what was asked wrongly, or what the machine refused.
export { CodecError } from './codec/codec.ts'
export {
  InvalidArgumentError,
  KmendError,
  OutputExistsError,
  OutputNotCleanError,
  SegmentIoError,
} from './errors.ts'

// Codecs are plain functions; pass others in place of these.
export { defaultCodecs } from './codec/default-codecs.ts'
export type { Codecs, Decompress, Decompressed, DecompressOptions } from './codec/codec.ts'
