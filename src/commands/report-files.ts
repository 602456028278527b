/** The forms of a report that go into files of their own. All of them are checked before any work, and written after it. */
import { basename, dirname, join } from 'node:path'
import { pathKind, readFileStart } from '../bytes/file-directory.ts'
import { createOutputFile, moveIntoPlace, removeTree } from '../bytes/file-output.ts'
import { InvalidArgumentError, OutputExistsError } from '../errors.ts'
import { PAGE_START, renderPage } from '../html/page.ts'
import type { PartitionInput } from '../recover/inputs.ts'
import { checkOutputPlace } from '../recover/output-folder.ts'
import type { Report } from '../recover/report.ts'

export interface ReportFileArguments {
  readonly html?: string | undefined
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

/** Checks the places at once; `write` is for when the report is there. */
export function reportFiles(
  { html }: ReportFileArguments,
  inputs: readonly PartitionInput[],
): { readonly write: (report: Report) => void } {
  if (html !== undefined) checkFile('--html', html, PAGE_START, inputs)
  return {
    write(report) {
      if (html !== undefined) writeWhole(html, renderPage(report))
    },
  }
}
