/* What this test needs of report.json, read defensively: a wrong report must fail, not pass unseen. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface OffsetRange {
  readonly firstOffset: bigint
  /** Null: the end is not known. */
  readonly lastOffset: bigint | null
}

export interface RepairReport {
  readonly exitCode: number
  /** Where the repaired log ends. */
  readonly nextOffset: bigint
  readonly skipped: readonly OffsetRange[]
  /** Records read out of broken batches. */
  readonly salvaged: number
  /** The files beside the segments. */
  readonly files: readonly FileJson[]
  /** What the person is told to do, in order. */
  readonly restore: readonly string[]
}

interface FileJson {
  readonly source: string
  readonly action: string
  readonly problems: readonly string[]
}

interface SegmentJson {
  segmentBaseOffset: number
  nextOffset: number
  records: { salvaged: number }
  skippedOffsetRanges: { firstOffset: number; lastOffset: number | null }[]
}

export function readReport(outputDirectory: string, exitCode: number): RepairReport {
  const text = readFileSync(join(outputDirectory, 'report.json'), 'utf8')
  const report = JSON.parse(text) as {
    segments: SegmentJson[]
    files: FileJson[]
    restore: string[]
    summary: { exitCode: number }
  }
  const segments = report.segments.toSorted((a, b) => a.segmentBaseOffset - b.segmentBaseOffset)
  const last = segments.at(-1)
  if (!last) throw new Error('report.json names no segment')
  if (report.summary.exitCode !== exitCode) throw new Error('report.json has another exit code')
  return {
    exitCode,
    nextOffset: BigInt(last.nextOffset),
    files: report.files,
    restore: report.restore,
    salvaged: segments.reduce((sum, { records }) => sum + records.salvaged, 0),
    skipped: segments.flatMap(({ skippedOffsetRanges }) =>
      skippedOffsetRanges.map(({ firstOffset, lastOffset }) => ({
        firstOffset: BigInt(firstOffset),
        lastOffset: lastOffset === null ? null : BigInt(lastOffset),
      })),
    ),
  }
}

export function covers({ firstOffset, lastOffset }: OffsetRange, offset: bigint): boolean {
  return offset >= firstOffset && (lastOffset === null || offset <= lastOffset)
}
