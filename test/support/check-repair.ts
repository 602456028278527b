/**
 * Repairs a damaged segment and holds everything it wrote against the undamaged one. Nothing of src/ is believed: the
 * expected batches are Kafka's own words, the output is walked by the tests' own reader.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { repairSegment, scanSegment } from '../../src/kmend.ts'
import type { Report, SegmentReport } from '../../src/kmend.ts'
import type { CorpusSegment, ExpectedBatch } from './corpus.ts'
import type { DamagedSegment } from './damage.ts'
import { checkRanges } from './check-ranges.ts'
import type { Standing, Truth } from './lost-groups.ts'
import { findBatches, lostGroups, standingBatches } from './lost-groups.ts'
import type { WalkedBatch } from './walk-batches.ts'
import { walkBatches } from './walk-batches.ts'
import type { Layout } from './workspace.ts'
import { fingerprint, placeSource, treeDigest, withWorkspace } from './workspace.ts'

export interface RepairCase {
  readonly segment: Pick<CorpusSegment, 'name' | 'directory'>
  readonly truth: Truth
  readonly damaged: DamagedSegment
  readonly layout: Layout
  /** Nothing contradicts this damage (docs: what cannot be seen): only that the output is sound is asked. */
  readonly unseen?: { readonly mayBeLost: (batch: ExpectedBatch) => boolean } | null
  /** Repairs it a second time, into another folder, and wants the same. */
  readonly again?: boolean
}

export interface Repaired {
  readonly report: Report
  readonly segment: SegmentReport
  readonly output: Uint8Array
  readonly walked: readonly WalkedBatch[]
}

/** A window this small makes the second run read in other pieces than the first. */
const OTHER_WINDOW_BYTES = 96 * 1024

export async function checkRepair(test: RepairCase): Promise<Repaired> {
  return await withWorkspace(async (folder) => {
    const source = placeSource(folder, test.segment, test.damaged.bytes, test.layout)
    const before = fingerprint(source)
    const out = join(folder, 'out')
    const report = await repairSegment(source, { out, undo: false })
    expect(report.errors, 'errors').to.deep.equal([])
    const segment = report.segments[0]!
    const output = new Uint8Array(readFileSync(join(out, segment.output!)))
    checkSourceUntouched(source, before, segment)
    checkAccounting(test.damaged.bytes, segment)
    checkRebuild(test.damaged.bytes, segment, output, out)
    const walked = walkOutput(output, segment)
    checkBatches(test, walked, segment)
    checkExitCode(report)
    await checkScansClean(join(out, segment.output!))
    if (test.again ?? true) await checkSameAgain(source, join(folder, 'again'), { out, report })
    expect(fingerprint(source), 'the source after all').to.equal(before)
    return { report, segment, output, walked }
  })
}

export function checkSourceUntouched(source: string, before: string, segment: SegmentReport): void {
  expect(fingerprint(source), 'the source file is as it was').to.equal(before)
  expect(segment.sourceChanged, 'sourceChanged').to.equal(false)
}

const totalOf = (counters: SegmentReport['bytes']): number =>
  counters.intact + counters.repaired + counters.skipped + counters.dropped + counters.kept

/** Counters agree with the entries, and the entries with the intact batches tile the file. */
export function checkAccounting(source: Uint8Array, segment: SegmentReport): void {
  const { damage, bytes, batches } = segment
  expect(segment.sizeInBytes, 'sizeInBytes').to.equal(source.length)
  expect(totalOf(bytes), 'bytes.* sum up to the file').to.equal(source.length)
  let [position, intact] = [0, 0]
  const addIntact = (end: number): void => {
    expect(end, 'entries are in file order and do not overlap').to.be.at.least(position)
    intact += walkBatches(source.subarray(position, end)).length
  }
  for (const entry of damage) {
    addIntact(entry.position)
    position = entry.position + entry.sizeInBytes
    expect(entry.quarantine, 'every entry is in quarantine').to.be.a('string')
    if (entry.outcome === 'dropped')
      expect([entry.baseOffset, entry.lastOffset, entry.nextOffset]).to.deep.equal([
        null,
        null,
        null,
      ])
  }
  addIntact(source.length)
  expect(batches.intact, 'batches.intact').to.equal(intact)
  for (const outcome of ['repaired', 'skipped', 'dropped', 'kept'] as const) {
    const entries = damage.filter((entry) => entry.outcome === outcome)
    expect(batches[outcome], `batches.${outcome}`).to.equal(entries.length)
    const size = entries.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)
    expect(bytes[outcome], `bytes.${outcome}`).to.equal(size)
  }
}

