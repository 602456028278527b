/** What can be said of one damaged entry from its own bytes: whether it decodes, and what a rung makes of it. */
import type { Window } from '../../bytes/window.ts'
import { decodeBatch } from '../../segment/decode-batch.ts'
import { codecBits, isLegacy } from '../../segment/record-batch.ts'
import { applyEdits } from '../repair.ts'
import { resolvedWrapper } from '../resolved-wrapper.ts'
import type { HoleEntry } from './entry.ts'
import { withField } from './entry.ts'
import type { EntryChecks } from './undo-holes.ts'
import type { UndoLimits } from './undo-stretch.ts'
import { undoStretch } from './undo-stretch.ts'

export interface UndoSettings extends Omit<UndoLimits, 'withoutGaps'> {
  /** Every repaired batch must decode; wrappers of magic 0 and 1 are decoded in any case. */
  readonly deep: boolean
}

export const createEntryChecks = (
  window: Window,
  withoutGaps: boolean,
  settings: UndoSettings,
): EntryChecks => ({
  undoStretch: (stretch, holes) =>
    undoStretch(window, stretch, holes, { ...settings, withoutGaps }),
  decoded: (entry) => decoded(window, entry, settings),
})

function decoded(window: Window, entry: HoleEntry, settings: UndoSettings): HoleEntry | null {
  const { header } = entry
  const wrapper = isLegacy(header) && codecBits(header) !== 0
  if (!settings.deep && !wrapper) return entry
  const source = window.copy(entry.position, entry.end - entry.position)
  const result = decodeBatch(applyEdits(source, entry.edits), header, settings)
  if (!result.ok) return null
  if (!wrapper) return entry
  const last = result.records.at(-1)?.offset
  return header.magic === 0 && last !== undefined && last !== header.lastOffset
    ? withInnerOffset(entry, result.records[0]?.offset ?? last, last)
    : { ...entry, header: resolvedWrapper(header, result.records) }
}

/** The messages in a wrapper of magic 0 carry their own offsets, under its CRC: the wrapper's is that of the last. */
function withInnerOffset(entry: HoleEntry, baseOffset: bigint, lastOffset: bigint): HoleEntry {
  const before = entry.header.lastOffset
  const changed = withField(entry, 'baseOffset', lastOffset, {
    before,
    header: { ...entry.header, baseOffset, lastOffset, baseOffsetKnown: true },
    evidence: ['records'],
  })
  const message = `offset ${before} is wrong: the last message in the batch has offset ${lastOffset}`
  return entry.message === '' ? { ...changed, message } : changed
}
