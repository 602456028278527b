/** Lost transaction markers in words: whose transaction, from which offset, what follows, and how to end it. */
import type { SegmentReport } from '../recover/report.ts'
import { abortCommand } from '../words/words.ts'
import type { Palette } from './palette.ts'

type OpenTransaction = SegmentReport['transactions']['openAtEnd'][number]
type LostMarker = SegmentReport['transactions']['lostMarkers'][number]

export function lostMarkerLines(
  marker: LostMarker,
  segment: Pick<SegmentReport, 'topic' | 'partition'>,
  palette: Palette,
): string[] {
  const { offset, producerId, producerEpoch, effect } = marker
  const epoch = producerEpoch === null ? '' : ` epoch ${producerEpoch}`
  const whose =
    producerId === null ? 'of a producer that nothing tells' : `producer ${producerId}${epoch}`
  return [
    `  ${palette.bad('lost transaction marker')} at offset ${offset}, ${whose}: ${effect}`,
    `      ${whatFollows(marker)}`,
    ...knownOutcome(marker),
    ...(effect === 'stays-open' ? howToEnd(marker, segment) : []),
  ]
}

/** Only those whose end may be lost: any other is a transaction that the next segment goes on with. */
export function openTransactionLines(
  { producerId, producerEpoch, firstOffset, endMayBeIn }: OpenTransaction,
  segment: Pick<SegmentReport, 'topic' | 'partition'>,
  palette: Palette,
): string[] {
  if (endMayBeIn.length === 0) return []
  const ranges = endMayBeIn.map(({ firstOffset: first, lastOffset: last }) =>
    last === null ? `from offset ${first} on` : `offsets ${first} to ${last}`,
  )
  const candidates = endMayBeIn.flatMap((range) => range.candidates)
  const outcome = candidates.includes('ABORT')
    ? ''
    : ' (a COMMIT, if it was there: the .txnindex lists no ABORT)'
  return [
    `  ${palette.warn('open transaction')} of producer ${producerId} epoch ${producerEpoch}, from offset ${firstOffset} on`,
    `      its marker may have been among what is missing, ${ranges.join(' and ')}${outcome}`,
    '      if no later segment ends it, read_committed consumers stop at its first offset',
    ...howToEnd({ openFromOffset: firstOffset, candidates }, segment),
  ]
}

function whatFollows({ effect, openFromOffset, written }: LostMarker): string {
  const from = openFromOffset === null ? '' : ` (from offset ${openFromOffset} on)`
  if (written !== null)
    return `${written === 'ABORT' ? 'an' : 'a'} ${written} marker was written in its place, because --lost-marker asked for one${from}`
  switch (effect) {
    case 'stays-open':
      return `the producer's transaction stays open: read_committed consumers stop at its first offset${from}`
    case 'takes-next-outcome':
      return `the producer's next marker decides: if it differs from the lost one, records show that were aborted, or committed ones do not${from}`
    case 'none':
      return 'no transaction of this producer is open here, so nothing depends on it'
  }
}

function knownOutcome({ candidates, written }: LostMarker): string[] {
  const [only, other] = candidates
  if (only === undefined || other !== undefined || written !== null) return []
  return [`      the .txnindex says that it was ${only === 'ABORT' ? 'an' : 'a'} ${only}`]
}

function howToEnd(
  { openFromOffset, candidates }: Pick<LostMarker, 'openFromOffset' | 'candidates'>,
  { topic, partition }: Pick<SegmentReport, 'topic' | 'partition'>,
): string[] {
  if (openFromOffset === null) return []
  const commits = candidates.includes('COMMIT')
    ? ' (if the lost marker was a COMMIT, that hides its records)'
    : ''
  return [
    `      to abort it on the broker that serves the repaired copy${commits}:`,
    `      ${abortCommand(topic, partition, openFromOffset)}`,
  ]
}
