/**
 * What is changed in one damaged entry to make it what it was, and why that is believed. Plain values: found by the
 * rungs, carried by the plan, printed by the report, written by apply.ts.
 */
import type { CorruptionReason } from '../segment/events.ts'
import type { Edit } from './edits.ts'

/** What supports a repair. The set is closed and part of report.json. */
export type EvidenceKind =
  | 'crc'
  | 'records'
  | 'neighbours'
  | 'index'
  | 'sequence'
  | 'checkpoint'
  | 'segmentName'
  | 'snapshot'
  | 'codec'
  | 'moved'

/** Values as text: a field's number, or in words what happened to bytes that are no field. */
export interface FieldChange {
  readonly field: string
  readonly before: string
  readonly after: string
}

export interface Repair {
  /** What the damage was. */
  readonly reason: CorruptionReason
  readonly message: string
  readonly edits: readonly Edit[]
  readonly changes: readonly FieldChange[]
  readonly evidence: readonly EvidenceKind[]
  /** Fields that were set to the likeliest value, not to one that follows. */
  readonly inferred: readonly string[]
  /** The chance that damage of any kind would have looked like this repair; 0 where the repair has its own proof. */
  readonly falseMatchProbability: number
}
