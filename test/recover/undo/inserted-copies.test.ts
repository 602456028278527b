/**
 * What is put into a log is a piece of it: a whole copy of another batch, or a part of one, behind bytes that are nothing.
 * At every kind of place of a batch: what comes back is what was there, and it comes back where that is determined.
 */
import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../../bench/recovery/block-plan.ts'
import { concat, joinedBatches, message, noise } from '../../segment/build.ts'
import { prng, seedOf } from '../../support/prng.ts'
import type { Prng } from '../../support/prng.ts'
import { walkBatches } from '../../support/walk-batches.ts'
import { plain, sparse, upTo, wrapper, wrappers } from './outside-crc-cases.ts'

const CASES = 60 * Number(process.env['KMEND_TEST_SEEDS'] ?? 1)
const FIRST_SEED = Number(process.env['KMEND_TEST_FIRST_SEED'] ?? 1)

const GAPPED = [40, 700, 1906, 2360, 2437, 2602, 2888, 3140, 3192]
const oldest = (offsets: readonly number[]): Uint8Array[] =>
  offsets.map((at) => message({ magic: 0, offset: BigInt(at), value: `value ${at}` }))

interface Log {
  readonly name: string
  readonly batches: readonly Uint8Array[]
  readonly end: bigint
  readonly withoutGaps: boolean
}

const LOGS: readonly Log[] = [
  { name: 'magic 2', batches: joinedBatches(12), end: 36n, withoutGaps: true },
  { name: 'messages of magic 1', batches: plain(upTo(12)), end: 12n, withoutGaps: true },
  { name: 'wrappers of magic 1', batches: wrappers(12), end: 36n, withoutGaps: true },
  { name: 'messages of magic 0', batches: oldest(upTo(12)), end: 12n, withoutGaps: true },
  ...[
    { name: 'magic 2, gaps', batches: sparse(GAPPED) },
    { name: 'messages of magic 1, gaps', batches: plain(GAPPED) },
    {
      name: 'wrappers of magic 1, gaps',
      batches: GAPPED.map((last) => wrapper(last, [0, 3, 30])),
    },
    { name: 'messages of magic 0, gaps', batches: oldest(GAPPED) },
  ].map((log) => ({ ...log, end: 3200n, withoutGaps: false })),
]

interface Strike {
  readonly index: number
  /** The place in the batch. */
  readonly cut: number
  readonly piece: Uint8Array
}

const pieceOf = (batches: readonly Uint8Array[], cut: number, random: Prng): Uint8Array => {
  const copy = (): Uint8Array => batches[random.below(batches.length)]!
  const nothing = noise(random.below(3) === 0 ? 0 : random.below(60), random.below(1000))
  const [first, second] = [copy(), copy()]
  switch (random.below(5)) {
    case 0:
      return concat(nothing, first)
    case 1:
      return concat(nothing, first, second)
    case 2: {
      // What begins at the very byte at which the batch is cut makes another batch whole, under this one's offset.
      const start = 1 + random.below(first.length - 1)
      return concat(nothing, first.subarray(start === cut ? start - 1 : start))
    }
    case 3:
      return concat(nothing, first.subarray(0, 1 + random.below(first.length - 1)))
    default:
      return concat(first.subarray(0, random.below(30)), nothing, second)
  }
}

function strikeOf({ batches }: Log, random: Prng): Strike {
  const index = random.below(batches.length)
  const size = batches[index]!.length
  // Half of the places are among the first fields.
  const cut = random.below(Math.min(size, random.below(2) === 0 ? 24 : size))
  return { index, cut, piece: pieceOf(batches, cut, random) }
}

const offsetOf = (batch: Uint8Array): bigint => Buffer.from(batch).readBigInt64BE(0)

/** Whether only one batch can have been there, see docs/decisions/0010. */
function isDetermined({ batches, end, withoutGaps }: Log, { index, cut, piece }: Strike): boolean {
  const batch = batches[index]!
  const damaged = concat(batch.subarray(0, cut), piece, batch.subarray(cut))
  let head = 0
  while (damaged[head] === batch[head] && head < batch.length) head++
  if (withoutGaps || head >= (batch[16] === 2 ? 21 : 16)) return true
  const [low, high] = [offsetOf(batches[index - 1] ?? new Uint8Array(8)), batches[index + 1]]
  const cuts = upTo(9).map((at) =>
    offsetOf(concat(damaged.subarray(0, at), damaged.subarray(piece.length + at))),
  )
  const fitting = cuts.filter((at) => at > low && at < (high === undefined ? end : offsetOf(high)))
  return head <= 6 && new Set(fitting).size === 1
}

/**
 * Which batches of the log are in the output; throws where another one is. Between gaps the damage itself can make a whole
 * one with an offset that fits, which nothing contradicts: it is left out of what comes back.
 */
