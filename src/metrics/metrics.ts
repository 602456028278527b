/**
 * A run in the text format of Prometheus, for node_exporter's textfile collector. All of it are gauges: a file stands
 * for the last run alone, and a counter that begins anew with each run would tell `rate()` nothing. A metric whose
 * value is not known is left out.
 */
import type { Report } from '../recover/report.ts'

/** What a file of metrics begins with; one that has it may be replaced by the next. */
export const METRICS_START = '# HELP kmend_'

/** The run as the command line saw it. */
export interface MetricsRun {
  readonly command: string
  /** As typed. They tell the series of two jobs on one machine apart. */
  readonly paths: readonly string[]
  readonly endedAtMs: number
  readonly elapsedMs: number
}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number | null]

const LAST_SUCCESS = 'kmend_last_success_timestamp_seconds'

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

const labelsText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')

function gauge(name: string, help: string, common: Labels, samples: readonly Sample[]): string {
  const lines = samples.flatMap(([labels, value]) =>
    value === null ? [] : [`${name}{${labelsText({ ...common, ...labels })}} ${value}\n`],
  )
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

const byLabel = (name: string, values: Readonly<Record<string, number | null>>): Sample[] =>
  Object.entries(values).map(([key, value]) => [{ [name]: key }, value])

/** Entries of damage by what is wrong and what came of it. */
function damages({ segments }: Report): Sample[] {
  const counts = new Map<string, { labels: Labels; count: number }>()
  for (const { reason, outcome } of segments.flatMap(({ damage }) => damage)) {
    const key = `${reason} ${outcome}`
    const known = counts.get(key) ?? { labels: { reason, outcome }, count: 0 }
    known.count++
    counts.set(key, known)
  }
  return [...counts.values()].map(({ labels, count }) => [labels, count])
}

function lastSuccess(text: string, labels: Labels): number | null {
  const start = `${LAST_SUCCESS}{${labelsText(labels)}} `
  const line = text.split('\n').find((candidate) => candidate.startsWith(start))
  return line === undefined ? null : Number(line.slice(start.length))
}

/** A run succeeded when it could read and write all that it should, whether or not it found damage. */
const succeeded = (report: Report | null): boolean => report?.errors.length === 0

/**
 * `report` is null where the run ended without one. `previous` is the text of the file before: of the same command and
 * paths the last success is taken over where this run was none.
 */
export function metricsText(run: MetricsRun, report: Report | null, previous: string): string {
  const common = { command: run.command, paths: run.paths.join(' ') }
  const ended = run.endedAtMs / 1000
  const success = succeeded(report)
  const one = (name: string, help: string, value: number | null): string =>
    gauge(name, help, common, [[{}, value]])
  return [
    one('kmend_last_run_timestamp_seconds', 'When the last run ended.', ended),
    one(
      LAST_SUCCESS,
      'When a run last read and wrote all that it should, whether or not it found damage.',
      success ? ended : lastSuccess(previous, common),
    ),
    one('kmend_run_success', 'Whether the last run did so: 1, or 0.', success ? 1 : 0),
    one('kmend_run_duration_seconds', 'How long the last run took.', run.elapsedMs / 1000),
    report === null ? '' : reportText(report, common),
  ].join('')
}

function reportText(report: Report, common: Labels): string {
  const { batches, bytes, records, segments, damagedSegments, skippedOffsets } = report.summary
  return [
    gauge('kmend_run_segments', 'Segments read, by whether they are damaged.', common, [
      [{ state: 'damaged' }, damagedSegments],
      [{ state: 'whole' }, segments - damagedSegments],
    ]),
    gauge(
      'kmend_run_batches',
      'Batches by what became of them, or would by a repair.',
      common,
      byLabel('outcome', batches),
    ),
    gauge(
      'kmend_run_size_bytes',
      'Bytes of the segments by what became of them.',
      common,
      byLabel('outcome', bytes),
    ),
    gauge(
      'kmend_run_records',
      'Records kept, skipped with their batches, and salvaged out of skipped batches.',
      common,
      byLabel('outcome', { ...records }),
    ),
    gauge('kmend_run_damages', 'Damages by reason and outcome.', common, damages(report)),
    gauge('kmend_run_missing_offsets', 'Offsets whose records are missing.', common, [
      [{}, skippedOffsets === null ? null : Number(skippedOffsets)],
    ]),
    gauge('kmend_run_errors', 'Inputs that could not be read or written.', common, [
      [{}, report.errors.length],
    ]),
  ].join('')
}
