/**
 * report.json, version 1: the shape that tools outside read. Everything here is plain data; bigints are allowed and
 * written as JSON integers, or as strings beyond 2^53-1 (only damaged headers hold such).
 */
import type { Damage, Outcome, SkippedRange } from './damage.ts'
import type { BatchDigest, SegmentDiagnosis } from './diagnose.ts'
import type { FileReport } from './file-report.ts'
import type { SegmentInput } from './inputs.ts'
import type { IndexStates } from './companions.ts'
import type { PlacedDamage, RepairPlan } from './plan.ts'
import type { Repair } from './repair.ts'
import { lastOffset } from './runs.ts'
import { missingRanges } from './salvage/ranges-left.ts'
import type { SalvagePlan } from './salvage/salvage-segment.ts'
import { isKraftSnapshot } from '../segment/segment-name.ts'
import type { TransactionFindings } from './transactions.ts'

export const REPORT_VERSION = 1

type Counters = Readonly<Record<'intact' | Outcome, number>>

export interface DamageReport {
  readonly position: number
  readonly sizeInBytes: number
  readonly outputPosition?: number
  readonly outputSizeInBytes?: number
  readonly reason: string
  readonly message: string
  readonly outcome: Outcome
  readonly baseOffset: bigint | null
  readonly lastOffset: bigint | null
  readonly nextOffset: bigint | null
  readonly repair: Pick<
    Repair,
    'changes' | 'evidence' | 'inferred' | 'falseMatchProbability'
  > | null
  /** Why nothing was undone; null where something was, or nothing was looked for. */
  readonly attempt: NonNullable<Damage['attempt']> | null
  readonly quarantine?: string | null
  /** The file with its records that could be read; null where there are none, or nothing was written. */
  readonly salvaged: string | null
}

export interface SkippedRangeReport extends Omit<SkippedRange, 'damage'> {
  readonly nextOffset: bigint | null
  readonly offsetCount: bigint | null
  readonly quarantine?: string | null
}

interface IndexReport {
  readonly source: string
  readonly problems: readonly string[]
  readonly output?: string
}

export interface SegmentReport {
  readonly source: string
  readonly sourceChanged: boolean
  readonly output?: string | null
  readonly checked: 'records' | 'crc'
  readonly topic: string | null
  readonly partition: number | null
  readonly segmentBaseOffset: bigint
  readonly sizeInBytes: number
  readonly outputSizeInBytes?: number
  readonly firstOffset: bigint | null
  readonly nextOffset: bigint | null
  readonly batches: Counters
  readonly records: {
    readonly kept: number | null
    readonly skipped: number | null
    readonly salvaged: number
  }
  readonly bytes: Counters
  readonly damage: readonly DamageReport[]
  readonly skippedOffsetRanges: readonly SkippedRangeReport[]
  readonly indexes: {
    readonly offsetIndex: IndexReport
    readonly timeIndex: IndexReport
    readonly transactionIndex: IndexReport
  }
  readonly transactions: TransactionFindings
  readonly notes: readonly string[]
  readonly batchList?: readonly object[]
}

/** What only a written output has. */
export interface WrittenParts {
  readonly output: string | null
  readonly quarantine: ReadonlyMap<Damage, string>
  readonly salvaged: ReadonlyMap<Damage, string>
  readonly transactionIndex: 'copied' | 'none'
}

export interface SegmentFacts {
  readonly input: SegmentInput
  readonly plan: RepairPlan
  readonly indexes: IndexStates
  readonly transactions: TransactionFindings
  readonly salvage: SalvagePlan
  readonly sourceChanged: boolean
  readonly checked: 'records' | 'crc'
  readonly digests: boolean
  /** Null when nothing was written: scan, dry run, a refused log. */
  readonly written: WrittenParts | null
  readonly notes: readonly string[]
}

