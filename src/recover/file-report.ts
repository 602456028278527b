/** What a report says of the files beside the segments. */

export interface FileReport {
  readonly source: string
  readonly output?: string
  readonly action: 'copied' | 'left-out' | 'checked'
  readonly problems: readonly string[]
}

/** A file beside the segments that is not as it should be; one that only looks like a segment was never damaged. */
export const isDamagedFile = ({ source, problems }: FileReport): boolean =>
  problems.length > 0 && !source.endsWith('.log')
