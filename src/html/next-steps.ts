/** What to do next, as commands that can be pasted; `<…>` stands for what only the reader knows. */
import type { Report, SegmentReport } from '../recover/report.ts'
import { METADATA_TOPIC } from '../recover/plan.ts'
import type { Markup } from './markup.ts'
import { html } from './markup.ts'
import { damagedInputs } from './model.ts'
import type { PlacedRange } from './tables.ts'
import { abortCommand, grouped, offsetsText, shellWord } from '../words/words.ts'

/** Commands of one kind; the table has the offsets of the others. */
const MAX_COMMANDS = 20

const command = (text: string): Markup => html`<pre class="copy command" tabindex="0">${text}</pre>`

function repairStep(report: Report): Markup[] {
  const inputs = damagedInputs(report)
  if (inputs.length === 0 || (report.command === 'repair' && report.dryRun !== true)) return []
  return [
    html`<li>
      <h3>Write a repaired copy</h3>
      <p>The source is never written to.</p>
      ${command(`kmend repair ${inputs.map(shellWord).join(' ')} --out repaired`)}
    </li>`,
  ]
}

function deepStep({ segments }: Report): Markup[] {
  if (segments.every(({ checked }) => checked === 'records')) return []
  return [
    html`<li>
      <h3>Decode every record</h3>
      <p>
        Only framing and CRC were checked. A batch that was damaged before its CRC was made shows
        only with <code>kmend scan --deep</code>, and stops consumers all the same.
      </p>
    </li>`,
  ]
}

const target = ({ topic, partition }: SegmentReport): string =>
  topic === null || partition === null ? '<topic>:<partition>' : `${topic}:${partition}`

function consumerStep(ranges: readonly PlacedRange[]): Markup[] {
  const seekable = ranges.filter(
    ({ range, segment }) => range.liveSeekOffset !== null && segment.topic !== METADATA_TOPIC,
  )
  const [first] = seekable
  if (first === undefined) return []
  const resets = seekable.slice(0, MAX_COMMANDS).map(({ segment, range }) => {
    const offsets = offsetsText(range.firstOffset, range.lastOffset)
    return [
      `# stuck in offsets ${offsets}`,
      `kafka-consumer-groups.sh --bootstrap-server <host:port> --group <group> --topic ${shellWord(target(segment))} --reset-offsets --to-offset ${range.liveSeekOffset ?? ''} --dry-run`,
    ].join('\n')
  })
  const left = seekable.length - resets.length
  return [
    html`<li>
      <h3>Let consumers of the damaged broker go on</h3>
      <p>
        First see which groups stand at or before a missing range, from a running broker or from its
        files:
      </p>
      ${command(
        'kafka-consumer-groups.sh --bootstrap-server <host:port> --describe --all-groups\nkmend groups <log-dir>',
      )}
      <p>
        Then, for each group that is stuck, stop its members and move it behind the range. Put
        <code>--execute</code> for <code>--dry-run</code> when the plan is right. An application
        that keeps its own offsets seeks to the number after <code>--to-offset</code>.
      </p>
      ${command(resets.join('\n\n'))}
      ${
        left === 0
          ? null
          : html`<p class="muted">
              ${grouped(left)} more: the offsets are in the column “Go on at” above.
            </p>`
      }
    </li>`,
  ]
}

function transactionStep({ segments }: Report): Markup[] {
  const open = segments.flatMap((segment) =>
    segment.transactions.lostMarkers.flatMap(({ effect, openFromOffset: startOffset }) =>
      effect === 'stays-open' && startOffset !== null ? [{ segment, startOffset }] : [],
    ),
  )
  if (open.length === 0) return []
  const aborts = open
    .slice(0, MAX_COMMANDS)
    .map(({ segment: { topic, partition }, startOffset }) =>
      abortCommand(topic, partition, startOffset),
    )
  return [
    html`<li>
      <h3>End transactions whose marker is lost</h3>
      <p>
        ${grouped(open.length)} of them stay open, and read_committed consumers stop at their first
        offset. On the broker that serves the repaired copy; where the lost marker was a COMMIT this
        hides its records:
      </p>
      ${command(aborts.join('\n'))}
    </li>`,
  ]
}

const restoreSteps = ({ restore }: Report): Markup[] =>
  restore.length === 0
    ? []
    : [
        html`<li>
          <h3>Put the repaired copy back</h3>
          <ol class="plain">
            ${restore.map((step) => html`<li>${step}</li>`)}
          </ol>
        </li>`,
      ]

/** Null where there is nothing to do. */
export function nextSteps(report: Report, ranges: readonly PlacedRange[]): Markup | null {
  const steps = [
    ...repairStep(report),
    ...deepStep(report),
    ...consumerStep(ranges),
    ...transactionStep(report),
    ...restoreSteps(report),
  ]
  if (steps.length === 0) return null
  return html`<section>
    <h2>What to do next</h2>
    <ol class="steps">
      ${steps}
    </ol>
  </section>`
}
