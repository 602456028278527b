/** What explain has found out, and how it is told to a person. */
import type { ExplainedField } from '../dump/explain-header.ts'
import type { Outcome } from '../recover/damage.ts'
import { chance, ladderLines } from './explain-ladder.ts'
import type { Verdict } from './explain-verdict.ts'
import { table } from './table.ts'

const SHOWN_CHANGES = 5

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  repaired: 'repair would put it right',
  skipped: 'repair would skip it',
  dropped: 'repair would drop it: no offset of this log is in it',
  kept: 'repair would keep it as it is',
}

/** All that is known of the place; null where there is nothing to say. */
export interface Explanation {
  readonly source: string
  readonly position: number
  readonly sizeInBytes: number
  readonly reason: string | null
  readonly message: string | null
  readonly offsetBefore: bigint | null
  readonly offsetAfter: bigint | null
  readonly fields: readonly ExplainedField[]
  readonly storedCrc: number | null
  readonly computedCrc: number | null
  /** Of the damaged bytes; empty for a good batch. */
  readonly hexDump: readonly string[]
  /** In short; of a batch whose CRC fails they are what its damaged bytes decode to. */
  readonly records: readonly string[]
  readonly recordsAreVerified: boolean
}

function verdictText(verdict: Verdict, explanation: Explanation): string {
  const { reason, outcome, changes, evidence, inferred, falseMatchProbability, attempt } = verdict
  const { position, sizeInBytes } = verdict
  const isWider = position !== explanation.position || sizeInBytes !== explanation.sizeInBytes
  const where = isWider ? ` of positions ${position} to ${position + sizeInBytes}` : ''
  const lines = [`  scan says${where}: ${reason}; ${OUTCOMES[outcome]}`]
  const shown = changes.map(({ field, before, after }) => `    ${field}: ${before} -> ${after}`)
  if (shown.length > 0) {
    const left = shown.length - SHOWN_CHANGES
    lines.push(
      '  as it was before',
      ...shown.slice(0, SHOWN_CHANGES),
      ...(left > 0 ? [`    and ${left} more`] : []),
      `    proven by ${evidence.join(', ')}; chance of an accident ${chance(falseMatchProbability ?? 0)}`,
      ...(inferred.length > 0 ? [`    likeliest, not proven: ${inferred.join(', ')}`] : []),
    )
  }
  if (attempt !== null)
    lines.push(
      '  nothing was undone',
      ...attempt.why.split('; ').flatMap((reason) => (reason === '' ? [] : [`    ${reason}`])),
      `    chance that something false would have been found: ${chance(attempt.falseMatchTried)}`,
    )
  return `${[...lines, ...ladderLines(verdict)].join('\n')}\n`
}

/** One screen for a person; `verdict` is null where there is no damage. */
export function renderExplanation(explanation: Explanation, verdict: Verdict | null): string {
  const { source, position, sizeInBytes, fields, records } = explanation
  const reason = explanation.reason ?? verdict?.reason ?? null
  const message = explanation.message ?? verdict?.message ?? null
  const state = reason === null ? 'a good batch' : `DAMAGED: ${reason}`
  const parts = [
    `${source}  position ${position} to ${position + sizeInBytes} (${sizeInBytes} bytes)  ${state}\n`,
  ]
  if (message !== null) parts.push(`  ${message}\n`)
  if (reason !== null && !explanation.recordsAreVerified)
    parts.push(
      `  good offsets around it: up to ${explanation.offsetBefore ?? 'none'}, from ${explanation.offsetAfter ?? 'none'}\n`,
    )
  if (explanation.reason !== null && explanation.recordsAreVerified)
    parts.push('  its CRC holds, so only scan --deep finds this\n')
  if (fields.length > 0) {
    const rows = fields.map(({ name, offset, bytes, value, meaning, isCovered }) => [
      `+${offset}`,
      bytes,
      isCovered ? '' : '*',
      name,
      value,
      meaning,
    ])
    parts.push(
      `\nheader (fields with * lie outside of the CRC)\n${table([['AT', 'BYTES', '', 'FIELD', 'VALUE', 'MEANING'], ...rows])}`,
    )
  }
  if (records.length > 0) {
    const trust = explanation.recordsAreVerified
      ? ''
      : ' as the damaged bytes decode, NOT to be trusted: the CRC does not hold'
    parts.push(`\nrecords${trust}\n${records.map((record) => `  ${record}\n`).join('')}`)
  }
  if (explanation.hexDump.length > 0)
    parts.push(`\nbytes\n${explanation.hexDump.map((line) => `${line}\n`).join('')}`)
  if (verdict !== null) parts.push(`\nrepair\n${verdictText(verdict, explanation)}`)
  return parts.join('')
}
