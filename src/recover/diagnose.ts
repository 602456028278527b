/**
 * From the bytes of a segment to what each of them is: kept, or damaged and why, and which offsets that costs.
 */
import type { Window } from '../bytes/window.ts'
import type { CodecVariant } from '../codec/codec.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { codecBits, isLegacy } from '../segment/record-batch.ts'
import type { Record as LogRecord } from '../segment/record.ts'
import { digestRecords } from '../segment/records-digest.ts'
import { walkProvenBatches } from '../segment/walk.ts'
import type { Arbitration } from './arbitrate.ts'
import { arbitrate } from './arbitrate.ts'
import { resolvedWrapper } from './resolved-wrapper.ts'
import { withMovedEntries } from './put-back/moved-entries.ts'
import { standingGaps } from './put-back/standing.ts'
import { createEntryChecks } from './undo/entry-checks.ts'
import { createAttempts, withAttempt } from './undo/attempts.ts'
import { arbitrateAndUndo } from './undo/undo-holes.ts'
import type { Damage, SkippedRange } from './damage.ts'
import { decodes, NOTHING_SOUND, type SoundBatches } from './decode-ahead.ts'
import type { Evidence } from './evidence.ts'
import { skimmer, type SegmentWatch } from './segment-watch.ts'
import { describeHole } from './holes.ts'
import type { Repair } from './repair.ts'
import type { JoinStatistics, ProvenBatch, Run, RunBuilder } from './runs.ts'
import { createRunBuilder, firstOffset, isWithoutGaps, lastOffset } from './runs.ts'
import { resolveHole } from './skipped-range.ts'

export interface DiagnoseOptions extends DecodeOptions {
  /** Decode every record; otherwise CRC and framing only. */
  readonly deep: boolean
  /** Leave batches that do not decode in the output. */
  readonly keepUndecodable: boolean
  /** Put right what can be proven; otherwise damage is only told. */
  readonly undo: boolean
  readonly maxFalseMatch: number
  readonly maxFalseMatchExplicit: boolean
  readonly repairEffort: number
  /** SHA-256 over the records of each batch. */
  readonly digests: boolean
  /** Batches that other threads have decoded. */
  readonly sound?: SoundBatches
  /** Looks on at every proven batch. */
  readonly watch?: SegmentWatch
  /** Called with the position reached, now and then; may throw to end the work. */
  readonly onProgress?: (position: number) => Promise<void> | void
}

export interface BatchDigest {
  readonly header: BatchHeader
  readonly baseOffset: bigint | null
  readonly records: number | null
  readonly recordsSha256: string | null
}

export interface SegmentDiagnosis {
  readonly sizeInBytes: number
  readonly segmentBaseOffset: bigint
  readonly withoutGaps: boolean
  /** What goes to the output, in the order of the log: that of the file but for runs that are put in elsewhere. */
  readonly kept: readonly Run[]
  /** In file order; with `kept` they tile the file, but for kept ones, which are in both. */
  readonly damage: readonly Damage[]
  readonly ranges: readonly SkippedRange[]
  /** What each search for an undo has risked: the chance that it accepts something false. */
  readonly risked: readonly number[]
  readonly notes: readonly string[]
  readonly digests: readonly BatchDigest[]
}

interface Survey {
  readonly builder: RunBuilder
  readonly digests: BatchDigest[]
  readonly variants: Map<CodecVariant, number>
  unresolvedWrappers: boolean
}

