import { expect } from 'chai'
import { judge } from '../../bench/recovery/judge.ts'
import type { SalvagedRecord } from '../../bench/recovery/judge.ts'
import { originalOf } from '../../bench/recovery/original.ts'
import { parseSalvaged } from '../../bench/recovery/workbench.ts'
import { loadSegment } from '../support/corpus.ts'
import { freshenCrc, walkBatches } from '../support/walk-batches.ts'

const segment = loadSegment('kafka-2.8.2/legacy-v2-none-0/00000000000000000000')
const original = originalOf(segment)
const VICTIM = 3

type Entry = Parameters<typeof judge>[1][number]

/** The whole output, with the victim's bytes changed and put under a CRC that holds. */
function withVictim(change: (bytes: Uint8Array, view: DataView) => void): Entry[] {
  return walkBatches(segment.bytes).map(({ position, bytes }, index) => {
    if (index !== VICTIM) return { position, bytes }
    const copy = bytes.slice()
    change(copy, new DataView(copy.buffer))
    freshenCrc(copy)
    return { position, bytes: copy }
  })
}

const untouched = withVictim(() => undefined)
const { records } = original.batches[VICTIM]!
const count = records.length
const sum = (counts: Uint32Array): number => counts.reduce((total, one) => total + one, 0)

describe('bench: judge', () => {
  it('finds every record of an undamaged output right', () => {
    const judged = judge(original, untouched, [])
    expect(sum(judged.returned)).to.equal(original.recordCount)
    expect(judged.wrong).to.deep.equal([])
    expect(judged.otherEpoch).to.deep.equal([])
  })

  for (const { name, change, wrong, returned, why } of [
    {
      name: 'one byte of the last value',
      change: (bytes: Uint8Array) => {
        // The last byte is the count of headers.
        bytes[bytes.length - 2] = bytes.at(-2)! ^ 1
      },
      wrong: 1,
      returned: count - 1,
      why: /held another record/,
    },
    {
      name: 'another base offset',
      change: (_: Uint8Array, view: DataView) => {
        view.setBigInt64(0, 1_000_000n)
      },
      wrong: count,
      returned: 0,
      why: /never existed/,
    },
    {
      name: "a neighbour's base offset",
      change: (_: Uint8Array, view: DataView) => {
        view.setBigInt64(0, original.batches[VICTIM + 1]!.expected.baseOffset)
      },
      wrong: count,
      returned: 0,
      why: /held another record/,
    },
    {
      name: 'another timestamp',
      change: (_: Uint8Array, view: DataView) => {
        view.setBigInt64(27, view.getBigInt64(27) + 1n)
      },
      wrong: count,
      returned: 0,
      why: /held another record/,
    },
    {
      name: 'another producer',
      change: (_: Uint8Array, view: DataView) => {
        view.setBigInt64(43, 99n)
      },
      wrong: count,
      returned: count,
      why: /another header/,
    },
    {
      name: 'records that do not decode',
      change: (bytes: Uint8Array) => {
        bytes.fill(0xff, 61, 77)
      },
      wrong: 1,
      returned: 0,
      why: /does not decode/,
    },
  ]) {
    it(`finds ${name} wrong, and nothing else`, () => {
      const judged = judge(original, withVictim(change), [])
      expect(judged.wrong.map(({ records: found }) => found)).to.deep.equal([wrong])
      expect(judged.wrong[0]!.why).to.match(why)
      expect(judged.returned[VICTIM]).to.equal(returned)
      expect(sum(judged.returned)).to.equal(original.recordCount - count + returned)
    })
  }

  it('finds a batch that is there twice wrong', () => {
    const { wrong, returned } = judge(original, [...untouched, untouched[VICTIM]!], [])
    expect(wrong.map(({ records: found }) => found)).to.deep.equal([count])
    expect(returned[VICTIM]).to.equal(count)
  })

  it('knows a batch by its body when only its offset is another', () => {
    const moved = withVictim((_, view) => {
      view.setBigInt64(0, 1_000_000n)
    })
    expect(judge(original, moved, []).wrong[0]!.sameAs).to.equal(VICTIM)
  })

  it('tells another leader epoch from wrong records', () => {
    const judged = judge(
      original,
      withVictim((_, view) => {
        view.setInt32(12, 7)
      }),
      [],
    )
    expect(judged.otherEpoch).to.deep.equal([VICTIM])
    expect(judged.wrong).to.deep.equal([])
    expect(sum(judged.returned)).to.equal(original.recordCount)
  })

  describe('of salvaged records', () => {
    const without = untouched.filter((_, index) => index !== VICTIM)
    const first: SalvagedRecord = records[0]!
    const timeless = { ...first, timestamp: null }
    for (const { name, salvage, entries, right, wrong } of [
      { name: 'counts a right one', salvage: [first], entries: without, right: 1, wrong: 0 },
      { name: 'counts it once', salvage: [first, first], entries: without, right: 1, wrong: 0 },
      { name: 'not beside the data', salvage: [first], entries: untouched, right: 0, wrong: 0 },
      {
        name: 'counts another value as wrong',
        salvage: [{ ...first, value: new Uint8Array(3) }],
        entries: without,
        right: 0,
        wrong: 1,
      },
      {
        name: 'counts one without its time as neither',
        salvage: [timeless],
        entries: without,
        right: 0,
        wrong: 0,
      },
      {
        name: 'counts another value without its time as wrong',
        salvage: [{ ...timeless, value: new Uint8Array(3) }],
        entries: without,
        right: 0,
        wrong: 1,
      },
      {
        name: 'counts an offset that never was as wrong',
        salvage: [{ ...first, offset: 1_000_000n }],
        entries: without,
        right: 0,
        wrong: 1,
      },
    ]) {
      it(name, () => {
        const judged = judge(original, entries, salvage)
        expect([judged.salvaged[VICTIM], judged.salvagedWrong]).to.deep.equal([right, wrong])
      })
    }

    it('reads the lines of the contract', () => {
      const line =
        '{"offset":7,"timestamp":1000,"key":null,"value":"YQ==","headers":[["aA==",null]],"suspect":true,"position":61}'
      expect(parseSalvaged(line)).to.deep.equal({
        offset: 7n,
        timestamp: 1000n,
        key: null,
        value: Uint8Array.of(97),
        headers: [{ key: Uint8Array.of(104), value: null }],
      })
      expect(() => parseSalvaged(line.replace('true', 'false'))).to.throw(/not marked suspect/)
    })
  })
})
