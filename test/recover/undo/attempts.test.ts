import { expect } from 'chai'
import { planInMemory } from '../../../bench/recovery/block-plan.ts'
import type { Damage } from '../../../src/recover/damage.ts'
import { NOTHING_FITS } from '../../../src/recover/rungs/undo.ts'
import { createAttempts, withAttempt } from '../../../src/recover/undo/attempts.ts'
import type { UndoAttempt } from '../../../src/recover/undo/open-hole.ts'
import { concat, noise, v2Batch } from '../../segment/build.ts'

const MEBIBYTE = 1024 * 1024
const failed = (why: string, falseMatchTried: number): UndoAttempt => ({
  entry: null,
  why,
  falseMatchTried,
  search: { notLookedInto: null, readings: [] },
})

describe('createAttempts', () => {
  it('gives each attempt what other readings of the same bytes have risked', () => {
    const attempts = createAttempts(0.5)
    const given: number[] = []
    const attempt = (position: number, end: number, risks: number): void => {
      attempts.add({ position, end }, (before) => {
        given.push(before)
        return failed('why', before + risks)
      })
    }
    attempt(100, 200, 0.0625)
    attempt(100, 300, 0.125)
    attempt(150, 250, 0.25)
    // Touches neither; lies mebibytes further on; reaches over all of them.
    attempt(300, 400, 0.0625)
    attempt(3 * MEBIBYTE, 3 * MEBIBYTE + 10, 0.0625)
    attempt(10, 4 * MEBIBYTE, 0)
    expect(given).to.deep.equal([0, 0.0625, 0.1875, 0, 0, 0.5625])
    expect(attempts.risked()).to.deep.equal([0.0625, 0.125, 0.25, 0.0625, 0.0625, 0])
    expect(attempts.on({ position: 100, end: 300 })?.falseMatchTried).to.equal(0.4375)
    expect(attempts.on({ position: 5 * MEBIBYTE, end: 6 * MEBIBYTE })).to.equal(null)
  })

  it('counts the same candidates once, however often they are asked', () => {
    const attempts = createAttempts(0.5)
    const place = { position: 0, end: 90 }
    for (let round = 0; round < 3; round++)
      attempts.add(place, (before) => failed('', before + 0.125))
    expect(attempts.risked()).to.deep.equal([0.125])
  })

  it('takes a search beyond the accepted chance for none', () => {
    const attempts = createAttempts(0.5)
    attempts.add({ position: 0, end: 90 }, () => failed('why', 0.6))
    expect(attempts.risked()).to.deep.equal([0])
  })

  it('says why: of the whole place first, and what was not looked for before what was found not to fit', () => {
    const cases: readonly (readonly [readings: [number, number, string][], why: string])[] = [
      [
        [
          [0, 50, 'short'],
          [0, 100, 'whole'],
        ],
        'whole',
      ],
      [
        [
          [0, 50, 'short'],
          [0, 100, NOTHING_FITS],
          [10, 100, 'inside'],
        ],
        'short',
      ],
      [[[0, 100, NOTHING_FITS]], NOTHING_FITS],
      [
        [
          [20, 50, 'first inside'],
          [30, 100, 'second'],
        ],
        'first inside',
      ],
    ]
    for (const [readings, why] of cases) {
      const attempts = createAttempts(1)
      for (const [position, end, reason] of readings)
        attempts.add({ position, end }, () => failed(reason, 0))
      expect(attempts.on({ position: 0, end: 100 })?.why).to.equal(why)
    }
  })

  it('says so where a repair was found that has no place', () => {
    const attempts = createAttempts(1)
    const entry = {} as UndoAttempt['entry']
    attempts.add({ position: 0, end: 100 }, () => ({ ...failed('', 0), entry }))
    const damage = { position: 0, sizeInBytes: 100, outcome: 'skipped' } as Damage
    expect(withAttempt(damage, attempts).attempt?.why).to.include('which place in the log')
    for (const other of [{ outcome: 'dropped' }, { sizeInBytes: 0 }, { position: 100 }] as const) {
      const entry = { position: 0, sizeInBytes: 100, outcome: 'skipped', ...other } as Damage
      expect(withAttempt(entry, attempts)).to.not.have.property('attempt')
    }
  })
})

describe('why a batch was not undone', () => {
  const value = noise(9000)
  const batches = [0n, 1n, 2n].map((baseOffset) => v2Batch({ baseOffset, records: [{ value }] }))
  const [first, victim] = [batches[0]!, batches[1]!]
  const damaged = concat(...batches)
  damaged[first.length + 300]! ^= 0x11

  const damageAt = async (options: object): Promise<Damage[]> =>
    (await planInMemory(damaged, options)).placed.map(({ damage }) => damage)

  it('names the chance that would let it be looked for, and then it is', async () => {
    const [damage] = await damageAt({})
    expect(damage).to.include({ position: first.length, sizeInBytes: victim.length })
    const why = damage!.attempt!.why
    const [, chance] = /one damaged byte: .*\(try --max-false-match ([\d.e-]+)\)$/.exec(why)!
    expect(Number(chance)).to.be.within(1e-4, 1e-3)
    expect(damage!.attempt!.falseMatchTried).to.be.within(1e-5, 1e-4)
    const [repaired] = await damageAt({ maxFalseMatch: Number(chance) })
    expect(repaired).to.include({ outcome: 'repaired' }).and.not.have.property('attempt')
    expect(repaired!.repair!.falseMatchProbability).to.be.at.most(Number(chance))
  })

  it('names the effort that was too small', async () => {
    const [damage] = await damageAt({ maxFalseMatch: 1e-2, repairEffort: 5000 })
    expect(damage!.attempt!.why).to.include('--repair-effort')
  })

  it('is not said where nothing was to be undone', async () => {
    const [damage] = await damageAt({ undo: false })
    expect(damage).to.include({ outcome: 'skipped' }).and.not.have.property('attempt')
  })
})
