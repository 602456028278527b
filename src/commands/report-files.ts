/** The forms of a report that go into files of their own. All of them are checked before any work, and written after it. */
import { basename, dirname, join } from 'node:path'
import { pathKind, readFileStart, readSmallFile } from '../bytes/file-directory.ts'
import { createOutputFile, moveIntoPlace, removeTree } from '../bytes/file-output.ts'
import { InvalidArgumentError, OutputExistsError } from '../errors.ts'
import type { PartitionInput } from '../recover/inputs.ts'
import { checkOutputPlace } from '../recover/output-folder.ts'
import type { Report } from '../recover/report.ts'

export interface ReportFileArguments {
  readonly paths: readonly string[]
  readonly html?: string | undefined
  readonly metrics?: string | undefined
}

/** Throws for a place where nothing may be written, and for a file that is there and not an earlier one of ours. */
function checkFile(
  option: string,
  path: string,
  start: string,
  inputs: readonly PartitionInput[],
): void {
  if (path === '') throw new InvalidArgumentError(`${option} is empty; name a file`)
  checkOutputPlace(path, inputs)
  const kind = pathKind(path)
  if (kind === 'missing') return
  if (kind === 'directory') throw new InvalidArgumentError(`${option} ${path}: that is a folder`)
  if (readFileStart(path, start.length) !== start)
    throw new OutputExistsError(
      `${path} is there and was not written by kmend with ${option}; only such a file is replaced`,
    )
}

/** The file is the old one or the new one, whole, at any moment. */
export function writeWhole(path: string, text: string): void {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  const file = createOutputFile(part)
  try {
    file.write(new TextEncoder().encode(text))
    file.sync()
    file.close()
    moveIntoPlace(part, path)
  } catch (error) {
    file.close()
    removeTree(part)
    throw error
  }
}

const textOf = (path: string): string =>
  new TextDecoder().decode(readSmallFile(path) ?? new Uint8Array())

/**
 * Checks the places, does the work, and writes the files. Where the work throws, the metrics say that it failed and keep
 * the time of the last success; there is no page then.
 */
export async function withReportFiles(
  args: ReportFileArguments,
  command: string,
  inputs: readonly PartitionInput[],
  work: () => Promise<Report>,
): Promise<Report> {
  const { html, metrics, paths } = args
  const page = html === undefined ? null : { path: html, ...(await import('../html/page.ts')) }
  const gauges =
    metrics === undefined ? null : { path: metrics, ...(await import('../metrics/metrics.ts')) }
  if (page !== null) checkFile('--html', page.path, page.PAGE_START, inputs)
  if (gauges !== null) checkFile('--metrics', gauges.path, gauges.METRICS_START, inputs)
  const started = Date.now()
  const measure = (report: Report | null): void => {
    if (gauges === null) return
    const ended = Date.now()
    const run = { command, paths, endedAtMs: ended, elapsedMs: ended - started }
    writeWhole(gauges.path, gauges.metricsText(run, report, textOf(gauges.path)))
  }
  let report: Report
  try {
    report = await work()
    if (page !== null) writeWhole(page.path, page.renderPage(report))
  } catch (error) {
    measure(null)
    throw error
  }
  measure(report)
  return report
}