export async function diagnose(
  window: Window,
  evidence: Evidence,
  options: DiagnoseOptions,
): Promise<SegmentDiagnosis> {
  let found = await survey(window, evidence, options, options.deep)
  // Where a wrapper's base offset is in question, its neighbours' ends are only known by decompressing.
  if (found.unresolvedWrappers && !isWhole(window, found.builder.runs))
    found = await survey(window, evidence, options, true)
  const withoutGaps = isWithoutGaps(found.builder.statistics, found.builder.runs)
  const input = { window, runs: found.builder.runs, withoutGaps, evidence }
  const attempts = createAttempts(options.maxFalseMatch)
  const arbitration = options.undo
    ? await arbitrateAndUndo(
        input,
        createEntryChecks(window, evidence, withoutGaps, options),
        attempts,
        async (position) => {
          await options.onProgress?.(position)
        },
      )
    : arbitrate(input)
  const { kept, damage, ranges } = findHoles(
    arbitration,
    { window, evidence, withoutGaps },
    options,
  )
  const base = evidence.segmentBaseOffset ?? (kept[0] === undefined ? 0n : firstOffset(kept[0]))
  return {
    sizeInBytes: window.source.size,
    segmentBaseOffset: base,
    withoutGaps,
    kept,
    damage: damage.map((entry) => withAttempt(entry, attempts)),
    ranges,
    risked: attempts.risked(),
    notes: [
      ...noteVariants(found.variants),
      ...noteRuns(arbitration, kept, base, window, { ...found.builder.statistics, withoutGaps }),
    ],
    digests: found.digests.filter(
      ({ header }) =>
        kept.some((run) => isIn(header, run)) ||
        damage.some((entry) => entry.position === header.position),
    ),
  }
}

const isIn = (header: BatchHeader, run: Run): boolean =>
  run.position <= header.position && header.position < run.end

const isWhole = (window: Window, runs: readonly Run[]): boolean =>
  window.source.size === 0 ||
  (runs.length === 1 &&
    runs[0]?.position === 0 &&
    runs[0].end === window.source.size &&
    runs[0].inRange)