/**
 * data/, quarantine/ and the positions of both sides give the source back, byte for byte: what no entry has in the output
 * is intact, in the order of the source, and stands between the entries.
 */
export function checkRebuild(
  source: Uint8Array,
  segment: SegmentReport,
  output: Uint8Array,
  out: string,
): void {
  expect(segment.outputSizeInBytes, 'outputSizeInBytes').to.equal(output.length)
  const intact: Uint8Array[] = []
  let outputPosition = 0
  for (const entry of segment.damage.toSorted((a, b) => a.outputPosition! - b.outputPosition!)) {
    expect(entry.outputPosition, 'outputPosition').to.be.at.least(outputPosition)
    intact.push(output.subarray(outputPosition, entry.outputPosition))
    outputPosition = entry.outputPosition! + entry.outputSizeInBytes!
  }
  const whole = Buffer.concat([...intact, output.subarray(outputPosition)])
  const parts: Uint8Array[] = []
  let [position, taken] = [0, 0]
  const takeUpTo = (end: number): void => {
    parts.push(whole.subarray(taken, taken + end - position))
    taken += end - position
  }
  for (const entry of segment.damage) {
    takeUpTo(entry.position)
    const saved = readFileSync(join(out, entry.quarantine!))
    expect(saved.length, entry.quarantine!).to.equal(entry.sizeInBytes)
    parts.push(saved)
    position = entry.position + entry.sizeInBytes
  }
  takeUpTo(source.length)
  expect(taken, 'all that is intact is in the source').to.equal(whole.length)
  expect(Buffer.compare(Buffer.concat(parts), source), 'the source is rebuilt').to.equal(0)
}

export function walkOutput(output: Uint8Array, segment: SegmentReport): WalkedBatch[] {
  const walked = walkBatches(output)
  let expected = segment.segmentBaseOffset
  for (const { position, baseOffset, lastOffset } of walked) {
    expect(baseOffset >= expected, `offset ${baseOffset} at ${position} rises`).to.equal(true)
    expected = lastOffset + 1n
  }
  const epochs = walked.map((batch) => batch.partitionLeaderEpoch).filter((epoch) => epoch >= 0)
  expect(epochs, 'leader epochs never go back').to.deep.equal(epochs.toSorted((a, b) => a - b))
  if (walked.length > 0) expect(segment.nextOffset, 'nextOffset').to.equal(expected)
  return walked
}

/** Every batch that stands in the source is in the output; returns whether one is. */
export function checkStanding(
  { damaged, truth, unseen }: RepairCase,
  walked: readonly WalkedBatch[],
): (item: Standing) => boolean {
  const written = new Set(walked.map(({ bytes }) => keyOf(bytes)))
  const isWritten = (item: Standing): boolean => written.has(keyOf(bytesOf(item, damaged)))
  const missing = standingBatches(damaged, truth).filter(
    (item) => !isWritten(item) && unseen?.mayBeLost(item.batch) !== true,
  )
  expect(
    missing.map(({ batch }) => batch.baseOffset),
    'base offsets of batches that stand in the source and are not in the output',
  ).to.deep.equal([])
  return isWritten
}

/** The output is the standing batches in order, with placeholders between them, and nothing else. */
function checkBatches(
  test: RepairCase,
  walked: readonly WalkedBatch[],
  segment: SegmentReport,
): void {
  const { damaged, truth, unseen } = test
  const isWritten = checkStanding(test, walked)
  if (unseen != null) return
  expect(
    segment.skippedOffsetRanges.length > 0,
    'ranges where, and only where, an entry is skipped',
  ).to.equal(segment.batches.skipped > 0)
  const kept = findBatches(damaged, truth).filter(isWritten)
  const originals = new Set(kept.map((item) => keyOf(bytesOf(item, damaged))))
  const others = walked.filter(({ bytes }) => !originals.has(keyOf(bytes)))
  expect(walked.length - others.length, 'no batch twice').to.equal(kept.length)
  checkPlaceholders(others, walked, segment)
  checkRanges(segment, walked, lostGroups(damaged, truth, kept), truth)
}

