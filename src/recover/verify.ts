/** The output is read again before it counts: a repair that its own scan finds fault with is none. */
import { decodeOffsetIndex } from '../index/offset-index.ts'
import type { Damage } from './damage.ts'
import { diagnose } from './diagnose.ts'
import { NO_EVIDENCE } from './evidence.ts'
import type { Inspection } from './inspect.ts'
import { withAhead, withWindow } from './inspect.ts'
import type { ResolvedOptions } from './options.ts'
import { checkpointFor } from './options.ts'
import { endOfKept, nextOffset } from './report.ts'

/** Null when the written file is what the plan says and scans clean; else what is wrong with it. */
export async function verifyOutput(
  path: string,
  { plan, input }: Inspection,
  options: ResolvedOptions,
): Promise<string | null> {
  const { diagnosis } = plan
  const evidence = {
    ...NO_EVIDENCE,
    segmentBaseOffset: diagnosis.segmentBaseOffset,
    nextSegmentBaseOffset: input.nextSegmentBaseOffset,
    offsetIndex: decodeOffsetIndex(new Uint8Array()),
  }
  return await withWindow(path, options, async (window) => {
    if (window.source.size !== plan.outputSizeInBytes)
      return `${window.source.size} bytes written, ${plan.outputSizeInBytes} planned`
    const found = await withAhead(options, path, window, async (ahead) =>
      diagnose(window, evidence, {
        ...options,
        ...ahead,
        digests: false,
        undo: false,
        onProgress: checkpointFor(options, path, window.source.size),
      }),
    )
    const fault = found.damage.find((damage) => !isExpected(damage, plan))
    if (fault !== undefined)
      return `${fault.reason} at position ${fault.position}: ${fault.message}`
    const end = endOfKept(found)
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
