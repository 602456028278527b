/**
 * A report as one HTML file that opens anywhere: no requests, nothing to install, and all of it readable without
 * scripts. A pure function of the report.
 */
import { createHash } from 'node:crypto'
import { isDamagedFile } from '../recover/file-report.ts'
import type { Report } from '../recover/report.ts'
import { checkedSection } from './checked.ts'
import type { Content, Markup } from './markup.ts'
import { html, verbatim } from './markup.ts'
import { legend, OUTCOMES, partitionMap } from './health-map.ts'
import type { PartitionView } from './model.ts'
import { partitionViews } from './model.ts'
import { nextSteps } from './next-steps.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'
import type { PlacedRange } from './tables.ts'
import { damageTable, fileProblems, rangesOf, rangesTable, segmentsTable } from './tables.ts'
import { timeline } from './timeline.ts'
import { formatBytes, grouped, plural, timeText } from '../words/words.ts'

/** What the page's first bytes are; a file that has them may be replaced by another page. */
export const PAGE_START = '<!doctype html>\n<html lang="en" data-generator="kmend">'

/** Partitions that are drawn; the tables have all. */
const MAX_PARTITIONS = 50

const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing is fetched from anywhere, and only the style and script of this module run. */
const POLICY = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; img-src data:; base-uri 'none'; form-action 'none'`

function verdict({ summary, errors, files }: Report): string {
  if (errors.length > 0) return `The work did not finish: ${plural(errors.length, 'error')}`
  if (summary.damagedSegments > 0)
    return `${grouped(summary.damagedSegments)} of ${plural(summary.segments, 'segment')} damaged`
  return files.some(isDamagedFile)
    ? 'All segments are whole; files beside them are damaged'
    : 'Nothing is damaged'
}

function missingText({ summary }: Report): string {
  if (summary.skippedOffsets === null) return 'How many offsets are missing cannot be known.'
  return summary.skippedOffsets === 0n
    ? 'No offset is missing.'
    : `${plural(summary.skippedOffsets, 'offset')} missing.`
}

const orUndecoded = (count: number | null): string =>
  count === null ? 'not decoded' : grouped(count)

const figure = (name: string, value: Content, small: Content): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}<small>${small}</small></dd>
  </div>`

function figures({ summary }: Report): Markup {
  const { batches, records, bytes } = summary
  const damaged = OUTCOMES.map((name) => bytes[name]).reduce((sum, size) => sum + size, 0)
  return html`<dl class="figures">
    ${figure('Batches intact', grouped(batches.intact), formatBytes(bytes.intact))}
    ${figure(
      'Batches damaged',
      grouped(OUTCOMES.reduce((sum, name) => sum + batches[name], 0)),
      formatBytes(damaged),
    )}
    ${OUTCOMES.filter((name) => batches[name] > 0).map((name) =>
      figure(`… of them ${name}`, grouped(batches[name]), formatBytes(bytes[name])),
    )}
    ${figure(
      'Records kept',
      orUndecoded(records.kept),
      records.salvaged > 0 ? `${grouped(records.salvaged)} more salvaged, suspect` : null,
    )}
  </dl>`
}

function head(report: Report): Markup {
  const { segments, errors, command, dryRun, toolVersion, startedAt, elapsedMs } = report
  const checked = segments.every((segment) => segment.checked === 'records')
    ? 'every record decoded'
    : 'CRC and framing checked, records not decoded'
  const changed = segments.filter(({ sourceChanged }) => sourceChanged)
  return html`<header>
    <p class="product">
      kmend ${command}${dryRun === true ? ' --dry-run' : ''} ${toolVersion} ·
      ${timeText(BigInt(Date.parse(startedAt)))} · ${(elapsedMs / 1000).toFixed(1)} s · ${checked}
    </p>
    <h1>${verdict(report)}</h1>
    <p class="lead">${missingText(report)}</p>
    ${errors.map((error) => html`<p class="notice"><b>Failed:</b> ${error}</p>`)}
    ${changed.map(
      ({ source }) =>
        html`<p class="notice">
          <code>${source}</code> changed while it was read. Stop the broker, or work on a copy;
          nothing about it can be trusted.
        </p>`,
    )}
    ${figures(report)}
  </header>`
}

const hasMarks = (partitions: readonly PartitionView[]): boolean =>
  partitions.some(({ segments }) => segments.some(({ damage }) => damage.length > 0))

const HOW_TO_READ = html`<p class="lead">
    Each bar is one file, from its first byte to its last. A mark leads to its row in the table of
    damages.
  </p>
  ${legend}
  <p class="keys muted" hidden>
    <kbd>Tab</kbd> to a mark, then <kbd>←</kbd> <kbd>→</kbd> to the others, <kbd>+</kbd>
    <kbd>−</kbd> to zoom, <kbd>0</kbd> for the whole file, <kbd>Enter</kbd> for its row.
  </p>`

const ONLY_INDEXES = html`<p class="lead">
  No batch is damaged, only indexes are: a repair builds them anew. Below, what is wrong with each.
</p>`

/** Damaged partitions first: those are what the page is for. */
function healthMap(partitions: readonly PartitionView[]): Markup {
  const damaged = partitions.filter(({ segments }) => segments.some((view) => view.isDamaged))
  const whole = partitions.filter((partition) => !damaged.includes(partition))
  const drawn = [...damaged, ...whole].slice(0, MAX_PARTITIONS)
  const left = partitions.length - drawn.length
  return html`<section>
    <h2>Where the damage lies</h2>
    ${hasMarks(partitions) ? HOW_TO_READ : ONLY_INDEXES} ${drawn.map(partitionMap)}
    ${
      left === 0
        ? null
        : html`<p class="muted">${plural(left, 'more partition')} in the table of segments.</p>`
    }
  </section>`
}

const missingSection = (ranges: readonly PlacedRange[]): Markup | null =>
  ranges.length === 0
    ? null
    : html`<section>
        <h2>What is missing</h2>
        <p class="lead">
          Offsets whose records are not in the repaired copy. “Go on at” is where a consumer can go
          on against the broker that still holds the damaged file.
        </p>
        ${rangesTable(ranges)}
      </section>`

function damageSection(partitions: readonly PartitionView[]): Markup | null {
  if (!hasMarks(partitions)) return null
  return html`<section>
    <h2>Every damage</h2>
    ${damageTable(partitions)}
  </section>`
}

function body(report: Report): Markup {
  const partitions = partitionViews(report)
  const ranges = rangesOf(report)
  return html`${head(report)}
    <main id="main">
      ${report.summary.damagedSegments > 0 ? healthMap(partitions) : checkedSection(report)}
      ${missingSection(ranges)} ${timeline(ranges)} ${nextSteps(report, ranges)}
      ${damageSection(partitions)}
      <section>
        <h2>Every segment</h2>
        ${segmentsTable(partitions)} ${fileProblems(report)}
      </section>
    </main>
    <footer>
      Made by kmend ${report.toolVersion} from its report. The same facts for machines:
      <code>--json</code>, or <code>report.json</code> in the output of a repair.
    </footer>`
}

/** The whole page. Its length grows with the number of damages and segments, the drawings in it do not. */
export function renderPage(report: Report): string {
  const page = html`${verbatim(PAGE_START)}
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <title>kmend: ${verdict(report)}</title>
      <link rel="icon" href="data:," />
      <style>${verbatim(STYLE)}</style>
    </head>
    <body>
      <a class="skip" href="#main">To the content</a>
      ${body(report)}
      ${verbatim(`<script>${SCRIPT}</script>`)}
    </body>
  </html>`
  return `${page.markup}\n`
}