async function survey(
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
  options.watch?.restart()
  let position = 0
  let sinceYield = 0
  // With --deep only what other threads have decoded is taken unseen.
  const sound = options.deep ? (options.sound ?? NOTHING_SOUND) : null
  await sound?.pending(0)
  for (const header of walkProvenBatches(window, skimmer(builder, sound, options.watch))) {
    if (header !== null) {
      sinceYield += header.sizeInBytes
      const batch = look(window, header, options, resolve, found)
      options.watch?.onHeader(batch.header)
      builder.add(batch)
    }
    position = builder.runs.at(-1)?.end ?? position
    if (sound?.pending(position) !== undefined) await sound.pending(position)
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
  resolve: boolean,
  found: Survey,
): ProvenBatch {
  const wrapper = isLegacy(header) && codecBits(header) !== 0
  if (!options.deep && !(resolve && wrapper)) {
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
  if (!options.digests && decodes(window, header, options))
    return { header, failure: null, records: header.recordsCount }
  const result = decodeBatch(window.copy(header.position, header.sizeInBytes), header, options)
  const digest = (baseOffset: bigint | null, records: readonly LogRecord[] | null): void => {
    if (!options.digests) return
    const recordsSha256 = records === null ? null : digestRecords(records)
    found.digests.push({ header, baseOffset, records: records?.length ?? null, recordsSha256 })
  }
  if (!result.ok) {
    digest(header.baseOffsetKnown ? header.baseOffset : null, null)
    // Without --deep only the base offset was wanted; it stays unknown.
    return { header, failure: options.deep ? result : null, records: header.recordsCount }
  }
  for (const variant of result.variants)
    found.variants.set(variant, (found.variants.get(variant) ?? 0) + 1)
  const resolved = wrapper ? resolvedWrapper(header, result.records) : header
  digest(resolved.baseOffset, result.records)
  return { header: resolved, failure: null, records: result.records.length }
}

interface Findings {
  readonly kept: Run[]
  readonly damage: Damage[]
  readonly ranges: SkippedRange[]
}

type Context = Parameters<typeof resolveHole>[1]

function findHoles(arbitration: Arbitration, context: Context, options: DiagnoseOptions): Findings {
  const { window, evidence } = context
  const found: Findings = { kept: [], damage: [], ranges: [] }
  const staysIn = ({ failure }: Run): boolean =>
    failure === null ||
    options.keepUndecodable ||
    failure.reason === 'unknown-codec' ||
    failure.reason === 'limit-exceeded'
  found.kept.push(...arbitration.accepted.filter(staysIn))
  const failed = arbitration.accepted.filter((run) => !staysIn(run))
  const outside = [...failed, ...arbitration.rejected].sort(byStart)
  let taken = 0
  const others = outside.map((item) => ('run' in item ? item.run : item))
  for (const gap of standingGaps(found.kept, others, window.source.size, evidence)) {
    const start = taken
    while (taken < outside.length && startOf(outside[taken]) < gap.end) taken++
    const inside = [...outside.slice(start, taken), ...gap.movedOut]
    const hole = describeHole(gap, inside.sort(byStart), context)
    const { entries, range } = resolveHole(hole, context)
    found.damage.push(...entries)
    if (range !== null) found.ranges.push(range)
    const { behind } = gap
    if (behind?.failure != null) found.damage.push(keptEntry(behind))
    if (behind?.repair != null) found.damage.push(repairedEntry(behind, behind.repair))
  }
  return { ...found, damage: withMovedEntries(window, found.kept, found.damage) }
}

type Outside = Run | { readonly run: Run }

const startOf = (item: Outside | undefined): number =>
  item === undefined ? Infinity : 'run' in item ? item.run.position : item.position

const byStart = (a: Outside, b: Outside): number => startOf(a) - startOf(b)

function keptEntry(run: Run): Damage {
  const { failure, first } = run
  return {
    position: run.position,
    sizeInBytes: run.end - run.position,
    reason: failure?.reason ?? 'record-malformed',
    message: failure?.message ?? '',
    outcome: 'kept',
    baseOffset: firstOffset(run),
    lastOffset: lastOffset(run),
    claim: { header: first, proven: true, placed: true },
    ...(failure?.cause === undefined ? {} : { cause: failure.cause }),
  }
}

const repairedEntry = (run: Run, repair: Repair): Damage => ({
  position: run.position,
  sizeInBytes: run.end - run.position,
  reason: repair.reason,
  message: repair.message,
  outcome: 'repaired',
  baseOffset: firstOffset(run),
  lastOffset: lastOffset(run),
  claim: { header: run.first, proven: true, placed: true },
  repair,
})

const VARIANT_NOTES: Readonly<Record<CodecVariant, string>> = {
  'old-lz4-header-checksum':
    'carry the old LZ4 header checksum of clients up to 0.9 (KAFKA-3160); consumers read them',
  'raw-snappy': 'are raw snappy without the xerial framing; consumers read them',
  'trailing-bytes': 'have bytes after the end of their compressed data, which consumers ignore',
}

const noteVariants = (variants: ReadonlyMap<CodecVariant, number>): string[] =>
  [...variants].map(
    ([variant, count]) =>
      `${count} ${count === 1 ? 'batch' : 'batches'}: ${VARIANT_NOTES[variant]}`,
  )

function noteRuns(
  { unverified }: Arbitration,
  kept: readonly Run[],
  base: bigint,
  window: Window,
  { pairs, joined, withoutGaps }: JoinStatistics & { readonly withoutGaps: boolean },
): string[] {
  const notes: string[] = []
  const first = kept[0]
  if (window.source.size === 0) notes.push('the file is empty')
  if (first?.position === 0 && firstOffset(first) > base) {
    notes.push(
      `the first batch starts at offset ${firstOffset(first)}, above the segment base ${base}`,
    )
  }
  for (const run of unverified) {
    notes.push(
      `offsets ${firstOffset(run)} to ${lastOffset(run)} at position ${run.position} are kept unverified: nothing contradicts them, nothing proves that they belong here`,
    )
  }
  if (withoutGaps) notes.push(...legacyGaps(kept))
  if (pairs > joined && !withoutGaps)
    notes.push('offsets have gaps by nature here (a compacted log)')
  return notes
}

/** Magic 0/1 has no placeholder for lost offsets, so where they are missing between whole batches it is told here. */
function legacyGaps(kept: readonly Run[]): string[] {
  return kept.flatMap((run, index) => {
    const before = kept[index - 1]
    if (before === undefined || !isLegacy(before.last) || before.end !== run.position) return []
    if (!run.first.baseOffsetKnown || firstOffset(run) === lastOffset(before) + 1n) return []
    return [
      `offsets ${lastOffset(before) + 1n} to ${firstOffset(run) - 1n} are not in the log, between whole batches of magic ${before.last.magic} at position ${run.position}`,
    ]
  })
}
