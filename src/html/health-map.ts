/**
 * Where in each file the damage lies: one bar a segment, from its first byte to its last. The height says the outcome
 * as the colour does. Where there are too many damages, those in one part of the file are drawn as one mark, as high as
 * they are many, so a map stays small whatever the report.
 */
import type { Outcome } from '../recover/damage.ts'
import { isHarmless } from '../recover/report.ts'
import type { Markup } from './markup.ts'
import { html } from './markup.ts'
import type { NumberedDamage, PartitionView, SegmentView } from './model.ts'
import { formatBytes, grouped, offsetsText, plural } from '../words/words.ts'

/** The drawing's own units; the page stretches it to its width. The script of the page knows them too. */
const WIDTH = 1000
const HEIGHT = 40
/** What is narrower cannot be seen, or pointed at. */
const MIN_WIDTH = 3
/** Above this, damages in the same hundredth or so of a file are drawn as one. */
const MAX_MARKS = 250
/** Bars for whole segments are shown while they are few; those of damaged ones up to a page or two. */
const MAX_WHOLE_BARS = 6
const MAX_BARS = 100

/** Worst first: what a mark for several damages is coloured by. */
export const OUTCOMES: readonly Outcome[] = ['skipped', 'kept', 'repaired', 'dropped']

/** Share of the bar's height. */
const HEIGHTS: Readonly<Record<Outcome, number>> = {
  skipped: 1,
  kept: 0.8,
  repaired: 0.55,
  dropped: 0.3,
}

interface Mark {
  readonly from: number
  readonly to: number
  readonly outcome: Outcome
  readonly first: NumberedDamage
  readonly counts: ReadonlyMap<Outcome, number>
  readonly total: number
}

/** One mark a damage, or one for each part of the file where there are too many. */
export function marksOf(damage: readonly NumberedDamage[], sizeInBytes: number): readonly Mark[] {
  const cells = new Map<number, NumberedDamage[]>()
  for (const [index, one] of damage.entries()) {
    const cell =
      damage.length <= MAX_MARKS
        ? index
        : Math.floor((one.entry.position / Math.max(1, sizeInBytes)) * MAX_MARKS)
    const others = cells.get(cell)
    if (others === undefined) cells.set(cell, [one])
    else others.push(one)
  }
  return [...cells.values()].flatMap(markOf)
}

function markOf(damages: readonly NumberedDamage[]): Mark[] {
  const [first] = damages
  if (first === undefined) return []
  const counts = new Map<Outcome, number>()
  let to = 0
  for (const { entry } of damages) {
    counts.set(entry.outcome, (counts.get(entry.outcome) ?? 0) + 1)
    to = Math.max(to, entry.position + entry.sizeInBytes)
  }
  const outcome = OUTCOMES.find((name) => counts.has(name)) ?? 'skipped'
  return [{ from: first.entry.position, to, outcome, first, counts, total: damages.length }]
}

function describe({ from, to, outcome, first, counts, total }: Mark): string {
  const place = `position ${grouped(from)} to ${grouped(to)} (${formatBytes(to - from)})`
  const { entry } = first
  if (total === 1) {
    const offsets =
      entry.baseOffset === null
        ? 'no offsets of this log'
        : `offsets ${offsetsText(entry.baseOffset, entry.lastOffset)}`
    return `${outcome}: ${entry.reason}, ${place}, ${offsets}`
  }
  const parts = OUTCOMES.filter((name) => counts.has(name)).map(
    (name) => `${grouped(counts.get(name) ?? 0)} ${name}`,
  )
  return `${grouped(total)} damages (${parts.join(', ')}), ${place}`
}

const round = (value: number): string => value.toFixed(2)

/** From `low` to `high` of the bar's height, counted from its foot. */
function bar(
  { from, to }: Pick<Mark, 'from' | 'to'>,
  sizeInBytes: number,
  [low, high]: readonly [number, number],
): Markup {
  const scale = WIDTH / Math.max(1, sizeInBytes)
  const width = Math.max(MIN_WIDTH, (to - from) * scale)
  const x = Math.min(WIDTH - width, from * scale)
  return html`<rect
    x="${round(x)}"
    y="${round(HEIGHT * (1 - high))}"
    width="${round(width)}"
    height="${round(HEIGHT * (high - low))}"
  />`
}

