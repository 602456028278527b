/** A report as a page goes through it: by partition, each damage with a number that links can name. */
import type { DamageReport, Report, SegmentReport } from '../recover/report.ts'
import { isDamaged, isHarmless } from '../recover/report.ts'

export interface NumberedDamage {
  readonly number: number
  readonly entry: DamageReport
}

export interface SegmentView {
  readonly segment: SegmentReport
  readonly fileName: string
  readonly isDamaged: boolean
  /** Without zeros behind whole batches, which are no damage. */
  readonly damage: readonly NumberedDamage[]
}

/** The segments of one folder, or a lone file: two copies of a partition are two of them. */
export interface PartitionView {
  readonly title: string
  readonly segments: readonly SegmentView[]
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export const partitionName = ({ topic, partition, source }: SegmentReport): string =>
  topic === null || partition === null ? fileNameOf(source) : `${topic}-${partition}`

export function partitionViews({ segments }: Pick<Report, 'segments'>): PartitionView[] {
  const groups = new Map<string, { title: string; segments: SegmentView[] }>()
  let number = 0
  for (const segment of segments) {
    const key = segment.topic === null ? segment.source : folderOf(segment.source)
    const group = groups.get(key) ?? { title: partitionName(segment), segments: [] }
    groups.set(key, group)
    group.segments.push({
      segment,
      fileName: fileNameOf(segment.source),
      isDamaged: isDamaged(segment),
      damage: segment.damage
        .filter((entry) => !isHarmless(entry))
        .map((entry) => ({ number: ++number, entry })),
    })
  }
  return [...groups.values()]
}

/** What can be typed to name the damaged inputs again: folders of partitions, and lone files. */
export const damagedInputs = ({ segments }: Pick<Report, 'segments'>): string[] => [
  ...new Set(
    segments
      .filter(isDamaged)
      .map(({ topic, source }) => (topic === null ? source : folderOf(source).slice(0, -1) || '.')),
  ),
]
