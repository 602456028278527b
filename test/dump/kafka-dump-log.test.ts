import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { decoderFor, runDump } from './support.ts'

const FIXTURES = join(import.meta.dirname, '../segments')
const RECORDS = join(import.meta.dirname, '../topics/records')
const CORPUS = join(import.meta.dirname, '../../../shared/corpus')
const ANSWER = /\.dump\.txt(\.gz)?$/

/** Every file that kafka-dump-log has an answer for: its path, and the answer's. */
function answered(files: string, answers: string): [file: string, answer: string][] {
  if (!existsSync(answers)) return []
  return readdirSync(answers, { recursive: true, encoding: 'utf8' })
    .filter((name) => ANSWER.test(name))
    .map((name) => {
      const stem = name.replace(ANSWER, '')
      const path = join(files, stem)
      return [existsSync(path) ? path : `${path}.log`, join(answers, name)]
    })
}

function readAnswer(path: string): string {
  const bytes = readFileSync(path)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}

const SOURCES: readonly [string, string, string][] = [
  ['a fixture', FIXTURES, join(FIXTURES, 'answers')],
  ['every record type', RECORDS, RECORDS],
  ['the corpus', CORPUS, join(CORPUS, 'answers')],
]

describe('dump prints what kafka-dump-log prints, line for line', () => {
  for (const [what, files, answers] of SOURCES) {
    for (const [path, answer] of answered(files, answers)) {
      it(`${what}: ${path.slice(files.length + 1)}`, async () => {
        const { code, out } = await runDump(path, { ...decoderFor(path), showSecrets: true })
        // Compared as a whole, told by the first line that differs: the rest would fill screens.
        const [mine, theirs] = [out.split('\n').slice(1), readAnswer(answer).split('\n')]
        const differs = theirs.findIndex((line, index) => line !== mine[index])
        expect(mine[differs]).to.equal(theirs[differs])
        expect(mine.length).to.equal(theirs.length)
        expect(out).to.match(/^Dumping /)
        expect(code).to.equal(0)
      })
    }
  }

  it('has answers for logs, indexes, snapshots and internal topics among the fixtures', () => {
    const names = answered(FIXTURES, join(FIXTURES, 'answers')).map(([path]) => path)
    for (const wanted of [
      /payments.*\.log$/,
      /v1-compacted.*\.log$/,
      /\.index$/,
      /\.timeindex$/,
      /\.txnindex$/,
      /\.snapshot$/,
      /__consumer_offsets/,
      /\.checkpoint$/,
    ])
      expect(names.filter((name) => wanted.test(name))).not.to.equal([])
    expect(names.length).to.equal(15)
  })
})
