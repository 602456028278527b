/** `kmend dump`: shows what is in logs and the files beside them, damage included. Only the parquet format writes, into a new file. */
import { basename, dirname, resolve } from 'node:path'
import { pathKind, readSmallFile } from '../bytes/file-directory.ts'
import { createOutputFile, moveIntoPlace, removeTree } from '../bytes/file-output.ts'
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import type { AvroType } from '../dump/avro-type.ts'
import { parseAvroSchema } from '../dump/avro-type.ts'
import { lenientText } from '../dump/bytes-text.ts'
import type { DumpFile } from '../dump/dump-file.ts'
import { partitionSegments, resolveDumpFiles } from '../dump/dump-file.ts'
import { dumpLog } from '../dump/dump-log.ts'
import type { DumpOptions } from '../dump/dump-options.ts'
import { dumpFileItems } from '../dump/file-items.ts'
import { entryJson, entryText } from '../dump/entries.ts'
import type { Findings } from '../dump/index-mismatches.ts'
import { consecutiveOffsets } from '../dump/index-mismatches.ts'
import type { ParquetTable } from '../dump/parquet-rows.ts'
import { Quota } from '../dump/quota.ts'
import { csvHeading } from '../dump/csv-rows.ts'
import type { Rows } from '../dump/rows.ts'
import { NO_ROWS, rowsFor } from '../dump/rows.ts'
import { logHeading } from '../dump/text-lines.ts'
import { collectOutcomes, TransactionOutcomes } from '../dump/transaction-outcomes.ts'
import { isUnfiltered } from '../dump/filter.ts'
import { InvalidArgumentError, OutputExistsError } from '../errors.ts'
import { resolveInput } from '../recover/inputs.ts'
import { checkpointFor, resolveOptions } from '../recover/options.ts'
import { checkOutputPlace } from '../recover/output-folder.ts'
import { collectErrors } from '../recover/scan-paths.ts'
import type { Terminal } from './common.ts'
import { createProgressBar } from './common.ts'
import type { Amount, DumpArguments } from './dump-arguments.ts'
import { parseDumpArguments, pathsOf } from './dump-arguments.ts'
import type { Output } from './output.ts'
import { createOutput, writeAll } from './output.ts'

const isLog = ({ kind }: DumpFile): boolean => kind === 'log' || kind === 'kraft-snapshot'

interface Run {
  readonly options: DumpOptions
  readonly output: Output
  readonly findings: Findings[]
  readonly checkpoint: () => Promise<void>
  readonly outcomes: Map<string, TransactionOutcomes>
  readonly rowsOf: (file: DumpFile) => Rows
}

/** Returns the exit code: 0 also where damage was shown, 1 when something could not be read. */
export async function dump(args: DumpArguments, terminal: Terminal): Promise<number> {
  const { options: plain, amount, out, schemas } = parseDumpArguments(args)
  const [keySchema, valueSchema] = [await schemaIn(schemas.key), await schemaIn(schemas.value)]
  const options = { ...plain, keySchema, valueSchema }
  const paths = pathsOf(args)
  const files = paths.flatMap(resolveDumpFiles)
  const odd = files.find((file) => !isLog(file))
  if (odd !== undefined && (options.format === 'csv' || options.format === 'parquet'))
    throw new InvalidArgumentError(`${odd.path}: ${options.format} is for logs; use text or ndjson`)
  const bar = createProgressBar(terminal, args)
  const settings = resolveOptions({ signal: terminal.signal, onProgress: bar.update }, false)
  const checkpoint = checkpointFor(settings, paths.join(' '), 0)
  const findings: Findings[] = []
  const run = (table: ParquetTable | null): Run => ({
    options,
    output: createOutput(terminal),
    findings,
    checkpoint: async () => {
      await checkpoint(0)
    },
    outcomes: new Map(),
    rowsOf: (file) => rowsFor(options, file, table),
  })
  const errors: string[] = []
  if (out === null) await showAll(run(null), files, amount, errors)
  else
    await withParquet(options, newFile(out, paths), async (table) => {
      await showAll(run(table), files, amount, errors)
    })
  bar.clear()
  if (!args.quiet)
    for (const line of findings.flatMap((each) => each.lines())) terminal.stderr.write(`${line}\n`)
  for (const error of errors) terminal.stderr.write(`kmend: ${error}\n`)
  return errors.length > 0 ? 1 : 0
}

/** Throws InvalidArgumentError where there is no such file, or no schema in it. */
async function schemaIn(path: string | null): Promise<AvroType | null> {
  if (path === null) return null
  const bytes = readSmallFile(path)
  if (bytes === null) throw new InvalidArgumentError(`${path}: no such file`)
  return await parseAvroSchema(lenientText(bytes), path)
}

async function showAll(
  run: Run,
  files: readonly DumpFile[],
  amount: Amount,
  errors: string[],
): Promise<void> {
  const quota = await quotaFor(run, files, amount, errors)
  if (run.options.format === 'csv') run.output.add(csvHeading())
  for (const file of files) {
    if (quota.isUsedUp()) break
    await collectErrors(errors, async () => {
      await (isLog(file) ? showLog(run, file, quota) : showFile(run, file))
    })
  }
  await run.output.flush()
}

/** Throws for a place where nothing may be written, and for a file that is there. */
function newFile(out: string, paths: readonly string[]): string {
  checkOutputPlace(out, paths.flatMap(resolveInput))
  if (pathKind(out) !== 'missing') throw new OutputExistsError(`${out} is there already`)
  return out
}

