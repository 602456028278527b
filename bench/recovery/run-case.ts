/** One case from its damage to its verdict: plain values, which may cross from one process to another. */
import { walkBatches } from '../../test/support/walk-batches.ts'
import { brokerKeeps } from './broker.ts'
import type { DamageCase } from './cases.ts'
import { struckBatches } from './cases.ts'
import { epochContradictions, OFFSET_INDEX, offsetContradictions } from './contradictions.ts'
import { undetermined } from './determined.ts'
import type { Judged, WrongBatch } from './judge.ts'
import { judge } from './judge.ts'
import { LOST_BLOCK_KINDS } from './kinds.ts'
import { leadingOffset } from './original.ts'
import { columnOf } from './segments.ts'
import type { Column } from './segments.ts'
import type { Hole, StillThere } from './still-there.ts'
import { holeBetween, stillThereIn, sumOf } from './still-there.ts'
import type { RepairOutcome } from './workbench.ts'

/** Damage that stayed in the output because nothing in the file or beside it contradicts it. */
export interface Undetectable {
  readonly what: string
  readonly records: number
}

/** A damaged batch, and what came of its records. */
export interface StruckBatch {
  readonly column: Column
  readonly sizeInBytes: number
  readonly records: number
  readonly returned: number
  readonly salvaged: number
  /** Salvaged as they were, but for a time that is said to be lost. */
  readonly timeless: number
  /** The most that could be read of what is left; null where that is not measured. */
  readonly stillThere: StillThere | null
}

export interface Verdict {
  readonly id: string
  readonly kind: string
  readonly column: string
  readonly segment: string
  readonly batches: readonly StruckBatch[]
  readonly damagedRecords: number
  /** Of the records in damaged batches. */
  readonly returned: number
  readonly salvaged: number
  readonly salvagedWrong: number
  /** Over all damaged batches; null where it is not measured of each. */
  readonly stillThere: StillThere | null
  readonly allRecords: number
  /** Of all records: in the output as they were. */
  readonly kept: number
  readonly keptByBroker: number
  /** Each is a failure of the tool. */
  readonly wrong: readonly string[]
  readonly wrongRecords: number
  /** Records that are right under a leader epoch that something contradicts. */
  readonly wrongEpochs: readonly string[]
  readonly undetectable: readonly Undetectable[]
  /** Damage that shows, of which nothing tells how it was before. */
  readonly undetermined: readonly Undetectable[]
  /** Records are gone, no damage was found, and something does tell of them. */
  readonly overlooked: boolean
  /** Records that must come back here, and how many of them did. */
  readonly promised: number
  readonly promisedReturned: number
  /** The tool found no damage at all. */
  readonly clean: boolean
  /** What the tool could not do: its own words. */
  readonly errors: readonly string[]
  readonly elapsedMs: number
}

export function judgeCase(test: DamageCase, outcome: RepairOutcome, elapsedMs: number): Verdict {
  const { segment, damaged, kind } = test
  const { original, truth } = segment
  const { batches } = original
  const struck = struckBatches(test)
  const judged = judge(
    original,
    outcome.output === null ? [] : walkBatches(outcome.output),
    outcome.salvage,
    inferredIn(outcome),
  )
  const damagedBatches = verdictsOf(test, struck, judged)
  const broker = judge(original, brokerKeeps(damaged.bytes, truth.segmentBaseOffset), [])
  const findings = explain(test, judged, outcome)
  const hidden = new Set(findings.hidden)
  const clean = outcome.report.segments[0]?.damage.length === 0
  const silent = clean && findings.wrong.length === 0 && findings.undetectable.length === 0
  const lost = struck.filter((index) => judged.returned[index]! < batches[index]!.records.length)
  const overlooked = silent && lost.length > 0 && isTold(test, lost)
  if (silent && lost.length > 0 && !overlooked)
    findings.undetectable.push({
      what: 'what is left is a whole log: nothing tells of what is gone',
      records: lost.reduce((sum, index) => sum + batches[index]!.records.length, 0),
    })
  const open = undetermined(test, struck)
  const promised = struck.filter(
    (index) =>
      !hidden.has(index) && !open.has(index) && (kind.promised?.(batches[index]!, truth) ?? false),
  )
  const recordsIn = (indexes: readonly number[]): number =>
    indexes.reduce((sum, index) => sum + batches[index]!.records.length, 0)
  const sumOver = (counts: Uint32Array, indexes: readonly number[]): number =>
    indexes.reduce((sum, index) => sum + counts[index]!, 0)
  return {
    id: test.id,
    kind: kind.slug,
    column: test.column,
    segment: segment.name,
    batches: damagedBatches,
    damagedRecords: recordsIn(struck),
    returned: sumOver(judged.returned, struck),
    salvaged: sumOver(judged.salvaged, struck),
    salvagedWrong: judged.salvagedWrong,
    stillThere: sumOf(damagedBatches.map((batch) => batch.stillThere)),
    allRecords: original.recordCount,
    kept: total(judged.returned),
    keptByBroker: total(broker.returned),
    wrong: findings.wrong,
    wrongRecords: findings.wrongRecords,
    wrongEpochs: findings.wrongEpochs,
    undetectable: findings.undetectable,
    undetermined: [...open].map(([index, what]) => ({
      what,
      records: batches[index]!.records.length,
    })),
    overlooked,
    promised: recordsIn(promised),
    promisedReturned: sumOver(judged.returned, promised),
    clean,
    errors: outcome.errors,
    elapsedMs,
  }
}

