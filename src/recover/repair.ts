/**
 * What is changed in one damaged entry to make it what it was, and why that is believed. Plain values: found by the
 * rungs, carried by the plan, printed by the report, written by apply.ts.
 */
import type { CorruptionReason } from '../segment/events.ts'

/**
 * A replacement inside an entry: `removed` bytes from `at` on, counted from the entry's first byte in the source, give
 * way to `inserted`. Edits of one entry ascend and do not overlap.
 */
export interface Edit {
  readonly at: number
  readonly removed: number
  readonly inserted: Uint8Array
}

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

/** By how many bytes the entry grows. */
export const growth = (edits: readonly Edit[]): number =>
  edits.reduce((sum, { removed, inserted }) => sum + inserted.length - removed, 0)

/** A copy of an entry with its edits made. */
export function applyEdits(entry: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const result = new Uint8Array(entry.length + growth(edits))
  let [from, to] = [0, 0]
  for (const { at, removed, inserted } of edits) {
    result.set(entry.subarray(from, at), to)
    result.set(inserted, to + at - from)
    to += at - from + inserted.length
    from = at + removed
  }
  result.set(entry.subarray(from), to)
  return result
}

type Part = { readonly from: number; readonly end: number } | Uint8Array

const partBytes = (part: Part): number =>
  part instanceof Uint8Array ? part.length : part.end - part.from

const slicePart = (part: Part, from: number, end: number): Part =>
  part instanceof Uint8Array
    ? part.subarray(from, end)
    : { from: part.from + from, end: Math.min(part.end, part.from + end) }

/**
 * The edits that also replace the bytes from `at` on by `bytes`. Unlike those of an edit, this place is counted in the
 * entry as it is after `edits`; the two may overlap.
 */
export function overwriteAfter(edits: readonly Edit[], at: number, bytes: Uint8Array): Edit[] {
  const parts: Part[] = []
  let from = 0
  for (const edit of edits) {
    parts.push({ from, end: edit.at }, edit.inserted)
    from = edit.at + edit.removed
  }
  parts.push({ from, end: Infinity })
  const written: Part[] = []
  let place = 0
  for (const part of parts) {
    const size = partBytes(part)
    if (place < at) written.push(slicePart(part, 0, Math.min(size, at - place)))
    if (place <= at && at < place + size) written.push(bytes)
    const skipped = Math.max(0, Math.min(size, at + bytes.length - place))
    if (skipped < size) written.push(slicePart(part, skipped, size))
    place += size
  }
  return editsOf(written.filter((part) => partBytes(part) > 0))
}

function editsOf(parts: readonly Part[]): Edit[] {
  const edits: Edit[] = []
  let source = 0
  let pending: Uint8Array[] = []
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      pending.push(part)
      continue
    }
    const inserted = concat(pending)
    const removed = part.from - source
    if (removed > 0 || inserted.length > 0) edits.push({ at: source, removed, inserted })
    source = part.end
    pending = []
  }
  return edits
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