/** Under another name until it is whole; nothing stays when it does not become so. */
async function withParquet(
  options: DumpOptions,
  out: string,
  use: (table: ParquetTable) => Promise<void>,
): Promise<void> {
  const part = `${out}.part`
  const file = createOutputFile(part)
  try {
    // Loaded only where it is wanted.
    const { createParquetTable } = await import('../dump/parquet-rows.ts')
    const table = createParquetTable(options, file)
    await use(table)
    table.finish()
    file.sync()
    file.close()
    moveIntoPlace(part, out)
  } catch (error) {
    file.close()
    removeTree(part)
    throw error
  }
}

const SILENT: Output = {
  add: () => undefined,
  isFull: () => false,
  flush: () => Promise.resolve(),
}

/**
 * The last N are all but the first few: a first pass counts how many there are, by the headers as far as they tell it.
 * A batch that does not decode has none of the records that its header counts, so where fewer than N would be shown,
 * all are counted again by decoding.
 */
async function quotaFor(
  run: Run,
  files: readonly DumpFile[],
  { limit, tail }: Amount,
  errors: string[],
): Promise<Quota> {
  if (tail === null) return new Quota(0, limit ?? Infinity)
  const count = async (quota: Quota): Promise<Quota> => {
    for (const file of files.filter(isLog))
      await collectErrors(errors, async () => {
        await showLog({ ...run, output: SILENT, findings: [], rowsOf: () => NO_ROWS }, file, quota)
      })
    // What could not be read is said by the pass that shows.
    errors.length = 0
    return quota
  }
  const skipFor = ({ counted }: Quota): number => Math.max(0, counted - tail)
  const quick = await count(new Quota(Infinity, Infinity))
  if (!quick.isByHeaders) return new Quota(skipFor(quick), tail)
  const trial = await count(new Quota(skipFor(quick), tail))
  if (trial.shown === Math.min(tail, quick.counted)) return new Quota(skipFor(quick), tail)
  const exact = await count(new Quota(Infinity, Infinity, false))
  return new Quota(skipFor(exact), tail, false)
}

async function withFile<T>(path: string, use: (window: Window) => Promise<T>): Promise<T> {
  const source = openFileSource(path)
  const window = new Window(source)
  try {
    return await use(window)
  } finally {
    window.release()
    source.close()
  }
}

async function showLog(run: Run, file: DumpFile, quota: Quota): Promise<void> {
  const { options, output } = run
  const outcomes = options.filter.outcome === null ? null : await outcomesFor(run, file)
  await withFile(file.path, async (window) => {
    if (options.format === 'text') output.add(logHeading(file))
    const [onRecord, findings] = consecutiveOffsets(resolve(file.path))
    const task = {
      window,
      startOffset: file.kind === 'log' ? file.baseOffset : null,
      options,
      rows: run.rowsOf(file),
      quota,
      outcomes,
      onRecord,
    }
    const { trailingBytes } = await writeAll(dumpLog(task), output, run.checkpoint)
    if (trailingBytes > 0 && options.format === 'text')
      output.add(`Found ${trailingBytes} invalid bytes at the end of ${basename(file.path)}\n`)
    if (isUnfiltered(options.filter)) run.findings.push(findings)
  })
}

/**
 * A transaction may end in a later segment, so all segments of a partition are asked, once and in order, whichever of
 * its files were given, and in whatever order.
 */
async function outcomesFor(run: Run, file: DumpFile): Promise<TransactionOutcomes> {
  const segments = partitionSegments(file.path)
  const partition = segments.length === 1 ? resolve(file.path) : resolve(dirname(file.path))
  const known = run.outcomes.get(partition)
  if (known !== undefined) return known
  const outcomes = new TransactionOutcomes()
  for (const path of segments)
    await withFile(path, async (window) => {
      await writeAll(collectOutcomes(window, outcomes, run.options), SILENT, run.checkpoint)
    })
  run.outcomes.set(partition, outcomes)
  return outcomes
}

async function showFile(run: Run, file: DumpFile): Promise<void> {
  const { output, options } = run
  const isText = options.format === 'text'
  await withFile(file.path, async (window) => {
    if (isText) output.add(`Dumping ${file.path}\n`)
    const sibling = siblingLog(file)
    const log = sibling === null ? null : openFileSource(sibling)
    const logWindow = log === null ? null : new Window(log)
    try {
      const { items, findings } = dumpFileItems(file, window, logWindow, () =>
        readSmallFile(file.path),
      )
      await writeAll(
        texts(items, (item) => (isText ? entryText(item) : entryJson(item, file.path))),
        output,
        run.checkpoint,
      )
      run.findings.push(...findings)
    } finally {
      logWindow?.release()
      log?.close()
    }
  })
}

function* texts<T>(
  items: Iterable<T | null>,
  toText: (item: T) => string,
): Generator<string | null> {
  for (const item of items) yield item === null ? null : toText(item)
}

/** The `.log` of an index, where it is still beside it. */
function siblingLog({ path, kind }: DumpFile): string | null {
  if (kind !== 'offset-index' && kind !== 'time-index') return null
  const log = `${dirname(path)}/${basename(path).split('.')[0] ?? ''}.log`
  return pathKind(log) === 'file' ? log : null
}
