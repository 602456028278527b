/**
 * A few bits under the CRC changed: one bit, one byte, a burst, two bits. The syndrome locates each kind in one
 * walk. They are tried from the fewest candidates to the most, and a kind that has too many for the accepted chance
 * of a false match is not tried at all.
 */
import { countBits, locateBursts, locateByte } from '../../bytes/crc-locate.ts'
import type { ByteFlip, Flips, Located } from '../../bytes/crc-locate.ts'
import { locateTwoBits, twoBitsWork } from '../../bytes/crc-locate-two-bits.ts'
import { CODEC_MASK } from '../../segment/layout.ts'
import type { CoveredArea } from './area.ts'
import { flipEdit } from '../edits.ts'
import type { Edit } from '../edits.ts'
import { neededChance, shareBeforeRepair, wrongDecodeShare } from './false-match.ts'
import { settle } from './judge.ts'
import { STEPS_PER_DECODED_BYTE, STEPS_PER_LOOK_UP } from './ledger.ts'
import { NOTHING_FITS_HERE, RUNG_WORDS } from './rung.ts'
import type { Attempt, RungName, RungOutcome } from './rung.ts'
import { noted } from './trail.ts'

const SHORT_BURST_BITS = 8
const LONG_BURST_BITS = 16
/** The byte with the codec, from the start of the area in every magic: the low one of magic 2's two. */
const ATTRIBUTES_IN_AREA = 1

/** One kind of change among `size` bytes. */
interface Kind {
  readonly rung: RungName
  readonly candidates: number
  readonly steps: number
  readonly locate: (limit: number) => Located
}

/** `readAs`: the magic as which the bytes are read. */
export function undoFlips(attempt: Attempt, area: CoveredArea, readAs: number): RungOutcome {
  const share = shareBeforeRepair(attempt)
  let skipped: string | null = null
  for (const kind of kindsOf(attempt, area)) {
    const outcome = noted(attempt, kind.rung, readAs, () => weighKind(attempt, area, kind, share))
    if (outcome.type !== 'nothing') return outcome
    skipped ??= outcome.why
  }
  return { ...NOTHING_FITS_HERE, why: skipped }
}

function weighKind(attempt: Attempt, area: CoveredArea, kind: Kind, share: number): RungOutcome {
  const { ledger, options, entry } = attempt
  if (ledger.falseMatch(share, kind.candidates) <= options.maxFalseMatch)
    return tryKind(attempt, area, kind)
  const outcome = tryCodec(attempt, area, kind)
  if (outcome.type !== 'nothing') return outcome
  const needed = neededChance(ledger.falseMatch(share, kind.candidates))
  const why = `a batch of ${entry.bytes.length} bytes is too large to look for ${RUNG_WORDS[kind.rung]}: ${needed}`
  return { type: 'nothing', reason: 'too-many-candidates', why }
}

function kindsOf(attempt: Attempt, area: CoveredArea): Kind[] {
  const { crc, size, syndrome } = area
  let byteFlips: readonly ByteFlip[] | undefined
  const flipsOfOneByte = (): readonly ByteFlip[] => (byteFlips ??= locateByte(crc, syndrome, size))
  const oneByte = (isWanted: (bits: number) => boolean): Located => ({
    hits: flipsOfOneByte()
      .filter(({ mask }) => isWanted(countBits(mask)))
      .map((flip) => [flip]),
    complete: true,
  })
  return [
    {
      rung: 'one-bit',
      candidates: 8 * size,
      steps: size,
      locate: () => oneByte((bits) => bits === 1),
    },
    // What is one bit was judged before, and rejected.
    {
      rung: 'one-byte',
      candidates: 255 * size,
      steps: size,
      locate: () => oneByte((bits) => bits > 1),
    },
    {
      rung: 'short-burst',
      candidates: 8 * size * 2 ** (SHORT_BURST_BITS - 1),
      steps: size,
      locate: (limit) => locateBursts(crc, syndrome, size, SHORT_BURST_BITS, limit),
    },
    {
      rung: 'two-bits',
      candidates: (8 * size * (8 * size - 1)) / 2,
      steps: twoBitsWork(size) * STEPS_PER_LOOK_UP,
      locate: (limit) => locateTwoBits(crc, syndrome, size, limit),
    },
    {
      rung: 'long-burst',
      candidates: 8 * size * 2 ** (LONG_BURST_BITS - 1),
      steps: size,
      locate: (limit) => locateBursts(crc, syndrome, size, LONG_BURST_BITS, limit),
    },
  ]
}

const editsOf = (attempt: Attempt, area: CoveredArea, flips: Flips): Edit[] =>
  flips.map(({ at, mask }) => flipEdit(attempt.entry.bytes, area.start + at, mask))

function tryKind(attempt: Attempt, area: CoveredArea, kind: Kind): RungOutcome {
  const { ledger, entry } = attempt
  const { rung } = kind
  if (kind.steps > ledger.left)
    return {
      type: 'nothing',
      reason: 'effort-too-small',
      why: `the effort of ${ledger.effort} steps does not reach to look for ${RUNG_WORDS[rung]} (try a higher --repair-effort)`,
    }
  ledger.spend(kind.steps)
  ledger.count(kind.candidates)
  // More hits than could be decoded need not be looked for.
  const limit = Math.ceil(ledger.left / (STEPS_PER_DECODED_BYTE * entry.bytes.length))
  const { hits, complete } = kind.locate(limit)
  if (!complete)
    return {
      type: 'refused',
      reason: 'too-many-hits',
      why: `more than ${limit} places fit ${RUNG_WORDS[rung]}: too many to judge them (try a higher --repair-effort)`,
    }
  return settle(
    attempt,
    { rung, sectorRule: true, evidence: ['crc', 'records'] },
    hits.map((flips) => editsOf(attempt, area, flips)),
  )
}

/**
 * The codec itself stands in the bytes that may be damaged: then the share that was reckoned with is the wrong
 * codec's. Where a kind has too many candidates, those that change the codec are still few.
 */
function tryCodec(attempt: Attempt, area: CoveredArea, kind: Kind): RungOutcome {
  const { entry, ledger, options } = attempt
  const { rung } = kind
  const { header } = entry
  const candidates = rung === 'one-bit' ? 8 : rung === 'one-byte' ? 255 : null
  if (candidates === null || header === null || kind.steps > ledger.left) return NOTHING_FITS_HERE
  ledger.spend(kind.steps)
  ledger.count(candidates)
  const changesCodec = ({ at, mask }: ByteFlip): boolean =>
    at === ATTRIBUTES_IN_AREA && (mask & CODEC_MASK) !== 0
  const hits = kind.locate(Infinity).hits.filter((flips) => flips.every(changesCodec))
  // Nothing is lost by leaving out what would be refused for its share.
  const worthTrying = hits.filter(([flip]) => {
    const attributes = header.attributes ^ (flip?.mask ?? 0)
    return (
      ledger.falseMatch(wrongDecodeShare({ ...header, attributes }, [])) <= options.maxFalseMatch
    )
  })
  return settle(
    attempt,
    { rung, sectorRule: true, evidence: ['crc', 'records'] },
    worthTrying.map((flips) => editsOf(attempt, area, flips)),
  )
}