export const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export const bytesOf = ({ batch, place }: Standing, { bytes }: DamagedSegment): Uint8Array =>
  bytes.subarray(place, place + batch.sizeInBytes)

/** Every batch that is not from the source fills one range, and is written as the contract says. */
export function checkPlaceholders(
  others: readonly WalkedBatch[],
  walked: readonly WalkedBatch[],
  segment: SegmentReport,
): void {
  const magic2 = walked.every(({ magic }) => magic === 2)
  const filled = segment.skippedOffsetRanges.filter(({ lastOffset }) => lastOffset !== null)
  if (magic2) expect(others.length, 'one placeholder a range').to.equal(filled.length)
  for (const batch of others) {
    const range = filled.find(({ firstOffset }) => firstOffset === batch.baseOffset)
    expect(range, `a range for the placeholder at offset ${batch.baseOffset}`).to.not.equal(
      undefined,
    )
    expect(batch.lastOffset, 'its last offset').to.equal(range!.lastOffset)
    const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length)
    const near = nearestKept(batch, walked, others)
    expect({
      size: batch.bytes.length,
      attributes: batch.attributes,
      records: batch.recordsCount,
      epoch: batch.partitionLeaderEpoch,
      baseTimestamp: view.getBigInt64(27),
      producerId: view.getBigInt64(43),
      producerEpoch: view.getInt16(51),
      baseSequence: view.getInt32(53),
      ...(near?.magic === 2 ? { maxTimestamp: view.getBigInt64(35) } : {}),
    }).to.deep.equal({
      size: 61,
      attributes: 0,
      records: 0,
      epoch: near?.magic === 2 ? near.partitionLeaderEpoch : 0,
      baseTimestamp: -1n,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      ...(near?.magic === 2 ? { maxTimestamp: maxTimestampOf(near) } : {}),
    })
  }
}

const maxTimestampOf = ({ bytes }: WalkedBatch): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigInt64(35)

/** The kept batch before a placeholder, else the one after it. */
function nearestKept(
  batch: WalkedBatch,
  walked: readonly WalkedBatch[],
  others: readonly WalkedBatch[],
): WalkedBatch | undefined {
  const kept = walked.filter((other) => !others.includes(other))
  return (
    kept.findLast(({ position }) => position < batch.position) ??
    kept.find(({ position }) => position > batch.position)
  )
}

/** Whole batches that found no place in the output: their records were in the source. */
const HELD_RECORDS = new Set(['offset-conflict', 'offset-not-increasing', 'offset-out-of-range'])

export function checkExitCode({ segments, summary }: Report): void {
  const notGood = segments.some(
    ({ damage, transactions }) =>
      transactions.lostMarkers.length > 0 ||
      damage.some(
        ({ outcome, reason }) =>
          outcome === 'skipped' ||
          outcome === 'kept' ||
          (outcome === 'dropped' && HELD_RECORDS.has(reason)),
      ),
  )
  expect(summary.exitCode, 'exit code').to.equal(notGood ? 3 : 0)
}

export async function checkScansClean(path: string): Promise<void> {
  const found: string[] = []
  for await (const event of scanSegment(path, { deep: true }))
    if (event.type === 'corruption')
      found.push(`${event.reason} at ${event.position}: ${event.message}`)
  expect(found, 'the output scans clean').to.deep.equal([])
}

export async function checkSameAgain(
  source: string,
  again: string,
  { out, report: first, undo = false }: { out: string; report: Report; undo?: boolean },
): Promise<void> {
  const second = await repairSegment(source, {
    out: again,
    undo,
    windowBytes: OTHER_WINDOW_BYTES,
  })
  const timeless = (report: Report): Report => ({ ...report, startedAt: '', elapsedMs: 0 })
  expect(timeless(second), 'the same report again').to.deep.equal(timeless(first))
  for (const folder of ['data', 'quarantine'])
    expect(digestOf(join(again, folder)), `the same ${folder}/ again`).to.deep.equal(
      digestOf(join(out, folder)),
    )
}

function digestOf(folder: string): Record<string, string> {
  try {
    return treeDigest(folder)
  } catch {
    return {}
  }
}
