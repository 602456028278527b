/** Where the entries of a hole belong, counted from what lies around it. */
import type { Evidence } from '../evidence.ts'
import { firstIndex } from '../first-index.ts'
import type { PlacingContext, Surroundings } from './choose-offset.ts'
import { chooseOffset, fitsIn, moveTo, offsetsIn } from './choose-offset.ts'
import type { HoleEntry } from './entry.ts'
import type { HoleToken, OpenHole } from './open-hole.ts'

/** On which sides of a hole the log is certain enough to count from. */
export interface Anchors {
  readonly left: boolean
  readonly right: boolean
}

export interface Placed {
  /** Entries that are put right, in file order; one that only lacks the right epoch has no changes yet. */
  readonly entries: readonly HoleEntry[]
  /**
   * All entries together take just the offsets that are missing, with no bytes between them; then here are those that
   * stand elsewhere by their own offset, have not just changed places, and could not be put right.
   */
  readonly contradicted: readonly HoleEntry[]
  readonly fills: boolean
}

interface Item {
  readonly entry: HoleEntry
  /** A whole batch that was not accepted: it must be changed to be of use. */
  readonly proven: boolean
  readonly epochOnly: boolean
}

export function placeEntries(
  tokens: readonly HoleToken[],
  hole: OpenHole,
  context: PlacingContext,
  anchors: Anchors,
): Placed {
  const groups = groupItems(tokens)
  const left = anchors.left ? hole.expectedOffset : null
  const right = anchors.right ? endOf(hole, context.evidence) : null
  const fills = left !== null && right !== null && left + totalOf(groups.flat()) === right
  const entries: HoleEntry[] = []
  const contradicted: HoleEntry[] = []
  let start = left
  groups.forEach((group, index) => {
    const total = totalOf(group)
    const sides: Sides = {
      left: index === 0 || fills ? start : null,
      right: index === groups.length - 1 ? right : fills && start !== null ? start + total : null,
      fills,
      behindBytes: index > 0,
      alone: groups.length === 1 && group.length === 1,
    }
    if (start !== null) start += total
    const placed = placeGroup(group, sides, hole, context)
    entries.push(...placed.entries)
    contradicted.push(...placed.contradicted)
  })
  const isWhole = fills && groups.length === 1
  return { entries, contradicted: isWhole ? contradicted : [], fills: isWhole }
}

/** The first offset of what follows a hole, by the log or by the names of files; null where neither tells. */
const endOf = (
  { next }: OpenHole,
  { nextSegmentBaseOffset, snapshotOffset }: Evidence,
): bigint | null =>
  next === null
    ? (nextSegmentBaseOffset ?? snapshotOffset)
    : next.first.baseOffsetKnown
      ? next.first.baseOffset
      : null

const totalOf = (items: readonly Item[]): bigint =>
  items.reduce((sum, { entry }) => sum + offsetsIn(entry), 0n)

/** Entries that touch each other; bytes that are nothing lie between the groups. Second copies take no offsets. */
function groupItems(tokens: readonly HoleToken[]): Item[][] {
  const groups: Item[][] = [[]]
  for (const token of tokens) {
    const group = groups.at(-1)
    if (token.type === 'bytes') groups.push([])
    else if (token.type === 'entry')
      group?.push({ entry: token.entry, proven: false, epochOnly: false })
    else if (token.rejected.reason !== 'duplicate-batch') {
      const epochOnly = token.rejected.reason === 'leader-epoch-implausible'
      group?.push(...token.entries.map((entry) => ({ entry, proven: true, epochOnly })))
    }
  }
  return groups
}

interface Sides {
  readonly left: bigint | null
  readonly right: bigint | null
  readonly fills: boolean
  readonly behindBytes: boolean
  readonly alone: boolean
}

function placeGroup(
  group: readonly Item[],
  { left, right, fills, behindBytes, alone }: Sides,
  hole: OpenHole,
  context: PlacingContext,
): Omit<Placed, 'fills'> {
  const limits = { low: hole.expectedOffset ?? 0n, high: endOf(hole, context.evidence) }
  const total = totalOf(group)
  const slots = fills && left !== null ? slotsOf(group, left, limits) : null
  const entries: HoleEntry[] = []
  const contradicted: HoleEntry[] = []
  let before = 0n
  group.forEach(({ entry, proven, epochOnly }, index) => {
    const count = offsetsIn(entry)
    const around: Surroundings = {
      front: left === null ? null : left + before,
      back: right === null ? null : right - (total - before),
      fills,
      alone,
      behindBytes: behindBytes && index === 0,
      touchesNext: entry.end === hole.end && hole.next !== null,
      mayHaveMoved:
        context.isMissingElsewhere(entry.header.baseOffset) ||
        (slots === null
          ? group.length > 1 && fitsIn(entry, entry.header.baseOffset, limits)
          : mayHaveMoved(slots, index)),
      limits,
      room: {
        low: limits.low + before,
        high: limits.high === null ? null : limits.high - (total - before - count),
      },
    }
    before += count
    if (epochOnly) {
      entries.push(entry)
      return
    }
    const choice = chooseOffset(entry, proven, around, context)
    if (choice !== null) entries.push(moveTo(entry, choice))
    else if (entry.header.baseOffset !== around.front && !around.mayHaveMoved)
      contradicted.push(entry)
  })
  return { entries, contradicted }
}

/** Where an entry belongs when all of them fill the hole in the order they stand in. */
interface Slot {
  readonly entry: HoleEntry
  readonly start: bigint
  /** Its own offset is another one in the hole. */
  readonly isElsewhere: boolean
}

function slotsOf(
  group: readonly Item[],
  left: bigint,
  limits: Surroundings['limits'],
): readonly Slot[] {
  let start = left
  return group.map(({ entry }) => {
    const own = entry.header.baseOffset
    const slot = { entry, start, isElsewhere: own !== start && fitsIn(entry, own, limits) }
    start += offsetsIn(entry)
    return slot
  })
}

/**
 * Whether what stands where this entry's own offset belongs is itself elsewhere by its own offset, or not among these.
 */
function mayHaveMoved(slots: readonly Slot[], index: number): boolean {
  const slot = slots[index]
  if (slot?.isElsewhere !== true) return false
  const { baseOffset, lastOffset } = slot.entry.header
  return [baseOffset, lastOffset].every((offset) => slotAt(slots, offset)?.isElsewhere ?? true)
}

function slotAt(slots: readonly Slot[], offset: bigint): Slot | undefined {
  const slot = slots[firstIndex(slots, ({ start }) => start > offset) - 1]
  return slot !== undefined && offset < slot.start + offsetsIn(slot.entry) ? slot : undefined
}
