/** Parts of a report, made up field by field. */
import { summarise } from '../../src/recover/report.ts'
import type {
  DamageReport,
  Report,
  SegmentReport,
  SkippedRangeReport,
} from '../../src/recover/report.ts'
export const none = { intact: 0, repaired: 0, skipped: 0, dropped: 0, kept: 0 }
export const index: { readonly source: string; readonly problems: readonly string[] } = {
  source: 'ok',
  problems: [],
}

export const segmentOf = (changes: Partial<SegmentReport> = {}): SegmentReport => ({
  source: 'orders-0/00000000000000000000.log',
  sourceChanged: false,
  checked: 'crc',
  topic: 'orders',
  partition: 0,
  segmentBaseOffset: 0n,
  sizeInBytes: 6000,
  firstOffset: 0n,
  nextOffset: 100n,
  batches: { ...none, intact: 10 },
  records: { kept: 100, skipped: 0, salvaged: 0 },
  bytes: { ...none, intact: 6000 },
  damage: [],
  skippedOffsetRanges: [],
  indexes: { offsetIndex: index, timeIndex: index, transactionIndex: index },
  transactions: { lostMarkers: [], openAtEnd: [] },
  notes: [],
  ...changes,
})

export const damageOf = (changes: Partial<DamageReport> = {}): DamageReport => ({
  position: 3000,
  sizeInBytes: 600,
  reason: 'crc-mismatch',
  message: 'the bytes do not match',
  outcome: 'skipped',
  baseOffset: 50n,
  lastOffset: 59n,
  nextOffset: 60n,
  repair: null,
  attempt: null,
  salvaged: null,
  ...changes,
})

export const rangeOf = (changes: Partial<SkippedRangeReport> = {}): SkippedRangeReport => ({
  firstOffset: 50n,
  lastOffset: 59n,
  nextOffset: 60n,
  liveSeekOffset: 60n,
  offsetCount: 10n,
  recordCount: 10,
  kind: 'data',
  firstBasis: 'neighbours',
  lastBasis: 'lastOffsetDelta',
  verified: true,
  exact: true,
  timeAfter: 1_700_000_000_000n,
  timeBefore: 1_700_000_060_000n,
  producers: [],
  reason: 'crc-mismatch',
  position: 3000,
  sizeInBytes: 600,
  ...changes,
})

export const reportOf = (
  segments: readonly SegmentReport[],
  changes: Partial<Report> = {},
): Report => ({
  reportVersion: 1,
  tool: 'kmend',
  toolVersion: '0.1.0',
  command: 'scan',
  options: {},
  startedAt: '2026-01-01T00:00:00.000Z',
  elapsedMs: 0,
  segments,
  partitions: [],
  files: [],
  errors: [],
  restore: [],
  summary: summarise(segments, 3),
  ...changes,
})
