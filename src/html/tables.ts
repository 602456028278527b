/** The facts of a report in rows: what is missing, every damage, every segment. */
import type { Report, SegmentReport, SkippedRangeReport } from '../recover/report.ts'
import type { Content, Markup } from './markup.ts'
import { html } from './markup.ts'
import type { NumberedDamage, PartitionView, SegmentView } from './model.ts'
import { partitionName } from './model.ts'
import { formatBytes, grouped, offsetsText, plural, shellWord, timeText } from '../words/words.ts'

/** Cells that are numbers stand to the right. */
interface Column {
  readonly name: string
  readonly numeric?: true
}

function table(caption: string, columns: readonly Column[], rows: readonly Markup[]): Markup {
  const heads = columns.map(
    ({ name, numeric }) =>
      html`<th scope="col" class="${numeric === true ? 'number' : ''}">${name}</th>`,
  )
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}

const cell = (content: Content): Markup => html`<td class="words">${content}</td>`
const number = (content: Content): Markup => html`<td class="number">${content}</td>`

export interface PlacedRange {
  readonly segment: SegmentReport
  readonly range: SkippedRangeReport
}

export const rangesOf = ({ segments }: Pick<Report, 'segments'>): PlacedRange[] =>
  segments.flatMap((segment) => segment.skippedOffsetRanges.map((range) => ({ segment, range })))

/** How far the numbers of a range can be relied on. */
export function certainty({ lastOffset, lastBasis, exact, verified }: SkippedRangeReport): string {
  if (lastOffset === null) return 'end unknown'
  if (exact) return 'exact'
  if (lastBasis === 'tail') return 'by the torn batch alone'
  return lastBasis === 'index' && !verified ? 'at least' : 'at most'
}

export const producersText = ({ producers }: SkippedRangeReport): string =>
  producers
    .map(({ producerId, producerEpoch }) => `${producerId} epoch ${producerEpoch}`)
    .join(', ') || 'not known'

const orUnknown = (value: bigint | number | null): string =>
  value === null ? 'unknown' : value.toString()

const RANGE_COLUMNS: readonly Column[] = [
  { name: 'Partition' },
  { name: 'First offset', numeric: true },
  { name: 'Last offset', numeric: true },
  { name: 'Offsets', numeric: true },
  { name: 'Records', numeric: true },
  { name: 'Certainty' },
  { name: 'Go on at', numeric: true },
  { name: 'Written after' },
  { name: 'Written before' },
  { name: 'Producers' },
  { name: 'Reason' },
]

/** The cells of a range, as text: for the table, and for what is copied. */
const rangeCells = ({ segment, range }: PlacedRange): readonly string[] => [
  partitionName(segment),
  range.firstOffset.toString(),
  orUnknown(range.lastOffset),
  orUnknown(range.offsetCount),
  orUnknown(range.recordCount),
  certainty(range),
  orUnknown(range.liveSeekOffset),
  timeText(range.timeAfter),
  timeText(range.timeBefore),
  producersText(range),
  range.reason,
]

/** Tabs and line ends part cells and rows, so none may be in a cell. */
const tabSeparated = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((text) => text.replaceAll(/[\t\r\n]/g, ' ')).join('\t')).join('\n')

/** A table, and the same as text with tabs, which spreadsheets and tickets take. */
export function rangesTable(ranges: readonly PlacedRange[]): Markup {
  const rows = ranges.map(
    (placed) =>
      html`<tr>
        ${rangeCells(placed).map((text, index) =>
          RANGE_COLUMNS[index]?.numeric === true ? number(text) : cell(text),
        )}
      </tr>`,
  )
  const text = tabSeparated([RANGE_COLUMNS.map(({ name }) => name), ...ranges.map(rangeCells)])
  return html`${table('Offsets that are missing', RANGE_COLUMNS, rows)}
    <details class="as-text">
      <summary>The same as text, for a ticket</summary>
      <pre class="copy" tabindex="0">${text}</pre>
    </details>`
}

const MAX_CHANGES = 4

function repairText({ entry: { repair } }: NumberedDamage): string | null {
  if (repair === null) return null
  const shown = repair.changes
    .slice(0, MAX_CHANGES)
    .map(({ field, before, after }) => `${field} ${before} → ${after}`)
  const more = repair.changes.length - shown.length
  const chance =
    repair.falseMatchProbability > 0
      ? `; chance of an accident ${repair.falseMatchProbability.toExponential(1)}`
      : ''
  const inferred = repair.inferred.length > 0 ? `; not certain: ${repair.inferred.join(', ')}` : ''
  return `Put right: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}, by ${repair.evidence.join(', ')}${chance}${inferred}`
}

/** Of a torn or empty end nobody expects that it be undone. */
const NEVER_UNDONE: ReadonlySet<string> = new Set(['torn-tail', 'zero-fill'])