async function returned(
  { batches, end, withoutGaps }: Log,
  { index, cut, piece }: Strike,
): Promise<number[]> {
  const whole = batches[index]!
  const damaged = concat(
    ...batches.slice(0, index),
    whole.subarray(0, cut),
    piece,
    whole.subarray(cut),
    ...batches.slice(index + 1),
  )
  const plan = await planInMemory(damaged, {}, { nextSegmentBaseOffset: end })
  return walkBatches(plannedBytes(plan, damaged))
    .map(({ bytes }) => bytes)
    .filter((bytes) => !(bytes[16] === 2 && bytes.length === 61))
    .flatMap((bytes) => {
      const found = batches.findIndex((batch) => Buffer.compare(batch, bytes) === 0)
      if (found !== -1) return [found]
      if (!withoutGaps && Buffer.from(damaged).includes(Buffer.from(bytes))) return []
      throw new Error(`a batch at offset ${offsetOf(bytes)} that never was`)
    })
}

const logOf = (name: string): Log => LOGS.find((log) => log.name === name)!
const copyIn = (name: string, index: number): Uint8Array => logOf(name).batches[index]!

/** Each was found by the property below, or is its like. */
const FOUND: readonly (Strike & {
  readonly name: string
  readonly log: string
  readonly isOpen?: boolean
})[] = [
  {
    name: 'copies of the next two batches are no more the log than these',
    log: 'messages of magic 1, gaps',
    index: 1,
    cut: 22,
    piece: concat(
      noise(58),
      copyIn('messages of magic 1, gaps', 2),
      copyIn('messages of magic 1, gaps', 3),
    ),
  },
  {
    name: 'of three copies of the next batch the one is taken that touches the log',
    log: 'magic 2, gaps',
    index: 2,
    cut: 36,
    piece: concat(copyIn('magic 2, gaps', 3), copyIn('magic 2, gaps', 3)),
  },
  {
    name: 'of the epochs that a torn header can have, the neighbour’s is taken',
    log: 'magic 2',
    index: 11,
    cut: 16,
    piece: concat(noise(20), Uint8Array.of(0, 0, 3, 32)),
  },
  {
    name: 'a copy whose offset was written over stays what it is',
    log: 'messages of magic 0',
    index: 11,
    cut: 1,
    piece: concat(Uint8Array.of(0xd7, 0x96), copyIn('messages of magic 0', 10).subarray(3)),
  },
  {
    name: 'an offset of zeros with a length that was wrong, behind bytes that are nothing',
    log: 'magic 2, gaps',
    index: 0,
    cut: 9,
    piece: concat(noise(16), new Uint8Array(8), Uint8Array.of(3)),
    isOpen: true,
  },
  {
    name: 'a copy that its first bytes make whole',
    log: 'messages of magic 1, gaps',
    index: 2,
    cut: 5,
    piece: copyIn('messages of magic 1, gaps', 4).subarray(5),
  },
  {
    name: 'a length that leads to the start of a later batch by accident',
    log: 'messages of magic 0, gaps',
    index: 3,
    cut: 11,
    // With a magic and attributes that are possible.
    piece: concat(Uint8Array.of(0xd0), noise(4), Uint8Array.of(0, 0), noise(33)),
    isOpen: true,
  },
  {
    name: 'a copy of the wrapper before it, which all that follows seems to go on from',
    log: 'wrappers of magic 1',
    index: 9,
    cut: 0,
    piece: concat(noise(3), copyIn('wrappers of magic 1', 8)),
  },
  {
    name: 'a copy of the wrapper behind it, which all before seems to lead to',
    log: 'wrappers of magic 1',
    index: 4,
    cut: 0,
    piece: concat(copyIn('wrappers of magic 1', 4), noise(72)),
  },
]

describe('copies of batches put into others', () => {
  for (const { name, log, isOpen = false, ...strike } of FOUND)
    it(`${name}: ${log}, batch ${strike.index} cut at ${strike.cut}`, async () => {
      const all = logOf(log).batches.map((_, index) => index)
      const expected = isOpen ? all.filter((index) => index !== strike.index) : all
      expect(await returned(logOf(log), strike)).to.deep.equal(expected)
    })

  for (const log of LOGS)
    it(`${log.name}: what comes back is what was there, where it is determined`, async () => {
      const random = prng(seedOf(log.name, FIRST_SEED))
      // One in some thousands puts in just the bytes that make another reading possible.
      const missed: string[] = []
      for (let at = 0; at < CASES; at++) {
        const strike = strikeOf(log, random)
        const { index, cut, piece } = strike
        const name = `case ${at}: batch ${index} cut at ${cut}, ${piece.length} bytes put in`
        const found = await returned(log, strike)
        const isBack = found.includes(index) || !isDetermined(log, strike)
        if (!isBack || found.length < log.batches.length - 1) missed.push(name)
      }
      expect(missed).to.have.length.at.most(Math.floor(CASES / 500), missed.join('; '))
    })
})
