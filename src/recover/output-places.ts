/**
 * Where each input goes below the output folder, and that no two go to one place. Below data/ the file's name tells;
 * below quarantine/, salvaged/ and reports/ the segment's base offset, which for a file of any name only its batches know.
 */
import { join } from 'node:path'
import { realPath } from '../bytes/file-directory.ts'
import { InvalidArgumentError, KmendError } from '../errors.ts'
import { baseOffsetDigits } from '../segment/segment-name.ts'
import type { PartitionInput, SegmentInput } from './inputs.ts'
import { stemOf } from './inputs.ts'

/** Where a partition's files go below data/, quarantine/ and reports/: nothing for a lone file of no partition. */
export const outputFolder = ({ topicPartition }: Pick<PartitionInput, 'topicPartition'>): string =>
  topicPartition === null ? '' : `${topicPartition.topic}-${topicPartition.partition}`

function claim(taken: Map<string, string>, place: string, source: string): void {
  const other = taken.get(place)
  if (other !== undefined)
    throw new InvalidArgumentError(
      `${other} and ${source} would both be written to ${place}; repair them into different folders`,
    )
  taken.set(place, source)
}

/** Throws InvalidArgumentError when two inputs would be written to one place, as far as their names tell. */
export function checkDistinctOutputs(partitions: readonly PartitionInput[]): void {
  const taken = new Map<string, string>()
  const folders = new Map<string, PartitionInput>()
  for (const partition of partitions) {
    const folder = outputFolder(partition)
    for (const segment of partition.segments) {
      claim(taken, `data/${join(folder, segment.fileName)}`, segment.source)
      claim(taken, `data/${join(folder, stemOf(segment))}.index`, segment.source)
    }
    const other = folders.get(folder)
    if (partition.topicPartition !== null && other !== undefined)
      checkSameFolder(other, partition, folder)
    folders.set(folder, partition)
  }
}

/** Segments of two copies of a partition would share one set of the files beside them. */
function checkSameFolder(one: PartitionInput, other: PartitionInput, folder: string): void {
  if (realPath(one.directory) === realPath(other.directory)) return
  throw new InvalidArgumentError(
    `${one.source} and ${other.source} lie in different folders, but would both be written to data/${folder}; repair them into different folders`,
  )
}

/**
 * The same for what is named after base offsets. `inspect` tells those that no file name does; it is asked only where
 * another input goes to the same folder. What cannot be read is left to whoever repairs it.
 */
export async function checkDistinctBases(
  partitions: readonly PartitionInput[],
  inspect: (input: SegmentInput) => Promise<bigint>,
): Promise<void> {
  const byFolder = new Map<string, SegmentInput[]>()
  for (const partition of partitions) {
    const folder = outputFolder(partition)
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), ...partition.segments])
  }
  const taken = new Map<string, string>()
  for (const [folder, inputs] of byFolder) await claimBases(folder, inputs, taken, inspect)
}

async function claimBases(
  folder: string,
  inputs: readonly SegmentInput[],
  taken: Map<string, string>,
  inspect: (input: SegmentInput) => Promise<bigint>,
): Promise<void> {
  if (inputs.length === 1) return
  for (const input of inputs) {
    const base = input.baseOffset ?? (await orNull(async () => inspect(input)))
    if (base !== null)
      claim(taken, `reports/${join(folder, baseOffsetDigits(base))}.json`, input.source)
  }
}

async function orNull(work: () => Promise<bigint>): Promise<bigint | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KmendError) return null
    throw error
  }
}
