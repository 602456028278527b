/**
 * What a segment is found to consist of. Events tile the file: in order, without gap or overlap, their sizes
 * sum to its size, so nothing is dropped silently.
 */

/** Every kind of damage there is. The set is closed and part of report.json. */
export const CORRUPTION_REASONS = [
  'crc-mismatch',
  'decompression-failed',
  'record-malformed',
  'record-count-mismatch',
  'batch-length-invalid',
  'unknown-magic',
  'unknown-codec',
  'offset-not-increasing',
  'offset-out-of-range',
  'leader-epoch-implausible',
  'unrecognised-bytes',
  'zero-fill',
  'torn-tail',
  'duplicate-batch',
  'foreign-batch',
  'offset-conflict',
  'unreadable',
  'limit-exceeded',
] as const
export type CorruptionReason = (typeof CORRUPTION_REASONS)[number]