/** One damage: as high as its outcome. Several: as high as they are many, the worst at the foot. */
function bars(mark: Mark, sizeInBytes: number, most: number): readonly Markup[] {
  if (mark.total === 1) return [bar(mark, sizeInBytes, [0, HEIGHTS[mark.outcome]])]
  const height = 0.2 + (0.8 * mark.total) / most
  let low = 0
  return OUTCOMES.flatMap((outcome) => {
    const count = mark.counts.get(outcome)
    if (count === undefined) return []
    const high = low + (height * count) / mark.total
    const one = html`<g class="${outcome}">${bar(mark, sizeInBytes, [low, high])}</g>`
    low = high
    return [one]
  })
}

function markElement(mark: Mark, sizeInBytes: number, most: number): Markup {
  const text = describe(mark)
  const { from, to, outcome, first } = mark
  return html`<a
    class="mark ${outcome}"
    href="#d${first.number}"
    aria-label="${text}"
    data-from="${from}"
    data-to="${to}"
    ><title>${text}</title>${bars(mark, sizeInBytes, most)}</a
  >`
}

/** Five places along a bar. */
const ticks = (sizeInBytes: number): Markup =>
  html`<div class="axis" aria-hidden="true">
    ${[0, 0.25, 0.5, 0.75, 1].map(
      (share) => html`<span>${formatBytes(Math.round(sizeInBytes * share))}</span>`,
    )}
  </div>`

const stateText = (view: SegmentView): string => {
  if (view.damage.length > 0) return plural(view.damage.length, 'damage')
  return view.isDamaged ? 'index damaged' : 'whole'
}

function segmentBar(view: SegmentView): Markup {
  const { segment, fileName, damage } = view
  const { sizeInBytes, firstOffset, nextOffset } = segment
  const zeros = segment.damage.filter(isHarmless)
  const marks = marksOf(damage, sizeInBytes)
  const most = Math.max(...marks.map(({ total }) => total))
  const offsets =
    firstOffset === null || nextOffset === null
      ? 'no batches'
      : `offsets ${firstOffset} to ${nextOffset - 1n}`
  const label = `${fileName}, ${formatBytes(sizeInBytes)}: ${stateText(view)}`
  return html`<div class="segment" data-size="${sizeInBytes}">
    <p class="segment-head">
      <code>${fileName}</code>
      <span class="muted">${offsets}</span>
      <span class="state ${view.isDamaged ? 'bad' : 'good'}">${stateText(view)}</span>
    </p>
    <svg
      class="track"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="group"
      aria-label="${label}"
    >
      <rect class="intact" width="${WIDTH}" height="${HEIGHT}" />
      ${zeros.map(
        ({ position, sizeInBytes: size }) =>
          html`<g class="zeros" data-from="${position}" data-to="${position + size}">
            <title>zeros after the last batch, no damage</title>
            ${bar({ from: position, to: position + size }, sizeInBytes, [0, 1])}
          </g>`,
      )}
      ${marks.map((mark) => markElement(mark, sizeInBytes, most))}
    </svg>
    ${ticks(sizeInBytes)}
  </div>`
}

const legendEntry = (outcome: Outcome, meaning: string): Markup =>
  html`<li>
    <svg viewBox="0 0 14 14" aria-hidden="true" class="${outcome}">
      <rect class="intact" width="14" height="14" />
      <rect
        class="mark-sample"
        y="${round(14 * (1 - HEIGHTS[outcome]))}"
        width="14"
        height="${round(14 * HEIGHTS[outcome])}"
      />
    </svg>
    <b>${outcome}</b> <span class="muted">${meaning}</span>
  </li>`

export const legend: Markup = html`<ul class="legend">
  ${legendEntry('skipped', 'not in the repaired copy')}
  ${legendEntry('kept', 'in it, though wrong or not judged')}
  ${legendEntry('repaired', 'put right, with proof')}
  ${legendEntry('dropped', 'held no offsets of this log')}
</ul>`

/** The bars of one partition, at most `MAX_BARS`; the text says what is not drawn. */
export function partitionMap({ title, segments }: PartitionView): Markup {
  const damaged = segments.filter((view) => view.isDamaged)
  const drawAll = segments.length - damaged.length <= MAX_WHOLE_BARS
  const drawn = (drawAll ? segments : damaged).slice(0, MAX_BARS)
  const left = segments.length - drawn.length
  return html`<section class="partition">
    <h3>
      ${title}
      <span class="muted"
        >${plural(segments.length, 'segment')}, ${grouped(damaged.length)} damaged</span
      >
    </h3>
    ${drawn.map(segmentBar)}
    ${
      left === 0
        ? null
        : html`<p class="muted">
            ${plural(left, 'more segment')}
            ${drawAll || drawn.length < damaged.length ? 'in the table below' : 'without damage'}.
          </p>`
    }
  </section>`
}
