/** Reports in words, for a person under stress: where, what, which offsets, from when to when, what to do next. */
import type { DamageReport, Report, SegmentReport, SkippedRangeReport } from '../recover/report.ts'
import { METADATA_TOPIC } from '../recover/plan.ts'
import { isDamagedFile } from '../recover/file-report.ts'
import { isDamaged, isHarmless } from '../recover/report.ts'
import type { Palette } from './palette.ts'
import { isKraftSnapshot } from '../segment/segment-name.ts'
import { counted, formatBytes, isTime, printable, shellWord } from '../words/words.ts'
import { lostMarkerLines, openTransactionLines } from './render-markers.ts'

const MAP_CELLS = 60

const formatTime = (time: bigint | null): string | null =>
  isTime(time) ? new Date(Number(time)).toISOString() : null

/** One row, the file from left to right: `=` intact, `+` repaired, `x` skipped, `-` dropped, `?` kept although wrong. */
export function healthMap({ damage, sizeInBytes }: SegmentReport, palette: Palette): string {
  const cells = new Array<string>(MAP_CELLS).fill('=')
  const marks: Readonly<Partial<Record<string, string>>> = {
    skipped: 'x',
    dropped: '-',
    kept: '?',
    repaired: '+',
  }
  // Of nothing at all, what is missing is all there is to show.
  if (sizeInBytes === 0 && damage[0] !== undefined) cells.fill(marks[damage[0].outcome] ?? 'x')
  for (const entry of damage) {
    const scale = sizeInBytes === 0 ? 0 : MAP_CELLS / sizeInBytes
    const first = Math.min(MAP_CELLS - 1, Math.floor(entry.position * scale))
    const last = Math.min(
      MAP_CELLS - 1,
      Math.max(first, Math.ceil((entry.position + entry.sizeInBytes) * scale) - 1),
    )
    cells.fill(marks[entry.outcome] ?? 'x', first, last + 1)
  }
  return cells
    .join('')
    .replaceAll(/x+/g, palette.bad)
    .replaceAll(/[-?]+/g, palette.warn)
    .replaceAll(/[=+]+/g, palette.good)
}

export function renderSegment(segment: SegmentReport, palette: Palette): string {
  const { source, batches, records, firstOffset, nextOffset, sizeInBytes } = segment
  const damaged = isDamaged(segment)
  const state = damaged ? palette.bad('DAMAGED') : palette.good('ok')
  const offsets =
    firstOffset === null || nextOffset === null
      ? 'no batches'
      : `offsets ${firstOffset} to ${nextOffset - 1n}`
  const kept = records.kept === null ? '' : `, ${counted(records.kept, 'record')}`
  const lines = [
    `${palette.bold(printable(source))}  ${state}  ${formatBytes(sizeInBytes)}, ${offsets}, ${counted(batches.intact, 'intact batch', 'intact batches')}${kept}`,
  ]
  if (damaged) lines.push(`  [${healthMap(segment, palette)}]`)
  if (segment.sourceChanged) {
    lines.push(
      palette.bad(
        '  The file changed while it was read. Stop the broker, or work on a copy; nothing here can be trusted.',
      ),
    )
  }
  for (const entry of segment.damage)
    if (!isHarmless(entry)) lines.push(...damageLines(entry, palette))
  for (const range of segment.skippedOffsetRanges)
    lines.push(...rangeLines(range, segment, palette))
  for (const [name, { source: state, problems }] of Object.entries(segment.indexes)) {
    if (state === 'damaged')
      lines.push(
        `  ${name} ${palette.warn('damaged')}: ${problems[0] ?? ''}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}`,
      )
  }
  for (const marker of segment.transactions.lostMarkers)
    lines.push(...lostMarkerLines(marker, segment, palette))
  for (const open of segment.transactions.openAtEnd)
    lines.push(...openTransactionLines(open, segment, palette))
  for (const note of segment.notes) lines.push(palette.dim(`  note: ${note}`))
  return lines.join('\n')
}

