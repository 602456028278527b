/** The ladder of repairs as it went on one damaged place, in words for a person. */
import type { FieldChange } from '../recover/repair.ts'
import type { RungName } from '../recover/rungs/rung.ts'
import { RUNG_WORDS } from '../recover/rungs/rung.ts'
import type { Candidate, CandidateVerdict, RungResult, RungStep } from '../recover/rungs/trail.ts'
import type { MarkerStep, OuterTrial, Reading, Search } from '../recover/undo/ladder.ts'
import { grouped, offsetsText, plural } from '../words/words.ts'
import type { Taken, Verdict } from './explain-verdict.ts'
import { table } from './table.ts'

/** A probability; the repairs that have their own proof have none. */
export const chance = (probability: number): string =>
  probability === 0 ? 'none' : probability.toExponential(1)

const SHOWN_TRIALS = 8

const RESULTS: Readonly<Record<RungResult, string>> = {
  undone: 'proven',
  'not-reached': 'not tried',
  'not-applicable': 'not tried',
  'nothing-fits': 'nothing fits',
  'too-many-candidates': 'not tried: more candidates than the accepted chance allows',
  'effort-too-small': 'not tried: more steps than are left',
  'several-fit': 'REFUSED: more than one repair fits',
  'chance-too-high': 'REFUSED: one repair fits, but the chance of an accident is too high',
  'sector-not-proven': 'REFUSED: one repair fits, but decoding proves nothing of a whole sector',
  'not-judged': 'REFUSED: a limit forbade to judge every candidate',
  'too-many-hits': 'REFUSED: too many places fit to judge them',
  'crc-holds': 'REFUSED: the CRC is right, so it tells of no damage',
}

const ONLY_CODEC =
  'tried in the byte of the codec only: more candidates than the accepted chance allows'

/** What a rung needs before it has anything to look for. */
const NEEDS: Readonly<Record<RungName, string>> = {
  'crc-field': 'needs a length field that says where the batch ends',
  'one-bit': 'needs a length field that says where the batch ends',
  'one-byte': 'needs a length field that says where the batch ends',
  'short-burst': 'needs a length field that says where the batch ends',
  'two-bits': 'needs a length field that says where the batch ends',
  'long-burst': 'needs a length field that says where the batch ends',
  'gzip-header': 'needs a gzip payload that decompresses to its end',
  'inserted-bytes': 'needs a batch that is longer than its length field says',
  'moved-bytes': 'needs whole sectors in other damaged places, and there are none',
}

const VERDICTS: Readonly<Record<CandidateVerdict, string>> = {
  fits: 'CRC right, decodes exactly, agrees with its neighbours',
  'not-judged': 'a limit forbade to judge it',
  'header-impossible': 'no: no such header can be',
  'crc-differs': 'no: the CRC differs',
  'neighbours-contradict': 'no: CRC right, but the batches around it contradict',
  'does-not-decode': 'no: CRC right, but it does not decode',
  'bytes-left-over': 'no: CRC right, but bytes are left over when it is decoded',
  'times-disagree': 'no: CRC right, but its times are not those of its records',
}

const OUTER_BASES: Readonly<Record<OuterTrial['basis'], string>> = {
  'header-behind': 'a header begins there',
  'end-of-damage': 'the damage ends there',
  counting: 'counted from the batches around it',
  index: 'the .index says so',
  'one-bit': 'one flipped bit away',
  own: 'its own',
}

const OUTER_VERDICTS: Readonly<Record<OuterTrial['verdict'], string>> = {
  fits: 'fits',
  'crc-differs': 'no: the CRC differs',
  'no-room': 'no: it would overlap its neighbours',
  'not-ours': 'no: nothing says that the field is damaged, and the batch not another log’s',
  'may-have-moved': 'no: the batch may stand in the wrong place instead',
  'sequence-contradicts': 'no: its producer’s sequence contradicts',
  'several-fit': 'no: more than one value fits',
}

