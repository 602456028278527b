/** What stands in the place of the map where there is nothing to draw: what was looked at, and that it is whole. */
import type { Report } from '../recover/report.ts'
import type { Markup } from './markup.ts'
import { html } from './markup.ts'
import { formatBytes, grouped, plural } from '../words/words.ts'

const INDEX_NAMES = {
  offsetIndex: '.index',
  timeIndex: '.timeindex',
  transactionIndex: '.txnindex',
} as const

/** Each kind of index: how many are there, and how many are not, which is no damage. */
function indexLines({ segments }: Report): Markup[] {
  return (['offsetIndex', 'timeIndex', 'transactionIndex'] as const).map((name) => {
    const there = segments.filter(({ indexes }) => indexes[name].source === 'ok').length
    const missing = segments.length - there
    return html`<li>
      <code>${INDEX_NAMES[name]}</code>: ${grouped(there)} checked against their
      segments${missing === 0 ? null : html`, ${grouped(missing)} not there`}
    </li>`
  })
}

/** For a report in which no segment is damaged. */
export function checkedSection(report: Report): Markup {
  const { segments, files, errors } = report
  const bytes = segments.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)
  const isDeep = segments.every(({ checked }) => checked === 'records')
  const odd = files.filter(({ problems }) => problems.length > 0).length
  const records = isDeep
    ? 'Every record was decoded to its last byte.'
    : html`Records were not decoded: what was damaged before its CRC was made shows only with
        <code>kmend scan --deep</code>.`
  return html`<section>
    <h2>What was checked</h2>
    <p class="lead">
      ${errors.length > 0 ? 'What could be read is whole.' : 'No segment is damaged.'}
      ${plural(segments.length, 'segment')}, ${formatBytes(bytes)}, from the first byte to the last:
    </p>
    <ul class="plain checked">
      <li>Each batch follows the one before it, without a byte between them.</li>
      <li>Each batch has the CRC that it was written with.</li>
      <li>Offsets go up and stay within their segment; leader epochs never go back.</li>
      <li>${records}</li>
      ${indexLines(report)}
      <li>
        Files beside the segments: ${plural(files.length, 'file')} looked
        at${odd === 0 ? ', nothing odd' : html`, ${grouped(odd)} not as they should be: below`}
      </li>
    </ul>
  </section>`
}