export function segmentReport(facts: SegmentFacts): SegmentReport {
  const { input, plan, indexes, written } = facts
  const { diagnosis } = plan
  const output =
    written === null
      ? {}
      : {
          output: written.output,
          outputSizeInBytes: written.output === null ? 0 : plan.outputSizeInBytes,
        }
  return {
    source: input.source,
    sourceChanged: facts.sourceChanged,
    ...output,
    checked: facts.checked,
    topic: input.topicPartition?.topic ?? null,
    partition: input.topicPartition?.partition ?? null,
    segmentBaseOffset: diagnosis.segmentBaseOffset,
    sizeInBytes: diagnosis.sizeInBytes,
    firstOffset: diagnosis.kept[0]?.first.baseOffset ?? null,
    nextOffset: nextOffset(plan),
    ...countAll(diagnosis, facts.salvage),
    damage: plan.placed.map((entry) => damageReport(entry, written)),
    skippedOffsetRanges: missingRanges(plan).map((range) => rangeReport(range, written)),
    indexes: indexReports(indexes, written),
    transactions: facts.transactions,
    notes: [
      ...diagnosis.notes,
      ...indexes.notes,
      ...facts.salvage.notes,
      ...(plan.refusal === null ? [] : [plan.refusal]),
      ...facts.notes,
    ],
    ...(facts.digests ? { batchList: diagnosis.digests.map(batchEntry) } : {}),
  }
}

/** Where the log goes on after the output of this segment, placeholders and salvaged batches counted. */
export function nextOffset({ diagnosis, pieces }: RepairPlan): bigint {
  const piece = pieces.at(-1)
  if (piece?.type === 'fill') return piece.batch.lastOffset + 1n
  return piece?.type === 'salvaged' ? piece.lastOffset + 1n : endOfKept(diagnosis)
}

/** The offset after the last batch that was kept; the segment's base where there is none. */
export function endOfKept({ kept, segmentBaseOffset }: SegmentDiagnosis): bigint {
  const last = kept.at(-1)
  return last === undefined ? segmentBaseOffset : lastOffset(last) + 1n
}

function countAll(
  diagnosis: SegmentDiagnosis,
  { counts }: SalvagePlan,
): Pick<SegmentReport, 'batches' | 'records' | 'bytes'> {
  const batches = { intact: 0, repaired: 0, skipped: 0, dropped: 0, kept: 0 }
  const bytes = { intact: 0, repaired: 0, skipped: 0, dropped: 0, kept: 0 }
  let records: number | null = 0
  for (const run of diagnosis.kept) {
    if (run.failure !== null) continue
    // A repaired batch is counted with its damage entry; its records are in the output like any others.
    if (run.repair === null) {
      batches.intact += run.batches
      bytes.intact += run.end - run.position
    }
    records = records === null || run.records === null ? null : records + run.records
  }
  for (const { outcome, sizeInBytes } of diagnosis.damage) {
    batches[outcome]++
    bytes[outcome] += sizeInBytes
  }
  const skipped = diagnosis.ranges.reduce<number | null>(
    (sum, { recordCount }) => (sum === null || recordCount === null ? null : sum + recordCount),
    0,
  )
  const salvaged = [...counts.values()].reduce((total, count) => total + count, 0)
  return { batches, bytes, records: { kept: records, skipped, salvaged } }
}

function damageReport(
  { damage, outputPosition, outputSizeInBytes }: PlacedDamage,
  written: WrittenParts | null,
): DamageReport {
  const { position, sizeInBytes, reason, message, outcome, baseOffset } = damage
  const dropped = outcome === 'dropped'
  const last = dropped ? null : damage.lastOffset
  const place =
    written === null
      ? {}
      : { outputPosition, outputSizeInBytes, quarantine: written.quarantine.get(damage) ?? null }
  return {
    position,
    sizeInBytes,
    ...place,
    reason,
    message,
    outcome,
    baseOffset: dropped ? null : baseOffset,
    lastOffset: last,
    nextOffset: last === null ? null : last + 1n,
    repair: repairReport(damage),
    attempt: damage.attempt ?? null,
    salvaged: written?.salvaged.get(damage) ?? null,
  }
}

function repairReport({ repair }: Damage): DamageReport['repair'] {
  if (repair === undefined) return null
  const { changes, evidence, inferred, falseMatchProbability } = repair
  return { changes, evidence, inferred, falseMatchProbability }
}

function rangeReport(
  { damage, ...range }: SkippedRange,
  written: WrittenParts | null,
): SkippedRangeReport {
  const last = range.lastOffset
  const first = damage[0]
  return {
    ...range,
    nextOffset: last === null ? null : last + 1n,
    offsetCount: last === null ? null : last - range.firstOffset + 1n,
    ...(written === null || first === undefined
      ? {}
      : { quarantine: written.quarantine.get(first) ?? null }),
  }
}