const MARKERS: Readonly<Record<MarkerStep['result'], string>> = {
  built: 'proven',
  'no-producer': 'no producer is known whose transaction could have ended here',
  'too-many-candidates': 'not tried: more candidates than the accepted chance allows',
  'nothing-fits': 'nothing fits',
  'several-fit': 'REFUSED: more than one marker fits',
  'index-contradicts': 'REFUSED: the .txnindex contradicts',
}

const NOT_LOOKED_INTO: Readonly<Record<NonNullable<Search['notLookedInto']>, string>> = {
  'no-header': 'no header can be read in its first bytes, so there is no CRC to search by',
  'too-large': 'more bytes than are looked into',
  unreadable: 'not all of its bytes can be read',
}

const changeText = ({ field, before, after }: FieldChange): string =>
  before === after ? `${field} ${before}` : `${field} ${before} -> ${after}`

const more = (left: number, what: string): string[] =>
  left > 0 ? [`        and ${plural(left, `more ${what}`, `more ${what}s`)}`] : []

function candidateLine({ position, changes, changesLeft, verdict }: Candidate): string {
  const what = changes.map(changeText).join(', ')
  const left = changesLeft > 0 ? ` and ${changesLeft} more changes` : ''
  return `        from position ${position}: ${what}${left}: ${VERDICTS[verdict]}`
}

/** The row of a rung that had its turn, with the lines that belong under it. */
function rungRow(step: RungStep, taken: Taken): { cells: string[]; under: string[] } {
  const { rung, result, candidatesTried, falseMatchProbability, falseMatchTried, steps, why } = step
  const isTaken = result === 'undone' && rung === taken
  const words =
    result === 'too-many-candidates' && candidatesTried > 0 ? ONLY_CODEC : RESULTS[result]
  const fits = falseMatchProbability === null ? '' : `, chance ${chance(falseMatchProbability)}`
  return {
    cells: [
      RUNG_WORDS[rung],
      grouped(candidatesTried),
      grouped(steps),
      chance(falseMatchTried),
      `${words}${fits}${isTaken ? '; REPAIR TAKES THIS' : ''}`,
    ],
    under: [
      ...(why === null || result === 'crc-holds' ? [] : [`        ${why}`]),
      ...step.candidates.map(candidateLine),
      ...more(step.candidatesLeft, 'candidate'),
    ],
  }
}

const NAMES_A_LINE = 5

const wrapped = (names: readonly string[]): string[] =>
  names.flatMap((_, at) =>
    at % NAMES_A_LINE === 0 ? [`        ${names.slice(at, at + NAMES_A_LINE).join(', ')}`] : [],
  )

/** Rungs that had no turn, by the reason that they share. */
function untriedLines(steps: readonly RungStep[]): string[] {
  const byReason = new Map<string, string[]>()
  for (const { rung, result } of steps) {
    const reason = result === 'not-applicable' ? `it ${NEEDS[rung]}` : 'the search had ended'
    byReason.set(reason, [...(byReason.get(reason) ?? []), RUNG_WORDS[rung]])
  }
  return [...byReason].flatMap(([reason, names]) => [
    `    not tried, since ${names.length > 1 ? reason.replace(/^it needs/, 'each needs') : reason}:`,
    ...wrapped(names),
  ])
}

const hadTurn = ({ result }: RungStep): boolean =>
  result !== 'not-applicable' && result !== 'not-reached'

function readingLines(reading: Reading, taken: Taken): string[] {
  const { assumed, rungs, steps, effort, candidatesTried, result, why } = reading
  const rows = rungs.filter(hadTurn).map((step) => rungRow(step, taken))
  const heading = ['LOOKED FOR', 'CANDIDATES', 'STEPS', 'CHANCE SO FAR', 'RESULT']
  const [head = '', ...lines] = table([heading, ...rows.map(({ cells }) => cells)]).split('\n')
  const body = rows.flatMap(({ under }, index) => [`  ${lines[index] ?? ''}`, ...under])
  return [
    ...(assumed.length === 0 ? [] : [`    with ${assumed.map(changeText).join(', ')}`]),
    ...(rows.length === 0 ? [] : [`  ${head}`, ...body]),
    ...untriedLines(rungs.filter((step) => !hadTurn(step))),
    ...(result === 'may-be-another' ? [`    REFUSED after all: ${why}`] : []),
    `    in all ${plural(candidatesTried, 'candidate')}, ${grouped(steps)} of ${grouped(effort)} steps`,
  ]
}

