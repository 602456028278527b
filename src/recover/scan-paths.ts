/** Read-only check of paths: every segment under them, one report. */
import { KmendError } from '../errors.ts'
import { companionProblems, listCompanions } from './companions.ts'
import type { FileReport } from './file-report.ts'
import { isDamagedFile } from './file-report.ts'
import { withReadAhead } from './ahead-of-walk.ts'
import { inspectSegment } from './inspect.ts'
import type { PartitionInput } from './inputs.ts'
import type { ResolvedOptions } from './options.ts'
import type { Report, SegmentReport } from './report.ts'
import { isDamaged, REPORT_VERSION, segmentReport, summarise } from './report.ts'
import { TOOL_VERSION } from './tool-version.ts'

export interface ReportHead {
  readonly command: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What a caller wants to hear while the work goes on. */
export interface Listener {
  readonly onSegment?: (segment: SegmentReport) => void
}

export const EXIT_OK = 0
export const EXIT_FAILED = 1
export const EXIT_DAMAGED = 3

export function assembleReport(
  head: ReportHead,
  started: Date,
  parts: Pick<Report, 'segments' | 'files' | 'errors' | 'restore'>,
  exitCode: number,
): Report {
  return {
    reportVersion: REPORT_VERSION,
    tool: 'kmend',
    toolVersion: TOOL_VERSION,
    ...head,
    startedAt: started.toISOString(),
    elapsedMs: Date.now() - started.getTime(),
    segments: parts.segments,
    partitions: summarisePartitions(parts.segments),
    files: parts.files,
    errors: parts.errors,
    restore: parts.restore,
    summary: summarise(parts.segments, exitCode),
  }
}

function summarisePartitions(segments: readonly SegmentReport[]): object[] {
  const groups = new Map<string, SegmentReport[]>()
  for (const segment of segments) {
    if (segment.topic === null) continue
    const key = `${segment.topic}-${segment.partition}`
    groups.set(key, [...(groups.get(key) ?? []), segment])
  }
  return [...groups.values()].map((group) => ({
    topic: group[0]?.topic,
    partition: group[0]?.partition,
    segments: group.length,
    firstOffset: group[0]?.firstOffset ?? null,
    nextOffset: group.at(-1)?.nextOffset ?? null,
    damagedSegments: group.filter((segment) => isDamaged(segment)).length,
  }))
}

/** Runs `work`; a failure of the machine is told and the next input taken, a bug or an abort ends everything. */
export async function collectErrors(
  errors: string[],
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof KmendError)) throw error
    // A file that several segments ask for is told once.
    if (!errors.includes(error.message)) errors.push(error.message)
  }
}

/** What could not even be looked at, as the first errors; thrown where nothing else is left to do. */
export function failuresOf(partitions: readonly PartitionInput[]): string[] {
  const failures = partitions.flatMap(({ failure }) => failure ?? [])
  const [first] = failures
  if (first !== undefined && failures.length === partitions.length) throw first
  return failures.map(({ message }) => message)
}

async function companionReports(
  partitions: readonly PartitionInput[],
  errors: string[],
): Promise<FileReport[]> {
  const files: FileReport[] = []
  for (const partition of partitions) {
    for (const companion of partition.failure === null ? listCompanions(partition) : [])
      await collectErrors(errors, () => {
        const problems = companionProblems(companion)
        files.push({ source: companion.source, action: 'checked', problems })
      })
    files.push(...notSegments(partition))
  }
  return files
}

/** Files that only look like segments. */
export const notSegments = ({ leftOut }: PartitionInput): FileReport[] =>
  leftOut.map((source) => ({
    source,
    action: 'left-out',
    problems: ['not a segment: a broker would not start with this file in the directory'],
  }))

export async function scanPartitions(
  partitions: readonly PartitionInput[],
  options: ResolvedOptions,
  head: ReportHead,
  listener: Listener = {},
): Promise<Report> {
  const started = new Date()
  const errors = failuresOf(partitions)
  const segments = await withReadAhead(options, partitions, true, (running) =>
    scanSegments(partitions, running, errors, listener),
  )
  const files = await companionReports(partitions, errors)
  const damaged = segments.some(isDamaged) || files.some(isDamagedFile)
  const exitCode = errors.length > 0 ? EXIT_FAILED : damaged ? EXIT_DAMAGED : EXIT_OK
  return assembleReport(head, started, { segments, files, errors, restore: [] }, exitCode)
}

async function scanSegments(
  partitions: readonly PartitionInput[],
  options: ResolvedOptions,
  errors: string[],
  listener: Listener,
): Promise<SegmentReport[]> {
  const segments: SegmentReport[] = []
  const inputs = partitions.flatMap((partition) => partition.segments)
  for (const input of inputs) {
    await collectErrors(errors, async () => {
      const inspection = await inspectSegment(
        input,
        options,
        { fill: 'empty-batch', allowMetadataLoss: false },
        'none',
        'leave',
      )
      const report = segmentReport({
        ...inspection,
        sourceChanged: inspection.sourceChanged(),
        checked: options.deep ? 'records' : 'crc',
        digests: options.digests,
        written: null,
        notes: [],
      })
      segments.push(report)
      listener.onSegment?.(report)
    })
  }
  return segments
}
