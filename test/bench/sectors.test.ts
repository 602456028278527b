import { expect } from 'chai'
import type { StruckBatch, Verdict } from '../../bench/recovery/run-case.ts'
import { runCases } from '../../bench/recovery/run-cases.ts'
import { renderSectors, sectorComplaints } from '../../bench/recovery/sector-document.ts'
import { hitIds, makeHit } from '../../bench/recovery/sector-hits.ts'
import {
  deviation,
  isLarge,
  pool,
  sectorPromises,
  together,
} from '../../bench/recovery/sector-pools.ts'
import { benchSegments } from '../../bench/recovery/segments.ts'
import { SECTOR } from '../../bench/recovery/strike.ts'

const SMALL = 'magic 1, gzip, compacted'

const batch = (more: Partial<StruckBatch>): StruckBatch => ({
  column: 'gzip',
  sizeInBytes: 5000,
  records: 100,
  returned: 0,
  salvaged: 30,
  timeless: 1,
  stillThere: { records: 35, beforeTheHole: 35 },
  ...more,
})
const verdict = (segment: string, ...batches: readonly StruckBatch[]): Verdict =>
  ({
    id: `${segment}/0`,
    kind: 'zeroed-512',
    segment,
    batches,
    wrong: [],
    errors: [],
    wrongRecords: 0,
    salvagedWrong: 0,
  }) as unknown as Verdict

describe('bench: sectors', function () {
  // The first to ask reads every segment.
  this.timeout(60_000)

  it('gives every segment as many hits as any other', () => {
    const ids = hitIds(3)
    expect(ids).to.have.length(3 * benchSegments().length)
    expect(ids.filter((id) => id.startsWith(`${SMALL}/`))).to.have.length(3)
  })

  it('hits every sector as often as any other, each time the whole of it and nothing else', () => {
    const segment = benchSegments().find(({ name }) => name === SMALL)!
    const sectors = Math.ceil(segment.segment.bytes.length / SECTOR)
    const struck = Array.from({ length: 2 * sectors }, (_, number) => {
      const { damaged, kind } = makeHit(`${SMALL}/${number}`, 2 * sectors, 7)
      const changed = [...damaged.bytes.keys()].filter(
        (at) => damaged.bytes[at] !== damaged.original[at],
      )
      const places = new Set(changed.map((at) => Math.floor(at / SECTOR)))
      expect(places.size).to.equal(1)
      const [place = -1] = places
      const bytes = damaged.bytes.subarray(place * SECTOR, (place + 1) * SECTOR)
      expect(bytes.every((byte) => byte === 0)).to.equal(kind.slug.startsWith('zeroed'))
      return place
    })
    const twice = Array.from({ length: 2 * sectors }, (_, number) => Math.floor(number / 2))
    expect(struck).to.deep.equal(twice)
    const again = makeHit(`${SMALL}/3`, 2 * sectors, 7)
    expect(again.damaged.bytes).to.deep.equal(makeHit(again.id, 2 * sectors, 7).damaged.bytes)
    expect(() => makeHit('no such segment/1', 5, 7)).to.throw('no such segment')
  })

  it('weighs records, not batches, each in its own column', () => {
    const small = batch({ records: 1, salvaged: 0, timeless: 0, stillThere: null })
    const plain = batch({ column: 'none', salvaged: 95 })
    const verdicts = [verdict('a', batch({}), plain), verdict('b', small, batch({ returned: 70 }))]
    const all = pool(verdicts, 'gzip')
    expect(all).to.deep.equal({
      batches: 3,
      records: 201,
      salvaged: 60,
      returned: 70,
      timeless: 2,
      there: 70,
    })
    expect(together(all)).to.equal(130 / 201)
    expect(pool(verdicts, 'zstd').there).to.equal(null)
    expect(sectorPromises(verdicts).map(({ column, reached }) => [column, reached])).to.deep.equal([
      ['none', 0.95],
      ['gzip', 130 / 201],
    ])
  })

  it('says how far chance goes: nothing where every hit gives the same', () => {
    const same = [batch({}), batch({}), batch({})].map((one) => verdict('a', one))
    expect(deviation(same, 'gzip')).to.equal(0)
    const other = [batch({ salvaged: 0 }), batch({ salvaged: 60 })].map((one) => verdict('a', one))
    expect(deviation(other, 'gzip')).to.be.closeTo(0.3, 1e-9)
  })

  it('complains of what is wrong, and of promises when asked', () => {
    const wrong = { ...verdict('a', batch({})), salvagedWrong: 2 }
    const results = { hits: 9, seed: 4, verdicts: [wrong] }
    const [complaint, ...others] = sectorComplaints(results, false)
    expect(others).to.deep.equal([])
    expect(complaint).to.include('2 records salvaged wrong')
    expect(complaint).to.include("npm run bench:sectors -- --hits 9 --seed 4 --case 'a/0'")
    expect(sectorComplaints(results, true)[1]).to.equal('MISSED gzip: 30.0 %')
    const page = renderSectors(results)
    expect(page).to.include('gzip: 40.0 % cannot be reached on these segments')
    expect(page).to.match(/\| gzip +\| 4 to 16 KiB +\|/)
    expect(page).not.to.include('of one large record')
  })

  it('tells large batches apart, and of these the ones of a single record', () => {
    const [small, single] = [batch({ sizeInBytes: 4095 }), batch({ records: 1, salvaged: 0 })]
    const verdicts = [verdict('a', batch({ salvaged: 50 }), small, single)]
    const [promise, ...others] = sectorPromises(verdicts, isLarge)
    expect(others).to.deep.equal([])
    expect(promise?.reached).to.equal(50 / 101)
    const page = renderSectors({ hits: 9, seed: 4, verdicts })
    const [, after = ''] = page.split('## Promised, batches of 4 KiB and more')
    expect(after).to.match(/\| gzip +\| +40.0 % \| +49.5 % \|/)
    expect(after).to.include('of one large record, up to hundreds of KB: 1 of gzip.')
  })

  it('runs the library on real files', async () => {
    const options = { cases: 0, hits: 4, seed: 1, jobs: 1, kinds: null, codecs: null }
    const [verdict] = await runCases({ ...options, only: `${SMALL}/2` })
    expect(verdict?.segment).to.equal(SMALL)
    expect(verdict?.batches).to.have.length.greaterThan(0)
    expect(verdict?.wrong).to.deep.equal([])
  })
})
