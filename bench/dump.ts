/**
 * `npm run bench:dump`: a large segment dumped as NDJSON and as Parquet, with the most memory that each took, and the
 * Parquet file read back by readers that are not ours: pyarrow and DuckDB, of the Python that `--python` names. Exit 1
 * where a dump holds too much, or where rows or offsets are missing in it.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { scanSegment } from '../src/kmend.ts'
import { peakMemory } from './measure.ts'
import { buildSegment } from './segments.ts'

const MIB = 1024 * 1024
const MOST_MIB = 512
const CLI = join(import.meta.dirname, '../dist/cli.js')
const CORPUS = join(import.meta.dirname, '../../shared/corpus/kafka-4.1.0')

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    /** With the modules pyarrow and duckdb, or one of them. */
    python: { type: 'string', default: 'python3' },
  },
})

/** Each prints how many rows there are, how many offsets, and the smallest and largest. */
const READERS: Readonly<Record<string, string>> = {
  pyarrow: `
import sys, pyarrow.parquet as pq, pyarrow.compute as pc
offsets = pq.read_table(sys.argv[1], columns=['offset'])['offset']
print(len(offsets), len(pc.unique(offsets)), pc.min(offsets), pc.max(offsets))`,
  duckdb: `
import sys, duckdb
print(*duckdb.execute('select count(*), count(distinct "offset"), min("offset"), max("offset") from read_parquet(?)', [sys.argv[1]]).fetchone())`,
}

function say(what: string, isRight: boolean | null, more: string): void {
  if (isRight === false) process.exitCode = 1
  const verdict = isRight === null ? 'not checked' : isRight ? 'right' : 'WRONG'
  process.stdout.write(`| ${what} | ${more} | ${verdict} |\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'kmend-bench-dump-'))
try {
  const log = buildSegment(join(folder, 'orders-0'), {
    from: join(CORPUS, 'orders-none-0'),
    batchBytes: 16 * 1024,
    sizeInBytes: Number(values.mib) * MIB,
  })
  let records = 0
  for await (const event of scanSegment(log))
    if (event.type === 'batch') records += event.recordsCount ?? 0
  process.stdout.write(
    `${records} records in ${values.mib} MiB\n\n| what | | |\n| --- | --- | --- |\n`,
  )
  const parquet = join(folder, 'orders.parquet')
  const ndjson = join(folder, 'orders.ndjson')
  const dumps = {
    ndjson: {
      line: `${process.execPath} ${CLI} dump ${log} --format ndjson > ${ndjson}`,
      file: ndjson,
    },
    parquet: {
      line: `${process.execPath} ${CLI} dump ${log} --format parquet --out ${parquet}`,
      file: parquet,
    },
  }
  for (const [name, { line, file }] of Object.entries(dumps)) {
    const memory = peakMemory({ name, line, prepare: `rm -f ${file}` })
    const isBounded = memory === null ? null : memory <= MOST_MIB
    say(`${name}: resident memory, MiB (at most ${MOST_MIB})`, isBounded, String(memory))
    say(`${name}: size of the file, MiB`, null, String(Math.round(statSync(file).size / MIB)))
  }
  const { stdout: lines } = spawnSync('wc', ['-l', ndjson], { encoding: 'utf8' })
  say('ndjson: lines', parseInt(lines) === records, lines.trim().split(' ')[0] ?? '')
  const expected = `${records} ${records} 0 ${records - 1}`
  for (const [module, script] of Object.entries(READERS)) {
    const { status, stdout } = spawnSync(values.python, ['-c', script, parquet], {
      encoding: 'utf8',
    })
    const isThere = spawnSync(values.python, ['-c', `import ${module}`]).status === 0
    const found = stdout.trim()
    const words = `parquet, read by ${module}: rows, offsets, first, last`
    if (isThere) say(words, status === 0 && found === expected, found)
    else say(words, null, `no ${module} in ${values.python}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