function damageLines(entry: DamageReport, palette: Palette): string[] {
  const end = entry.position + entry.sizeInBytes
  const colour =
    entry.outcome === 'repaired'
      ? palette.good
      : entry.outcome === 'dropped'
        ? palette.warn
        : palette.bad
  const offsets =
    entry.baseOffset === null
      ? 'no offsets of this log'
      : entry.lastOffset === null
        ? `offsets from ${entry.baseOffset} on`
        : `offsets ${entry.baseOffset} to ${entry.lastOffset}`
  return [
    `  ${colour(`${entry.reason}, ${entry.outcome}`)}  position ${entry.position} to ${end} (${formatBytes(entry.sizeInBytes)}): ${offsets}`,
    `      ${entry.message}`,
    ...repairLines(entry),
    ...notUndoneLines(entry),
    ...(entry.salvaged === null
      ? []
      : [`      records that could be read out of it: ${entry.salvaged}`]),
  ]
}

const MAX_SHOWN_CHANGES = 4

function repairLines({ repair }: DamageReport): string[] {
  if (repair === null) return []
  const { changes, evidence, inferred, falseMatchProbability } = repair
  const shown = changes
    .slice(0, MAX_SHOWN_CHANGES)
    .map(({ field, before, after }) => `${field} ${before} -> ${after}`)
  const more = changes.length > shown.length ? ` and ${changes.length - shown.length} more` : ''
  const chance =
    falseMatchProbability > 0
      ? `; chance of an accident ${falseMatchProbability.toExponential(1)}`
      : ''
  return [
    `      put right: ${shown.join(', ')}${more} (by ${evidence.join(', ')}${chance})`,
    ...(inferred.length > 0
      ? [`      not certain, set to the likeliest value: ${inferred.join(', ')}`]
      : []),
  ]
}

/** Where the bytes of a batch are missing, or are zeros, nobody expects that they could be put right. */
function notUndoneLines({ reason, attempt }: DamageReport): string[] {
  if (attempt === null || reason === 'torn-tail' || reason === 'zero-fill') return []
  return [`      Not undone: ${attempt.why}.`]
}

/** A torn batch's own word is all there is at the end of a log: it may have gone on behind that batch. */
function howSure({ exact, lastBasis, verified }: SkippedRangeReport): string {
  if (exact) return ''
  if (lastBasis === 'index' && !verified) return ', at least: the .txnindex reaches there'
  return lastBasis === 'tail'
    ? ' by the word of the torn batch; more may be missing after them'
    : ', at most'
}

/** By the times of the good batches around it. */
function whenWritten({ timeAfter, timeBefore }: SkippedRangeReport): string {
  const [after, before] = [formatTime(timeAfter), formatTime(timeBefore)]
  if (after !== null)
    return before === null ? `written after ${after}` : `written between ${after} and ${before}`
  return before === null ? 'nothing tells when they were written' : `written before ${before}`
}

function rangeLines(
  range: SkippedRangeReport,
  { topic, partition, source }: SegmentReport,
  palette: Palette,
): string[] {
  const what =
    range.lastOffset === null
      ? `from offset ${range.firstOffset} to an end that nothing tells; the log may end lower than it did`
      : `offsets ${range.firstOffset} to ${range.lastOffset} (${counted(range.offsetCount ?? 0n, 'offset')}${howSure(range)})`
  const lines = [`  ${palette.bad('missing')}  ${what}`, `      ${whenWritten(range)}`]
  // A controller reads the metadata log by itself; no group has a place in it.
  const isMetadata = topic === METADATA_TOPIC || isKraftSnapshot(source)
  if (range.liveSeekOffset !== null && !isMetadata) {
    const name = topic === null ? '<topic>:<partition>' : shellWord(`${topic}:${partition}`)
    lines.push(
      `      a consumer of the damaged broker goes on at offset ${range.liveSeekOffset}:`,
      `      kafka-consumer-groups.sh --bootstrap-server <host:port> --group <group> --topic ${name} --reset-offsets --to-offset ${range.liveSeekOffset} --execute`,
    )
  }
  return lines
}