/** Why nothing was undone, one line a reason, and what the search had risked. */
function attemptLines({ entry: { attempt, reason } }: NumberedDamage): Markup[] {
  if (attempt === null || NEVER_UNDONE.has(reason)) return []
  const reasons = attempt.why.split('; ').map((why) => html`<li>${why}</li>`)
  const chance =
    attempt.falseMatchTried > 0
      ? html`Chance that the search would have taken something false:
        ${attempt.falseMatchTried.toExponential(1)}.`
      : null
  return [
    html`<div class="detail">
      Not undone:
      <ul class="why">
        ${reasons}
      </ul>
      ${chance}
    </div>`,
  ]
}

/** The command that shows the bytes, and what was tried on them; of offsets that are missing between bytes there are none. */
const explainCommand = ({ segment }: SegmentView, { entry }: NumberedDamage): Markup | null =>
  entry.sizeInBytes === 0
    ? null
    : html`<code class="detail"
        >kmend explain ${shellWord(segment.source)} --position ${entry.position}</code
      >`

/** Lone files are told by their path: one name may stand in several folders. */
const fileOf = ({ segment: { topic, source }, fileName }: SegmentView, title: string): Content =>
  topic === null
    ? html`<code>${source}</code>`
    : html`${title}<code class="detail">${fileName}</code>`

function damageRow(view: SegmentView, title: string, damage: NumberedDamage): Markup {
  const { entry } = damage
  const files = [entry.quarantine, entry.salvaged].filter((path) => typeof path === 'string')
  return html`<tr id="d${damage.number}" tabindex="-1">
    <td><span class="tag ${entry.outcome}">${entry.outcome}</span></td>
    <td>${entry.reason}</td>
    <td class="path">${fileOf(view, title)}</td>
    <td class="number">${entry.position}</td>
    <td class="number">${entry.sizeInBytes}</td>
    <td>${offsetsText(entry.baseOffset, entry.lastOffset)}</td>
    <td class="message">
      ${entry.message}${[repairText(damage), ...files]
        .filter((text) => text !== null)
        .map((text) => html`<span class="detail">${text}</span>`)}${attemptLines(damage)}
      ${explainCommand(view, damage)}
    </td>
  </tr>`
}

export const damageTable = (partitions: readonly PartitionView[]): Markup =>
  table(
    'Every damage',
    [
      { name: 'Outcome' },
      { name: 'Reason' },
      { name: 'Segment' },
      { name: 'Position', numeric: true },
      { name: 'Bytes', numeric: true },
      { name: 'Offsets' },
      { name: 'What it is' },
    ],
    partitions.flatMap(({ title, segments }) =>
      segments.flatMap((view) => view.damage.map((damage) => damageRow(view, title, damage))),
    ),
  )

const indexText = ({ indexes }: SegmentReport): string => {
  const damaged = Object.entries(indexes).flatMap(([name, { source, problems }]) =>
    source === 'damaged' ? [`${name}: ${problems[0] ?? 'damaged'}`] : [],
  )
  return damaged.length === 0 ? 'ok' : damaged.join('; ')
}

function segmentRow({ segment, isDamaged }: SegmentView, title: string): Markup {
  const { firstOffset, nextOffset, batches, records } = segment
  const last = nextOffset === null ? null : nextOffset - 1n
  const changed = segment.sourceChanged
    ? ['The file changed while it was read: nothing here can be trusted.']
    : []
  return html`<tr>
    <td class="words">${segment.topic === null ? '–' : title}</td>
    <td class="path"><code>${segment.source}</code></td>
    <td>
      <span class="state ${isDamaged ? 'bad' : 'good'}">${isDamaged ? 'damaged' : 'ok'}</span>
    </td>
    <td class="number">${formatBytes(segment.sizeInBytes)}</td>
    <td>${offsetsText(firstOffset, last)}</td>
    <td class="number">${grouped(batches.intact)}</td>
    <td class="number">${records.kept === null ? 'not decoded' : grouped(records.kept)}</td>
    <td>${indexText(segment)}</td>
    <td class="message note">${[...changed, ...segment.notes].join('; ')}</td>
  </tr>`
}

export const segmentsTable = (partitions: readonly PartitionView[]): Markup =>
  table(
    'Every segment',
    [
      { name: 'Partition' },
      { name: 'File' },
      { name: 'State' },
      { name: 'Size', numeric: true },
      { name: 'Offsets' },
      { name: 'Intact batches', numeric: true },
      { name: 'Records', numeric: true },
      { name: 'Indexes' },
      { name: 'Notes' },
    ],
    partitions.flatMap(({ title, segments }) => segments.map((view) => segmentRow(view, title))),
  )

/** What lies beside the segments and is not as it should be. */
export function fileProblems({ files }: Pick<Report, 'files'>): Markup | null {
  const odd = files.filter(({ problems }) => problems.length > 0)
  if (odd.length === 0) return null
  return html`<p>${plural(odd.length, 'file')} beside the segments:</p>
    <ul>
      ${odd.map(({ source, problems }) => html`<li><code>${source}</code> ${problems.join('; ')}</li>`)}
    </ul>`
}
