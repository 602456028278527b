import { expect } from 'chai'
import { cells } from '../../bench/recovery/cases.ts'
import { undetermined } from '../../bench/recovery/determined.ts'
import { benchSegments } from '../../bench/recovery/segments.ts'
import { hasCorpus } from '../support/corpus.ts'
import { DamagedSegment } from '../support/damage.ts'

describe('bench: what is determined', () => {
  /** Batches at 1906-2360, 2437-3191 and 3192-3199 of a segment from 0 to 3200. */
  const GAPPED = 'magic 1, gzip, compacted'
  const field = (offset: bigint): Uint8Array => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, offset)
    return bytes
  }
  const overwritten =
    (offset: bigint): Strike =>
    (damaged, at) => {
      damaged.overwrite(at, field(offset))
    }
  type Strike = (damaged: DamagedSegment, at: number) => void

  const open = (name: string, strikes: Readonly<Record<number, Strike>>): number[] => {
    const segment = benchSegments().find((one) => one.name === name)!
    const damaged = new DamagedSegment(segment.segment.bytes)
    const struck = Object.keys(strikes).map(Number)
    for (const index of struck) strikes[index]!(damaged, segment.truth.batches[index]!.position)
    const [kind, target] = [cells(['bit'], null)[0]!.kind, segment.truth.batches[struck[0]!]!]
    const test = { id: '', kind, column: 'magic 0/1' as const, segment, target, damaged }
    return [...undetermined(test, struck).keys()]
  }

  for (const { name, segment = GAPPED, strikes, expected } of [
    { name: 'with room on both sides', strikes: { 0: overwritten(-9n) }, expected: [0] },
    { name: 'where there is one place only', strikes: { 2: overwritten(-9n) }, expected: [] },
    {
      name: 'where each batch joins the next one',
      segment: 'magic 1, gzip, LogAppendTime',
      strikes: { 3: overwritten(-9n) },
      expected: [],
    },
    {
      name: 'in a batch that carries it inside',
      segment: 'magic 0, lz4',
      strikes: { 3: overwritten(-9n) },
      expected: [],
    },
    {
      name: 'with one flipped bit that could be another',
      strikes: { 0: overwritten(2360n ^ 128n) },
      expected: [0],
    },
    {
      name: 'with one flipped bit that could be no other',
      strikes: { 1: overwritten(3191n + 4096n) },
      expected: [],
    },
    {
      name: 'with one flipped bit, where one of the batch beside it explains as much',
      strikes: { 2: overwritten(3199n ^ 1n) },
      expected: [2],
    },
    {
      name: 'with one flipped bit of several that lead between its neighbours',
      strikes: { 1: overwritten(3191n ^ 8n) },
      expected: [1],
    },
    {
      name: 'with one flipped bit that leads to offsets that no batch has',
      strikes: { 1: overwritten(3191n ^ 2048n) },
      expected: [1],
    },
    {
      name: 'with such bits side by side',
      strikes: { 0: overwritten(2360n + 4096n), 1: overwritten(3191n + 4096n) },
      expected: [0, 1],
    },
    {
      name: 'with bits side by side that no offset of the segment has',
      strikes: { 0: overwritten(2360n + 2n ** 40n), 1: overwritten(3191n + 2n ** 41n) },
      expected: [],
    },
    {
      name: 'beside a length that is lost',
      strikes: {
        0: (damaged: DamagedSegment, at: number) => damaged.zeroRange(at + 8, 4),
      },
      expected: [],
    },
    {
      name: 'of which the rest of the header was moved away',
      strikes: {
        0: (damaged: DamagedSegment, at: number) => damaged.insertBytes(at + 9, field(-9n)),
      },
      expected: [0],
    },
    ...(
      [
        { name: 'that was torn apart itself', at: 2 },
        { name: 'of which two bytes stand with the rest', at: 6 },
        {
          name: 'that fits between its neighbours cut elsewhere too',
          at: 6,
          piece: Uint8Array.of(0x08, 0xbb, 0xff),
          isOpen: true,
        },
        { name: 'of which one byte stands with the rest, as of many others', at: 7, isOpen: true },
        { name: 'with the whole header behind it', at: 16 },
        { name: 'torn from its rest, where a file names the end', index: 2, at: 12 },
        { name: 'torn from its rest, which carries it inside', segment: 'magic 0, lz4', at: 8 },
        {
          name: 'torn from its rest, where each batch joins the next one',
          segment: 'magic 1, gzip, LogAppendTime',
          at: 8,
        },
        {
          name: 'torn from its rest at the end, which a snapshot names',
          segment: 'magic 1, gzip, LogAppendTime',
          index: 24,
          at: 8,
        },
        {
          name: 'torn from its rest at the end, which nothing names',
          segment: 'none, a value of 37 KB, alone',
          index: 2,
          at: 8,
          isOpen: true,
        },
        {
          name: 'torn apart at the end, which nothing names',
          segment: 'none, a value of 37 KB, alone',
          index: 2,
          at: 4,
        },
      ] satisfies readonly {
        readonly name: string
        readonly segment?: string
        readonly index?: number
        readonly at: number
        readonly piece?: Uint8Array
        readonly isOpen?: boolean
      }[]
    ).map(({ index = 0, at, piece = field(-9n), isOpen = false, ...named }) => ({
      ...named,
      strikes: {
        [index]: (damaged: DamagedSegment, start: number) => damaged.insertBytes(start + at, piece),
      },
      expected: isOpen ? [index] : [],
    })),
  ] satisfies readonly {
    readonly name: string
    readonly segment?: string
    readonly strikes: Readonly<Record<number, Strike>>
    readonly expected: readonly number[]
  }[])
    it(`an offset ${name}: ${expected.length === 0 ? 'yes' : 'no'}`, function () {
      // Two of them take a segment that is too large to be copied into the project.
      if (!hasCorpus && !benchSegments().some((one) => one.name === segment)) return this.skip()
      expect(open(segment, strikes)).to.deep.equal(expected)
    })
})
