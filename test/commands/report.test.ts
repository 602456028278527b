import { expect } from 'chai'
import { isDamaged, isNotMadeGood, summarise } from '../../src/recover/report.ts'
import { toJson } from '../../src/recover/report-json.ts'
import type { DamageReport } from '../../src/recover/report.ts'
import { damageOf, segmentOf } from './sample-report.ts'

describe('isDamaged and isNotMadeGood', () => {
  it('tell damage from what is harmless, and harm from what was made good', () => {
    const cases: readonly [Partial<DamageReport>, damaged: boolean, notGood: boolean][] = [
      [{}, true, true],
      [{ outcome: 'kept' }, true, true],
      [{ outcome: 'dropped', reason: 'unrecognised-bytes' }, true, false],
      [{ outcome: 'dropped', reason: 'offset-conflict' }, true, true],
      [{ outcome: 'dropped', reason: 'zero-fill' }, false, false],
      [{ outcome: 'repaired' }, true, false],
    ]
    for (const [changes, damaged, notGood] of cases) {
      const segment = segmentOf({ damage: [damageOf(changes)] })
      expect([isDamaged(segment), isNotMadeGood(segment)], JSON.stringify(changes)).to.deep.equal([
        damaged,
        notGood,
      ])
    }
  })

  it('know no total where one part cannot be known', () => {
    const unknown = segmentOf({ records: { kept: null, skipped: null, salvaged: 0 } })
    const { records, batches } = summarise([segmentOf(), unknown], 0)
    expect(records).to.deep.equal({ kept: null, skipped: null, salvaged: 0 })
    expect(batches.intact).to.equal(20)
  })
})

describe('toJson', () => {
  it('writes integers plainly, and as strings beyond 2^53 - 1', () => {
    const values = { a: 1n, b: 2n ** 53n - 1n, c: 2n ** 53n, d: -(2n ** 63n), e: [null, 'x', 1.5] }
    expect(toJson(values)).to.equal(
      '{"a":1,"b":9007199254740991,"c":"9007199254740992","d":"-9223372036854775808","e":[null,"x",1.5]}',
    )
  })
})
