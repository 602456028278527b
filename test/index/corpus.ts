/** Finds the files of real brokers, and Kafka's own answers about them. Both lie beside the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url))

export const CORPUS_MISSING = 'the corpus of real Kafka files is not beside the repository'

export interface CorpusFile {
  /** Below the corpus folder, without the suffix asked for. */
  readonly stem: string
  readonly name: string
  readonly baseOffset: bigint
  readonly bytes: Uint8Array
}

/** Every corpus file whose name ends with `suffix`; none where there is no corpus. */
export function corpusFiles(suffix: string): CorpusFile[] {
  if (!existsSync(CORPUS)) return []
  return readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.startsWith('kafka-') && path.endsWith(suffix))
    .sort()
    .map((path) => {
      const digits = /^\d+/.exec(basename(path))?.[0] ?? '0'
      return {
        name: path,
        stem: path.slice(0, path.length - suffix.length),
        baseOffset: BigInt(digits),
        bytes: new Uint8Array(readFileSync(join(CORPUS, path))),
      }
    })
}

export function readCorpusFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(CORPUS, path)))
}

/** Lines of an answer, plain or gzipped; null where Kafka was not asked (empty files). */
export function answerLines(path: string): string[] | null {
  const plain = join(CORPUS, 'answers', path)
  const text = existsSync(plain)
    ? readFileSync(plain)
    : existsSync(`${plain}.gz`)
      ? gunzipSync(readFileSync(`${plain}.gz`))
      : null
  return text === null ? null : text.toString().split('\n').filter(Boolean)
}

export interface ExpectedBatch {
  readonly position: number
  readonly sizeInBytes: number
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly maxTimestamp: bigint
}

interface ExpectedLine {
  readonly position?: number
  readonly sizeInBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  readonly magic: number
}

/** The batches of a segment as Kafka's own classes list them. The last line is about the file. */
export function expectedBatches(stem: string): ExpectedBatch[] {
  const lines = answerLines(`${stem}.expected.ndjson`) ?? []
  return lines
    .map((line) => JSON.parse(line) as ExpectedLine)
    .flatMap(({ position, sizeInBytes, baseOffset, lastOffset, maxTimestamp }) =>
      position === undefined
        ? []
        : {
            position,
            sizeInBytes,
            baseOffset: BigInt(baseOffset),
            lastOffset: BigInt(lastOffset),
            maxTimestamp: BigInt(maxTimestamp),
          },
    )
}
