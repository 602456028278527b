/**
 * One entry inside a hole whose bytes are known to be right, but for edits that are proven. Where it belongs in the log
 * is not settled yet: baseOffset and partitionLeaderEpoch stand outside the CRC.
 */
import type { CorruptionReason } from '../../segment/events.ts'
import type { Field } from '../../segment/layout.ts'
import { FIELD_BYTES, LEGACY_FIELDS_OUTSIDE_CRC, V2_FIELDS } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isLegacy } from '../../segment/record-batch.ts'
import type { Edit, EvidenceKind, FieldChange, Repair } from '../repair.ts'
import { overwriteAfter } from '../repair.ts'

export interface HoleEntry {
  /** Byte place in the source. */
  readonly position: number
  readonly end: number
  /** As it is after the edits; its position is that in the source. */
  readonly header: BatchHeader
  readonly edits: readonly Edit[]
  readonly changes: readonly FieldChange[]
  readonly evidence: readonly EvidenceKind[]
  readonly inferred: readonly string[]
  readonly falseMatchProbability: number
  readonly reason: CorruptionReason
  readonly message: string
}

/** The names by which the header's fields outside the CRC go in reports. */
export type OuterField = 'baseOffset' | 'batchLength' | 'partitionLeaderEpoch' | 'magic'

function fieldOf(header: BatchHeader, name: OuterField): Field {
  const fields = isLegacy(header) ? LEGACY_FIELDS_OUTSIDE_CRC : V2_FIELDS
  const legacyName = name === 'baseOffset' ? 'offset' : 'size'
  const field = fields.find((candidate) =>
    isLegacy(header) ? candidate.name === legacyName : candidate.name === name,
  )
  if (field === undefined) throw new Error(`no field ${name} in magic ${header.magic}`)
  return field
}

function encodeField({ type }: Field, value: bigint): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES[type])
  for (let index = bytes.length - 1, rest = BigInt.asUintN(64, value); index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** The entry with one field outside the CRC set. `header` is the one that results. */
export function withField(
  entry: HoleEntry,
  name: OuterField,
  value: bigint,
  {
    before,
    header,
    evidence,
    inferred = false,
  }: {
    readonly before: bigint
    readonly header: BatchHeader
    readonly evidence: readonly EvidenceKind[]
    readonly inferred?: boolean
  },
): HoleEntry {
  const field = fieldOf(header, name)
  return {
    ...entry,
    header,
    edits: overwriteAfter(entry.edits, field.offset, encodeField(field, value)),
    changes: [
      ...entry.changes,
      { field: field.name, before: before.toString(), after: value.toString() },
    ],
    evidence: [...new Set([...entry.evidence, ...evidence])],
    inferred: inferred ? [...entry.inferred, field.name] : entry.inferred,
  }
}

export const repairOf = (entry: HoleEntry): Repair => ({
  reason: entry.reason,
  message: entry.message,
  edits: entry.edits,
  changes: entry.changes,
  evidence: entry.evidence,
  inferred: entry.inferred,
  falseMatchProbability: entry.falseMatchProbability,
})
