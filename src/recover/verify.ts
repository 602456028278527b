/** The output is read again before it counts: a repair that its own scan finds fault with is none. */
import { decodeOffsetIndex } from '../index/offset-index.ts'
import type { Damage } from './damage.ts'
import { diagnose } from './diagnose.ts'
import type { Inspection } from './inspect.ts'
import { withWindow } from './inspect.ts'
import type { ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import { nextOffset } from './report.ts'

/** Null when the written file is what the plan says and scans clean; else what is wrong with it. */
export async function verifyOutput(
  path: string,
  { plan, input }: Inspection,
  options: ResolvedOptions,
): Promise<string | null> {
  const { diagnosis } = plan
  const evidence = {
    segmentBaseOffset: diagnosis.segmentBaseOffset,
    nextSegmentBaseOffset: input.nextSegmentBaseOffset,
    snapshotOffset: null,
    offsetIndex: decodeOffsetIndex(new Uint8Array()),
    epochAt: () => null,
  }
  return await withWindow(path, options, async (window) => {
    if (window.source.size !== plan.outputSizeInBytes)
      return `${window.source.size} bytes written, ${plan.outputSizeInBytes} planned`
    const found = await diagnose(window, evidence, {
      ...options,
      digests: false,
      undo: false,
      onProgress: checkpointFor(options, path, window.source.size),
    })
    const fault = found.damage.find((damage) => !isExpected(damage, plan))
    if (fault !== undefined)
      return `${fault.reason} at position ${fault.position}: ${fault.message}`
    const end = nextOffset({ ...plan, diagnosis: found })
    const wanted = nextOffset(plan)
    return end === wanted || plan.pieces.length === 0
      ? null
      : `it ends at offset ${end}, planned was ${wanted}`
  })
}

/** Faulty batches that were to be kept, and holes that no placeholder was to fill. */
function isExpected(found: Damage, { placed, diagnosis }: Inspection['plan']): boolean {
  if (found.outcome === 'kept') {
    return placed.some(
      ({ damage, outputPosition }) =>
        damage.outcome === 'kept' && outputPosition === found.position,
    )
  }
  const { baseOffset } = found
  const inRange = diagnosis.ranges.some(
    ({ firstOffset, lastOffset }) =>
      baseOffset !== null &&
      firstOffset <= baseOffset &&
      (lastOffset === null || baseOffset <= lastOffset),
  )
  // Few touching pairs can change the verdict on gaps, once damage is gone.
  return found.sizeInBytes === 0 && (inRange || !diagnosis.withoutGaps)
}
