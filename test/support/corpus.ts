/**
 * Segments that real brokers wrote, with what Kafka's own classes say about them. The whole corpus lies beside the
 * repository; where it does not, the same names are looked up among the few fixtures of test/segments.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export const CORPUS = join(import.meta.dirname, '../../../shared/corpus')
const FIXTURES = join(import.meta.dirname, '../segments')

export const hasCorpus = existsSync(join(CORPUS, 'answers'))

const ROOT = hasCorpus ? CORPUS : FIXTURES
const ANSWER = '.expected.ndjson.gz'

/** One batch, as Kafka lists it. */
export interface ExpectedBatch {
  readonly position: number
  readonly sizeInBytes: number
  readonly magic: number
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly records: number
  readonly codec: string
  readonly maxTimestamp: bigint
  /** -1 where the magic has none. */
  readonly partitionLeaderEpoch: number
  readonly producerId: bigint
  readonly isControl: boolean
  /** SHA-256 over its records, as the corpus README defines it. */
  readonly recordsSha256: string
}

export interface CorpusSegment {
  /** `<broker>/<topic-partition>/<20 digits>` */
  readonly name: string
  readonly directory: string
  readonly baseOffset: bigint
  readonly bytes: Uint8Array
  readonly batches: readonly ExpectedBatch[]
}

/** Names of every segment that has an answer. */
export function listSegments(): string[] {
  return readdirSync(join(ROOT, 'answers'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ANSWER))
    .map((path) => path.slice(0, -ANSWER.length))
    .sort()
}

export const hasSegment = (name: string): boolean => existsSync(join(ROOT, `${name}.log`))

export function loadSegment(name: string): CorpusSegment {
  const path = join(ROOT, `${name}.log`)
  return {
    name,
    directory: dirname(path),
    baseOffset: BigInt(name.slice(-20)),
    bytes: new Uint8Array(readFileSync(path)),
    batches: readAnswer(join(ROOT, 'answers', `${name}${ANSWER}`)),
  }
}

interface AnswerLine {
  readonly position?: number
  readonly sizeInBytes: number
  readonly magic: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly records: number
  readonly codec: string
  readonly maxTimestamp: number
  readonly partitionLeaderEpoch?: number
  readonly producerId?: number
  readonly isControl?: boolean
  readonly recordsSha256: string
}

/** The last line is about the file. */
function readAnswer(path: string): ExpectedBatch[] {
  const lines = gunzipSync(readFileSync(path)).toString().split('\n').filter(Boolean)
  return lines
    .map((line) => JSON.parse(line) as AnswerLine)
    .flatMap(({ position, ...line }) =>
      position === undefined
        ? []
        : {
            position,
            sizeInBytes: line.sizeInBytes,
            magic: line.magic,
            baseOffset: BigInt(line.baseOffset),
            lastOffset: BigInt(line.lastOffset),
            records: line.records,
            codec: line.codec,
            maxTimestamp: BigInt(line.maxTimestamp),
            partitionLeaderEpoch: line.partitionLeaderEpoch ?? -1,
            producerId: BigInt(line.producerId ?? -1),
            isControl: line.isControl ?? false,
            recordsSha256: line.recordsSha256,
          },
    )
}