function searchLines({ position, end, notLookedInto, readings }: Search, taken: Taken): string[] {
  const head = `  positions ${position} to ${end} taken for one batch (${plural(end - position, 'byte')})`
  return notLookedInto === null
    ? [head, ...readings.flatMap((reading) => readingLines(reading, taken))]
    : [`${head}: ${NOT_LOOKED_INTO[notLookedInto]}`]
}

function outerLines(trials: readonly OuterTrial[], taken: Taken): string[] {
  const isTaken = taken === 'outer-fields' ? ': REPAIR TAKES THIS' : ''
  if (trials.length === 0) return ['  fields outside the CRC: none of them was in question here']
  return [
    `  fields outside the CRC${isTaken}`,
    ...trials
      .slice(0, SHOWN_TRIALS)
      .map(({ field, position, before, proposed, basis, verdict }) => {
        const change = changeText({ field, before, after: proposed })
        return `        at position ${position}: ${change} (${OUTER_BASES[basis]}): ${OUTER_VERDICTS[verdict]}`
      }),
    ...more(trials.length - SHOWN_TRIALS, 'value'),
  ]
}

function markerLines(searches: readonly Search[], taken: Taken): string[] {
  if (searches.length === 0) return []
  const what = '  a transaction marker built again'
  const tried = searches.findLast(({ marker }) => marker !== null)?.marker ?? null
  const ended = searches.some(({ readings }) => readings.some(({ result }) => result === 'undone'))
  if (tried === null)
    return [
      `${what}: not tried, since ${ended ? 'the search had ended' : 'the bytes cannot be one marker'}`,
    ]
  const { result, candidatesTried } = tried
  const isTaken = taken === 'marker' ? '; REPAIR TAKES THIS' : ''
  return [`${what}: ${plural(candidatesTried, 'candidate')}: ${MARKERS[result]}${isTaken}`]
}

function lastLines({ outcome, salvagedRecords, skippedOffsets, taken }: Verdict): string[] {
  if (outcome !== 'skipped' || salvagedRecords === null) return []
  const { firstOffset = null, lastOffset = null, nextOffset = null } = skippedOffsets ?? {}
  const salvaged =
    salvagedRecords === 0
      ? 'no record can be read out of it for certain'
      : `${plural(salvagedRecords, 'record')} can still be read out of it; they go to a file beside the data (--salvage data writes them into it)`
  const next =
    nextOffset === null ? 'nothing tells where the log goes on' : `the log goes on at ${nextOffset}`
  return [
    `  salvage: ${salvaged}`,
    `  skip: offsets ${offsetsText(firstOffset, lastOffset)} are not in the output; ${next}${taken === 'skip' ? '; REPAIR TAKES THIS' : ''}`,
  ]
}

/** Their CRC holds: the bytes are as their producer wrote them. */
const WRITTEN_SO: ReadonlySet<string> = new Set([
  'decompression-failed',
  'record-malformed',
  'record-count-mismatch',
  'unknown-codec',
  'limit-exceeded',
])

function untraced({ reason }: Verdict): string {
  return WRITTEN_SO.has(reason)
    ? '  undo: not looked for, since the CRC holds: these bytes are as they were written, and only decoding them fails'
    : '  undo: nothing was found here that could be one batch'
}

/** Everything that was tried, in the order of the trying, with what repair would take; lines without their ends. */
export function ladderLines(verdict: Verdict): string[] {
  const { ladder, taken, maxFalseMatch } = verdict
  const last = lastLines(verdict)
  if (ladder === null)
    return last.length === 0 ? [] : ['\nwhat was tried', untraced(verdict), ...last]
  return [
    `\nwhat was tried, in this order (accepted chance of an accident: ${maxFalseMatch.toExponential()})`,
    ...outerLines(ladder.outerFields, taken),
    ...ladder.searches.flatMap((search) => searchLines(search, taken)),
    ...markerLines(ladder.searches, taken),
    ...last,
  ]
}