/** Only of kinds that lose one block: elsewhere nothing is gone for certain. */
const holeOf = ({ kind, damaged }: DamageCase): Hole | null =>
  LOST_BLOCK_KINDS.includes(kind.slug) ? holeBetween(damaged.original, damaged.bytes) : null

function verdictsOf(
  test: DamageCase,
  struck: readonly number[],
  { returned, salvaged, timeless }: Judged,
): StruckBatch[] {
  const hole = holeOf(test)
  return struck.map((index) => {
    const batch = test.segment.original.batches[index]!
    return {
      column: columnOf(batch.expected),
      sizeInBytes: batch.expected.sizeInBytes,
      records: batch.records.length,
      returned: returned[index]!,
      salvaged: salvaged[index]!,
      timeless: timeless[index]!,
      stillThere: hole === null ? null : stillThereIn(batch, hole),
    }
  })
}

const inferredIn = ({ report }: RepairOutcome): ReadonlyMap<number, readonly string[]> =>
  new Map(
    (report.segments[0]?.damage ?? []).flatMap(({ outputPosition, repair }) =>
      outputPosition === undefined || repair === null ? [] : [[outputPosition, repair.inferred]],
    ),
  )

const total = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0)

/** Without gaps a hole shows; an end that is cut off only where a file beside the segment names it. */
function isTold({ segment: { truth } }: DamageCase, lost: readonly number[]): boolean {
  if (!truth.withoutGaps) return false
  const isEnd = lost[0]! + lost.length === truth.batches.length
  return !isEnd || truth.knownEnd !== null
}

interface Findings {
  readonly wrong: string[]
  readonly wrongEpochs: string[]
  readonly undetectable: Undetectable[]
  /** Original batches that stayed damaged unseen. */
  readonly hidden: number[]
  wrongRecords: number
}

/** Parts what the tool did wrong from what nobody could have seen. */
function explain(test: DamageCase, judged: Judged, { output, report }: RepairOutcome): Findings {
  const { segment, damaged } = test
  const { batches } = segment.original
  const findings: Findings = {
    wrong: [],
    wrongEpochs: [],
    undetectable: [],
    hidden: [],
    wrongRecords: 0,
  }
  for (const batch of judged.wrong) {
    const leading = output === null ? 0n : leadingOffset(output.subarray(batch.position))
    const against = leftAsDamaged(test, batch, leading)
      ? offsetContradictions(segment, batch.sameAs!, leading)
      : null
    const isOpen = against?.join() === OFFSET_INDEX && namesBoth(report)
    if (against?.length === 0 || isOpen) {
      const { expected, records } = batches[batch.sameAs!]!
      const named = isOpen ? ' all but the .index; the report names both' : ''
      findings.undetectable.push({
        what: `the offset of the batch at offset ${expected.baseOffset} became ${leading}, which fits${named}`,
        records: records.length,
      })
      findings.hidden.push(batch.sameAs!)
      continue
    }
    const seen = against === null ? '' : `, left as it was against ${against.join(' and ')}`
    findings.wrong.push(
      `output position ${batch.position}: ${batch.why} (${batch.records} records)${seen}`,
    )
    findings.wrongRecords += batch.records
  }
  for (const index of judged.otherEpoch) {
    const { expected, records } = batches[index]!
    const place = findStanding(test, index)
    const view =
      place === null ? null : new DataView(damaged.bytes.buffer, damaged.bytes.byteOffset)
    const epoch = view === null || place === null ? null : view.getInt32(place + 12)
    const against = epoch === null ? ['the bench'] : epochContradictions(segment, index, epoch)
    const what = `leader epoch of the batch at offset ${expected.baseOffset}: ${expected.partitionLeaderEpoch} became ${epoch ?? 'another'}`
    if (against.length === 0)
      findings.undetectable.push({ what: `${what}, which fits`, records: records.length })
    else findings.wrongEpochs.push(`${what}, against ${against.join(' and ')}`)
  }
  return findings
}

/** Of a batch and an index entry that disagree either may have the flipped bit: that must be said. */
const namesBoth = ({ segments }: RepairOutcome['report']): boolean =>
  segments[0]?.indexes.offsetIndex.problems.some((problem) =>
    /: the entry is wrong or (a|the) batch is$/.test(problem),
  ) ?? false

/** The tool left the batch, and the offset before it, as it found them. */
function leftAsDamaged(
  { segment, damaged }: DamageCase,
  { sameAs }: WrongBatch,
  leading: bigint,
): boolean {
  if (sameAs === null) return false
  const { position } = segment.original.batches[sameAs]!.expected
  const sameSize = damaged.bytes.length === damaged.original.length
  return sameSize && leadingOffset(damaged.bytes.subarray(position)) === leading
}

/** Where the batch stands but for the fields outside the CRC, in a file that kept its size. */
function findStanding({ segment, damaged }: DamageCase, index: number): number | null {
  const { position } = segment.original.batches[index]!.expected
  return damaged.bytes.length === damaged.original.length ? position : null
}
