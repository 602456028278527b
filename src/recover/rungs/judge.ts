/**
 * From candidates to at most one undo. A candidate survives when the CRC holds, every record decodes exactly and no
 * neighbour contradicts; an undo is made when exactly one survives and the chance of accident is small enough.
 */
import type { Codecs, Decompress } from '../../codec/codec.ts'
import { CodecError } from '../../codec/codec.ts'
import { decodeBatch } from '../../segment/decode-batch.ts'
import type { DecodeResult } from '../../segment/decode-batch.ts'
import {
  codecBits,
  crcCoverage,
  decodeBatchHeader,
  isPlausible,
} from '../../segment/record-batch.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { describeChanges, touchedFields } from './changes.ts'
import { applyEdits, keepsPlaces, sameBytes } from '../edits.ts'
import type { Edit } from '../edits.ts'
import { neededChance, spanWithSector, wrongDecodeShare } from './false-match.ts'
import { STEPS_PER_DECODED_BYTE, STEPS_PER_RECORD } from './ledger.ts'
import { agreesWithNeighbours, offsetsAgree, timesAgree } from './neighbours.ts'
import type { Agreement } from './neighbours.ts'
import { NOTHING_FITS_HERE, RUNG_WORDS } from './rung.ts'
import type { Attempt, RungName, RungOutcome } from './rung.ts'
import type { Rejection } from './trail.ts'
import type { EvidenceKind } from '../repair.ts'

const GZIP = 1
/** Length, attributes, two deltas, two null lengths and the number of headers. */
const MIN_RECORD_BYTES = 7

export interface Survivor {
  readonly edits: readonly Edit[]
  readonly bytes: Uint8Array
  readonly header: BatchHeader
  readonly agreement: Extract<Agreement, { agrees: true }>
}

/** `unjudged`: a limit forbade to find out. Then it can be neither believed nor left out of account. */
export type Verdict =
  | { readonly type: 'survives'; readonly survivor: Survivor }
  | { readonly type: 'rejected'; readonly reason: Rejection }
  | { readonly type: 'unjudged'; readonly why: string }

const rejected = (reason: Rejection): Verdict => ({ type: 'rejected', reason })

/** Applies the edits to the entry and judges the batch that results. */
export function judge(attempt: Attempt, edits: readonly Edit[]): Verdict {
  const verdict = judgeBatch(attempt, edits)
  const words = { survives: 'fits', unjudged: 'not-judged' } as const
  const said = verdict.type === 'rejected' ? verdict.reason : words[verdict.type]
  attempt.trail?.judged(attempt, edits, said)
  return verdict
}

function judgeBatch(attempt: Attempt, edits: readonly Edit[]): Verdict {
  const { entry, ledger } = attempt
  if (ledger.left === 0) return { type: 'unjudged', why: effortSpent(attempt) }
  const bytes = applyEdits(entry.bytes, edits)
  const header = decodeBatchHeader(bytes, entry.position)
  if (header?.sizeInBytes !== bytes.length || !isPlausible(header))
    return rejected('header-impossible')
  const { crc, start } = crcCoverage(header.magic)
  ledger.spend(bytes.length)
  if (crc.update(0, bytes, start) !== header.crc) return rejected('crc-differs')
  const repaired = {
    header,
    touched: touchedFields(entry.bytes, bytes, edits),
    keepsPlaces: keepsPlaces(edits),
  }
  const agreement = agreesWithNeighbours(entry, repaired)
  if (!agreement.agrees) return rejected('neighbours-contradict')
  const decoded = decodeMeasured(attempt, bytes, header)
  if (!decoded.ok) {
    return decoded.reason === 'limit-exceeded'
      ? { type: 'unjudged', why: effortSpent(attempt) }
      : rejected('does-not-decode')
  }
  // Java ignores what follows the last member or end mark; as proof nothing may be left over.
  if (decoded.variants.includes('trailing-bytes')) return rejected('bytes-left-over')
  if (!timesAgree(repaired, decoded.records)) return rejected('times-disagree')
  if (!offsetsAgree(entry, repaired, decoded.records)) return rejected('neighbours-contradict')
  return { type: 'survives', survivor: { edits, bytes, header, agreement } }
}

const effortSpent = ({ ledger }: Attempt): string =>
  `the effort of ${ledger.effort} steps or the limit of decompressed bytes did not reach to judge every candidate (try a higher --repair-effort or --max-decompressed)`

