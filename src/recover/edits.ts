/** What an undo changes in an entry, as plain byte edits: small to report, and easy to apply to a copy of the source. */

/**
 * A replacement inside an entry: `removed` bytes from `at` on, counted from the entry's first byte in the source, give
 * way to `inserted`. Edits of one entry ascend and do not overlap.
 */
export interface Edit {
  readonly at: number
  readonly removed: number
  readonly inserted: Uint8Array
}

/** By how many bytes the entry grows. */
export const growth = (edits: readonly Edit[]): number =>
  edits.reduce((sum, { removed, inserted }) => sum + inserted.length - removed, 0)

/** The entry with the edits applied; they are ascending and do not overlap. Always a copy. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const result = new Uint8Array(bytes.length + growth(edits))
  let source = 0
  let target = 0
  for (const { at, removed, inserted } of edits) {
    result.set(bytes.subarray(source, at), target)
    target += at - source
    result.set(inserted, target)
    target += inserted.length
    source = at + removed
  }
  result.set(bytes.subarray(source), target)
  return result
}

/** Whether every edit leaves the places of all other bytes as they are. */
export const keepsPlaces = (edits: readonly Edit[]): boolean =>
  edits.every(({ removed, inserted }) => removed === inserted.length)

/** The edits that turn `bytes` into a copy with `replacement` at `at`: one for each run of bytes that differ. */
export function editsTo(bytes: Uint8Array, at: number, replacement: Uint8Array): Edit[] {
  const edits: Edit[] = []
  for (let index = 0; index < replacement.length; index++) {
    if (replacement[index] === bytes[at + index]) continue
    const start = index
    while (index < replacement.length && replacement[index] !== bytes[at + index]) index++
    const inserted = replacement.slice(start, index)
    edits.push({ at: at + start, removed: inserted.length, inserted })
  }
  return edits
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** The edit that flips the bits of `mask` in the byte at `at`. */
export const flipEdit = (bytes: Uint8Array, at: number, mask: number): Edit => ({
  at,
  removed: 1,
  inserted: Uint8Array.of((bytes[at] ?? 0) ^ mask),
})

type Part = { readonly from: number; readonly end: number } | Uint8Array

const partBytes = (part: Part): number =>
  part instanceof Uint8Array ? part.length : part.end - part.from

const slicePart = (part: Part, from: number, end: number): Part =>
  part instanceof Uint8Array
    ? part.subarray(from, end)
    : { from: part.from + from, end: Math.min(part.end, part.from + end) }

/**
 * The edits that also do what `next` says. Unlike theirs, its place is counted in the entry as it is after them; it may
 * overlap them, but must lie inside the entry.
 */
function followedBy(edits: readonly Edit[], { at, removed, inserted }: Edit): Edit[] {
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
    if (place <= at && at < place + size) written.push(inserted)
    const skipped = Math.max(0, Math.min(size, at + removed - place))
    if (skipped < size) written.push(slicePart(part, skipped, size))
    place += size
  }
  return editsOf(written.filter((part) => partBytes(part) > 0))
}

/** The edits that replace the bytes from `at` on, a place after `edits`, by `bytes`. */
export const overwriteAfter = (edits: readonly Edit[], at: number, bytes: Uint8Array): Edit[] =>
  followedBy(edits, { at, removed: bytes.length, inserted: bytes })

/** One list of edits for two that are made one after the other: `second` counts in the entry as `first` leaves it. */
export const composeEdits = (first: readonly Edit[], second: readonly Edit[]): Edit[] =>
  // From the last one on, so that the places of those before stay what they are.
  second.reduceRight<Edit[]>((edits, edit) => followedBy(edits, edit), [...first])

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
