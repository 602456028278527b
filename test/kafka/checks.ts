/*
 * What must hold, as lists of complaints: none means it holds. The expected records come from the
 * undamaged partition, served by the same broker, not from anything that kmend says it kept.
 */
import type { TopicRead } from './broker.ts'
import type { Prepared } from './prepare.ts'
import type { DamageDone } from './targets.ts'
import { covers } from './report.ts'
import type { OffsetRange, RepairReport } from './report.ts'

/**
 * The words of LogSegment, LogLoader, UnifiedLog and LogManager when they give up bytes or directories:
 * "Found invalid messages", "Corruption found", "Truncating", "Deleting segments", "stray".
 */
const GIVES_UP = /found invalid|corrupt|truncat|deleting|stray|error (loading|while)|offline/i

/** What the broker logged about giving up parts of this topic; of a file that goes along damaged it may say so. */
export function brokerComplaints(output: string, topic: string, damagedFile?: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.includes(`${topic}-0`) && GIVES_UP.test(line))
    .filter((line) => damagedFile === undefined || !line.includes(damagedFile))
    .map((line) => `the broker logged: ${line.slice(0, 300)}`)
}

/** An undamaged partition of the corpus: the broker takes it as it was. */
export function checkSource(read: TopicRead, logEndOffset: bigint): string[] {
  return [
    ...expectEqual('log end offset', read.logEndOffset, logEndOffset),
    ...checkReadToEnd(read),
    ...(read.records.size > 0 ? [] : ['it holds no record']),
  ]
}

/** The broker kept all that the report promises, and the consumer read every kept record. */
export function checkRepaired(
  repaired: TopicRead,
  source: TopicRead,
  { case: { missing }, damage, report }: Prepared,
): string[] {
  const endIsKnown = report.skipped.every(({ lastOffset }) => lastOffset !== null)
  return [
    ...expectEqual('log end offset', repaired.logEndOffset, report.nextOffset),
    ...expectEqual('log start offset', repaired.earliest, source.earliest),
    ...(endIsKnown
      ? [
          ...expectEqual('log end offset', repaired.logEndOffset, source.logEndOffset),
          ...expectEqual('last stable offset', repaired.lastStableOffset, source.lastStableOffset),
        ]
      : []),
    ...checkReadToEnd(repaired),
    ...(missing === 'part'
      ? checkSalvaged(repaired, source, damage, report)
      : checkRecords(repaired, source, report.skipped)),
  ]
}

/** Some of the damaged batch's records are there again, each as it was, and in no skipped range. */
function checkSalvaged(
  read: TopicRead,
  source: TopicRead,
  { firstOffset, lastOffset }: DamageDone,
  { salvaged, skipped }: RepairReport,
): string[] {
  const back = [...read.records.keys()].filter((at) => at >= firstOffset && at <= lastOffset)
  return [
    ...expectEqual('salvaged records in the log', back.length, salvaged),
    ...(back.length > 0 ? [] : ['the damage took everything']),
    ...checkRecords(read, source, skipped),
  ]
}

/** The report gives up what the damage touched, and nothing else; what it calls whole is whole. */
export function checkMissing(prepared: Prepared): string[] {
  switch (prepared.case.missing) {
    case 'nothing':
      return checkUndone(prepared)
    case 'damaged':
      return [...checkSkipped(prepared), ...checkAllSkipped(prepared)]
    case 'part':
      return checkSkipped(prepared)
  }
}

function checkUndone({ report, changedLogs }: Prepared): string[] {
  return [
    ...report.skipped.map((range) => `the repair gave up ${name(range)}, nothing had to be`),
    ...changedLogs.map((log) => `${log} is not what it was before the damage`),
    ...expectEqual('exit code', report.exitCode, 0),
  ]
}

function checkSkipped({ damage, report }: Prepared): string[] {
  const bound = { firstOffset: damage.boundFirst, lastOffset: damage.boundLast }
  const tooMuch = report.skipped.filter((range) => !lies(range, bound))
  return [
    ...tooMuch.map((range) => `the repair gave up ${name(range)}, the damage is ${name(damage)}`),
    ...(report.skipped.length > 0 ? [] : ['the repair gave up nothing']),
    ...expectEqual('exit code', report.exitCode, 3),
  ]
}

function checkAllSkipped({ damage, report }: Prepared): string[] {
  const isAllSkipped = [damage.firstOffset, damage.lastOffset].every((offset) =>
    report.skipped.some((range) => covers(range, offset)),
  )
  return isAllSkipped
    ? []
    : [`the damaged ${name(damage)} cannot come back, and is not reported as skipped`]
}

/** Without a repair, the consumer gets all before the undecodable batch and never passes it. */
export function checkStuck(read: TopicRead, source: TopicRead, damage: DamageDone): string[] {
  const before = { firstOffset: damage.firstOffset, lastOffset: null }
  return [
    ...expectEqual('log end offset before the repair', read.logEndOffset, source.logEndOffset),
    ...expectEqual('position before the repair', read.position, damage.firstOffset),
    ...(read.stuckOn?.includes('Exception')
      ? []
      : [`before the repair the consumer met no error (${read.stuckOn ?? 'it read to the end'})`]),
    ...checkRecords(read, source, [before]),
  ]
}

/** Without a repair, the broker gives up everything from the damage on, and says so. */
export function checkTruncated(
  read: TopicRead,
  damage: DamageDone,
  complaints: readonly string[],
): string[] {
  return [
    ...(read.logEndOffset <= damage.firstOffset
      ? []
      : [`the broker did not truncate the damaged log: it ends at ${read.logEndOffset}`]),
    ...(complaints.length > 0 ? [] : ['the broker logged nothing about the damaged log']),
  ]
}

function checkReadToEnd(read: TopicRead): string[] {
  if (read.stuckOn !== null) return [`the consumer is stuck at ${read.position}: ${read.stuckOn}`]
  return [
    ...expectEqual('position at the end', read.position, read.lastStableOffset),
    ...read.astray.map((message) => `the indexes lead astray: ${message}`),
  ]
}

function checkRecords(
  read: TopicRead,
  source: TopicRead,
  skipped: readonly OffsetRange[],
): string[] {
  const expected = [...source.records].filter(
    ([offset]) => !skipped.some((range) => covers(range, offset)),
  )
  const wrong = expected.filter(([offset, digest]) => read.records.get(offset) !== digest)
  const offsets = new Set(expected.map(([offset]) => offset))
  const extra = [...read.records.keys()].filter((offset) => !offsets.has(offset))
  return [
    ...(wrong.length > 0
      ? [`${wrong.length} of ${expected.length} kept records differ, the first at ${wrong[0]![0]}`]
      : []),
    ...(extra.length > 0 ? [`${extra.length} records too many, the first at ${extra[0]!}`] : []),
  ]
}

function lies(inner: OffsetRange, outer: OffsetRange): boolean {
  if (inner.firstOffset < outer.firstOffset) return false
  if (outer.lastOffset === null) return true
  return inner.lastOffset !== null && inner.lastOffset <= outer.lastOffset
}

function name({ firstOffset, lastOffset }: OffsetRange): string {
  return `offsets ${firstOffset} to ${lastOffset ?? 'the end'}`
}

function expectEqual<T extends bigint | number>(what: string, actual: T, expected: T): string[] {
  return actual === expected ? [] : [`${what}: ${actual} instead of ${expected}`]
}
