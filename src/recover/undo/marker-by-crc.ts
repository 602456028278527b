/** A marker whose stored CRC survived: of all that it can have been, exactly one has that CRC. */
import { crc32c } from '../../bytes/crc.ts'
import * as layout from '../../segment/layout.ts'
import type { MarkerFields } from '../../segment/end-transaction-marker.ts'
import {
  COORDINATOR_EPOCH_FROM_END,
  encodeMarker,
  TYPE_FROM_END,
} from '../../segment/end-transaction-marker.ts'
import { decodeBatchHeader } from '../../segment/record-batch.ts'
import { decodeMarker } from '../../segment/end-transaction-marker.ts'
import type { MarkerStep } from './ladder.ts'
import type { MarkerQuestion, MarkerShape, ProducerCandidate } from './marker-candidates.ts'
import {
  coordinatorEpochs,
  likelyShapes,
  producerCandidates,
  shapesBetween,
  shapesPerTime,
  timeSpan,
} from './marker-candidates.ts'

export interface CrcMatch {
  readonly fields: MarkerFields | null
  readonly result: MarkerStep['result']
  /** In plain words why there is none; empty where there is one. */
  readonly why: string
  /** Compared with the CRC so far. */
  readonly candidates: number
}

/** Most candidates of one marker: half a second of work. */
const MAX_CANDIDATES = 1 << 20

interface Search {
  readonly question: MarkerQuestion
  readonly producers: readonly ProducerCandidate[]
  readonly coordinatorEpochs: readonly number[]
  readonly found: Uint8Array[]
  candidates: number
}

/** Tries at most `budget` candidates, likelier ones first; what it finds is the only one of those that it tried. */
export function matchByCrc(question: MarkerQuestion, budget: number): CrcMatch {
  const search: Search = {
    question,
    producers: producerCandidates(question),
    coordinatorEpochs: coordinatorEpochs(question),
    found: [],
    candidates: 0,
  }
  const perShape =
    2 *
    search.coordinatorEpochs.length *
    search.producers.reduce((sum, { epochs }) => sum + epochs.length, 0)
  const most = Math.min(budget, MAX_CANDIDATES)
  const nothing = (result: MarkerStep['result'], why: string): CrcMatch => ({
    fields: null,
    result,
    why,
    candidates: search.candidates,
  })
  if (perShape === 0)
    return nothing('no-producer', 'no producer is known whose transaction could have ended here')
  const shapes = [...likelyShapes(question)]
  if (shapes.length * perShape > most) return nothing('too-many-candidates', TOO_MANY)
  for (const shape of shapes) tryShape(search, shape)
  const span = search.found.length === 0 ? timeSpan(question) : null
  if (span !== null) {
    const count = Number(span.to - span.from + 1n) * shapesPerTime(question) * perShape
    if (search.candidates + count > most) return nothing('too-many-candidates', TOO_MANY)
    for (const shape of shapesBetween(question, span)) tryShape(search, shape)
  }
  const [bytes, other] = search.found
  if (bytes === undefined)
    return nothing(
      'nothing-fits',
      'no transaction marker that could have been here has the stored CRC',
    )
  if (other !== undefined)
    return nothing('several-fit', 'more than one transaction marker has the stored CRC')
  const header = decodeBatchHeader(bytes, question.place.position)
  const fields = header === null ? null : decodeMarker(bytes, header)
  return { fields, result: 'built', why: '', candidates: search.candidates }
}

const TOO_MANY =
  'too many transaction markers could have been here for their CRC to tell which (--max-false-match)'

/** One encoding a shape; the other fields are written over in it. */
function tryShape(search: Search, shape: MarkerShape): void {
  const { question, producers, coordinatorEpochs: coordinators, found } = search
  const first = { producerId: 0n, producerEpoch: 0, type: 'ABORT', coordinatorEpoch: 0 } as const
  const { baseOffset, header } = question
  const { partitionLeaderEpoch, crc } = header
  const bytes = encodeMarker({ ...shape, ...first, baseOffset, partitionLeaderEpoch })
  if (bytes.length !== question.bytes.length) return
  const view = new DataView(bytes.buffer)
  const typeAt = bytes.length - TYPE_FROM_END
  for (const { producerId, epochs } of producers) {
    view.setBigInt64(43, producerId)
    for (const epoch of epochs) {
      view.setInt16(51, epoch)
      for (const coordinator of coordinators) {
        view.setInt32(bytes.length - COORDINATOR_EPOCH_FROM_END, coordinator)
        for (let type = 0; type <= 1; type++) {
          bytes[typeAt] = type
          search.candidates++
          const computed = crc32c.update(0, bytes, layout.V2_CRC_START)
          if (computed !== crc) continue
          view.setUint32(layout.V2_CRC_POSITION, computed)
          if (!found.some((other) => Buffer.compare(other, bytes) === 0)) found.push(bytes.slice())
        }
      }
    }
  }
}