function indexReports(states: IndexStates, written: WrittenParts | null): SegmentReport['indexes'] {
  const noIndexes = written?.output == null || isKraftSnapshot(written.output)
  const rebuilt = written === null ? {} : { output: noIndexes ? 'none' : 'rebuilt' }
  const copied = written === null ? {} : { output: written.transactionIndex }
  return {
    offsetIndex: { ...states.offsetIndex, ...rebuilt },
    timeIndex: { ...states.timeIndex, ...rebuilt },
    transactionIndex: { ...states.transactionIndex, ...copied },
  }
}

const batchEntry = ({ header, baseOffset, records, recordsSha256 }: BatchDigest): object => ({
  position: header.position,
  sizeInBytes: header.sizeInBytes,
  magic: header.magic,
  baseOffset,
  lastOffset: header.lastOffset,
  records,
  recordsSha256,
})

export interface Report {
  readonly reportVersion: typeof REPORT_VERSION
  readonly tool: 'kmend'
  readonly toolVersion: string
  readonly command: string
  readonly dryRun?: true
  readonly options: Readonly<Record<string, unknown>>
  readonly startedAt: string
  readonly elapsedMs: number
  readonly segments: readonly SegmentReport[]
  readonly partitions: readonly object[]
  readonly files: readonly FileReport[]
  readonly errors: readonly string[]
  readonly restore: readonly string[]
  readonly summary: Summary
}

export interface Summary extends Pick<SegmentReport, 'batches' | 'records' | 'bytes'> {
  readonly segments: number
  readonly damagedSegments: number
  readonly skippedOffsets: bigint | null
  readonly exitCode: number
}

const OUTCOMES = ['intact', 'repaired', 'skipped', 'dropped', 'kept'] as const

const sum = (values: readonly (number | null)[]): number | null =>
  values.reduce((total, value) => (total === null || value === null ? null : total + value), 0)

export function summarise(segments: readonly SegmentReport[], exitCode: number): Summary {
  const counters = (of: (segment: SegmentReport) => Counters): Counters =>
    Object.fromEntries(
      OUTCOMES.map((name) => [name, sum(segments.map((segment) => of(segment)[name])) ?? 0]),
    ) as Record<(typeof OUTCOMES)[number], number>
  const ranges = segments.flatMap((segment) => segment.skippedOffsetRanges)
  return {
    segments: segments.length,
    damagedSegments: segments.filter((segment) => isDamaged(segment)).length,
    batches: counters((segment) => segment.batches),
    records: {
      kept: sum(segments.map(({ records }) => records.kept)),
      skipped: sum(segments.map(({ records }) => records.skipped)),
      salvaged: sum(segments.map(({ records }) => records.salvaged)) ?? 0,
    },
    bytes: counters((segment) => segment.bytes),
    skippedOffsets: ranges.reduce<bigint | null>(
      (total, { offsetCount }) =>
        total === null || offsetCount === null ? null : total + offsetCount,
      0n,
    ),
    exitCode,
  }
}

/** Zeros behind whole batches are what a preallocated file looks like: listed, but no damage. */
export const isHarmless = ({
  reason,
  outcome,
}: Pick<DamageReport, 'reason' | 'outcome'>): boolean =>
  reason === 'zero-fill' && outcome === 'dropped'

export function isDamaged({ damage, indexes }: SegmentReport): boolean {
  const indexDamaged = Object.values(indexes).some(({ source }) => source === 'damaged')
  return indexDamaged || damage.some((entry) => !isHarmless(entry))
}

const LOSSES: ReadonlySet<string> = new Set([
  'offset-conflict',
  'offset-not-increasing',
  'offset-out-of-range',
])

/** Whether a record that the source may have held is not in the output as it should be. */
export const isNotMadeGood = ({ damage, transactions }: SegmentReport): boolean =>
  transactions.lostMarkers.length > 0 ||
  damage.some(
    ({ outcome, reason }) =>
      outcome === 'skipped' || outcome === 'kept' || (outcome === 'dropped' && LOSSES.has(reason)),
  )
