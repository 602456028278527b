/** The segments that real brokers wrote, and what Kafka's own classes say is in them. Beside the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url))

export const CORPUS_MISSING = 'the corpus of real Kafka segments is not beside the repository'

export interface CorpusSegment {
  /** Below the corpus folder. */
  readonly name: string
  readonly path: string
  readonly expected: readonly ExpectedBatch[]
}

export interface ExpectedBatch {
  readonly position: number
  readonly sizeInBytes: number
  readonly magic: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly records: number
  readonly codec: string
  readonly timestampType: string
  readonly maxTimestamp: number
  readonly partitionLeaderEpoch?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly recordsSha256: string
}

/** Empty where there is no corpus. */
export function corpusSegments(): CorpusSegment[] {
  if (!existsSync(CORPUS)) return []
  return readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.startsWith('kafka-') && name.endsWith('.log'))
    .sort()
    .map((name) => ({ name, path: join(CORPUS, name), expected: answer(name) }))
}

function answer(name: string): ExpectedBatch[] {
  const path = join(CORPUS, 'answers', name.replace(/log$/, 'expected.ndjson.gz'))
  return gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ExpectedBatch & { file?: string })
    .filter(({ file }) => file === undefined) // the last line is about the file
}