function verdict({ summary, files }: Report, palette: Palette): string {
  const beside = files.filter(isDamagedFile)
  const found = [
    ...(summary.damagedSegments > 0 ? [counted(summary.damagedSegments, 'segment')] : []),
    ...(beside.length > 0 ? [`${counted(beside.length, 'file')} beside the segments`] : []),
  ]
  return found.length === 0
    ? palette.good('Nothing is damaged.')
    : palette.bad(`${found.join(' and ')} damaged.`)
}

export function renderSummary(report: Report, palette: Palette): string {
  const { summary } = report
  if (summary.segments === 0)
    return report.errors.map((error) => palette.bad(`failed: ${printable(error)}`)).join('\n')
  const checked = report.segments.every(({ checked: how }) => how === 'records')
    ? 'every record decoded'
    : 'CRC checked, records not decoded'
  const lines = [
    '',
    `${counted(summary.segments, 'segment')}, ${checked}. ${verdict(report, palette)}`,
    `batches: ${summary.batches.intact} intact, ${summary.batches.repaired} repaired, ${summary.batches.skipped} skipped, ${summary.batches.dropped} dropped, ${summary.batches.kept} kept as they are`,
  ]
  if (summary.skippedOffsets === null) lines.push('how many offsets are missing cannot be known')
  else if (summary.skippedOffsets > 0n)
    lines.push(`${counted(summary.skippedOffsets, 'offset')} missing`)
  if (summary.records.salvaged > 0)
    lines.push(
      `${counted(summary.records.salvaged, 'record')} salvaged out of skipped batches: suspect, nothing proves them`,
    )
  for (const { source, problems } of report.files)
    if (problems.length > 0)
      lines.push(palette.warn(`${printable(source)}: ${problems.join('; ')}`))
  for (const error of report.errors) lines.push(palette.bad(`failed: ${printable(error)}`))
  return lines.join('\n')
}

export function renderNextSteps(report: Report, out: string | null): string {
  if (report.command === 'scan') {
    const shallow = report.segments.some(({ checked }) => checked === 'crc')
    const lines = [
      ...(report.summary.damagedSegments > 0 || report.files.some(isDamagedFile)
        ? ['Next: kmend repair <the same paths> --out <new folder> writes a repaired copy.']
        : []),
      ...(shallow
        ? [
            'A batch that was damaged before its CRC was made shows only with --deep, which decodes every record.',
          ]
        : []),
    ]
    return lines.length === 0 ? '' : `\n${lines.join('\n')}`
  }
  if (out === null) return '\nNothing was written (--dry-run).'
  if (report.errors.length > 0)
    return `\nThe output in ${out} is NOT WHOLE, and has no report.json: do not put it back. See what failed above, then repair again with --force.`
  const steps = report.restore.map((step, index) => `  ${index + 1}. ${step}`)
  const restore = steps.length > 0 ? `\nTo put it back:\n${steps.join('\n')}` : ''
  const written = report.segments.filter(({ output }) => output != null)
  const places = [
    written.length > 0 ? `Repaired copy: ${out}/data` : 'No repaired copy was written',
    ...(written.some(({ damage }) => damage.length > 0)
      ? [`damaged bytes: ${out}/quarantine`]
      : []),
    `report: ${out}/report.json`,
  ]
  const left = report.segments.length - written.length
  const why =
    report.options['onlyChanged'] === true
      ? 'no difference to the source (--only-changed), or a note above says why'
      : 'a note above says why'
  const unwritten = left === 0 ? '' : `\n${counted(left, 'segment')} not written: ${why}`
  return `\n${places.join('   ')}${unwritten}${restore}`
}
