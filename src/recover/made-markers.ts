/**
 * Markers that are made because somebody asked for them (--lost-marker): where a marker is lost, and it is certain that
 * there was one and whose, one of the outcome that was asked for takes its offset. They undo nothing: the entry stays
 * skipped.
 */
import { encodeMarker, MARKER_ATTRIBUTES } from '../segment/end-transaction-marker.ts'
import type { MarkerType } from '../segment/end-transaction-marker.ts'
import { isLegacy } from '../segment/record-batch.ts'
import type { Damage } from './damage.ts'
import type { SegmentDiagnosis } from './diagnose.ts'
import { placeOf } from './runs.ts'
import type {
  LostMarker,
  LostMarkerFinding,
  TransactionAnalysis,
  TransactionFindings,
} from './transactions.ts'

export type LostMarkerMode = 'leave' | 'abort' | 'commit'

export interface MadeMarkers {
  /** The batch to write in the place of each entry. */
  readonly batches: ReadonlyMap<Damage, Uint8Array>
  readonly findings: TransactionFindings
  readonly notes: readonly string[]
}

const OUTCOMES: Readonly<Record<Exclude<LostMarkerMode, 'leave'>, MarkerType>> = {
  abort: 'ABORT',
  commit: 'COMMIT',
}

export function makeMarkers(
  { lost, openAtEnd }: TransactionAnalysis,
  diagnosis: SegmentDiagnosis,
  mode: LostMarkerMode,
): MadeMarkers {
  const batches = new Map<Damage, Uint8Array>()
  const ended = new Set<bigint>()
  const notes: string[] = []
  const lostMarkers = lost.map((finding): LostMarker => {
    const { marker, damage, view } = finding
    const type = mode === 'leave' ? null : outcomeOf(marker, OUTCOMES[mode])
    const bytes = type === null ? null : made(finding, type, diagnosis)
    if (bytes === null || marker.producerId === null) return marker
    batches.set(damage, bytes)
    if (view?.after === null) ended.add(marker.producerId)
    if (type === 'ABORT' && marker.openFromOffset !== null && marker.candidates.length > 1)
      notes.push(
        `the ABORT marker that is written at offset ${marker.offset} is not in the .txnindex: until the broker has recovered this segment, its transaction shows as committed`,
      )
    return { ...marker, effect: 'none', written: type }
  })
  return {
    batches,
    findings: {
      lostMarkers,
      openAtEnd: openAtEnd.filter(({ producerId }) => !ended.has(producerId)),
    },
    notes,
  }
}

/** What is known of the outcome is not overruled. */
const outcomeOf = ({ candidates }: LostMarker, asked: MarkerType): MarkerType =>
  candidates.length === 1 ? (candidates[0] ?? asked) : asked

/** Null where it is not certain that a marker of this producer stood here, or nothing tells its epoch or its time. */
function made(
  { marker, place, view, isCertain }: LostMarkerFinding,
  type: MarkerType,
  { kept }: SegmentDiagnosis,
): Uint8Array | null {
  const { producerId, offset, position } = marker
  if (!isCertain || producerId === null || place === null) return null
  const near = kept.findLast((run) => placeOf(run) < position)?.last ?? kept[0]?.first
  if (near === undefined || isLegacy(near)) return null
  const before = view?.before?.producerEpoch ?? marker.producerEpoch
  const after = view?.after?.producerEpoch
  // With transaction version 2 the next batch carries the epoch that the marker has brought.
  const producerEpoch = before !== null && after === before + 1 ? after : (before ?? after ?? null)
  if (producerEpoch === null) return null
  const like = [view?.markerBefore, place.markerBefore, place.markerAfter].find(
    (other) => other != null,
  )
  const time = place.markerBefore?.maxTimestamp ?? near.maxTimestamp
  return encodeMarker({
    baseOffset: offset,
    partitionLeaderEpoch: Math.max(near.partitionLeaderEpoch, 0),
    attributes: MARKER_ATTRIBUTES,
    baseTimestamp: time,
    maxTimestamp: time,
    producerId,
    producerEpoch,
    type,
    coordinatorEpoch: like?.coordinatorEpoch ?? 0,
  })
}
