/** When what is missing was written, and by whom: the time between the good batches around each skipped range. */
import type { Markup } from './markup.ts'
import { html } from './markup.ts'
import { partitionName } from './model.ts'
import type { PlacedRange } from './tables.ts'
import { producersText } from './tables.ts'
import { grouped, isTime, offsetsText, plural, timeText } from '../words/words.ts'

const WIDTH = 1000
const HEIGHT = 16
const MIN_WIDTH = 4
/** Rows that are drawn: the ranges with the most offsets. */
const MAX_ROWS = 40

interface Span {
  readonly placed: PlacedRange
  readonly from: bigint
  readonly to: bigint
  /** One end is not known: the bar says nothing about how long it was. */
  readonly isOpen: boolean
}

/** Null where neither neighbour has a time. Timestamps are the producers', so they may go back. */
function spanOf(placed: PlacedRange): Span | null {
  const { timeAfter, timeBefore } = placed.range
  const times = [timeAfter, timeBefore].filter(isTime)
  const [first, second = first] = times
  if (first === undefined || second === undefined) return null
  const [from, to] = first < second ? [first, second] : [second, first]
  return { placed, from, to, isOpen: times.length === 1 }
}

const offsetCount = ({ placed: { range } }: Span): bigint => range.offsetCount ?? 2n ** 63n

function row(span: Span, start: bigint, end: bigint): Markup {
  const { segment, range } = span.placed
  const scale = WIDTH / Math.max(1, Number(end - start))
  const width = Math.max(MIN_WIDTH, Number(span.to - span.from) * scale)
  const x = Math.min(WIDTH - width, Number(span.from - start) * scale)
  const offsets = offsetsText(range.firstOffset, range.lastOffset)
  const when = span.isOpen
    ? `${range.timeBefore === null ? 'after' : 'before'} ${timeText(span.from)}`
    : `between ${timeText(span.from)} and ${timeText(span.to)}`
  const label = `${partitionName(segment)} offsets ${offsets}: ${when}, producer ${producersText(range)}`
  return html`<li>
    <span class="when-name">${partitionName(segment)} <span class="muted">${offsets}</span></span>
    <svg
      class="when"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${label}"
    >
      <title>${label}</title>
      <rect class="intact" y="7" width="${WIDTH}" height="2" />
      <rect
        class="span ${span.isOpen ? 'open' : ''}"
        x="${x.toFixed(2)}"
        y="2"
        width="${width.toFixed(2)}"
        height="12"
      />
    </svg>
    <span class="when-who">${producersText(range)}</span>
  </li>`
}

/** Null where nothing is missing or no time is known. */
export function timeline(ranges: readonly PlacedRange[]): Markup | null {
  const spans = ranges.map(spanOf).filter((span) => span !== null)
  const [first] = spans
  if (first === undefined) return null
  const drawn = [...spans]
    .sort((a, b) => Number(offsetCount(b) - offsetCount(a)))
    .slice(0, MAX_ROWS)
    .sort((a, b) => Number(a.from - b.from))
  let [start, end] = [first.from, first.to]
  for (const { from, to } of drawn) {
    if (from < start) start = from
    if (to > end) end = to
  }
  const left = ranges.length - drawn.length
  return html`<section>
    <h2>When, and whose</h2>
    <p class="lead">
      Each bar spans the time between the good batches before and after what is missing. It was
      written in there, as far as the clocks of the producers can be trusted.
    </p>
    <ol class="timeline">
      <li class="when-axis" aria-hidden="true">
        <span></span>
        <span class="ends"><span>${timeText(start)}</span><span>${timeText(end)}</span></span>
        <span>Producer</span>
      </li>
      ${drawn.map((span) => row(span, start, end))}
    </ol>
    ${
      left === 0
        ? null
        : html`<p class="muted">
            The ${grouped(drawn.length)} largest of them; ${plural(left, 'more is', 'more are')} in
            the table.
          </p>`
    }
  </section>`
}
