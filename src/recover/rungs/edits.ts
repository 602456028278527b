/** What an undo changes in an entry, as plain byte edits: small to report, and easy to apply to a copy of the source. */

/** `removed` bytes at `at` give way to `inserted`. `at` counts from the start of the damaged entry in the source. */
export interface Edit {
  readonly at: number
  readonly removed: number
  readonly inserted: Uint8Array
}

/** The entry with the edits applied; they are ascending and do not overlap. Always a copy. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const growth = edits.reduce((sum, { removed, inserted }) => sum + inserted.length - removed, 0)
  const result = new Uint8Array(bytes.length + growth)
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
