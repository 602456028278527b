/** Short logs with gaps as compaction leaves them, of magic 1 and 2, and one flipped bit in the offset of one batch. */
import { gzipSync } from 'node:zlib'
import { concat, message, v2Batch } from '../segment/build.ts'
import type { Prng } from '../support/prng.ts'

export interface FlippedLog {
  readonly log: readonly Uint8Array[]
  readonly damaged: Uint8Array
  readonly segmentBaseOffset: bigint
  readonly nextSegmentBaseOffset: bigint | null
  /** Something contradicts the flipped offset: the batches beside it, or an end of the segment. */
  readonly shows: boolean
}

interface Span {
  readonly from: number
  readonly to: number
}

/** A batch of some records, the first one at the start of the span and the last one at its end. */
function batchOf({ from, to }: Span, isWrapped: boolean, random: Prng): Uint8Array {
  const count = from === to ? 1 : 2 + random.below(Math.min(to - from, 20))
  const values = Array.from({ length: count }, (_, index) => `value ${from} ${index}`)
  if (!isWrapped)
    return v2Batch({
      baseOffset: BigInt(from),
      lastOffsetDelta: to - from,
      records: values.map((value) => ({ value })),
    })
  const inner = values.map((value, index) => {
    const offset = index === count - 1 ? to - from : index
    return message({ magic: 1, offset: BigInt(offset), value })
  })
  const value = new Uint8Array(gzipSync(concat(...inner)))
  return message({ magic: 1, offset: BigInt(to), attributes: 1, value })
}

/** Gaps of all sizes: every batch behind one, half of them, or a quarter. */
function spansFrom(start: number, random: Prng): Span[] {
  const joined = random.below(3)
  let next = start
  return Array.from({ length: 3 + random.below(10) }, () => {
    const isBehindGap = random.below(4) > joined || joined === 0
    const from = next + (isBehindGap ? 1 + random.below(2 ** (1 + random.below(10))) : 0)
    next = from + 1 + random.below(2 ** random.below(8))
    return { from, to: next - 1 }
  })
}

interface WrittenLog {
  readonly spans: readonly Span[]
  readonly log: readonly Uint8Array[]
  readonly base: number
  readonly next: number | null
}

/** `limit`: of the offsets where it starts, and of what its first ones lie above the segment's. */
function writtenLog(
  random: Prng,
  limit: { readonly start: number; readonly above: number },
): WrittenLog {
  const isWrapped = random.below(3) === 0
  const start = random.below(limit.start)
  const base = start - random.below(Math.min(start, limit.above) + 1)
  const spans = spansFrom(start, random)
  const log = spans.map((span) => batchOf(span, isWrapped, random))
  const end = spans.at(-1)!.to + 1 + (random.below(2) === 0 ? 0 : random.below(50))
  return { spans, log, base, next: random.below(2) === 0 ? null : end }
}

const HIGHEST_BIT = 14

export function flippedLog(random: Prng): FlippedLog {
  const { spans, log, base, next } = writtenLog(random, { start: 5000, above: 100 })
  const [struck, bit] = [random.below(log.length), random.below(HIGHEST_BIT)]
  const copies = log.map((batch) => batch.slice())
  const view = new DataView(copies[struck]!.buffer)
  const stored = Number(view.getBigInt64(0))
  view.setBigInt64(0, BigInt(stored ^ (1 << bit)))
  const moved = (stored ^ (1 << bit)) - stored
  const { from, to } = spans[struck]!
  const isBelow = from + moved <= (spans[struck - 1]?.to ?? base - 1)
  const isAbove = to + moved >= (spans[struck + 1]?.from ?? next ?? Infinity)
  return {
    log,
    damaged: concat(...copies),
    segmentBaseOffset: BigInt(base),
    nextSegmentBaseOffset: next === null ? null : BigInt(next),
    shows: isBelow || isAbove,
  }
}

export interface ZeroedLog extends Omit<FlippedLog, 'shows'> {
  /** The batches that nothing was done to. */
  readonly whole: readonly Uint8Array[]
}

/** Of base 0; zeros over the offset of one batch that is not the first, and in half of the logs over bytes before it. */
export function zeroedLog(random: Prng): ZeroedLog {
  const { log, next } = writtenLog(random, { start: 3, above: 0 })
  const struck = 1 + random.below(log.length - 1)
  const damaged = concat(...log)
  const position = concat(...log.slice(0, struck)).length
  const taken = random.below(2) === 0 ? 0 : 1 + random.below(Math.min(position, 512))
  damaged.fill(0, position - taken, position + 8)
  let end = 0
  const whole = log.filter((batch) => {
    const start = end
    end += batch.length
    return Buffer.compare(damaged.subarray(start, end), batch) === 0
  })
  return {
    log,
    whole,
    damaged,
    segmentBaseOffset: 0n,
    nextSegmentBaseOffset: next === null ? null : BigInt(next),
  }
}
