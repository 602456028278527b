/** What must hold for a repair that also undoes damage: what it calls repaired is what was there, to the byte. */
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SegmentReport } from '../../src/kmend.ts'
import { repairSegment } from '../../src/kmend.ts'
import { differOnlyIn } from './inferred.ts'
import type { RepairCase, Repaired } from './check-repair.ts'
import {
  bytesOf,
  checkAccounting,
  checkExitCode,
  checkPlaceholders,
  checkRebuild,
  checkSameAgain,
  checkScansClean,
  checkSourceUntouched,
  checkStanding,
  keyOf,
  walkOutput,
} from './check-repair.ts'
import { checkRanges } from './check-ranges.ts'
import { findBatches, lostGroups } from './lost-groups.ts'
import type { WalkedBatch } from './walk-batches.ts'
import { fingerprint, placeSource, withWorkspace } from './workspace.ts'

/** The whole segment as it was before the damage. */
export interface UndoCase extends RepairCase {
  readonly original: Uint8Array
  /** Everything must come back. */
  readonly mustReturn?: boolean
}

export async function checkUndo(test: UndoCase): Promise<Repaired> {
  return await withWorkspace(async (folder) => {
    const source = placeSource(folder, test.segment, test.damaged.bytes, test.layout)
    const before = fingerprint(source)
    const out = join(folder, 'out')
    const report = await repairSegment(source, { out })
    expect(report.errors, 'errors').to.deep.equal([])
    const segment = report.segments[0]!
    const output = new Uint8Array(readFileSync(join(out, segment.output!)))
    checkSourceUntouched(source, before, segment)
    checkAccounting(test.damaged.bytes, segment)
    checkRebuild(test.damaged.bytes, segment, output, out)
    const walked = walkOutput(output, segment)
    checkRepaired(test, segment, output)
    checkKept(test, walked, segment)
    checkExitCode(report)
    await checkScansClean(join(out, segment.output!))
    if (test.again ?? true)
      await checkSameAgain(source, join(folder, 'again'), { out, report, undo: true })
    if (test.mustReturn === true) {
      expect(
        segment.damage.map(({ outcome }) => outcome).filter((o) => o === 'skipped'),
      ).to.deep.equal([])
      expect(Buffer.compare(output, test.original), 'everything is as it was').to.equal(0)
    }
    return { report, segment, output, walked }
  })
}

/** A repaired entry stands in the output exactly as it was written, never nearly so. */
function checkRepaired(
  { truth, original }: UndoCase,
  { damage }: SegmentReport,
  output: Uint8Array,
): void {
  const originals = new Map(
    truth.batches.map((batch) => [
      batch.baseOffset,
      original.subarray(batch.position, batch.position + batch.sizeInBytes),
    ]),
  )
  for (const entry of damage) {
    if (entry.outcome !== 'repaired') continue
    const { outputPosition: from, outputSizeInBytes: size, repair } = entry
    const written = output.subarray(from, from! + size!)
    const was = originals.get(entry.baseOffset!)
    const isRight = was?.length === written.length && differOnlyIn(repair!.inferred, written, was)
    expect(
      isRight,
      `${entry.reason} at ${entry.position}, repaired: ${JSON.stringify(repair!.changes)}`,
    ).to.equal(true)
  }
}

function checkKept(test: UndoCase, walked: readonly WalkedBatch[], segment: SegmentReport): void {
  const { damaged, truth, unseen } = test
  const isWritten = checkStanding(test, walked)
  if (unseen != null) return
  const repaired = segment.damage.filter(({ outcome }) => outcome === 'repaired')
  const kept = [
    ...findBatches(damaged, truth).filter(isWritten),
    ...repaired.flatMap(({ baseOffset, position }) =>
      truth.batches
        .filter((batch) => batch.baseOffset === baseOffset)
        .map((batch) => ({ batch, place: position })),
    ),
  ].sort((a, b) => Number(a.batch.baseOffset - b.batch.baseOffset))
  const places = new Set(repaired.map(({ outputPosition }) => outputPosition))
  const originals = new Set(
    findBatches(damaged, truth)
      .filter(isWritten)
      .map((item) => keyOf(bytesOf(item, damaged))),
  )
  const others = walked.filter(
    ({ bytes, position }) => !originals.has(keyOf(bytes)) && !places.has(position),
  )
  checkPlaceholders(others, walked, segment)
  checkRanges(segment, walked, lostGroups(damaged, truth, kept), truth)
}
