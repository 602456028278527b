import { expect } from 'chai'
import fc from 'fast-check'
import { createIndexWatch } from '../../src/index/index-watch.ts'
import type { IndexWatch } from '../../src/index/index-watch.ts'
import { createOffsetIndexCheck } from '../../src/index/offset-index-check.ts'
import { decodeOffsetIndex } from '../../src/index/offset-index.ts'
import { createTimeIndexCheck } from '../../src/index/time-index-check.ts'
import { decodeTimeIndex } from '../../src/index/time-index.ts'
import { offsetIndexOf, timeIndexOf } from './bytes.ts'

const BASE = 1000n

interface Batch {
  readonly position: number
  readonly size: number
  readonly offset: number
  readonly time: number
}

/** Batches of 100 bytes and ten offsets; `holes` are left out as damaged bytes would be. */
const batchesOf = (times: readonly number[], holes: readonly number[] = []): Batch[] =>
  times
    .map((time, index) => ({ position: index * 100, size: 100, offset: index * 10 + 9, time }))
    .filter((_, index) => !holes.includes(index))

type Offsets = [relativeOffset: number, position: number][]
type Times = [timestamp: bigint, relativeOffset: number][]

function watch(batches: readonly Batch[], offsets: Offsets, times: Times): IndexWatch {
  const watched = createIndexWatch(
    BASE,
    decodeOffsetIndex(offsetIndexOf(...offsets)),
    decodeTimeIndex(timeIndexOf(...times)),
  )
  for (const { position, size, offset, time } of batches)
    watched.onBatch(position, size, offset, time)
  return watched
}

function check(batches: readonly Batch[], offsets: Offsets, times: Times, logSize: number) {
  const offsetCheck = createOffsetIndexCheck(decodeOffsetIndex(offsetIndexOf(...offsets)), BASE)
  const timeCheck = createTimeIndexCheck(decodeTimeIndex(timeIndexOf(...times)), BASE)
  for (const { position, size, offset, time } of batches) {
    offsetCheck.onBatch(position, size, BASE + BigInt(offset), BASE + BigInt(offset - 9))
    timeCheck.onBatch(position, size, BASE + BigInt(offset), BigInt(time))
  }
  return { offsets: offsetCheck.finish(logSize), times: timeCheck.finish(logSize) }
}

describe('createIndexWatch', () => {
  const healthy = batchesOf([5, 7, 6, 9])
  const offsets: Offsets = [
    [19, 100],
    [29, 200],
    [39, 300],
  ]
  const times: Times = [
    [7n, 19],
    [9n, 39],
  ]

  it('has no doubt about healthy indexes', () => {
    const watched = watch(healthy, offsets, times)
    expect(watched.batches).to.equal(4)
    expect(watched.offsetIndexProblems(400)).to.deep.equal([])
    expect(watched.timeIndexFindings(400)).to.deep.equal({ problems: [], lacksFinalEntry: false })
    const active = watch(healthy, offsets, times.slice(0, 1))
    expect(active.timeIndexFindings(400)).to.deep.equal({ problems: [], lacksFinalEntry: true })
  })

  const doubtful: { name: string; offsets?: Offsets; times?: Times }[] = [
    { name: 'a position inside a batch', offsets: [[19, 101]] },
    { name: 'an offset that an earlier batch has', offsets: [[5, 100]] },
    { name: 'a position behind the end', offsets: [[39, 400]] },
    { name: 'an offset behind the end', offsets: [[40, 300]] },
    { name: 'another time', times: [[8n, 19]] },
    { name: 'a time that is no maximum', times: [[6n, 29]] },
    { name: 'a time behind the end', times: [[9n, 40]] },
  ]
  for (const row of doubtful) {
    it(`leaves to the check: ${row.name}`, () => {
      const watched = watch(healthy, row.offsets ?? offsets, row.times ?? times)
      expect(watched.offsetIndexProblems(400) === null).to.equal(row.offsets !== undefined)
      expect(watched.timeIndexFindings(400) === null).to.equal(row.times !== undefined)
    })
  }

  for (const { named, doubtful: isDoubtful } of [
    { named: 20, doubtful: true },
    { named: 45, doubtful: true },
    { named: 49, doubtful: false },
    { named: 55, doubtful: true },
    { named: 89, doubtful: false },
  ])
    it(`${isDoubtful ? 'leaves to the check' : 'takes'} offset ${named} for a batch that ends at 49, between gaps`, () => {
      const gapped = [9, 49, 89].map((offset, at) => ({ ...healthy[at]!, offset }))
      const watched = watch(gapped, [[named, 100]], [])
      expect(watched.offsetIndexProblems(300) === null).to.equal(isDoubtful)
    })

  it('knows nothing of an index that is not there', () => {
    const watched = createIndexWatch(BASE, null, null)
    expect([watched.offsetIndexProblems(0), watched.timeIndexFindings(0)]).to.deep.equal([
      null,
      null,
    ])
  })

  it('never says anything else than the checks', () => {
    const offsetEntry = fc.tuple(
      fc.nat(55),
      fc.nat(55).map((n) => n * 10),
    )
    const timeEntry = fc.tuple(fc.nat(12).map(BigInt), fc.nat(55))
    const rising = <T>(entries: [T, unknown][] | Offsets | Times): typeof entries =>
      entries.toSorted((a, b) => Number(a[0]) - Number(b[0]))
    fc.assert(
      fc.property(
        fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(4), { maxLength: 2 }),
        fc.array(offsetEntry, { maxLength: 4 }),
        fc.array(timeEntry, { maxLength: 4 }),
        fc.nat(100),
        (batchTimes, holes, offsetEntries, timeEntries, tail) => {
          const batches = batchesOf(batchTimes, holes)
          const [index, timeIndex] = [rising(offsetEntries), rising(timeEntries)]
          const logSize = batchTimes.length * 100 + (tail > 50 ? tail : 0)
          const watched = watch(batches, index as Offsets, timeIndex as Times)
          const checked = check(batches, index as Offsets, timeIndex as Times, logSize)
          const problems = watched.offsetIndexProblems(logSize)
          if (problems !== null) expect(problems).to.deep.equal(checked.offsets)
          const findings = watched.timeIndexFindings(logSize)
          if (findings !== null) expect(findings).to.deep.equal(checked.times)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