/** Decodes within what is left of the effort, and pays for what went in and came out. */
export function decodeMeasured(
  { options, ledger }: Attempt,
  bytes: Uint8Array,
  header: BatchHeader,
): DecodeResult {
  let decompressed = 0
  const measured =
    (decompress: Decompress): Decompress =>
    (compressed, limits) => {
      try {
        const result = decompress(compressed, limits)
        decompressed = result.bytes.length
        return result
      } catch (error) {
        if (error instanceof CodecError) decompressed = error.decodedSoFar.length
        throw error
      }
    }
  const { gzip, snappy, lz4, zstd } = options.codecs
  const codecs: Codecs = {
    gzip: measured(gzip),
    snappy: measured(snappy),
    lz4: measured(lz4),
    zstd: measured(zstd),
  }
  const affordable = Math.floor(ledger.left / STEPS_PER_DECODED_BYTE)
  const maxDecompressedBytes = Math.min(options.maxDecompressedBytes, affordable)
  const result = decodeBatch(bytes, header, { codecs, maxDecompressedBytes })
  const decodedBytes = bytes.length + decompressed
  // As claimed, as far as the bytes could hold them: a decode that fails does not say how far it came.
  const records = Math.min(Math.max(header.recordsCount ?? 0, 0), decodedBytes / MIN_RECORD_BYTES)
  ledger.spend(STEPS_PER_DECODED_BYTE * decodedBytes + Math.ceil(STEPS_PER_RECORD * records))
  return result
}

/** What a rung asks of its survivor beside being the only one. */
export interface Rules {
  readonly rung: RungName
  /** No whole sector may lie inside an opaque span: changed bits there are not what a lost sector leaves. */
  readonly sectorRule: boolean
  readonly evidence: readonly EvidenceKind[]
}

/** Judges all candidates; refuses when more than one survives or one cannot be judged. */
export function settle(
  attempt: Attempt,
  rules: Rules,
  candidates: Iterable<readonly Edit[]>,
): RungOutcome {
  let only: Survivor | null = null
  for (const edits of candidates) {
    const verdict = judge(attempt, edits)
    if (verdict.type === 'rejected') continue
    if (verdict.type === 'unjudged')
      return { type: 'refused', reason: 'not-judged', why: verdict.why }
    if (only !== null && !sameBytes(only.bytes, verdict.survivor.bytes)) {
      return {
        type: 'refused',
        reason: 'several-fit',
        why: `two different repairs (${RUNG_WORDS[rules.rung]}) make the CRC right and decode: nothing tells which is true`,
      }
    }
    only ??= verdict.survivor
  }
  return only === null ? NOTHING_FITS_HERE : admit(attempt, rules, only)
}

/** The last gate: the chance of accident, and the sector rule. */
export function admit(attempt: Attempt, rules: Rules, survivor: Survivor): RungOutcome {
  const { entry, options, ledger } = attempt
  const { bytes, header, edits, agreement } = survivor
  const spans = options.opaqueSpans(bytes, header)
  const falseMatchProbability = ledger.falseMatch(wrongDecodeShare(header, spans))
  attempt.trail?.weighed(falseMatchProbability)
  if (falseMatchProbability > options.maxFalseMatch) {
    return {
      type: 'refused',
      reason: 'chance-too-high',
      why: `one repair (${RUNG_WORDS[rules.rung]}) fits, but ${neededChance(falseMatchProbability)}, more than ${options.maxFalseMatch}`,
    }
  }
  const span = spanWithSector(spans, entry.position)
  if (rules.sectorRule && !options.maxFalseMatchExplicit && span !== null) {
    return {
      type: 'refused',
      reason: 'sector-not-proven',
      why: `one repair (${RUNG_WORDS[rules.rung]}) fits, but bytes ${span.start} to ${span.end - 1} hold a whole sector of which decoding proves nothing (--max-false-match, given in so many words, allows it)`,
    }
  }
  const evidence: EvidenceKind[] = [...rules.evidence]
  if (codecBits(header) === GZIP && !evidence.includes('codec')) evidence.push('codec')
  if (agreement.confirmed) evidence.push('neighbours')
  if (agreement.sequence) evidence.push('sequence')
  return {
    type: 'undone',
    undo: {
      rung: rules.rung,
      edits,
      evidence,
      changes: describeChanges(entry.bytes, bytes, edits),
      inferred: agreement.inferred,
      falseMatchProbability,
    },
  }
}
