/** Holds the reported ranges of skipped offsets against what is really gone. */
import { expect } from 'chai'
import type { SegmentReport } from '../../src/kmend.ts'
import type { LostGroup, Truth } from './lost-groups.ts'
import type { WalkedBatch } from './walk-batches.ts'

type Range = SegmentReport['skippedOffsetRanges'][number]

export function checkRanges(
  segment: SegmentReport,
  walked: readonly WalkedBatch[],
  groups: readonly LostGroup[],
  truth: Truth,
): void {
  const { skippedOffsetRanges: ranges } = segment
  for (const range of ranges) {
    checkArithmetic(range)
    const inOutput = walked.filter(
      (batch) =>
        batch.recordsCount > 0 &&
        batch.lastOffset >= range.firstOffset &&
        (range.lastOffset === null || batch.baseOffset <= range.lastOffset),
    )
    expect(
      inOutput.map(({ baseOffset }) => baseOffset),
      'offsets reported as skipped that are in the output',
    ).to.deep.equal([])
  }
  const unexplained = new Set(ranges)
  for (const group of groups) {
    const mine = ranges.filter((range) => range.firstOffset >= group.low && isWithin(range, group))
    mine.forEach((range) => unexplained.delete(range))
    if (mine.length === 0 && isUnseen(group, segment, truth)) continue
    checkGroup(mine, group, truth)
  }
  const extra = [...unexplained].filter(
    (range) => !isTailOfUnknownEnd(range, truth) && !isOnlyBounded(range, truth),
  )
  expect(extra.map(describe), 'ranges of which nothing is missing').to.deep.equal([])
}

const isWithin = (range: Range, { high }: LostGroup): boolean =>
  high === null || range.firstOffset <= high

const describe = ({ firstOffset, lastOffset }: Range): string =>
  `${firstOffset}..${lastOffset ?? '?'}`

function checkArithmetic(range: Range): void {
  const { firstOffset, lastOffset, nextOffset, offsetCount, recordCount } = range
  if (lastOffset === null) {
    expect([nextOffset, offsetCount, recordCount], 'an unknown end').to.deep.equal([
      null,
      null,
      null,
    ])
    expect([range.verified, range.exact], 'verified, exact of an unknown end').to.deep.equal([
      false,
      false,
    ])
    return
  }
  expect(lastOffset >= firstOffset, `range ${describe(range)} is not empty`).to.equal(true)
  expect(nextOffset, 'nextOffset').to.equal(lastOffset + 1n)
  expect(offsetCount, 'offsetCount').to.equal(lastOffset - firstOffset + 1n)
}

/** Nothing in the file or beside it tells that these batches were there. */
function isUnseen(group: LostGroup, { notes, damage }: SegmentReport, truth: Truth): boolean {
  // Between gaps, a second copy of another batch says nothing of what it was written over.
  const copies = damage.some(({ reason }) => reason === 'duplicate-batch')
  if (group.leavesBytes && (truth.withoutGaps || !copies)) return false
  if (!truth.withoutGaps || group.where === 'head') return true
  // Magic 0/1 knows no placeholder: a hole between whole batches is what a repair leaves behind, and is noted.
  if (group.where === 'middle' && group.batches.some(({ magic }) => magic < 2))
    return notes.some((note) =>
      note.includes(`offsets ${group.firstOffset} to ${group.lastOffset} `),
    )
  return group.where === 'tail' && group.high === null
}

function checkGroup(ranges: readonly Range[], group: LostGroup, truth: Truth): void {
  const lost = `${group.firstOffset}..${group.lastOffset}`
  const openEnd = group.where === 'tail' && group.high === null
  if (truth.withoutGaps) {
    expect(ranges.length, `one range for the lost offsets ${lost}`).to.equal(1)
    const range = ranges[0]!
    expect(range.firstOffset, `first of ${lost}`).to.equal(group.firstOffset)
    if (!openEnd) expect(range.lastOffset, `last of ${lost}`).to.equal(group.lastOffset)
    else {
      // The end is a guess from the torn bytes, and must be said to be one.
      const ends = [null, ...group.batches.map(({ lastOffset }) => lastOffset)]
      expect(ends, `last of ${lost}`).to.include(range.lastOffset)
    }
    if (range.exact && range.recordCount !== null && range.lastOffset === group.lastOffset) {
      const records = group.batches.reduce((sum, batch) => sum + batch.records, 0)
      expect(range.recordCount, `recordCount of ${lost}`).to.equal(records)
    }
    return
  }
  for (const range of ranges) {
    const inside = group.high === null || (range.lastOffset ?? group.high) <= group.high
    expect(inside, `${describe(range)} stays between the neighbours of ${lost}`).to.equal(true)
    if (range.exact) expect(describe(range), 'a range that claims to be exact').to.equal(lost)
  }
  const uncovered = group.batches.filter(
    ({ baseOffset, lastOffset }) =>
      !ranges.some(
        (range) =>
          range.firstOffset <= baseOffset &&
          (range.lastOffset === null || lastOffset <= range.lastOffset || openEnd),
      ),
  )
  expect(
    uncovered.map(({ baseOffset, lastOffset }) => `${baseOffset}..${lastOffset}`),
    'lost offsets that no range covers',
  ).to.deep.equal([])
}

/** After the last good batch, with nothing beside the file that tells its end, bytes may have held more offsets. */
function isTailOfUnknownEnd(
  { firstOffset, lastOffset }: Range,
  { nextSegmentBase, batches }: Truth,
): boolean {
  const last = batches.at(-1)
  const behind = last === undefined || firstOffset > last.lastOffset
  return nextSegmentBase === null && behind && lastOffset === null
}

/** Where gaps are normal, garbage in a gap might have been a batch; it may be said, but not as a certainty. */
const isOnlyBounded = (range: Range, { withoutGaps }: Truth): boolean =>
  !withoutGaps && !range.exact
