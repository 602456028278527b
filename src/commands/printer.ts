/** Prints a report as it comes about: each segment when it is done, the totals and what to do next at the end. */
import type { Progress } from '../recover/options.ts'
import type { Report, SegmentReport } from '../recover/report.ts'
import { toJson } from '../recover/report-json.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { createProgressBar, paletteFor } from './common.ts'
import { printable } from '../words/words.ts'
import { renderNextSteps, renderSegment, renderSummary } from './render.ts'

export interface Printer {
  readonly onProgress: (progress: Progress) => void
  readonly onSegment: (segment: SegmentReport) => void
  /** `out`: the folder that was written to; null when nothing was. */
  readonly finish: (report: Report, out: string | null) => void
}

/** With --json only the finished report goes to stdout, whole; with --quiet nothing but errors, on stderr. */
export function createPrinter(args: CommonArguments, terminal: Terminal): Printer {
  const { json, quiet } = args
  const bar = createProgressBar(terminal, args)
  const palette = paletteFor(terminal, args)
  const print = (text: string): void => {
    if (text !== '') terminal.stdout.write(`${text}\n`)
  }
  return {
    onProgress: bar.update,
    onSegment(segment) {
      if (json || quiet) return
      bar.clear()
      print(renderSegment(segment, palette))
    },
    finish(report, out) {
      bar.clear()
      if (json) {
        print(toJson(report, 2))
        return
      }
      for (const error of report.errors) terminal.stderr.write(`kmend: ${printable(error)}\n`)
      if (quiet) return
      print(renderSummary(report, palette))
      print(renderNextSteps(report, out))
    },
  }
}
