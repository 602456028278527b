/**
 * From the bytes of a segment to what each of them is: kept, or damaged and why, and which offsets that costs.
 */
import type { Window } from '../bytes/window.ts'
import type { CodecVariant } from '../codec/codec.ts'
import type { CodecSource } from '../codec/load-codecs.ts'
import { codecsOf } from '../codec/load-codecs.ts'
import type { DecodeOptions } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import { isLegacy } from '../segment/record-batch.ts'
import type { Arbitration, ArbitrationInput } from './arbitrate.ts'
import { arbitrate } from './arbitrate.ts'
import { withMovedEntries } from './put-back/moved-entries.ts'
import { standingGaps } from './put-back/standing.ts'
import type { Damage, SkippedRange } from './damage.ts'
import type { AheadOfWalk } from './ahead-of-walk.ts'
import type { Evidence } from './evidence.ts'
import type { SegmentWatch } from './segment-watch.ts'
import { describeHole } from './holes.ts'
import type { Repair } from './repair.ts'
import type { JoinStatistics, Run } from './runs.ts'
import { firstOffset, isOneRun, isWithoutGaps, lastOffset } from './runs.ts'
import { resolveHole } from './skipped-range.ts'
import { survey } from './survey.ts'
import { counted } from '../words/words.ts'

export interface DiagnoseOptions extends Omit<DecodeOptions, 'codecs'> {
  readonly codecs: CodecSource
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
  /** A byte of the file: what is tried on the damage there is told step by step. */
  readonly traceAt?: number
  /** What other threads have found. */
  readonly ahead?: AheadOfWalk
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

export async function diagnose(
  window: Window,
  evidence: Evidence,
  options: DiagnoseOptions,
): Promise<SegmentDiagnosis> {
  let found = await survey(window, evidence, options, options.deep)
  // Where a wrapper's base offset is in question, its neighbours' ends are only known by decompressing.
  if (found.unresolvedWrappers && !isOneRun(found.builder.runs, window.source.size))
    found = await survey(window, evidence, options, true)
  const withoutGaps = isWithoutGaps(found.builder.statistics, found.builder.runs)
  const input = { window, runs: found.builder.runs, withoutGaps, evidence }
  const { arbitration, explained, risked } = await settle(input, options)
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
    damage: damage.map(explained),
    ranges,
    risked,
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

interface Settled {
  readonly arbitration: Arbitration
  /** Adds to an entry of damage what came of the search for an undo. */
  readonly explained: (entry: Damage) => Damage
  readonly risked: readonly number[]
}

/** Weighs the runs, and puts right what lies between them. What that takes is loaded where something does. */
async function settle(input: ArbitrationInput, options: DiagnoseOptions): Promise<Settled> {
  const { window, evidence, withoutGaps } = input
  const first = arbitrate(input)
  if (!options.undo || isSettled(first.accepted, input))
    return { arbitration: first, explained: (entry) => entry, risked: [] }
  const [
    { createEntryChecks },
    { arbitrateAndUndo },
    { createAttempts, withAttempt },
    { LadderTrace, withLadder },
    codecs,
  ] = await Promise.all([
    import('./undo/entry-checks.ts'),
    import('./undo/undo-holes.ts'),
    import('./undo/attempts.ts'),
    import('./undo/ladder.ts'),
    codecsOf(options.codecs),
  ])
  const trace = options.traceAt === undefined ? null : new LadderTrace(options.traceAt)
  const checks = createEntryChecks(window, evidence, withoutGaps, {
    ...options,
    codecs,
    ...(trace === null ? {} : { trace }),
  })
  const attempts = createAttempts(options.maxFalseMatch)
  const arbitration = await arbitrateAndUndo(input, checks, first, attempts, async (position) => {
    await options.onProgress?.(position)
  })
  return {
    arbitration,
    explained: (entry) => withLadder(withAttempt(entry, attempts), trace),
    risked: attempts.risked(),
  }
}

/** Nothing is damaged, and where every batch joins the next one none has an offset that only happens to fit. */
const isSettled = (accepted: readonly Run[], { window, withoutGaps }: ArbitrationInput): boolean =>
  tiles(accepted, window.source.size) && (accepted.length <= 1 || !withoutGaps)

function tiles(runs: readonly Run[], sizeInBytes: number): boolean {
  let end = 0
  for (const run of runs) {
    if (run.position > end) return false
    end = run.end
  }
  return end >= sizeInBytes
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

/** Of one batch, and of several. */
const VARIANT_NOTES: Readonly<Record<CodecVariant, readonly [one: string, several: string]>> = {
  'old-lz4-header-checksum': [
    'carries the old LZ4 header checksum of clients up to 0.9 (KAFKA-3160); consumers read it',
    'carry the old LZ4 header checksum of clients up to 0.9 (KAFKA-3160); consumers read them',
  ],
  'raw-snappy': [
    'is raw snappy without the xerial framing; consumers read it',
    'are raw snappy without the xerial framing; consumers read them',
  ],
  'trailing-bytes': [
    'has bytes after the end of its compressed data, which consumers ignore',
    'have bytes after the end of their compressed data, which consumers ignore',
  ],
}

const noteVariants = (variants: ReadonlyMap<CodecVariant, number>): string[] =>
  [...variants].map(
    ([variant, count]) =>
      `${counted(count, 'batch', 'batches')} ${VARIANT_NOTES[variant][count === 1 ? 0 : 1]}`,
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
