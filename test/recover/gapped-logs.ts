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

const HIGHEST_BIT = 14

export function flippedLog(random: Prng): FlippedLog {
  const isWrapped = random.below(3) === 0
  const start = random.below(5000)
  const base = start - random.below(Math.min(start, 100) + 1)
  const spans = spansFrom(start, random)
  const log = spans.map((span) => batchOf(span, isWrapped, random))
  const end = spans.at(-1)!.to + 1 + (random.below(2) === 0 ? 0 : random.below(50))
  const next = random.below(2) === 0 ? null : end
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
