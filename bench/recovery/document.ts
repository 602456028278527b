/** What is printed, and what docs/recovery.md says. */
import { KINDS } from './kinds.ts'
import type { RunOptions } from './run-cases.ts'
import type { Verdict } from './run-case.ts'
import { COLUMNS } from './segments.ts'
import * as summary from './summary.ts'
import * as tables from './tables.ts'

export interface Results {
  readonly options: RunOptions
  readonly verdicts: readonly Verdict[]
}

/** The command line that makes the same cases again. */
export function commandLine({ cases, seed, kinds, codecs }: RunOptions): string {
  const words = [`--cases ${cases}`, `--seed ${seed}`]
  if (kinds !== null) words.push(`--kinds ${kinds.join(',')}`)
  if (codecs !== null) words.push(`--codecs '${codecs.join(',')}'`)
  return `npm run bench:recovery -- ${words.join(' ')}`
}

export const reproduce = (id: string, seed: number): string =>
  `npm run bench:recovery -- --seed ${seed} --case '${id}'`

const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts].join('\n\n')

const HOW = `Each case takes a segment that a real broker wrote, among the files that lay beside it, damages one copy of its \`.log\`, and runs
the library's repair with its defaults. What comes out is compared with the undamaged segment, record by record: offset, timestamp, key, value,
headers, and for a batch that was put together again its header too. Kinds of damage and codecs weigh the same; \`magic 0/1\` holds all codecs of the
old formats. A damaged batch is one whose bytes no longer stand where they were; where bytes were put between two whole batches, these two count.
A cell is the mean over its cases, \`all\` the mean over cells, a dash means that there is no such case. Percentages are rounded down.`

const STILL_THERE = `Of the records in damaged batches, in %: those before the hole that an ideal reader could still decode / all that it could /
what came back, in the data or as salvage. A record counts as there when each of its bytes can be known from input that is left: decoders of the bench's
own follow every copy back to its literals and every symbol to its table. Whether its time is left as well is not asked. This bounds what any
salvage can do here. Most batches of these segments are small (a sector takes much of them, or several at once), and a compressed record is copied together from
those before it: behind the hole hardly one is free of bytes that are gone. Of zstd blocks in mixed segments, all that has its tables counts as there.
Each case here chose its batch first, and each batch weighs the same. What a lost sector of the file costs, of all records in the batches it hits, is another
question: docs/sectors.md (\`npm run bench:sectors\`) has the answer, the promise held against it, and why the two differ.`

const BROKER = `A broker that starts after an unclean stop cuts a segment at the first batch with a bad size or CRC, and empties it where an
offset is out of the segment's range or where two batches that its index takes in do not rise. Later segments, which it then deletes too, are not
counted against it here.`

const UNDETERMINED = `An offset stands outside the CRC. Where every batch joins the next one it follows from those around it. Where gaps are normal, a batch
whose offset is lost can lie anywhere between its neighbours, and setting it to one of these places would be a guess: such a batch is skipped. The
bench takes an offset for determined where the neighbours leave one place only, where an index entry names the batch, where the messages inside a
batch of magic 0 carry it, or where one flipped bit, and no other one, leads between the neighbours (of several such batches side by side: a bit
above the 2^31 offsets of a segment). It does not where the batch contradicts the one beside it and a flipped bit in that one explains as much, nor
where no other batch has the offsets that it says. Bytes that were put in behind the offset of a header, or so far into it that what is
left is the end of several offsets of the segment, or fits between the neighbours cut at another byte too, leave it open whether that offset is of this batch, unless it fills what is missing exactly. All others are these:`

export function render({ options, verdicts }: Results): string {
  const lines = summary.promiseLines(verdicts, KINDS, COLUMNS)
  return [
    '# Recovery, measured',
    `Made by \`${commandLine(options)} --write docs/recovery.md\`: ${verdicts.length} cases, ${new Set(verdicts.map(({ segment }) => segment)).size} segments, seed ${options.seed}. The same command gives the same tables.`,
    HOW,
    totals(verdicts),
    section(
      'Returned',
      'Of the records in damaged batches, the share that is in the repaired data as it was, in %.',
      tables.returnedTable(verdicts),
    ),
    section(
      'Salvaged',
      'Of the records in damaged batches, the share that is only in the salvage files: right / wrong, in %. The rest is lost.',
      tables.salvagedTable(verdicts),
    ),
    section(
      'What was still there',
      STILL_THERE,
      tables.nothingLeft(verdicts),
      tables.stillThereTable(verdicts),
    ),
    section(
      'Kept',
      'Of all records of the segment, the share that is there afterwards: in the repaired data / in what a broker leaves by itself, in %.',
      BROKER,
      tables.keptTable(verdicts),
    ),
    section(
      'Promised',
      'Cases of which every record must come back, and what must at least be salvaged: of all records in the damaged batches, and of those still there (see above). Damage that nothing shows, and offsets that nothing determines, are left out.',
      tables.promiseTable(lines),
    ),
    section('By segment', tables.segmentTable(verdicts)),
    section(
      'What cannot be seen',
      "Nothing in the file or beside it contradicts these: an offset that rises at the log's end or within a gap of a compacted log, a leader epoch between those of its neighbours, an end that is cut off at a batch's boundary. They were found by this run.",
      tables.undetectableTable(verdicts),
    ),
    section('What cannot be determined', UNDETERMINED, tables.undeterminedTable(verdicts)),
  ].join('\n\n')
}

function totals(verdicts: readonly Verdict[]): string {
  const wrong = verdicts.filter((one) => one.wrong.length > 0)
  const failed = verdicts.filter((one) => one.errors.length > 0)
  const epochs = verdicts.filter((one) => one.wrongEpochs.length > 0)
  const records = wrong.reduce((sum, one) => sum + one.wrongRecords, 0)
  return `Records returned wrong: ${records}, in ${wrong.length} cases. Leader epochs that stayed wrong although something contradicts them: in ${epochs.length} cases. Runs that failed: ${failed.length}.`
}

/** One block for each case that must not be, with the command that makes it again. */
export function complaints({ options, verdicts }: Results, withPromises: boolean): string[] {
  const failures = verdicts
    .filter(summary.isFailure)
    .map(
      ({ id, segment, wrong, errors }) =>
        `WRONG ${id} (${segment})\n${[...wrong, ...errors].map((line) => `  ${line}`).join('\n')}\n  ${reproduce(id, options.seed)}`,
    )
  const epochs = verdicts.flatMap(({ id, wrongEpochs }) =>
    wrongEpochs.map((line) => `EPOCH ${id}: ${line}\n  ${reproduce(id, options.seed)}`),
  )
  const overlooked = verdicts
    .filter((one) => one.overlooked)
    .map(({ id }) => `OVERLOOKED ${id}: no damage was found\n  ${reproduce(id, options.seed)}`)
  if (!withPromises) return [...failures, ...epochs, ...overlooked]
  const missed = summary
    .promiseLines(verdicts, KINDS, COLUMNS)
    .filter((line) => !summary.isMet(line))
  return [
    ...failures,
    ...epochs,
    ...overlooked,
    ...missed.map(
      ({ what, reached, short }) =>
        `MISSED ${what}: ${summary.percent(reached)} %${short.map((id) => `\n  ${reproduce(id, options.seed)}`).join('')}`,
    ),
  ]
}
