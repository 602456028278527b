/**
 * Which runs have a leader epoch that can be. partitionLeaderEpoch stands outside the CRC: a flipped bit there is damage
 * that costs no record, but a broker believes it (LeaderEpochFileCache) and answers followers with it.
 */
import { NO_PARTITION_LEADER_EPOCH } from '../segment/layout.ts'
import type { Evidence } from './evidence.ts'
import { heaviestChain } from './heaviest-chain.ts'
import type { Run } from './runs.ts'
import { firstOffset, lastOffset, weight } from './runs.ts'

export type EpochEvidence = Pick<Evidence, 'epochAt' | 'snapshotOffset'>

/** An epoch counts the elections of one partition; a broker that elects every second needs half a year for so many. */
const IMPLAUSIBLE_EPOCH = 2 ** 24

/** Whether an epoch can be one at all; one that cannot speaks neither for a checkpoint nor against it. */
const isPlausible = ({ first: { partitionLeaderEpoch } }: Run): boolean =>
  partitionLeaderEpoch > NO_PARTITION_LEADER_EPOCH && partitionLeaderEpoch < IMPLAUSIBLE_EPOCH

/** A single batch whose epoch stands out from both sides of it. */
export function isEpochSpike(runs: readonly Run[], index: number): boolean {
  const [before, run, after] = [runs[index - 1], runs[index], runs[index + 1]]
  if (before === undefined || run === undefined || after === undefined) return false
  return after.first.partitionLeaderEpoch < run.first.partitionLeaderEpoch
}

/** Leader epochs never go back. They stand outside the CRC, so one that does is damage of its own. Magic 0/1 has none. */
export function chainByEpoch(runs: readonly Run[], evidence: EpochEvidence): readonly Run[] {
  const contradicted = new Set([
    ...againstCheckpoint(runs, evidence),
    ...flippedAmong(runs, evidence),
  ])
  const isKnown = ({ first }: Run): boolean =>
    first.partitionLeaderEpoch !== NO_PARTITION_LEADER_EPOCH
  const possible = runs.filter(
    (run) => run.first.partitionLeaderEpoch > NO_PARTITION_LEADER_EPOCH && !contradicted.has(run),
  )
  const plausible = possible.filter(isPlausible)
  const known = plausible.length > 0 ? plausible : possible
  // An epoch counts by all the records that carry it, so a lone batch with a flipped bit outweighs no neighbour; where the
  // checkpoint says the same, there are two witnesses.
  const support = new Map<number, number>()
  for (const run of known) {
    const epoch = run.first.partitionLeaderEpoch
    const witnesses = evidence.epochAt(lastOffset(run)) === epoch ? 2 : 1
    support.set(epoch, (support.get(epoch) ?? 0) + Math.max(1, weight(run)) * witnesses)
  }
  const chain = heaviestChain(
    known.map((run) => {
      const epoch = BigInt(run.first.partitionLeaderEpoch)
      return {
        from: epoch,
        to: epoch,
        weight: support.get(run.first.partitionLeaderEpoch) ?? 1,
        rank: 0,
      }
    }),
    true,
  )
  const kept = new Set(chain.map((index) => known[index]))
  return runs.filter((run) => kept.has(run) || !isKnown(run))
}

/** More elections than these between two batches that touch are a flipped bit, where one explains them. */
const ELECTIONS_BETWEEN = 16

/**
 * Single batches that stand above the next one, far above the one before and one flipped bit from it: however many records
 * they have, the next one's epoch is the likelier, unless a checkpoint has theirs.
 */
function flippedAmong(
  runs: readonly Run[],
  { epochAt }: Pick<EpochEvidence, 'epochAt'>,
): readonly Run[] {
  return runs.filter((run, index) => {
    const [second, first, own, high] = [-2, -1, 0, 1].map(
      (step) => runs[index + step]?.first.partitionLeaderEpoch,
    )
    // The one before may be wrong itself, and is where it is above the next one.
    const low = (first ?? 0) > (high ?? 0) ? second : first
    if (low === undefined || own === undefined || high === undefined || run.batches > 1)
      return false
    if (epochAt(lastOffset(run)) === own) return false
    const isBetween = low <= high && high < own && high - low <= ELECTIONS_BETWEEN
    return low >= 0 && isBetween && own - low > ELECTIONS_BETWEEN && isPowerOfTwo(own ^ low)
  })
}

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0

/** Of the records that the checkpoint speaks of, it must be right about so many before it is believed against a run. */
const TRUSTED_SHARE = 0.9

/** A crash can leave a checkpoint behind by a few elections; a stop that took a snapshot of the log's end cannot. */
const RECENT_EPOCHS = 16

/**
 * Single batches whose epoch the leader-epoch-checkpoint contradicts, where it agrees with nearly all the others. A
 * checkpoint that disagrees with much of the log is stale itself, and one that ends a few epochs before the log does
 * may not have been written to the end.
 */
function againstCheckpoint(
  runs: readonly Run[],
  { epochAt, snapshotOffset }: EpochEvidence,
): ReadonlySet<Run> {
  const contradicted = new Set<Run>()
  const newest = epochAt(END_OF_TIME) ?? NO_PARTITION_LEADER_EPOCH
  let [agreeing, all] = [0, 0]
  for (const run of runs.filter(isPlausible)) {
    const known = firstKnown(run, epochAt)
    if (known === null) continue
    const first = epochAt(known)
    if (first !== epochAt(lastOffset(run))) continue
    const told = Number(lastOffset(run) - known) + 1
    const records = Math.max(1, Math.min(weight(run), told))
    const own = run.first.partitionLeaderEpoch
    const mayBeNew =
      run === runs.at(-1) &&
      lastOffset(run) + 1n !== snapshotOffset &&
      own > newest &&
      own <= newest + RECENT_EPOCHS
    all += records
    if (first === own || mayBeNew) agreeing += records
    else if (run.batches === 1) contradicted.add(run)
  }
  const isTrusted =
    agreeing >= all * TRUSTED_SHARE || (contradicted.size === 1 && agreeing * 2 >= all)
  return isTrusted ? contradicted : new Set()
}

/** The first offset of a run of which the checkpoint tells: where the log begins later, it is cut to there. */
function firstKnown(run: Run, epochAt: Evidence['epochAt']): bigint | null {
  let [low, high] = [firstOffset(run), lastOffset(run)]
  if (epochAt(high) === null) return null
  while (low < high) {
    const middle = (low + high) / 2n
    if (epochAt(middle) === null) low = middle + 1n
    else high = middle
  }
  return low
}

/** Above every offset: the checkpoint's last epoch. */
const END_OF_TIME = 2n ** 62n
