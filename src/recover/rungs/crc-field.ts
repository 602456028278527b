/**
 * The stored CRC is damaged and everything under it whole: at most 3 of its bits differ from the computed CRC, the
 * batch decodes exactly, and no single flipped bit under the CRC explains the same difference.
 */
import { countBits, locateByte } from '../../bytes/crc-locate.ts'
import type { CoveredArea } from './area.ts'
import { flipEdit } from '../edits.ts'
import { admit, judge } from './judge.ts'
import { NOTHING_FITS_HERE } from './rung.ts'
import type { Attempt, RungOutcome } from './rung.ts'

const MAX_FLIPPED_BITS = 3
/** One, two or three of 32 bits. */
export const CRC_FIELD_CANDIDATES: number = 32 + 496 + 4960

export function undoCrcField(attempt: Attempt, area: CoveredArea): RungOutcome {
  const { ledger } = attempt
  ledger.count(CRC_FIELD_CANDIDATES)
  if (countBits(area.syndrome) > MAX_FLIPPED_BITS) return NOTHING_FITS_HERE
  const inserted = new Uint8Array(4)
  new DataView(inserted.buffer).setUint32(0, area.computedCrc)
  const verdict = judge(attempt, [{ at: area.stored, removed: 4, inserted }])
  if (verdict.type === 'unjudged')
    return { type: 'refused', reason: 'not-judged', why: verdict.why }
  if (verdict.type === 'rejected') return NOTHING_FITS_HERE
  ledger.spend(area.size)
  for (const { at, mask } of locateByte(area.crc, area.syndrome, area.size)) {
    if (countBits(mask) > 1) continue
    const other = judge(attempt, [flipEdit(attempt.entry.bytes, area.start + at, mask)])
    if (other.type === 'unjudged') return { type: 'refused', reason: 'not-judged', why: other.why }
    if (other.type === 'survives') {
      return {
        type: 'refused',
        reason: 'several-fit',
        why: 'the stored CRC could be damaged, or one bit under it: nothing tells which',
      }
    }
  }
  const rules = { rung: 'crc-field', sectorRule: false, evidence: ['crc', 'records'] } as const
  return admit(attempt, rules, verdict.survivor)
}
