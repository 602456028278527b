/** Reads `__cluster_metadata` to the state it adds up to, from the newest snapshot beside it on. */
import { dirname } from 'node:path'
import { listDirectory } from '../bytes/file-directory.ts'
import type { DumpFile } from '../dump/dump-file.ts'
import { resolveDumpFiles } from '../dump/dump-file.ts'
import { isControl } from '../segment/record-batch.ts'
import { MetadataImage } from '../summaries/metadata-image.ts'
import { MessageError } from '../topics/decode-message.ts'
import { decodeFramedRecord } from '../topics/framed-record.ts'
import type { PartitionFiles, SummaryReader } from './summary-inputs.ts'

const SNAPSHOT = /^(\d{20})-\d{10}\.checkpoint$/

/** The newest snapshot beside the log, which stands for all before its offset; the log alone where there is none. */
function withSnapshot(files: readonly DumpFile[]): {
  readonly snapshot: DumpFile | null
  readonly fromOffset: bigint
} {
  const first = files[0]
  if (first === undefined || files.some(({ kind }) => kind !== 'log'))
    return { snapshot: null, fromOffset: 0n }
  const directory = dirname(first.path)
  const name = listDirectory(directory)
    .map((entry) => entry.name)
    .filter((entry) => SNAPSHOT.test(entry))
    .at(-1)
  if (name === undefined) return { snapshot: null, fromOffset: 0n }
  const snapshot = resolveDumpFiles(`${directory}/${name}`)[0] ?? null
  return { snapshot, fromOffset: BigInt(SNAPSHOT.exec(name)?.[1] ?? '') }
}

/** Damage is counted by the reader, records that no table can read by the image. `lastOffset` is -1 for an empty log. */
export async function readMetadataImage(
  partitions: readonly PartitionFiles[],
  reader: SummaryReader,
): Promise<{ readonly image: MetadataImage; readonly lastOffset: bigint }> {
  const image = new MetadataImage()
  const files = partitions.flatMap((partition) => partition.files)
  const { snapshot, fromOffset } = withSnapshot(files)
  let lastOffset = -1n
  for (const file of snapshot === null ? files : [snapshot, ...files])
    await reader.read(file, ({ header, record }) => {
      if (isControl(header) || (file !== snapshot && record.offset < fromOffset)) return
      lastOffset = file === snapshot ? fromOffset - 1n : record.offset
      try {
        image.apply(decodeFramedRecord('cluster-metadata', record.value))
      } catch (error) {
        if (!(error instanceof MessageError)) throw error
        image.undecodable++
      }
    })
  return { image, lastOffset }
}
